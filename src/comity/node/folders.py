"""Make a node's folder: settings, secret, keys. Layout in config.py."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from comity.node import durable
from comity.node.config import NodeConfig, demand_owner
from comity.sealing import encryption, keys
from comity.terms import ComityError, gettext_noop

STORAGE_IDENTITY, STORAGE_RECIPIENT = "storage.identity", "storage.recipient"
RECOVERY_RECIPIENT = "recovery.recipient"
"""To whom backups are encrypted; the identity is offline."""


class FolderTakenError(ComityError):
    """The folder holds something already."""

    code = "folder_taken"
    message = gettext_noop("{folder} is not empty; a node is made in a folder of its own.")
    next_step = gettext_noop("Name a folder that does not exist yet.")


@contextmanager
def whole_or_not_at_all(folder: Path) -> Iterator[None]:
    """Leave nothing of a node in ``folder`` when the block that makes it fails.

    An empty folder may be there: this process's user's own, or NodeOfAnotherUserError.
    """
    demand_owner(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FolderTakenError(folder=folder)
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def make(folder: Path, values: dict[str, Any], *, now: datetime) -> NodeConfig:
    """Make a node's folder with mode 0700; ``values`` are the settings of node.toml, which is written last.

    A folder without node.toml is no node, so an interrupted ``make`` leaves nothing that would run.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderTakenError(folder=folder)
    durable.make_directories(folder)
    folder.chmod(0o700)
    node = NodeConfig(folder=folder.resolve(), **values)
    make_keys(node, now=now)
    make_inner(node)
    _write(folder / "secret", secrets.token_urlsafe(48) + "\n")
    _write(folder / "node.toml", _toml(values), mode=0o644)
    return node


def make_inner(node: NodeConfig) -> None:
    """Make the folders that a running node needs, where they are missing."""
    for inner in (node.store, node.arriving, node.folder / "run"):
        durable.make_directories(inner)


def make_keys(node: NodeConfig, *, now: datetime) -> None:
    """Make the authority's keys and the identity to which everything stored is encrypted."""
    keys.create_authority(node.keys, id=node.id, name=node.name, state=node.state, now=now)
    identity, recipient = encryption.new_identity()
    _write(node.keys / STORAGE_IDENTITY, f"{identity}\n")
    _write(node.keys / STORAGE_RECIPIENT, f"{recipient}\n", mode=0o644)


def make_recovery_key(node: NodeConfig) -> str:
    """A new key for backups from now on: its identity, which is kept nowhere here, to be shown once."""
    identity, recipient = encryption.new_identity()
    path = node.keys / RECOVERY_RECIPIENT
    with durable.replacing(path) as out:
        out.write(f"{recipient}\n".encode())
    return identity


def storage_recipient(node: NodeConfig) -> str:
    """The age recipient of what this node stores."""
    return (node.keys / STORAGE_RECIPIENT).read_text(encoding="ascii").strip()


def storage_identity(node: NodeConfig) -> str:
    """The age identity that opens what this node stores."""
    return _identity(node.keys / STORAGE_IDENTITY)


@lru_cache(maxsize=4)
def _identity(path: Path) -> str:
    """Read once: a token or a passphrase is slow, and this is asked for every exhibit."""
    return keys.read_identity(path)


def _write(path: Path, text: str, *, mode: int = 0o600) -> None:
    with durable.new_file(path, mode=mode) as out:
        out.write(text.encode())


def _toml(values: dict[str, Any], table: str = "") -> str:
    """TOML of plain values and nested tables; JSON's spelling of texts, numbers and lists is TOML's too."""
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    lines = [f"[{table}]"] if table else []
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in plain.items()]
    text = "\n".join([*lines, ""])
    for name, value in values.items():
        if isinstance(value, dict):
            text += "\n" + _toml(value, f"{table}.{name}" if table else name)
    return text
