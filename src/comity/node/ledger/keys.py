"""The node's own note key, which signs checkpoints and receipts; read once from ``keys/log.key``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from comity.node import config
from comity.proofs.notes import Signer
from comity.sealing import keys


def signer() -> Signer:
    """The private note key of this node."""
    return _read(config.current().keys / "log.key")


@lru_cache(maxsize=2)
def _read(path: Path) -> Signer:
    return Signer.parse(keys.read_private(path))
