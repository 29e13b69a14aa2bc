"""openssl, xmlsec1 and age judge our seals, time-stamps, OCSP responses, certificates and encryption."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import urllib.parse
import zipfile
from pathlib import Path

import pytest
from tests import packages
from tests.foreign.building import go_program

from comity.sealing import encryption, revocation, timestamp
from comity.sealing.age.recipients import X25519Identity

pytestmark = pytest.mark.foreign
AT = str(int(packages.NOW.timestamp()) + 60)
ANY_DAY = str(100 * 366 * 24 * 3600)
"""Seconds by which a status may be old, so that the test does not hang on the day it runs."""


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


def unpacked(package: bytes, folder: Path) -> Path:
    """The container's files where an XML tool that follows references looks for them."""
    with zipfile.ZipFile(io.BytesIO(package)) as zipped:
        zipped.extractall(folder)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        quoted = path.with_name(urllib.parse.quote(path.name))
        if quoted != path:
            shutil.copy(path, quoted)
    return folder


def xmlsec(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(
        "xmlsec1",
        "--verify",
        "--enabled-reference-uris",
        "empty,same-doc,local,remote",
        "--id-attr:Id",
        "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
        "--trusted-pem",
        packages.key_folder() / "ca.crt",
        "--verification-gmt-time",
        "2026-11-22 03:13:00",
        "META-INF/signatures0.xml",
        cwd=folder,
    )


@needs("xmlsec1")
def test_xmlsec_accepts_our_signature_and_refuses_a_changed_file(tmp_path):
    folder = unpacked(packages.sealed(), tmp_path)
    accepted = xmlsec(folder)
    assert accepted.returncode == 0, accepted.stderr
    (folder / "exhibits/access.log").write_bytes(b"other")
    assert xmlsec(folder).returncode != 0


@needs("openssl")
def test_openssl_accepts_our_time_stamp_over_its_bytes_and_no_others(tmp_path):
    folder = packages.key_folder()
    (tmp_path / "token.der").write_bytes(
        timestamp.issue(b"bytes", packages.authority().time_service, packages.NOW)
    )

    def verified(data: bytes) -> subprocess.CompletedProcess[str]:
        (tmp_path / "data").write_bytes(data)
        command = ("openssl", "ts", "-verify", "-token_in", "-in", "token.der", "-data", "data")
        return run(*command, "-CAfile", folder / "ca.crt", "-attime", AT, cwd=tmp_path)

    accepted = verified(b"bytes")
    assert "Verification: OK" in accepted.stdout + accepted.stderr, accepted
    assert verified(b"other").returncode != 0


@needs("openssl")
def test_openssl_accepts_our_ocsp_response_and_reads_its_status(tmp_path):
    folder = packages.key_folder()
    own = packages.authority()
    for revoked, word in ((None, "seal.crt: good"), (packages.NOW, "seal.crt: revoked")):
        answer = revocation.issue(own.seal.certificate, own.ca, own.revocation_service, packages.NOW, revoked)
        (tmp_path / "answer.der").write_bytes(answer)
        done = run(
            "openssl",
            "ocsp",
            "-respin",
            tmp_path / "answer.der",
            "-issuer",
            "ca.crt",
            "-sha256",
            "-cert",
            "seal.crt",
            "-CAfile",
            "ca.crt",
            "-attime",
            AT,
            "-validity_period",
            ANY_DAY,  # openssl holds the status against the machine's clock, whatever -attime says
            "-no_nonce",
            cwd=folder,
        )
        assert "Response verify OK" in done.stderr, done
        assert word in done.stdout


@needs("openssl")
@pytest.mark.parametrize(
    ("name", "purpose"),
    [
        ("seal", "any"),
        ("tsa", "timestampsign"),
        ("ocsp", "ocsphelper"),
        ("tls", "sslserver"),
        ("tls", "sslclient"),
    ],
)
def test_openssl_accepts_each_certificate_for_its_purpose(name, purpose, tmp_path):
    command = ("openssl", "verify", "-x509_strict", "-purpose", purpose, "-attime", AT, "-CAfile", "ca.crt")
    done = run(*command, f"{name}.crt", cwd=packages.key_folder())
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def hybrid_age(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """age 1.3, the first with hybrid recipients, built from the Go module that tests/foreign/age pins."""
    return go_program("age", "filippo.io/age/cmd/age", tmp_path_factory.mktemp("age") / "age", "age")


def test_age_opens_what_we_encrypt_to_hybrid_recipients_and_we_what_it_encrypts(hybrid_age, tmp_path):
    folder = packages.key_folder()
    own, others = packages.authority(), packages.authority("tm-247")
    for size in (0, 1, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 3_000_001):
        data = random.Random(size).randbytes(size)
        (tmp_path / "plain").write_bytes(data)
        with (tmp_path / "ours.age").open("wb") as out:
            encryption.encrypt(io.BytesIO(data), out, [others.recipient, own.recipient])
        arguments = ("-d", "-i", folder / "transport.identity", "-o", "opened", "ours.age")
        done = run(hybrid_age, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "opened").read_bytes() == data
        done = run(hybrid_age, "-r", own.recipient, "-o", "theirs.age", "plain", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        with (tmp_path / "theirs.age").open("rb") as theirs:
            assert encryption.opened(theirs, [own.identity]).read() == data


@needs("age")
def test_age_opens_what_we_encrypt_and_we_open_what_age_encrypts(tmp_path):
    identity = X25519Identity.generate()
    (tmp_path / "identity").write_text(f"{identity}\n")
    data = bytes(range(256)) * 1000
    with (tmp_path / "ours.age").open("wb") as out:
        encryption.encrypt(io.BytesIO(data), out, [str(identity.recipient)])
    done = run("age", "-d", "-i", "identity", "-o", "plain", "ours.age", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "plain").read_bytes() == data
    command = (
        "age",
        "-r",
        str(identity.recipient),
        "-o",
        "theirs.age",
        "plain",
    )
    assert run(*command, cwd=tmp_path).returncode == 0
    out = io.BytesIO()
    encryption.decrypt(io.BytesIO((tmp_path / "theirs.age").read_bytes()), out, [str(identity)])
    assert out.getvalue() == data
