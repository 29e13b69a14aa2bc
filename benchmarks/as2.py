"""Rounds of pyas2lib a second: sign, encrypt, decrypt, verify, signed MDN, MDN verified; all in memory.

Runs in an environment of its own (delivery.py makes it): a measure, no dependency of Comity.
Argument: seconds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pyas2lib import as2

BYTES = 10 << 10
SIGNED, ENCRYPTED = "sha256", "aes_256_cbc"


def keys(folder: Path, name: str) -> tuple[bytes, bytes]:
    """A new RSA-2048 key with its certificate (PEM), and the certificate alone."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9", "-subj", f"/CN={name}"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return key.read_bytes() + certificate.read_bytes(), certificate.read_bytes()


def main(seconds: float) -> None:
    """Print the rate."""
    with tempfile.TemporaryDirectory() as folder:
        (ours, our_certificate), (theirs, their_certificate) = (keys(Path(folder), one) for one in "ab")
    options = {"sign": True, "encrypt": True, "digest_alg": SIGNED, "enc_alg": ENCRYPTED}
    options |= {"mdn_mode": as2.SYNCHRONOUS_MDN, "mdn_digest_alg": SIGNED, "validate_certs": False}
    here = as2.Organization("a", sign_key=ours, sign_key_pass="", decrypt_key=ours, decrypt_key_pass="")
    there = as2.Organization("b", sign_key=theirs, sign_key_pass="", decrypt_key=theirs, decrypt_key_pass="")
    to_there = as2.Partner("b", verify_cert=their_certificate, encrypt_cert=their_certificate, **options)
    to_here = as2.Partner("a", verify_cert=our_certificate, encrypt_cert=our_certificate, **options)
    data, count, began = os.urandom(BYTES), 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        sent = as2.Message(here, to_there)
        sent.build(data, filename="letter", content_type="application/octet-stream")
        taken = sent.headers_str + b"\r\n" + sent.content
        status, _, mdn = as2.Message().parse(taken, lambda _: there, lambda _: to_here)
        if status != "processed":
            sys.exit(f"pyas2lib: {status}")
        told, _ = as2.Mdn().parse(mdn.headers_str + b"\r\n" + mdn.content, lambda *_, sent=sent: sent)
        if told != "processed":
            sys.exit(f"pyas2lib: {told}")
        count += 1
    print(count / (time.perf_counter() - began))


if __name__ == "__main__":
    main(float(sys.argv[1]))
