"""What the measurements of a node share: a node of their own, the command line, the comparison."""

from __future__ import annotations

import argparse
import atexit
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def make_node(*, with_keys: bool = False) -> None:
    """A node's folder for this process alone, and its empty database; ``with_keys`` of an authority."""
    folder = Path(tempfile.mkdtemp(prefix="comity-measuring-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "secret").write_text("only-for-measuring", encoding="ascii")
    (folder / "node.toml").write_text(
        'id = "xa-247"\nstate = "XA"\nname = "XA"\nsecond_factor = "optional"\ndatabase = "sqlite"\n',
        encoding="utf-8",
    )
    if with_keys:
        from comity.sealing import keys

        keys.create_authority(folder / "keys", id="xa-247", name="XA", state="XA", now=datetime.now(UTC))
    os.environ["COMITY_NODE"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def run(
    about: str | None,
    cases: int,
    rounds: int,
    promise: float,
    fill: Callable[[int], None],
    milliseconds: Callable[[int], dict[str, float]],
) -> int:
    """Fill a node, measure, print, and compare the slowest figure with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cases", type=int, default=cases)
    parser.add_argument("--rounds", type=int, default=rounds)
    arguments = parser.parse_args()
    make_node()
    from django.db import transaction

    with transaction.atomic():
        fill(arguments.cases)
    found: dict[str, Any] = milliseconds(arguments.rounds)
    slowest = max(found.values())
    found |= {
        "slowest": slowest,
        "cases": arguments.cases,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    print(json.dumps(found, indent=2) if arguments.json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0 if slowest < promise else 1
