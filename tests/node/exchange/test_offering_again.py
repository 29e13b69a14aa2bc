"""A letter that the other node did not take in time is offered again once an official asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.node.exchange.conftest import Wire, letter

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework.acts.offer_letter_again import offer_letter_again
from comity.node.directory import known
from comity.node.exchange import calling, keeping, offering, outgoing
from comity.node.exchange.delivering import must_wait_its_turn, offered_until
from comity.node.exchange.models import Carried, Direction, Letter, Receipt, Shipment, Stage
from comity.node.jobs.models import Job, JobState
from comity.node.ledger.models import Entry
from comity.proofs.receipts import ReceiptName


@pytest.fixture
def failed(frozen: Letter, wire: Wire, clock: Any, run_jobs: Any, acted: Any) -> Letter:
    """A letter whose time is over, to a peer that is still away."""
    wire.away = True
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, frozen.refusal_code) == (Stage.FAILED, "timed_out")
    wire.requests = 0
    return frozen


@pytest.fixture
def duty(official: Any) -> Any:
    return official("duty_officer")


def test_nothing_is_offered_before_somebody_asks(failed: Letter, wire: Wire, clock: Any, run_jobs: Any):
    wire.away = False
    clock.advance(days=2)
    run_jobs()
    assert wire.requests == 0


def test_it_goes_on_as_one_that_was_late(failed: Letter, duty: Any, wire: Wire, clock: Any, run_jobs: Any):
    handed = failed.sha256
    offer_letter_again(duty, failed, now=clock.now)
    assert offered_until(Letter.objects.get(), clock.now) == clock.now + timedelta(hours=12)
    run_jobs()
    assert wire.requests == 1
    wire.away = False
    clock.advance(minutes=1)
    run_jobs()
    failed.refresh_from_db()
    assert (failed.stage, failed.refusal_code, wire.offered[0].sha256) == (Stage.RELAYED, "", handed)
    kinds = list(Receipt.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["RELAY_REMMD_FAILURE", "RELAY_REMMD_ACCEPTANCE"], "both are attested, the later counts"
    entry = Entry.objects.get(kind=offering.OFFERED)
    assert (entry.subject, entry.content["by"]) == (str(failed.pk), duty.pk)
    clock.advance(hours=12)
    run_jobs()
    failed.refresh_from_db()
    assert failed.stage == Stage.FAILED, "the delivery is awaited as after any"
    assert Receipt.objects.filter(kind="NON_DELIVERY").exists()


def test_it_ends_by_itself_and_may_be_asked_for_once_more(
    failed: Letter, duty: Any, wire: Wire, clock: Any, run_jobs: Any
):
    offer_letter_again(duty, failed, now=clock.now)
    with pytest.raises(offering.NotOfferedAgainError):  # it is being offered
        offer_letter_again(duty, failed, now=clock.now)
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    assert Job.objects.get(key=f"exchange.deliver:{failed.pk}").state == JobState.DONE
    assert Receipt.objects.count() == 1, "the silence was attested before"
    offer_letter_again(duty, failed, now=clock.now)
    wire.away = False
    run_jobs()
    failed.refresh_from_db()
    assert failed.stage == Stage.RELAYED


@pytest.mark.parametrize(
    "columns",
    [
        {"refusal_code": "wrong_recipient"},
        {"stage": Stage.SEALED},
        {"stage": Stage.RELAYED},
        {"travelling": ""},
        {"expires_at": None},
    ],
)
def test_no_other_letter_is_offered_again(failed: Letter, duty: Any, clock: Any, columns: dict[str, Any]):
    given = {name: clock.now if value is None else value for name, value in columns.items()}
    Letter.objects.filter(pk=failed.pk).update(**given)
    with pytest.raises(offering.NotOfferedAgainError):
        offer_letter_again(duty, failed, now=clock.now)
    assert not Entry.objects.filter(kind=offering.OFFERED).exists()
    assert Letter.objects.get(pk=failed.pk).asked_again_at is None


def test_one_that_the_peer_spoke_of_is_not_offered_again(failed: Letter, duty: Any, peer: Any, clock: Any):
    note = peer.receipt(failed, ReceiptName.NON_DELIVERY, clock.now)
    keeping.keep(note, known.find("xb-247"), clock.now)
    Letter.objects.filter(pk=failed.pk).update(stage=Stage.FAILED, refusal_code="timed_out")
    with pytest.raises(offering.NotOfferedAgainError):
        offer_letter_again(duty, failed, now=clock.now)


def test_who_decides_on_no_letters_offers_none(failed: Letter, official: Any, clock: Any):
    for role in ("drafter", "administrator", "auditor"):
        with pytest.raises(NotAuthorisedError):
            offer_letter_again(official(role), failed, now=clock.now)


def test_letters_of_a_case_keep_their_order_and_one_that_was_overtaken_is_offered_no_more(
    failed: Letter, duty: Any, wire: Wire, peer: Any, clock: Any, run_jobs: Any
):
    document = letter("xa-247", "xb-247", clock.now, generation=2)
    about = {"peer": failed.peer, "case_reference": failed.case_reference}
    later = outgoing.freeze(document, now=clock.now, **about)
    assert not must_wait_its_turn(later, clock.now), "what failed holds up nothing"
    offer_letter_again(duty, failed, now=clock.now)
    assert must_wait_its_turn(later, clock.now)
    assert not must_wait_its_turn(later, clock.now + timedelta(hours=12))
    wire.away = False
    run_jobs()
    keeping.keep(peer.receipt(failed, ReceiptName.DELIVERY, clock.now), failed.peer, clock.now)
    clock.advance(seconds=2)
    run_jobs()
    assert [each.letter for each in wire.offered] == [str(failed.pk), str(later.pk)]
    Letter.objects.filter(pk=failed.pk).update(stage=Stage.FAILED, refusal_code="timed_out")
    Receipt.objects.filter(letter=failed).delete()
    with pytest.raises(offering.NotOfferedAgainError):
        offer_letter_again(duty, failed, now=clock.now)
    Job.objects.filter(key=f"exchange.deliver:{failed.pk}").update(state="waiting", run_after=clock.now)
    run_jobs()
    assert len(wire.offered) == 2


@pytest.fixture
def put_off(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer is there, and puts off the first letter of the case alone."""
    taken = wire._taken

    def take(envelope: Any, container: bytes) -> Any:
        if envelope.generation == 1:
            raise calling.PeerBusyError(peer="xb-247", detail="its quota", retry_after=600)
        return taken(envelope, container)

    wire.away = False
    monkeypatch.setattr(wire, "_taken", take)


