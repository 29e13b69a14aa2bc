"""Steps about silence: what the node attests itself where the tester's receipts do not come.

Seen only where the node's operator shortened the hours and stated them; it is read from the entries that the
node shows of its letters. Of a letter that was never accepted it shows none (WITNESS-6): such a letter is
accepted when its time is over.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from comity import canonical
from comity.conformance.arriving import Came
from comity.conformance.parting import entries_of
from comity.conformance.peer import demand
from comity.conformance.sending import brought, delivered
from comity.conformance.steps import Group
from comity.conformance.trial import TooLateError, Trial
from comity.proofs.receipts import ReceiptName

GROUP = Group()
PAUSE = 2.0
"""Seconds between two looks at what the node attested."""
GRACE = 35.0
"""Seconds after its time in which a node has attested that a letter was not taken (WIRE-17)."""


@GROUP.step("RECEIPT-4", "RECEIPT-3")
def relay_unheard(trial: Trial) -> None:
    """A letter that is not taken in time is attested as failed; a late acceptance is welcome all the same."""
    hours = trial.stated.hours("relay_hours")
    delivered(trial)  # of the first, in its time: a later step looks at it
    came = trial.arriving.refused()
    demand("one more letter below 1 MiB", came is not None, "none")
    assert came is not None
    over = _due(came, hours) + timedelta(seconds=GRACE)
    time.sleep(max(0.0, (over - datetime.now(UTC)).total_seconds()))
    note = trial.material.attest(came.envelope, ReceiptName.RELAY_REMMD_ACCEPTANCE)
    answer = trial.ask("POST", "/receipts", body=note)
    demand("204", answer.status == 204, str(answer))
    _attested(trial, came, ReceiptName.RELAY_REMMD_FAILURE, hours)


@GROUP.step("RECEIPT-4")
def delivery_unheard(trial: Trial) -> None:
    """Where no receipt of delivery came in time, the node attests that itself, and no earlier."""
    hours = trial.stated.hours("delivery_hours")
    delivered(trial)
    _attested(trial, brought(trial)[1], ReceiptName.NON_DELIVERY, hours)


@GROUP.step("RECEIPT-4")
def delivery_heard(trial: Trial) -> None:
    """Where it came, the node attests no silence."""
    hours = trial.stated.hours("delivery_hours")
    delivered(trial)
    came, other = brought(trial)[:2]
    assert trial.delivered_at is not None
    if trial.delivered_at >= _due(came, hours):
        raise TooLateError
    _attested(
        trial, other, ReceiptName.NON_DELIVERY, hours
    )  # its time is over, and that of the first was before
    stated = _stated(trial, came)
    demand("no entry about NON_DELIVERY", ReceiptName.NON_DELIVERY not in stated, "one")


@GROUP.step("RECEIPT-4")
def retrieval_unheard(trial: Trial) -> None:
    """Where a letter was delivered and nobody is heard to open it, the node attests that itself."""
    hours = trial.stated.hours("retrieval_hours")
    delivered(trial)
    _attested(trial, brought(trial)[0], ReceiptName.NON_RETRIEVAL, hours)


def _attested(trial: Trial, came: Came, name: ReceiptName, hours: float) -> None:
    """Demand that the node attests this of a letter when its time is over, and not before."""
    due = _due(came, hours)
    end = max(due, datetime.now(UTC)) + timedelta(seconds=trial.patience)
    while name not in (stated := _stated(trial, came)) and datetime.now(UTC) < end:
        time.sleep(max(PAUSE, min((due - datetime.now(UTC)).total_seconds(), trial.patience)))
    demand(f"an entry about {name}", name in stated, ", ".join(stated))
    demand(f"not before {hours:g} hours", stated[name] >= due, stated[name].isoformat())


def _due(came: Came, hours: float) -> datetime:
    """The earliest time at which silence about a letter may be attested."""
    return canonical.read_instant(came.envelope["written_at"]) + timedelta(hours=hours)


def _stated(trial: Trial, came: Came) -> dict[str, datetime]:
    """When each receipt that the node attested of a letter was."""
    entries = [each.content for each in entries_of(trial, came.envelope["letter"])]
    own = [each for each in entries if each.get("what") == "receipt" and each.get("from") == trial.node.id]
    return {each["receipt"]: canonical.read_instant(each["at"]) for each in own}
