"""``comity node storage move``: the node's objects from its folder into its bucket, or back."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    storage = inner.add_parser("storage", help="where letters and exhibits lie")
    commands = storage.add_subparsers(required=True, metavar="COMMAND")
    move = commands.add_parser("move", help="move what is stored into the bucket of node.toml, or back")
    move.add_argument("folder", type=Path, metavar="DIR")
    move.add_argument("--back", action="store_true", help="from the bucket into the folder store/")
    move.add_argument("--json", action="store_true")
    move.set_defaults(run=move_objects)


def move_objects(arguments: argparse.Namespace) -> int:
    """Move, while the node does not run; 1 when something damaged stayed behind."""
    from comity.node import config, moving, supervisor

    node = config.read(arguments.folder)
    with supervisor.only_one(node):
        moved = moving.move(node, back=arguments.back)
    if arguments.json:
        told = {"objects": moved.objects, "bytes": moved.bytes, "damaged": moved.damaged}
        json.dump(told, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        place = "folder store/: take [objects] out of node.toml" if arguments.back else "bucket"
        print(f"{moved.objects} objects ({moved.bytes} bytes) were moved and read back; now in the {place}.")
        for key in moved.damaged:
            print(f"NO    {key} is damaged and stayed where it was [object_changed]")
    return 1 if moved.damaged else 0
