"""Measure letters delivered between two nodes of this machine beside the floor, and beside pyas2lib.

A letter is sealed, delivered over mutual TLS, verified, and receipted durably on both sides; it is rendered
before, and what a case makes of it afterwards is left out. The floor does the same signatures, hashes,
encryptions, syncs and commits of such a letter alone, one after the other; a second one shares heads and
commits among eight letters, as nodes do with what goes together. pyas2lib signs, encrypts and answers with a
signed receipt in memory; it gets an environment of its own, made on the way (as2.py).
`python benchmarks/delivery.py [--letters 200]`
"""

from __future__ import annotations

import argparse
import io
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import venv
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from comity.sealing import encryption
from exchange import introduced, until
from pairing import judged, second_core

PROMISED = {"of_the_floor": 0.4, "times_pyas2lib": 5.0, "memory_kept": 0.9}
PYAS2LIB = "pyas2lib==1.4.4"
SEALS, CHECKS = 3, 6
"""Seal, time-stamp and OCSP answer; their signatures and their certificates."""
RECEIPTS, HEADS = 2, 2
"""Two receipts of a letter, and the heads that prove them; signed here and verified there."""
FILES, COMMITS = 5, 8
"""Files synced with their folders; commits: sealed, tried, two receipts kept; accepted, delivered, two
receipts signed with the heads that prove them."""
TOGETHER = 8
"""Letters that a worker claims at once: where they go together, they share heads and commits."""
_SLICE = 3.0


def floor(folder: Path, seconds: float, together: int = 1) -> float:
    """Letters a second of the bare work, where so many share heads and commits."""
    seal, note = ec.generate_private_key(ec.SECP256R1()), Ed25519PrivateKey.generate()
    identity, recipient = encryption.new_identity()
    database = sqlite3.connect(folder / f"floor-{time.time_ns()}.sqlite3", isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE kept (data BLOB);")
    letter, count, begun = os.urandom(10 << 10), 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for _ in range(together):
            _one(letter, folder, seal, identity, recipient)
            _noted(letter, note, RECEIPTS)
        _noted(letter, note, HEADS)
        for n in range(COMMITS):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO kept VALUES (?)", [(letter[: 500 + n],)] * together)
            database.execute("COMMIT")
        count += together
    return count / (time.perf_counter() - begun)


def _one(
    letter: bytes, folder: Path, seal: ec.EllipticCurvePrivateKey, identity: str, recipient: str
) -> None:
    """Seal, store, encrypt, decrypt and verify one letter."""
    algorithm = ec.ECDSA(SHA256())
    sha256(letter).digest()
    signatures = [seal.sign(letter, algorithm) for _ in range(SEALS)]
    containers = [_encrypted(letter, recipient) for _ in range(3)]  # travelling, and stored on both sides
    for n, data in enumerate([letter, letter, *containers]):
        _synced(folder / f"{n}.letter", data)
    encryption.decrypt(io.BytesIO(containers[0]), io.BytesIO(), [identity])
    for n in range(CHECKS):
        seal.public_key().verify(signatures[n % SEALS], letter, algorithm)


def _noted(letter: bytes, key: Ed25519PrivateKey, count: int) -> None:
    for signature in [key.sign(letter[:500]) for _ in range(count)]:
        key.public_key().verify(signature, letter[:500])


def _encrypted(data: bytes, recipient: str) -> bytes:
    out = io.BytesIO()
    encryption.encrypt(io.BytesIO(data), out, [recipient])
    return out.getvalue()


def _synced(path: Path, data: bytes) -> None:
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(handle)
    os.close(handle)


def other(folder: Path) -> Path:
    """An environment with pyas2lib. oscrypto, on which it rests, does not know OpenSSL 3.0.10 and later."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", PYAS2LIB], check=True)
    for path in folder.glob("lib/*/site-packages/oscrypto/_openssl/_libcrypto_c*.py"):
        path.write_text(path.read_text().replace(r"\\d\\.\\d\\.\\d[a-z]*", r"\\d\\.\\d\\.\\d+[a-z]*"))
    return python


def pyas2lib(python: Path, seconds: float) -> float:
    """Letters a second of pyas2lib."""
    command = [str(python), str(Path(__file__).with_name("as2.py")), str(seconds)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def delivered(folder: Path, letters: int) -> tuple[float, int, float]:
    """Letters a second from the first taken up to the last receipt; MiB held; how far memory stayed."""
    with introduced(folder) as (one, peer):
        one.freeze(peer, letters)
        for node in (one, peer):
            node.start("serve")
        peer.start("work")
        until(lambda: one.answers() and peer.answers(), 60)
        one.start("work")
        begun = until(one.is_at_work, 60)
        until(lambda: one.stages().get("delivered", 0) >= letters // 2, 600)
        half = max(one.memory(), peer.memory())
        ended = until(lambda: one.stages().get("delivered", 0) == letters, 600)
        whole = max(one.memory(), peer.memory())
    return letters / (ended - begun), whole, half / whole


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--letters", type=int, default=200)
    arguments = parser.parse_args()
    free = second_core()
    with tempfile.TemporaryDirectory(prefix="comity-measuring-") as place:
        folder = Path(place)
        python = other(folder / "as2")
        floors, shared = [floor(folder, _SLICE)], [floor(folder, _SLICE, TOGETHER)]
        others = [pyas2lib(python, _SLICE)]
        (folder / "nodes").mkdir()
        ours, memory, kept = delivered(folder / "nodes", arguments.letters)
        floors.append(floor(folder, _SLICE))
        shared.append(floor(folder, _SLICE, TOGETHER))
        others.append(pyas2lib(python, _SLICE))
    bare, as2 = sum(floors) / 2, sum(others) / 2
    figures = {
        "letters_a_second": round(ours, 1),
        "floor_a_second": round(bare, 1),
        "floor_together_a_second": round(sum(shared) / 2, 1),
        "pyas2lib_a_second": round(as2, 1),
        "of_the_floor": round(ours / bare, 3),
        "of_the_floor_together": round(2 * ours / sum(shared), 3),
        "times_pyas2lib": round(ours / as2, 2),
        "memory_kept": round(kept, 2),
        "memory_mib": memory,
        "letters": arguments.letters,
    }
    return judged(figures, PROMISED, min(free, second_core()), as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