def test_it_holds_up_the_later_ones_of_its_case_for_half_their_time(
    failed: Letter, duty: Any, put_off: None, wire: Wire, clock: Any, run_jobs: Any
):
    about = {"peer": failed.peer, "case_reference": failed.case_reference}
    offer_letter_again(duty, failed, now=clock.now)
    later = outgoing.freeze(letter("xa-247", "xb-247", clock.now, generation=2), now=clock.now, **about)
    for _ in range(5):
        clock.advance(hours=1)
        run_jobs()
    assert wire.offered == []
    for _ in range(2):
        clock.advance(hours=1)
        run_jobs()
    assert [each.letter for each in wire.offered] == [str(later.pk)]


def test_one_that_is_offered_no_more_holds_up_nothing(failed: Letter, duty: Any, clock: Any):
    about = {"peer": failed.peer, "case_reference": failed.case_reference}
    second, third = (
        outgoing.freeze(letter("xa-247", "xb-247", clock.now, generation=n), now=clock.now, **about)
        for n in (2, 3)
    )
    offer_letter_again(duty, failed, now=clock.now)
    assert must_wait_its_turn(third, clock.now)
    Letter.objects.filter(pk=second.pk).update(stage=Stage.DELIVERED)
    assert not must_wait_its_turn(third, clock.now), "it was overtaken"
    Letter.objects.filter(pk=second.pk).update(stage=Stage.FAILED)
    Letter.objects.filter(pk=failed.pk).update(expires_at=clock.now)
    assert not must_wait_its_turn(third, clock.now), "it has expired"


def test_it_is_offered_until_it_expires_and_not_after(
    failed: Letter, duty: Any, wire: Wire, clock: Any, run_jobs: Any
):
    expires = clock.now + timedelta(minutes=10)
    Letter.objects.filter(pk=failed.pk).update(expires_at=expires)
    offer_letter_again(duty, failed, now=clock.now)
    assert offered_until(Letter.objects.get(), clock.now) == expires
    wire.away = False
    clock.advance(minutes=10)
    run_jobs()
    assert (wire.requests, wire.offered) == (0, [])
    assert Job.objects.get(key=f"exchange.deliver:{failed.pk}").state == JobState.DONE


def test_days_of_a_courier_do_not_lengthen_the_time_of_an_offer(failed: Letter, duty: Any, clock: Any):
    about = {"direction": Direction.OUT, "peer": failed.peer, "by": duty, "listed": b"x"}
    packed = Shipment.objects.create(id=uuid4(), at=clock.now, **about)
    Carried.objects.create(shipment=packed, letter=failed.pk, sha256=failed.sha256)
    offer_letter_again(duty, failed, now=clock.now)
    assert offered_until(Letter.objects.get(), clock.now) == clock.now + timedelta(hours=12)
