from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from comity.delivery.envelope import Envelope, EnvelopeMalformedError, read_envelope, write_envelope
from comity.delivery.incoming import REASONS, Accept, Known, Refuse, Repeat, judge_arrival
from comity.delivery.outgoing import (
    LONGEST_PAUSE,
    Attest,
    Done,
    Outgoing,
    Send,
    Timeouts,
    Wait,
    next_action,
    pause_after,
)
from comity.proofs.receipts import ReceiptName

NOW = datetime(2027, 6, 12, 3, 12, tzinfo=UTC)
LETTER = "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11"


def envelope(**changes):
    values = {
        "letter": LETTER,
        "source": "xb-247",
        "target": "xa-247",
        "generation": 1,
        "sha256": "ab" * 32,
        "bytes": 1000,
        "written_at": "2027-06-12T03:00:00Z",
        "expires_at": "2027-07-12T03:00:00Z",
    }
    return Envelope(**(values | changes))


def judge(known=None, **changes):
    return judge_arrival(
        envelope(**changes), own_id="xa-247", peer_id="xb-247", known=known, now=NOW, max_bytes=2000
    )


def test_a_new_letter_is_accepted():
    assert judge() == Accept()


def test_the_same_letter_again_is_answered_again():
    assert judge(Known("xb-247", "ab" * 32)) == Repeat()


def test_the_same_letter_is_answered_even_after_it_expired():
    assert judge(Known("xb-247", "ab" * 32), expires_at="2027-06-12T03:01:00Z") == Repeat()


@pytest.mark.parametrize(
    ("code", "changes", "known"),
    [
        ("unknown_sender", {"source": "xc-247"}, None),
        ("wrong_recipient", {"target": "xc-247"}, None),
        ("replayed", {}, Known("xb-247", "cd" * 32)),
        ("replayed", {}, Known("xc-247", "ab" * 32)),
        ("expired", {"expires_at": "2027-06-12T03:12:00Z"}, None),
        ("written_in_future", {"written_at": "2027-06-12T03:18:00Z"}, None),
        ("life_too_long", {"expires_at": "2027-07-12T03:00:01Z"}, None),
        ("size_exceeded", {"bytes": 2001}, None),
    ],
)
def test_other_letters_are_refused_with_a_code(code, changes, known):
    assert judge(known, **changes) == Refuse(code)
    assert code in REASONS


def test_an_envelope_is_read_back_from_its_bytes():
    assert read_envelope(write_envelope(envelope())) == envelope()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b'{"a":1,"a":2}', b"\xff", write_envelope(envelope()) + b" ", b"9" * 5000]
)
def test_other_bytes_are_no_envelope(data):
    with pytest.raises(EnvelopeMalformedError):
        read_envelope(data)


def act(hours=0.0, *receipts, attempts=0, tried=None):
    letter = Outgoing(NOW, attempts, None if tried is None else NOW + timedelta(hours=tried), receipts)
    return next_action(letter, NOW + timedelta(hours=hours))


ACCEPTED, DELIVERED = ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.DELIVERY


def test_a_sealed_letter_is_sent_at_once():
    assert act() == Send()


def test_after_a_failure_it_waits_and_is_sent_again():
    assert act(0, attempts=1, tried=0) == Wait(NOW + timedelta(seconds=1))
    assert act(1 / 3600, attempts=1, tried=0) == Send()


def test_pauses_grow_to_ten_minutes():
    assert [pause_after(n).seconds for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(500) == LONGEST_PAUSE


def test_silence_is_attested_when_its_time_is_over():
    assert act(12, attempts=9, tried=11.9) == Attest(ReceiptName.RELAY_REMMD_FAILURE)
    assert act(23.9, ACCEPTED) == Wait(NOW + timedelta(hours=24))
    assert act(24, ACCEPTED) == Attest(ReceiptName.NON_DELIVERY)
    assert act(35.9, ACCEPTED, DELIVERED) == Wait(NOW + timedelta(hours=36))
    assert act(36, ACCEPTED, DELIVERED) == Attest(ReceiptName.NON_RETRIEVAL)


def test_a_lost_acceptance_is_asked_for_again_when_a_later_receipt_came_first():
    opened = ReceiptName.RETRIEVAL
    for later in ((DELIVERED,), (opened,), (DELIVERED, opened)):
        assert act(0, *later, attempts=1, tried=0) == Wait(NOW + timedelta(seconds=1))
        assert act(1, *later, attempts=1, tried=0) == Send()
        assert act(1, *later, ACCEPTED, attempts=1, tried=0) != Send()
    assert act(24, DELIVERED, attempts=9, tried=1) == Wait(NOW + timedelta(hours=36))
    assert act(24, opened, attempts=9, tried=1) == Done()


@pytest.mark.parametrize("last", ["RETRIEVAL", "NON_DELIVERY", "RELAY_REMMD_REJECTION"])
def test_after_the_last_receipt_nothing_is_done(last):
    assert act(100, ACCEPTED, ReceiptName(last)) == Done()


def test_after_its_time_a_letter_is_offered_again_as_long_as_at_first_once_an_official_asks():
    def again(asked, at, **more):
        letter = Outgoing(NOW, silences=[ReceiptName.RELAY_REMMD_FAILURE], **more)
        if asked is not None:
            letter = replace(letter, asked_at=NOW + timedelta(hours=asked))
        return next_action(letter, NOW + timedelta(hours=at))

    assert again(None, 20) == Done()
    assert again(20, 20) == Send()
    assert again(20, 21, attempts=1, tried_at=NOW + timedelta(hours=21)) == Wait(
        NOW + timedelta(hours=21, seconds=1)
    )
    last = timedelta(hours=31, minutes=59, seconds=59)
    assert again(20, 31.9999, attempts=9, tried_at=NOW + last) == Wait(NOW + timedelta(hours=32))
    assert again(20, 32) == Done(), "its silence was attested before"
    assert again(20, 21, receipts=[ACCEPTED]) != Send()


def test_a_delivery_receipt_stands_for_the_relay_receipt_that_was_lost():
    assert act(12.5, DELIVERED, attempts=9, tried=12) != Attest(ReceiptName.RELAY_REMMD_FAILURE)


def test_the_time_outs_may_be_shorter():
    letter = Outgoing(NOW, receipts=[ACCEPTED])
    soon = Timeouts(delivery=timedelta(minutes=1))
    assert next_action(letter, NOW + timedelta(minutes=1), soon) == Attest(ReceiptName.NON_DELIVERY)
