"""A ledger that must not sign: after a restore, until its witnesses know of nothing that was lost.

The mark is the file ``ask-witnesses`` in the node's folder, outside the database that a backup brings back.
Whoever restores a node calls ``hold`` before anything else runs.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from comity import canonical
from comity.node import config, durable
from comity.terms import ComityError, gettext_noop

FILE = "ask-witnesses"
RESTORED, BEHIND = "restored", "behind"


class LedgerHeldError(ComityError):
    """The node signs no head of its ledger."""

    code = "ledger_held"
    temporary = True
    message = gettext_noop("The ledger signs nothing until its witnesses were asked ({reason}).")
    next_step = gettext_noop(
        "See the page of witnesses; what to do stands in docs/operating.md, “After a restore”."
    )


@dataclass(frozen=True, slots=True)
class Hold:
    """Why and since when the ledger is held: ``restored``, or ``behind`` what a witness proves we signed."""

    reason: str
    since: datetime


def hold(folder: Path, reason: str, now: datetime) -> None:
    """Sign nothing from now on; a hold that stands already keeps its time, and the graver reason wins."""
    present = held(folder)
    if present is not None and (present.reason == reason or reason == RESTORED):
        return
    since = present.since if present else now
    with durable.replacing(folder / FILE, 0o600) as out:  # never without a mark between the two
        out.write(canonical.write({"reason": reason, "since": canonical.instant_text(since)}))


def held(folder: Path) -> Hold | None:
    """The hold, if there is one; a mark that cannot be read holds too."""
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    try:
        values = canonical.read_canonical(data)
        return Hold(values["reason"], canonical.read_instant(values["since"]))
    except (ComityError, KeyError, TypeError, ValueError):
        return Hold(RESTORED, datetime.fromtimestamp((folder / FILE).stat().st_mtime).astimezone())


def release(folder: Path) -> None:
    """Take the mark away."""
    with suppress(FileNotFoundError):
        (folder / FILE).unlink()


def demand_free() -> None:
    """Raise LedgerHeldError while the ledger of this node is held."""
    present = held(config.current().folder)
    if present is not None:
        raise LedgerHeldError(reason=present.reason)
