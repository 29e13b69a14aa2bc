"""Accounts, sessions and the access log, in one SQLite file."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (address TEXT PRIMARY KEY, name TEXT NOT NULL, salt BLOB NOT NULL,
    password BLOB NOT NULL, created_at TEXT NOT NULL, created_from TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS session (token BLOB PRIMARY KEY, address TEXT NOT NULL REFERENCES account);
CREATE TABLE IF NOT EXISTS access (id INTEGER PRIMARY KEY, at TEXT NOT NULL, address TEXT NOT NULL,
    act TEXT NOT NULL, origin TEXT NOT NULL, agent TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS legal_order (id TEXT PRIMARY KEY, authority TEXT NOT NULL, kind TEXT NOT NULL,
    address TEXT NOT NULL, signed BLOB NOT NULL, signature TEXT NOT NULL, answer TEXT NOT NULL);
"""


class Refused(Exception):  # noqa: N818 -- an answer to the client, with its HTTP status
    """What the client asked is refused, with an HTTP status and a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


class Books:
    """The provider's database; one connection per call, every call one transaction."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "provider.sqlite3"
        with self.open() as db:
            db.executescript(_SCHEMA)

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose work commits when the block ends well."""
        db = sqlite3.connect(self.path, timeout=20)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            with db:
                yield db
        finally:
            db.close()

    def sign_up(self, address: str, name: str, password: str, origin: str, agent: str) -> None:
        """Open an account; 409 when the address is taken."""
        salt = secrets.token_bytes(16)
        with self.open() as db:
            try:
                db.execute(
                    "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?)",
                    (address, name, salt, _hash(password, salt), now_text(), origin),
                )
            except sqlite3.IntegrityError:
                raise Refused(409, "the address is taken") from None
            _log(db, address, "sign-up", origin, agent)

    def sign_in(self, address: str, password: str, origin: str, agent: str) -> str:
        """A session token; a wrong password is logged and refused with 401."""
        with self.open() as db:
            row = db.execute("SELECT salt, password FROM account WHERE address = ?", (address,)).fetchone()
            right = row is not None and hmac.compare_digest(_hash(password, row[0]), row[1])
            _log(db, address, "sign-in" if right else "sign-in-refused", origin, agent)
            token = secrets.token_urlsafe(24)
            if right:
                db.execute("INSERT INTO session VALUES (?, ?)", (token_hash(token), address))
        if not right:
            raise Refused(401, "address or password is wrong")
        return token

    def owner(self, token: str, act: str, origin: str, agent: str) -> str:
        """The address a session belongs to; the act is logged."""
        with self.open() as db:
            row = db.execute("SELECT address FROM session WHERE token = ?", (token_hash(token),)).fetchone()
            if row is None:
                raise Refused(401, "sign in first")
            _log(db, row[0], act, origin, agent)
            return str(row[0])

    def exists(self, address: str) -> bool:
        """Whether there is such an account."""
        with self.open() as db:
            return db.execute("SELECT 1 FROM account WHERE address = ?", (address,)).fetchone() is not None

    def subscriber_record(self, address: str) -> bytes:
        """What is known of the person behind an account, as JSON text."""
        with self.open() as db:
            row = db.execute(
                "SELECT address, name, created_at, created_from FROM account WHERE address = ?", (address,)
            ).fetchone()
        names = ("address", "name_given", "created_at", "created_from")
        return json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, indent=1).encode() + b"\n"

    def access_log(self, address: str) -> bytes:
        """Every logged access to an account, one line each."""
        with self.open() as db:
            rows = db.execute(
                "SELECT at, act, address, origin, agent FROM access WHERE address = ? ORDER BY id", (address,)
            ).fetchall()
        lines = (
            f'{at} {act} account={who} from={origin} agent="{agent}"\n'
            for at, act, who, origin, agent in rows
        )
        return "".join(lines).encode()


def now_text() -> str:
    """The provider's clock: RFC 3339, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token_hash(token: str) -> bytes:
    """What is stored of a bearer token."""
    return hashlib.sha256(token.encode()).digest()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def _log(db: sqlite3.Connection, address: str, act: str, origin: str, agent: str) -> None:
    clean = "".join(letter for letter in agent if letter.isprintable() and letter != '"')[:200]
    db.execute(
        "INSERT INTO access (at, address, act, origin, agent) VALUES (?, ?, ?, ?, ?)",
        (now_text(), address, act, origin, clean),
    )
