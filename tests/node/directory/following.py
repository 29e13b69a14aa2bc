"""To follow a keeper in a test, and to enter what it published."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.node.conftest import START
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import reading
from comity.directory.sources import Folder
from comity.node.directory import updating
from comity.node.directory.models import Keeper

NEXT = START + timedelta(days=1)


def follow(register: Register, identifier: str = "depositary", by: Any = None, **changes: Any) -> Keeper:
    root = (register.folder / "first" / "1.root.json").read_bytes()
    values = {
        "name": "Depositary",
        "url": "",
        "root": root,
        "fingerprint": sha256(root).hexdigest(),
    } | changes
    return updating.follow(by, identifier, now=START, **values)


def take(keeper: Keeper, folder: Path, now: Any = START) -> reading.Outcome:
    keeper.refresh_from_db()
    outcome = updating.take(keeper, Folder(folder), now)
    keeper.refresh_from_db()
    return outcome


def with_card(card: bytes, **changes: Any) -> bytes:
    return entry("xb-247", card=canonical.read(card), **changes)


def offered(register: Register, entries: list[bytes], now: Any = START, name: str = "offered") -> Path:
    register.state(entries, now)
    return register.publish(name, now)
