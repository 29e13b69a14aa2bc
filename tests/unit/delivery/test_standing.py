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
RELAYED_LATE = (ReceiptName.RELAY_REMMD_FAILURE, ReceiptName.RELAY_REMMD_ACCEPTANCE)


def test_the_receipt_of_highest_priority_counts_in_any_order() -> None:
    for lower, higher in combinations(sorted(PRIORITY, key=PRIORITY.__getitem__), 2):
        assert standing([higher, lower]) == standing([lower, higher]) == higher
    assert standing([]) is None
    assert set(PRIORITY) == set(ReceiptName)


def test_a_late_delivery_overrules_the_failure_that_silence_made() -> None:
    letter = Outgoing(SEALED, receipts=[*RELAYED_LATE, ReceiptName.DELIVERY])
    assert next_action(letter, SEALED + timedelta(hours=13)) == Wait(SEALED + timedelta(hours=36))


def test_a_late_acceptance_does_not_overrule_it() -> None:
    letter = Outgoing(SEALED, receipts=RELAYED_LATE)
    assert next_action(letter, SEALED + timedelta(hours=13)) == Done()


@given(silent_after=st.sampled_from([None, *PRIORITY]))
def test_every_letter_comes_to_an_end_when_the_other_side_falls_silent(
    silent_after: ReceiptName | None,
) -> None:
    receipts = () if silent_after is None else (silent_after,)
    letter, now, sent = Outgoing(SEALED, receipts=receipts), SEALED, 0
    for _ in range(1000):
        match next_action(letter, now):
            case Send():
                sent += 1
                letter = Outgoing(SEALED, letter.attempts + 1, now, letter.receipts)
            case Wait(until):
                assert until > now
                now = until
            case Attest(receipt):
                assert standing([*letter.receipts, receipt]) == receipt
                letter = Outgoing(SEALED, receipts=(*letter.receipts, receipt))
            case Done():
                break
    else:
        pytest.fail("the letter never came to an end")
    assert now <= SEALED + timedelta(hours=36)
    assert sent < 200
