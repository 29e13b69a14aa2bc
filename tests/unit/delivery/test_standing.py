from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.delivery.outgoing import Attest, Done, Outgoing, Send, Wait, next_action
from comity.delivery.standing import PRIORITY, standing
from comity.proofs.receipts import ReceiptName

SEALED = datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC)
ACCEPTED, DELIVERED = ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.DELIVERY
SENDERS = {ReceiptName.RELAY_REMMD_FAILURE, ReceiptName.NON_RETRIEVAL, ReceiptName.SUBMISSION_ACCEPTANCE}
"""What only the sender attests."""
LATE = SEALED + timedelta(hours=60)


def test_the_receipt_of_highest_priority_counts_in_any_order() -> None:
    for lower, higher in combinations(sorted(PRIORITY, key=PRIORITY.__getitem__), 2):
        assert standing([higher, lower]) == standing([lower, higher]) == higher
    assert standing([]) is None
    assert set(PRIORITY) == set(ReceiptName)


def test_what_the_peer_attests_counts_before_what_its_silence_was_taken_for() -> None:
    assert standing([ACCEPTED], [ReceiptName.RELAY_REMMD_FAILURE]) == ACCEPTED
    assert standing([], [ReceiptName.RELAY_REMMD_FAILURE]) == ReceiptName.RELAY_REMMD_FAILURE


def test_a_letter_that_was_read_after_all_is_delivered_and_stays_so() -> None:
    assert standing([DELIVERED, ReceiptName.NON_DELIVERY]) == DELIVERED


def late(*receipts: ReceiptName, silences: tuple[ReceiptName, ...] = ()) -> Outgoing:
    """A letter whose relay was not attested in time; what came of it after 60 hours."""
    failed = (ReceiptName.RELAY_REMMD_FAILURE, *silences)
    return Outgoing(SEALED, receipts=receipts, silences=failed, heard_at=LATE)


def test_after_a_late_acceptance_the_delivery_is_waited_for_as_long_as_after_any() -> None:
    until = LATE + timedelta(hours=12)
    assert next_action(late(ACCEPTED), LATE) == Wait(until)
    assert next_action(late(ACCEPTED), until) == Attest(ReceiptName.NON_DELIVERY)
    assert next_action(late(ACCEPTED, silences=(ReceiptName.NON_DELIVERY,)), until) == Done()


def test_after_a_late_delivery_the_retrieval_is_waited_for_too() -> None:
    found = late(ACCEPTED, DELIVERED, silences=(ReceiptName.NON_DELIVERY,))
    assert next_action(found, LATE) == Wait(LATE + timedelta(hours=12))
    assert next_action(found, LATE + timedelta(hours=12)) == Attest(ReceiptName.NON_RETRIEVAL)


def test_what_came_in_time_leaves_the_time_of_the_next_as_it_is() -> None:
    letter = Outgoing(SEALED, receipts=[ACCEPTED], heard_at=SEALED + timedelta(hours=11))
    assert next_action(letter, SEALED + timedelta(hours=11)) == Wait(SEALED + timedelta(hours=24))


@given(silent_after=st.sampled_from([None, *sorted(set(PRIORITY) - SENDERS)]))
def test_every_letter_comes_to_an_end_when_the_other_side_falls_silent(
    silent_after: ReceiptName | None,
) -> None:
    receipts = () if silent_after is None else (silent_after,)
    letter, now, sent = Outgoing(SEALED, receipts=receipts), SEALED, 0
    for _ in range(9000):
        match next_action(letter, now):
            case Send():
                sent += 1
                letter = Outgoing(SEALED, letter.attempts + 1, now, letter.receipts)
            case Wait(until):
                assert until > now
                now = until
            case Attest(receipt):
                letter = Outgoing(SEALED, receipts=letter.receipts, silences=(*letter.silences, receipt))
            case Done():
                break
    else:
        pytest.fail("the letter never came to an end")
    assert now <= SEALED + timedelta(hours=36)
    assert sent < 3000  # twice a minute, for the day that a delivery may take
