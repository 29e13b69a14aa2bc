"""What all lists of test vectors share: their form, the two authorities, and a key that is none of theirs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.proofs.notes import Signer
from comity.shapes import encode_base64

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
OWN, OTHER = "xa-vectors", "xb-vectors"
LETTER = "3f6c1f0a-9d3b-4c53-8a44-1c2f7c0b6e01"
SALT = bytes(range(32))
Vectors = dict[str, Any]


def vectors(clauses: str, about: str, cases: Iterable[Vectors], **more: Any) -> Vectors:
    """A whole list, with the clauses that it is about."""
    return {"clauses": clauses.split(), "about": about, "cases": list(cases), **more}


def case(name: str, code: str | None = None, **values: Any) -> Vectors:
    """One case: the code with which it is refused, None where it holds."""
    return {"name": name, "code": code, **values}


def changed(data: bytes, old: bytes, new: bytes) -> Vectors:
    """The edit that puts ``new`` in the first place of ``old``."""
    return {"at": data.index(old), "remove": len(old), "insert": encode_base64(new)}


def stranger(name: str = OWN) -> Signer:
    """A key under the name of ``OWN``, or another's, which is published too."""
    return Signer(f"{name}.comity", Ed25519PrivateKey.from_private_bytes(SALT))
