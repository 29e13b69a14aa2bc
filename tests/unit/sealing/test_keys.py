from __future__ import annotations

import shutil
import stat
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests import packages

from comity.sealing import keys, trust
from comity.sealing.durable import AlreadyThereError
from comity.sealing.report import Verdict


def test_private_files_are_for_the_owner_alone():
    folder = packages.key_folder()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("ca.key", "seal.key", "tsa.key", "ocsp.key", "tls.key", "log.key", "transport.identity"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name


def test_a_key_folder_is_never_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(AlreadyThereError):
        keys.create_authority(tmp_path, id="kz-1", name="X", state="KZ", now=packages.NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_nothing_is_left_of_a_key_folder_that_could_not_be_finished(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys, "write_new", full)
    with pytest.raises(keys.ComityError) as caught:
        keys.create_authority(tmp_path / "new", id="kz-1", name="X", state="KZ", now=packages.NOW)
    assert caught.value.code == "disk_full"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("state", ["kz", "KAZ", "К З", ""])
def test_a_state_is_two_capital_letters(state, tmp_path):
    with pytest.raises(keys.StateUnreadableError):
        keys.create_authority(tmp_path / "new", id="kz-1", name="X", state=state, now=packages.NOW)


@pytest.mark.parametrize("part", ["seal.key", "seal.crt", "log.key", "authority.json", "transport.identity"])
def test_a_key_folder_that_lacks_a_part_says_which(part, tmp_path):
    keys.create_authority(tmp_path / "new", id="kz-1", name="X", state="KZ", now=packages.NOW)
    (tmp_path / "new" / part).unlink()
    with pytest.raises(keys.KeyFolderUnreadableError, match=part):
        keys.load(tmp_path / "new")


def test_exported_anchors_hold_no_private_file_and_verify_what_the_authorities_sealed(tmp_path):
    known = packages.anchors(packages.key_folder(), packages.key_folder("tm-247"))
    trust.export(known, tmp_path / "trust")
    written = {path.name for path in (tmp_path / "trust").rglob("*") if path.is_file()}
    assert written == {
        "authority.json",
        "ca.crt",
        "seal.crt",
        "tsa.crt",
        "ocsp.crt",
        "tls.crt",
        "log.vkey",
        "transport.recipient",
        "FINGERPRINTS.txt",
    }
    loaded = trust.load(tmp_path / "trust")
    assert loaded == known
    for id in ("kz-247", "tm-247"):
        package = packages.sealed(signer=packages.authority(id))
        assert packages.judged(package, trust=loaded).verdict == "passed"


def test_the_sheet_of_fingerprints_names_each_certificate():
    sheet = "\n".join(trust.fingerprints(next(iter(packages.anchors()))))
    assert "kz-247" in sheet
    assert sheet.count(".crt") == 5


def test_a_folder_without_anchors_is_no_trust_folder(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(trust.TrustUnreadableError):
            trust.load(folder)


def test_a_key_outside_a_file_can_seal():
    """Whatever signs and has a certificate will do: a token needs nothing else."""
    own = packages.authority()
    inside = own.seal.key

    class Token:
        def sign(self, message: bytes) -> bytes:
            return inside.sign(message)

    object.__setattr__(own, "seal", keys.Signer(own.seal.certificate, Token()))
    assert packages.judged(packages.sealed(signer=own)).verdict == "passed"


def test_a_key_of_another_kind_is_no_part_of_a_pilot_folder(tmp_path):
    keys.create_authority(tmp_path / "new", id="kz-1", name="X", state="KZ", now=packages.NOW)
    other = ed25519.Ed25519PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "new" / "seal.key").write_bytes(pem)
    with pytest.raises(keys.KeyFolderUnreadableError, match=r"seal\.key"):
        keys.load(tmp_path / "new")


def test_two_folders_of_one_authority_are_no_trust_folder(tmp_path):
    for name in ("one", "two"):
        shutil.copytree(packages.key_folder(), tmp_path / name)
    with pytest.raises(trust.TrustUnreadableError):
        trust.load(tmp_path)


def test_a_renewed_certificate_seals_under_the_anchors_that_others_have(tmp_path):
    folder = shutil.copytree(packages.key_folder(), tmp_path / "kz")
    before, anchors = keys.read_certificate(folder / "seal.crt"), trust.load(folder)
    later = before.not_valid_after_utc + timedelta(days=1)
    ended = packages.judged(packages.sealed(signer=keys.load(folder), now=later), trust=anchors, as_of=later)
    assert ended.verdict is not Verdict.PASSED, "the certificates have ended"
    for name in ("seal", "tsa", "ocsp", "tls"):
        private = (folder / f"{name}.key").read_bytes()
        end = keys.renew(folder, name, later)
        assert end > later + timedelta(days=1000)
        assert (folder / f"{name}.key").read_bytes() == private
    report = packages.judged(packages.sealed(signer=keys.load(folder), now=later), trust=anchors, as_of=later)
    assert report.verdict is Verdict.PASSED, report.codes
    assert keys.read_certificate(folder / "seal.crt").serial_number != before.serial_number


def test_only_the_folders_own_ca_renews(tmp_path):
    folder = shutil.copytree(packages.key_folder(), tmp_path / "kz")
    (folder / "ca.key").unlink()
    with pytest.raises(keys.KeyFolderUnreadableError):
        keys.renew(folder, "seal", packages.NOW)
