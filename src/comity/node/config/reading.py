"""Read ``node.toml``, of a folder that is named or of the node that this process serves."""

from __future__ import annotations

import os
import pwd
import tomllib
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from comity.node.config.node import NodeConfig
from comity.node.config.refusals import NodeFolderUnusableError, NodeOfAnotherUserError
from comity.node.config.tables import TABLES

ENVIRONMENT = "COMITY_NODE"
LISTEN = "COMITY_LISTEN"
"""Set by ``comity node run --listen``: the people's address instead of node.toml's."""


def read(folder: Path) -> NodeConfig:
    """Read ``DIR/node.toml``; raise NodeFolderUnusableError with the reason, or NodeOfAnotherUserError."""
    demand_owner(folder)
    try:
        values = tomllib.loads((folder / "node.toml").read_text(encoding="utf-8"))
        for name, shape in TABLES.items():
            if name in values:
                values[name] = shape(**values[name])
        return NodeConfig(folder=folder.resolve(), **_plain_dates(values))
    except FileNotFoundError as error:
        raise NodeFolderUnusableError(folder=folder, reason="node.toml is missing") from error
    except (OSError, TypeError, ValueError) as error:  # TOML and UTF-8 that cannot be read are ValueErrors
        raise NodeFolderUnusableError(folder=folder, reason=str(error)) from error


def demand_owner(folder: Path) -> None:
    """Raise NodeOfAnotherUserError unless the folder is this process's user's, or is not there.

    Root could write everywhere, but its files lock out the node, whose own the folder is (mode 0700).
    """
    try:
        owner = folder.stat().st_uid
    except OSError:  # told by whoever reads in it
        return
    if owner != os.geteuid():
        raise NodeOfAnotherUserError(folder=folder, owner=_named(owner), user=_named(os.geteuid()))


def _named(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"#{user}"


@lru_cache(maxsize=1)
def current() -> NodeConfig:
    """The node this process serves, named by the environment variable ``COMITY_NODE``."""
    folder = os.environ.get(ENVIRONMENT)
    if not folder:
        raise NodeFolderUnusableError(folder=ENVIRONMENT, reason="the variable is not set")
    node = read(Path(folder))
    return replace(node, listen=os.environ.get(LISTEN) or node.listen)


def _plain_dates(value: Any) -> Any:
    """TOML dates as ISO text, as the facts have them."""
    if isinstance(value, dict):
        return {key: _plain_dates(inner) for key, inner in value.items()}
    return value.isoformat() if isinstance(value, date) else value
