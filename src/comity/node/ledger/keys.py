"""The node's own note key, which signs checkpoints and receipts; read once from its key folder.

Whoever only verifies asks for the public one, so that a command at the shell needs no passphrase, no token.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from comity.node import config
from comity.proofs.notes import Signer, Verifier
from comity.sealing import keys


def signer() -> Signer:
    """The private note key of this node."""
    return _read(config.current().keys / "log.key")


def verifier() -> Verifier:
    """The public note key of this node."""
    return _read_public(config.current().keys / "log.vkey")


@lru_cache(maxsize=2)
def _read(path: Path) -> Signer:
    return Signer.parse(keys.read_private(path))


@lru_cache(maxsize=2)
def _read_public(path: Path) -> Verifier:
    return Verifier.parse(keys.read_text(path))
