"""Commands of authorities and their anchors: ``key new``, ``directory export``."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

from comity.cli import keeper, state_entries
from comity.cli import keys as key_commands
from comity.node.config import ENVIRONMENT as NODE
from comity.sealing import keys, trust


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add these commands."""
    _register_key(commands)
    _register_directory(commands)


def _register_key(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    key = commands.add_parser("key", help="make keys, and keep them")
    inner = key.add_subparsers(required=True, metavar="COMMAND")
    new = inner.add_parser("new", help="make a pilot authority for trials, with its own CA and services")
    new.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new key folder")
    new.add_argument("--name", required=True, help="the authority's name")
    new.add_argument("--state", required=True, metavar="XX", help="two-letter code of its State")
    new.add_argument("--id", help="short id such as kz-247 (default: made from State and name)")
    new.add_argument(
        "--valid-days", type=int, default=1096, help="life of the seal's certificate (default 1096)"
    )
    new.set_defaults(run=new_key)
    key_commands.register(inner)


def _register_directory(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    directory = commands.add_parser("directory", help="authorities and their anchors, and who publishes them")
    inner = directory.add_subparsers(required=True, metavar="COMMAND")
    keeper.register(inner)
    state_entries.register(inner)
    export = inner.add_parser(
        "export", help="write the anchors that a court or partner needs, with a sheet of fingerprints"
    )
    export.add_argument(
        "folders",
        nargs="*",
        type=Path,
        metavar="FOLDER",
        help="node, key or trust folders (default: the node that COMITY_NODE names, or this folder)",
    )
    export.add_argument("--trust", type=Path, required=True, metavar="OUT", help="the new trust folder")
    export.set_defaults(run=export_directory)


def new_key(arguments: argparse.Namespace) -> int:
    """``comity key new``."""
    identifier = arguments.id or _slug(arguments.state, arguments.name)
    keys.create_authority(
        arguments.out,
        id=identifier,
        name=arguments.name,
        state=arguments.state,
        now=datetime.now(UTC),
        valid_days=arguments.valid_days,
    )
    print(f"{identifier}: keys made in {arguments.out}")
    return 0


def _slug(state: str, name: str) -> str:
    """``kz-247``: State and the name's Latin letters and digits; a digest where there are none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    tail = "-".join(words)[:40].strip("-") or hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{state.lower()}-{tail}"


def export_directory(arguments: argparse.Namespace) -> int:
    """``comity directory export``."""
    folders = arguments.folders or [Path(os.environ.get(NODE) or ".")]
    known = {authority.id: authority for folder in folders for authority in _known(folder)}
    trust.export(known.values(), arguments.trust)
    print((arguments.trust / trust.FINGERPRINTS).read_text("utf-8"), end="")
    return 0


def _known(folder: Path) -> trust.Trust:
    """A node's confirmed directory, or the anchors in a key or trust folder."""
    if not (folder / "node.toml").is_file():
        return trust.load(folder)
    from comity.node import start  # Django is loaded for a node alone

    start.prepare(folder)
    from comity.node.directory import anchors  # models can be imported only now

    return anchors.trust()
