"""That a letter did not arrive is told: on the timeline, on the desk, by an alert; and that it came late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.node import wiring
from comity.node.alerts.models import Alert, Kind
from comity.node.casework import incoming, timeline
from comity.node.casework.entitlement import visible
from comity.node.desk import queries
from comity.node.exchange import consignments, receipts
from comity.node.exchange.models import Letter, Stage
from comity.proofs.receipts import ReceiptName

FAILED = ReceiptName.RELAY_REMMD_FAILURE


@pytest.fixture
def letter(signed_case: Any) -> Letter:
    """The sealed request of a case, with whoever hears of the timeline as in a running node."""
    wiring.connect()
    row = Letter.objects.get(case_reference=signed_case.reference)
    row.stage, row.sealed_at, row.sha256, row.bytes = Stage.SEALED, row.frozen_at, "ab" * 32, 9
    row.urgent = False
    row.save()
    return row


def lines(letter: Letter, case: Any) -> list[str]:
    return [timeline.sentence(event) for event in case.events.filter(letter=letter.pk).order_by("id")][1:]


def arrives(letter: Letter, stage: Stage, name: ReceiptName, clock: Any, code: str = "") -> None:
    """A receipt that moved the letter, as what keeps it tells of it."""
    letter.stage, letter.refusal_code = stage, code
    letter.save()
    incoming.acknowledged(letter, name, clock.now)


def test_silence_is_told_once_and_so_is_its_end(letter: Letter, signed_case: Any, clock: Any):
    receipts.attest_silence(letter, FAILED, clock.now)
    letter.refresh_from_db()
    receipts.attest_silence(letter, FAILED, clock.now)
    said = "A letter did not reach the other side: no receipt came in time"
    assert lines(letter, signed_case) == [said]
    alert = Alert.objects.get(kind=Kind.LETTER_FAILED)
    assert (alert.case_reference, alert.ended_at) == (signed_case.reference, None)
    for name, stage in (("RELAY_REMMD_ACCEPTANCE", Stage.RELAYED), ("DELIVERY", Stage.DELIVERED)):
        arrives(letter, stage, ReceiptName(name), clock)
    assert lines(letter, signed_case) == [said, "A letter that had failed arrived after all"]
    alert.refresh_from_db()
    assert alert.ended_at == clock.now


@pytest.mark.parametrize(
    ("name", "stage", "code", "said"),
    [
        ("RELAY_REMMD_REJECTION", Stage.FAILED, "expired", "did not reach the other side: it had expired"),
        ("NON_DELIVERY", Stage.FAILED, "some_new_code", "did not reach the other side: some_new_code"),
        ("NON_DELIVERY", Stage.DELIVERED, "", None),  # it was delivered before: that counts
        ("NON_RETRIEVAL", Stage.DELIVERED, "", "Nobody on the other side opened a letter in time"),
        ("RETRIEVAL", Stage.RETRIEVED, "", None),
        ("DELIVERY", Stage.DELIVERED, "", None),
    ],
)
def test_what_else_is_told(
    letter: Letter, signed_case: Any, clock: Any, name: str, stage: Stage, code: str, said: str | None
):
    arrives(letter, stage, ReceiptName(name), clock, code)
    found = lines(letter, signed_case)
    assert [said in line for line in found] == [True] if said else found == []
    assert Alert.objects.filter(kind=Kind.LETTER_FAILED).exists() == (stage == Stage.FAILED)


@pytest.mark.parametrize(
    ("columns", "there"),
    [
        ({"stage": Stage.FAILED}, True),
        ({"stage": Stage.FAILED, "expires_at": timedelta(0)}, False),
        ({"stage": Stage.SEALED}, False),
        ({"stage": Stage.SEALED, "attempts": 1}, False),
        ({"stage": Stage.SEALED, "attempts": 1, "urgent": True}, True),
        ({"stage": Stage.SEALED, "attempts": 9, "sealed_at": -timedelta(minutes=61)}, True),
        ({"stage": Stage.DELIVERED, "urgent": True, "attempts": 9}, False),
        ({"stage": Stage.FROZEN, "frozen_at": -timedelta(minutes=59)}, False),
        ({"stage": Stage.FROZEN, "frozen_at": -timedelta(minutes=61)}, True),
        ({"stage": Stage.FROZEN, "frozen_at": -timedelta(minutes=6), "urgent": True}, True),
        ({"stage": Stage.FROZEN, "frozen_at": -timedelta(minutes=4), "urgent": True}, False),
    ],
)
def test_it_stands_on_the_desk(
    letter: Letter, drafter: Any, official: Any, clock: Any, columns: dict[str, Any], there: bool
):
    given = {n: clock.now + v if isinstance(v, timedelta) else v for n, v in columns.items()}
    Letter.objects.filter(pk=letter.pk).update(**given)
    found = queries.not_arrived(visible(drafter), clock.now)
    assert [each.pk for each in found] == ([letter.pk] if there else [])
    assert queries.not_arrived(visible(official("drafter")), clock.now) == []


def test_the_desk_finds_it_by_an_index_however_many_letters_and_cases_there_are(
    letter: Letter, drafter: Any, clock: Any
):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds")
    with CaptureQueriesContext(connection) as asked:
        queries.not_arrived(visible(drafter), clock.now)
    sql = next(each["sql"] for each in asked if "exchange_letter" in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql)
        plan = "\n".join(row[-1] for row in cursor.fetchall())
    assert "letters_by_stage (direction=? AND stage=?)" in plan
    assert "letters_of_case (case_reference=? AND peer_id=? AND generation>?)" in plan
    assert "SCAN" not in plan


def test_a_later_letter_of_the_case_that_arrived_takes_it_off_the_desk_and_out_of_the_bag(
    letter: Letter, drafter: Any, clock: Any
):
    """It would be refused (LETTER-3)."""
    way = {"travelling": "letters/x.age", "refusal_code": "timed_out"}
    Letter.objects.filter(pk=letter.pk).update(stage=Stage.FAILED, **way)
    earlier = Letter.objects.get(pk=letter.pk)
    letter.pk, letter.generation = "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11", letter.generation + 1
    letter.stage = Stage.SEALED
    letter.save(force_insert=True)
    assert queries.not_arrived(visible(drafter), clock.now) != []
    assert earlier in consignments.waiting_letters(letter.peer, clock.now)
    Letter.objects.filter(pk=letter.pk).update(stage=Stage.RELAYED)
    assert queries.not_arrived(visible(drafter), clock.now) == []
    assert earlier not in consignments.waiting_letters(letter.peer, clock.now)
