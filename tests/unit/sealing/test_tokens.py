"""Private keys in a PKCS#11 token (SoftHSM), and identities under a token, a passphrase or a credential."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys

import pytest
from tests import packages, tokens

from comity import cli
from comity.sealing import encryption, keys, trust, wrapping
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory
from comity.sealing.tokens import TokenKey, TokenKeyTakenError, TokenUnusableError, TokenUriUnreadableError
from comity.sealing.verification import verify
from comity.terms import ComityError, Verdict


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tokens.made(tmp_path_factory.mktemp("hsm"))


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(packages.key_folder(), tmp_path / "keys")
    return tmp_path / "keys"


@pytest.fixture
def passphrase(tmp_path, monkeypatch):
    (tmp_path / "passphrase").write_text("a long passphrase\n")
    monkeypatch.setenv(wrapping.PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    return tmp_path / "passphrase"


def uri(place, name):
    return f"pkcs11:token=comity;object={name}{place}"


def sealed(folder):
    """A container sealed with the folder's keys."""
    out = io.BytesIO()
    files = [in_memory("a.txt", "text/plain", b"content")]
    with PlainFlow(out) as flow:
        write_container(flow, files, kind=Kind.FILES, about={}, signer=keys.load(folder), now=packages.NOW)
    return out.getvalue()


def test_a_seal_by_a_key_in_a_token_verifies_under_the_same_anchors(place, folder):
    before = trust.load(folder)
    keys.move_to_token(folder, "seal", uri(place, "seal"), packages.NOW)
    assert not (folder / "seal.key").exists()
    for _ in range(3):  # the lower s, whichever the token gives
        report = verify(io.BytesIO(sealed(folder)), trust=before, identities=None, as_of=packages.NOW)
        assert report.verdict is Verdict.PASSED, report.codes


def test_a_seal_by_another_key_than_the_certificates_fails(place, folder):
    keys.move_to_token(folder, "seal", uri(place, "seal-a"), packages.NOW)
    TokenKey.parse(uri(place, "seal-b")).make_signing_key()
    (folder / "seal.pkcs11").write_text(uri(place, "seal-b"))
    container = sealed(folder)
    report = verify(io.BytesIO(container), trust=trust.load(folder), identities=None, as_of=packages.NOW)
    assert (report.verdict, report.codes[0]) == (Verdict.FAILED, "signature_broken")


def test_a_private_key_cannot_be_taken_out_of_the_token(place):
    import pkcs11

    from comity.sealing import tokens as rooms

    key = TokenKey.parse(uri(place, "stays"))
    key.make_signing_key()
    with rooms._session(key) as (session, _):
        private = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label="stays")
        with pytest.raises(pkcs11.PKCS11Error):
            private[pkcs11.Attribute.VALUE]


def test_a_key_in_a_token_is_never_overwritten(place):
    key = TokenKey.parse(uri(place, "once"))
    key.make_signing_key()
    with pytest.raises(TokenKeyTakenError):
        key.make_signing_key()
    with pytest.raises(TokenKeyTakenError):
        key.make_wrapping_key()


def test_a_token_that_cannot_be_used_says_so_and_another_try_may_succeed(place, tmp_path):
    with pytest.raises(TokenUnusableError):
        TokenKey.parse(uri(place, "nowhere")).sign(b"x")
    away = uri(place, "once").replace("token=comity", "token=elsewhere")
    with pytest.raises(TokenUnusableError):
        TokenKey.parse(away).sign(b"x")
    no_pin = uri(place, "once").partition("&pin-source")[0]
    with pytest.raises(TokenUnusableError, match="no file holds its PIN") as refused:
        TokenKey("elsewhere", "once", TokenKey.parse(no_pin).module).sign(b"x")
    assert refused.value.temporary


