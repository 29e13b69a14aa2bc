"""A letter that the other node did not take in time is offered again once an official asks for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.exchange.conftest import Wire, letter

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework.acts.offer_letter_again import offer_letter_again
from comity.node.directory import known
from comity.node.exchange import keeping, offering, outgoing
from comity.node.exchange.delivering import must_wait_its_turn, offered_until
from comity.node.exchange.models import Letter, Receipt, Stage
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
