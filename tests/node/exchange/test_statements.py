"""What a letter costs its sender in statements of the database, from its frozen bytes to its delivery.

Letters come in numbers, so a batch of them is counted: what they share is shared here too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from tests.node.exchange.conftest import Wire, letter

from comity.node import jobs
from comity.node.casework.models import Case, Side
from comity.node.directory import known
from comity.node.exchange import keeping, outgoing
from comity.node.exchange.models import Letter, Stage
from comity.node.jobs import running
from comity.proofs.receipts import ReceiptName

BATCH = 8
JOB = 0.75
"""To claim a job and to write down what became of it."""
SEAL, DELIVER, RECEIPT, OF_CASE = 4.5, 8.75, 9, 2
"""And one entry of the ledger each, which is written by the driver itself and not counted here. ``OF_CASE``
is what a receipt costs its case in addition: to find it, and what waits in it.
"""
PLAYED = 2
"""What the peer asks that is played here."""


@contextmanager
def at_most(a_letter: float) -> Iterator[None]:
    """Fail with a list of the statements when there are more for each letter of the batch."""
    found: Counter[str] = Counter()

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        found[" ".join(sql.split())[:110]] += 1
        return execute(sql, *rest)

    with connection.execute_wrapper(count):
        yield
    listed = "\n".join(f"{number / BATCH:6.2f} {sql}" for sql, number in found.most_common())
    assert found.total() / BATCH <= a_letter, f"{found.total() / BATCH} a letter:\n{listed}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("of_cases", [False, True])
def test_a_letter_costs_its_sender_few_statements(
    keys: Any, clock: Any, wired: None, wire: Wire, monkeypatch: pytest.MonkeyPatch, of_cases: bool
) -> None:
    monkeypatch.setattr(jobs, "TOGETHER", 60.0)
    peer, frozen = known.find("xb-247"), []
    for n in range(BATCH):
        about = {"peer": peer, "case_reference": f"XA-2027-{n:06}", "now": clock.now}
        frozen.append(outgoing.freeze(letter("xa-247", "xb-247", clock.now), **about))
    for a_letter in (SEAL + JOB, DELIVER + PLAYED + JOB):
        with at_most(a_letter):
            assert running.run_some(lambda: clock.now, "worker", most=BATCH) == BATCH
    notes = [wire.peer.receipt(row, ReceiptName.DELIVERY, clock.now) for row in frozen]
    if of_cases:
        for row in frozen:
            about = {"peer": peer, "heading": "-", "opened_at": clock.now, "changed_at": clock.now}
            Case.objects.create(reference=row.case_reference, side=Side.REQUESTED, **about)
    with at_most(RECEIPT + OF_CASE if of_cases else RECEIPT):
        for note in notes:
            keeping.keep(note, peer, clock.now)
    assert Letter.objects.filter(stage=Stage.DELIVERED).count() == BATCH