def test_a_signature_is_made_in_a_process_that_was_forked(place):
    key = TokenKey.parse(uri(place, "forked"))
    public = key.make_signing_key()
    code = (
        "import os, sys\n"
        "from comity.sealing.tokens import TokenKey\n"
        "key = TokenKey.parse(sys.argv[1]); key.sign(b'before')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    key.sign(b'in the child'); os._exit(0)\n"
        "_, status = os.waitpid(child, 0)\n"
        "key.sign(b'after'); sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    command = [sys.executable, "-c", code, uri(place, "forked")]
    ran = subprocess.run(command, env=dict(os.environ), check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    assert public.curve.name == "secp256r1"


@pytest.mark.parametrize(
    "text",
    [
        "token=comity;object=seal?module-path=/x",
        "pkcs11:token=comity?module-path=/x",
        "pkcs11:token=comity;object=seal",
        "pkcs11:token=comity;object=seal?module-path=/x&pin-value=1234",
        "pkcs11:token=comity;object=seal;type=private?module-path=/x",
        "",
    ],
)
def test_an_address_that_is_none_or_holds_the_pin_is_refused(text):
    with pytest.raises(TokenUriUnreadableError):
        TokenKey.parse(text)


def test_an_address_is_read_with_its_escapes():
    key = TokenKey.parse(
        "pkcs11:token=Our%20token;object=a?module-path=/usr/lib/x.so&pin-source=file:/run/pin"
    )
    assert key == TokenKey("Our token", "a", "/usr/lib/x.so", "/run/pin")


def test_identities_under_a_tokens_key_are_read_and_no_longer_in_the_clear(place, folder, capsys):
    plain = keys.load(folder).identity
    assert cli.main(["key", "wrap", str(folder), "--token", uri(place, "wrap"), "--make"]) == 0
    assert b"AGE-SECRET-KEY" not in (folder / "transport.identity").read_bytes()
    assert keys.load(folder).identity == plain
    assert (folder / "transport.identity").stat().st_mode & 0o777 == 0o600


def test_a_wrapped_identity_that_was_changed_is_refused(place, folder):
    key = TokenKey.parse(uri(place, "changed"))
    key.make_wrapping_key()
    wrapped = wrapping.under_token("AGE-SECRET-KEY-1X", uri(place, "changed"))
    assert wrapping.read(wrapped) == "AGE-SECRET-KEY-1X"
    at = wrapped.index(b'"wrapped":"') + 30
    changed = wrapped[:at] + (b"A" if wrapped[at : at + 1] != b"A" else b"B") + wrapped[at + 1 :]
    with pytest.raises(TokenUnusableError):
        wrapping.read(changed)
    for broken in (wrapping.HEADING.encode() + b"\n{}\n", wrapping.HEADING.encode(), b"\xff"):
        with pytest.raises(encryption.IdentityUnreadableError):
            wrapping.read(broken)


def test_identities_under_a_passphrase_are_read_with_it_alone(folder, passphrase, capsys):
    plain = keys.load(folder).identity
    assert cli.main(["key", "wrap", str(folder), "--passphrase"]) == 0
    assert keys.load(folder).identity == plain
    passphrase.write_text("another")
    with pytest.raises(wrapping.PassphraseWrongError):
        keys.load(folder)
    passphrase.unlink()
    with pytest.raises(wrapping.PassphraseMissingError):
        keys.load(folder)


def test_private_keys_are_kept_and_read_as_the_identities_are(folder, passphrase):
    plain = {
        path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in {".key", ".identity"}
    }
    assert {"ca.key", "log.key", "seal.key", "tls.key", "transport.identity"} <= plain.keys()
    assert keys.wrap(folder, wrapping.under_passphrase) == len(plain)
    assert all(encryption.is_encrypted((folder / name).read_bytes()) for name in plain)
    signer = keys.load(folder)
    data = packages.sealed(signer=signer)
    assert packages.judged(data, trust=packages.anchors(folder)).verdict == "passed"
    assert keys.signer(folder, "ca").certificate == signer.ca
    passphrase.write_text("another")
    for name in ("seal", "ca", "tls"):
        with pytest.raises(wrapping.PassphraseWrongError):
            keys.signer(folder, name)
    passphrase.write_text("a long passphrase")
    keys.wrap(folder, str.encode)
    assert {name: (folder / name).read_bytes() for name in plain} == plain


def test_a_wrong_passphrase_changes_no_file(folder, passphrase, capsys):
    cli.main(["key", "wrap", str(folder), "--passphrase"])
    kept = (folder / "transport.identity").read_bytes()
    passphrase.write_text("another")
    assert cli.main(["key", "wrap", str(folder), "--plain"]) == 2
    assert (folder / "transport.identity").read_bytes() == kept


def test_the_passphrase_comes_from_a_systemd_credential(folder, passphrase, monkeypatch):
    plain = keys.load(folder).identity
    keys.wrap(folder, wrapping.under_passphrase)
    monkeypatch.delenv(wrapping.PASSPHRASE_FILE)
    with pytest.raises(ComityError):
        keys.load(folder)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(passphrase.parent))
    assert keys.load(folder).identity == plain


def test_a_new_identity_is_kept_as_the_one_before(place, folder, passphrase):
    kept = folder / "transport.identity"
    assert keys.wrapped_like(kept, "AGE-SECRET-KEY-1X") == b"AGE-SECRET-KEY-1X\n"
    keys.wrap(folder, wrapping.under_passphrase)
    assert encryption.is_encrypted(keys.wrapped_like(kept, "AGE-SECRET-KEY-1X"))
    TokenKey.parse(uri(place, "like")).make_wrapping_key()
    keys.wrap(folder, lambda text: wrapping.under_token(text, uri(place, "like")))
    assert wrapping.read(keys.wrapped_like(kept, "AGE-SECRET-KEY-1X")) == "AGE-SECRET-KEY-1X\n"


def test_an_identity_under_a_passphrase_is_an_age_file(folder, passphrase):
    data = wrapping.under_passphrase("AGE-SECRET-KEY-1X")
    assert encryption.decrypt_with_passphrase(data, b"a long passphrase") == b"AGE-SECRET-KEY-1X"
