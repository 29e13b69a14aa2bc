"""Enter the node's own authority into its directory, from its key folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from comity.node import config
from comity.node.config import NodeConfig
from comity.node.directory import known
from comity.node.directory.cards import CERTIFICATES, tls_fingerprint
from comity.node.directory.models import Authority


def enter(node: NodeConfig, *, created_at: str, roles: Iterable[str]) -> Authority:
    """Make or refresh the own row; entering twice changes nothing more."""
    columns = {f"{name}_certificate": _text(node.keys / f"{name}.crt") for name in CERTIFICATES}
    authority, _ = Authority.objects.update_or_create(
        id=node.id,
        defaults={
            "own": True,
            "state": node.state,
            "names": {"en": node.name, **node.names},
            "roles": list(roles),
            "created_at": created_at,
            "peer_url": node.peer_url,
            "time_zone": node.time_zone,
            "languages": node.languages or [node.language],
            "log_key": _text(node.keys / "log.vkey"),
            "recipient": _text(node.keys / "transport.recipient"),
            "tls_fingerprint": tls_fingerprint(columns["tls_certificate"]),
            **columns,
        },
    )
    return authority


def refresh() -> Authority:
    """Take the certificates of the key folder over after they were renewed."""
    own = known.own()
    return enter(config.current(), created_at=own.created_at, roles=own.roles)


def _text(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()
