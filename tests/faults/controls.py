"""The rig's negative controls: each switches one protection off, and then the books must not agree."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from tests.faults.disk import FULL, SYNC, Disk


@dataclass(frozen=True)
class Control:
    """A protection that is switched off; the deeds (and faults) in which that shows."""

    kind: str
    deeds: tuple[str, ...]
    whats: tuple[str, ...] = ()


CONTROLS = {
    "receipt_before_commit": Control("kills", ("receive", "receive_several")),
    "effect_apart_from_its_note": Control("kills", ("open",)),
    "files_not_synced": Control("power", ("receive", "take_in", "send")),
    "folders_not_synced": Control("power", ("receive", "take_in", "send")),
    "commits_not_synced": Control("power", ("receive", "append", "cosign")),
    "sync_errors_ignored": Control("disk", ("receive", "take_in"), (SYNC,)),
    "receipt_before_commit_on_a_full_disk": Control("disk", ("receive",), (FULL,)),
    "entries_at_any_time": Control("clock", ("append", "take_in")),
    "heads_at_any_time": Control("clock", ("append", "receive")),
    "peers_at_any_time": Control("clock", ("cosign",)),
}
DEMANDS = {
    "entries_at_any_time": "comity.node.ledger.entries",
    "heads_at_any_time": "comity.node.ledger.sequencer",
}
"""Where a steady clock is demanded."""


class _Indifferent:
    """In place of ``wall_clock`` where the demand is switched off."""

    demand_steady = step = staticmethod(lambda: None)


def switch_off(control: str, disk: Disk, deeds: Any) -> None:
    """Take one protection away."""
    from comity.node import durable

    if control in ("receipt_before_commit", "receipt_before_commit_on_a_full_disk"):
        deeds.receipt_early = True
    if control == "effect_apart_from_its_note":
        deeds.repeat_carelessly()
    if control == "files_not_synced":
        disk.deaf.add("file")
    if control == "folders_not_synced":
        disk.deaf.add("folder")
    if control == "commits_not_synced":
        from django.conf import settings

        options = settings.DATABASES["default"]["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    if control in DEMANDS:
        importlib.import_module(DEMANDS[control]).wall_clock = _Indifferent
    if control == "peers_at_any_time":
        deeds.ask_time = deeds.clock.wall
    if control == "sync_errors_ignored":
        durable.stop = lambda error: None  # type: ignore[assignment,return-value]
