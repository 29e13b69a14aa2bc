"""What must be seen on both sides: receipts that prove themselves, and the clocks of the law."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.demonstration.deeds.telling import WAITING, Told, deed, expect, label
from comity.node.casework import opinions, running
from comity.node.casework.models import Case
from comity.node.clocks.durations import after
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry
from comity.proofs.notes import Verifier
from comity.proofs.receipts import verify_receipt


def receipts_prove(letter: Letter, kinds: tuple[str, ...]) -> Told:
    """Whether the receipts are here; each must verify with the peer's ledger key alone."""
    notes = {each.kind: each.note for each in letter.receipts.filter(kind__in=kinds)}
    if notes.keys() < set(kinds):
        return WAITING
    verifier = Verifier.parse(letter.peer.log_key)
    sizes = [verify_receipt(note.encode(), verifier)[1].size for note in notes.values()]
    return Told(
        True, [f"receipts {', '.join(kinds)}: signed, and proved in their ledger of {max(sizes)} entries"]
    )


def preservation_clock_runs(case: Case) -> Told:
    """The preservation clock of the law runs, or was replaced by the one until the decision."""
    clock = Clock.objects.filter(case_reference=case.reference, kind=running.PRESERVATION).first()
    if clock is None:
        return WAITING
    rule = opinions.clock(
        opinions.form({**case.facts, "measure": running.PRESERVE}, case.opened_at), clock.kind
    )
    due = after(clock.starts_at, rule["duration"])
    expect((clock.due_at, clock.cite) == (due, rule["cite"]), "the clock is the law's")
    days = (due - clock.starts_at).days
    return Told(
        True,
        [f"clock of {days} days runs until {due:%d %B %Y} ({label(clock.cite)})"],
        {"due": canonical.instant_text(due)},
    )


def decision_clock_runs(case: Case) -> Told:
    """The clock of the preservation was replaced by the one that lasts until the decision."""
    clock = Clock.objects.filter(case_reference=case.reference, kind=running.UNTIL_DECISION).first()
    if clock is None:
        return WAITING
    replaced = Clock.objects.get(case_reference=case.reference, kind=running.PRESERVATION)
    expect(replaced.state == ClockState.REPLACED, "the clock of days is replaced")
    expect(clock.due_at is None and clock.until == running.DECISION, "the new clock ends with the decision")
    return Told(True, [f"preserved until the decision ({label(clock.cite)})"])


@deed
def close_the_books(now: datetime) -> Told:
    """Every entry of this node's ledger has its number: a node that was killed has caught up."""
    if Entry.objects.filter(index=None).exists():
        return WAITING
    return Told(True, ["every entry of the ledger is numbered"])
