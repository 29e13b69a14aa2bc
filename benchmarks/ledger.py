"""Measure appending to the ledger beside the bare floor: the same hashes, signatures and SQLite FULL commits.

Each entry is committed by itself, as an act commits it; then all that wait are numbered under one signed
head, as the sequencer does. The floor writes the same rows with ``sqlite3`` alone into a file beside the
node's and checks nothing. Rounds are interleaved, their ratios compared (pairing.py).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from measuring import make_node
from pairing import judged, ratio, second_core

PROMISED = {"appended_and_numbered": 0.5}
SIZE = 1000
"""Entries under one signed head: the most that the sequencer takes at a time."""


def content(n: int) -> dict[str, Any]:
    """What a letter's arrival notes."""
    return {"what": "letter_received", "letter": f"{n:036}", "sha256": f"{n:064x}"}


class Floor:
    """The same rows by ``sqlite3`` alone, nothing checked."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE entry (id INTEGER PRIMARY KEY, number INTEGER UNIQUE, kind TEXT, subject TEXT,"
            " content TEXT, salt BLOB, commitment BLOB, written_at TEXT);"
            "CREATE INDEX subjects ON entry (subject);"
            "CREATE TABLE subtree (id INTEGER PRIMARY KEY, level INTEGER, number INTEGER, hash BLOB,"
            " UNIQUE (level, number));"
            "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT, made_at TEXT);"
        )
        self._key, self._size = Ed25519PrivateKey.generate(), 0
        self._right: dict[int, bytes] = {}
        """The last complete subtree of each level."""

    def append(self, n: int) -> None:
        """One entry, committed."""
        written = json.dumps(content(n), separators=(",", ":"), sort_keys=True)
        salt = secrets.token_bytes(32)
        commitment = sha256(salt + written.encode()).digest()
        row = ("letter_received", f"{n:036}", written, salt, commitment, "2027-01-01")
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("INSERT INTO entry VALUES (NULL, NULL, ?, ?, ?, ?, ?, ?)", row)
        self._database.execute("COMMIT")

    def number(self) -> None:
        """Number what waits, sign the head, commit."""
        run = self._database.execute
        run("BEGIN IMMEDIATE")
        waiting = run("SELECT id, commitment FROM entry WHERE number IS NULL ORDER BY id").fetchall()
        places, subtrees = [], []
        for key, commitment in waiting:
            places.append((self._size, key))
            level, number = 0, self._size
            digest = sha256(b"\x00comity-leaf/1\n" + commitment).digest()
            subtrees.append((level, number, digest))
            while number % 2:
                digest = sha256(b"\x01" + self._right[level] + digest).digest()
                level, number = level + 1, number // 2
                subtrees.append((level, number, digest))
            for one, _, value in subtrees[-level - 1 :]:
                self._right[one] = value
            self._size += 1
        self._database.executemany("UPDATE entry SET number = ? WHERE id = ?", places)
        self._database.executemany("INSERT INTO subtree VALUES (NULL, ?, ?, ?)", subtrees)
        root = b""
        for level in sorted(self._right):
            if self._size >> level & 1:
                root = sha256(b"\x01" + self._right[level] + root).digest() if root else self._right[level]
        note = f"xa.comity/log\n{self._size}\n{root.hex()}\n"
        run(
            "INSERT INTO checkpoint VALUES (?, ?, '')",
            (self._size, note + self._key.sign(note.encode()).hex()),
        )
        run("COMMIT")


class Product:
    """The node's own ledger."""

    def append(self, n: int) -> None:
        """One entry, which is committed by itself where no act's transaction is open."""
        from django.utils import timezone

        from comity.node.ledger import entries

        entries.append("letter_received", f"{n:036}", content(n), now=timezone.now())

    def number(self) -> None:
        """Number what waits, sign the head, commit."""
        from django.utils import timezone

        from comity.node.ledger.sequencer import sequence

        sequence(timezone.now())


def round_of(ledger: Floor | Product, start: int, clock: Callable[[], float]) -> tuple[float, float]:
    """Seconds of appending and of numbering."""
    begun = clock()
    for n in range(start, start + SIZE):
        ledger.append(n)
    appended = clock()
    ledger.number()
    return appended - begun, clock() - appended


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    free = second_core()
    make_node(with_keys=True)
    ledgers = {"floor": Floor(Path(os.environ["COMITY_NODE"]) / "floor.sqlite3"), "ours": Product()}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ledgers}
    for n in range(arguments.rounds + 1):
        for name, ledger in ledgers.items():
            found[name].append(round_of(ledger, n * SIZE, time.perf_counter))
    kept = {name: each[1:] for name, each in found.items()}
    ratios = {
        "appended_and_numbered": ratio(
            [sum(one) for one in kept["floor"]], [sum(one) for one in kept["ours"]]
        ),
        "numbered": ratio([one[1] for one in kept["floor"]], [one[1] for one in kept["ours"]]),
    }
    rates = {
        f"{name}_a_second": round(SIZE / statistics.median(sum(one) for one in each))
        for name, each in kept.items()
    }
    return judged(rates | ratios, PROMISED, free, as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
