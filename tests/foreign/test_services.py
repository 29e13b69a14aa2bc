"""Time-stamps and OCSP responses that openssl issues are read by ours, and their faults found."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests import packages

from comity.sealing import revocation, timestamp
from comity.sealing.certificates import Purpose, check_issued
from comity.sealing.refusals import AlgorithmForbiddenError, RevocationBrokenError, TimestampBrokenError
from comity.terms import ComityError

pytestmark = [
    pytest.mark.foreign,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]
SETTINGS = """
[tsa]
default_tsa = service
[service]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256, sha1
signer_digest = {digest}
ess_cert_id_alg = {digest}
[tsa_extensions]
extendedKeyUsage = critical,timeStamping
[ocsp_extensions]
extendedKeyUsage = OCSPSigning
"""


def run(*command: str | Path, cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folder(tmp_path):
    for name in ("ca.crt", "ca.key", "seal.crt"):
        shutil.copy(packages.key_folder() / name, tmp_path)
    (tmp_path / "serial").write_text("01")
    return tmp_path


def certificate(folder: Path, name: str, key: str) -> None:
    """A certificate that openssl issues under our authority."""
    run("openssl", "genpkey", *key.split(), "-out", f"{name}.key", cwd=folder)
    subject = f"/CN={name} of openssl"
    run("openssl", "req", "-new", "-key", f"{name}.key", "-subj", subject, "-out", f"{name}.csr", cwd=folder)
    run(
        "openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-days", "300",
        "-CAcreateserial", "-extfile", "settings", "-extensions", f"{name}_extensions", "-out", f"{name}.crt",
        cwd=folder,
    )  # fmt: skip


def token(folder: Path, key: str, digest: str, imprint: str = "sha256") -> bytes:
    (folder / "settings").write_text(SETTINGS.format(digest=digest))
    certificate(folder, "tsa", key)
    (folder / "data").write_bytes(b"bytes")
    run("openssl", "ts", "-query", "-data", "data", f"-{imprint}", "-cert", "-out", "query", cwd=folder)
    run(
        "openssl", "ts", "-reply", "-config", "settings", "-queryfile", "query", "-signer", "tsa.crt",
        "-inkey", "tsa.key", "-token_out", "-out", "token", cwd=folder,
    )  # fmt: skip
    return (folder / "token").read_bytes()


P256, P384 = (
    "-algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    "-algorithm EC -pkeyopt ec_paramgen_curve:P-384",
)
RSA3072, RSA2048 = (
    "-algorithm RSA -pkeyopt rsa_keygen_bits:3072",
    "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
)


@pytest.mark.parametrize(("key", "digest"), [(P256, "sha256"), (P384, "sha384"), (RSA3072, "sha512")])
def test_a_time_stamp_of_openssl_is_read_and_its_faults_are_found(key, digest, folder):
    data = token(folder, key, digest)
    stamp = timestamp.check(data, b"bytes")
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert stamp.policy == "1.2.3.4.1"
    check_issued(stamp.certificate, [packages.authority().ca], Purpose.TIME, stamp.at)
    with pytest.raises(TimestampBrokenError):
        timestamp.check(data, b"other")
    refused = 0
    for position in range(0, len(data), 31):
        changed = data[:position] + bytes([data[position] ^ 4]) + data[position + 1 :]
        try:
            again = timestamp.check(changed, b"bytes")
        except ComityError:
            refused += 1
        else:  # a byte that no signature covers: it may change nothing that the token says
            assert (again.at, again.policy, again.certificate) == (stamp.at, stamp.policy, stamp.certificate)
    assert refused > len(data) / 31 * 0.8


@pytest.mark.parametrize(
    ("key", "digest", "imprint"),
    [(RSA2048, "sha256", "sha256"), (P256, "sha1", "sha256"), (P256, "sha256", "sha1")],
)
def test_a_time_stamp_with_a_weak_key_or_digest_is_refused(key, digest, imprint, folder):
    with pytest.raises(AlgorithmForbiddenError):
        timestamp.check(token(folder, key, digest, imprint), b"bytes")


@pytest.mark.parametrize("status", ["V", "R"])
def test_an_answer_of_openssl_about_revocation_is_read(status, folder):
    (folder / "settings").write_text(SETTINGS.format(digest="sha256"))
    certificate(folder, "ocsp", P256)
    own = packages.authority()
    seal = own.seal.certificate
    revoked = "261122030000Z" if status == "R" else ""
    serial = f"{seal.serial_number:X}"
    serial = serial if len(serial) % 2 == 0 else f"0{serial}"
    (folder / "index").write_text(f"{status}\t360101000000Z\t{revoked}\t{serial}\tunknown\t/CN=seal\n")
    run(
        "openssl",
        "ocsp",
        "-issuer",
        "ca.crt",
        "-cert",
        "seal.crt",
        "-no_nonce",
        "-reqout",
        "query",
        cwd=folder,
    )
    run(
        "openssl", "ocsp", "-index", "index", "-rsigner", "ocsp.crt", "-rkey", "ocsp.key", "-CA", "ca.crt",
        "-reqin", "query", "-respout", "answer", "-ndays", "1", cwd=folder,
    )  # fmt: skip
    answer = revocation.check((folder / "answer").read_bytes(), seal, own.ca)
    assert answer.revoked_before(packages.NOW) is (status == "R")
    check_issued(answer.certificate, [own.ca], Purpose.REVOCATION, answer.this_update)
    with pytest.raises(RevocationBrokenError):
        revocation.check((folder / "answer").read_bytes(), own.time_service.certificate, own.ca)
