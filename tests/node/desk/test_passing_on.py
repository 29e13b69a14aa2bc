"""A case is passed on within this State; the receiving body confirms that it took it (UNCC art. 41(4))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Organisation
from comity.node.casework.acts.assign_execution import ItemNotAssignableError
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.entitlement import is_entitled, visible
from comity.node.casework.models import Assignment
from comity.node.desk import referrals
from comity.node.desk.acts.pass_on import AlreadyTakenError, ReceiverUnfitError, pass_on, take_referral

SAID = {"capacity": "competent_body", "note": "Two letters of the same people."}


def test_the_receiving_body_sees_the_case_and_confirms_and_the_time_is_known(
    officer: Any, official: Any, case: Any, ministry: Any, clock: Any
) -> None:
    receiver = official("registrar", organisation=ministry, full_name="Receiver")
    assert not is_entitled(receiver, case)
    made = pass_on(officer, case, ministry, **SAID, now=clock.now)
    assert is_entitled(receiver, case)
    assert list(referrals.for_official(visible(receiver), receiver)) == [made]
    assert list(referrals.for_official(visible(officer), officer)) == []
    with pytest.raises(NothingThereError):
        take_referral(officer, made.pk, now=clock.now)
    taken = take_referral(receiver, made.pk, now=clock.advance(minutes=7))
    assert referrals.lasted(taken, clock.now + timedelta(days=1)) == timedelta(minutes=7)
    assert list(referrals.not_taken(visible(officer))) == []
    with pytest.raises(AlreadyTakenError, match="Receiver"):
        take_referral(official("drafter", organisation=ministry), made.pk, now=clock.now)
    kinds = list(case.events.values_list("kind", flat=True))
    assert kinds[-2:] == ["case_passed_on", "referral_taken"]


def test_whoever_passed_it_on_confirms_nothing_to_themselves(
    officer: Any, official: Any, case: Any, clock: Any
) -> None:
    made = pass_on(officer, case, None, **(SAID | {"capacity": "central_authority"}), now=clock.now)
    with pytest.raises(FourEyesError):
        take_referral(officer, made.pk, now=clock.now)
    assert take_referral(official("signatory"), made.pk, now=clock.now).taken_at == clock.now


def test_a_case_that_is_not_open_is_not_passed_on_nor_by_whoever_has_no_role(
    officer: Any, official: Any, case: Any, ministry: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        pass_on(official("drafter"), case, ministry, **SAID, now=clock.now)
    with pytest.raises(NothingThereError):
        pass_on(official("duty_officer", organisation=ministry), case, None, **SAID, now=clock.now)
    provider = Organisation.objects.create(id="mail", kind="provider", names={"en": "Mail"})
    with pytest.raises(ReceiverUnfitError):
        pass_on(officer, case, provider, **SAID, now=clock.now)
    assert not case.access.exists()


def test_the_execution_goes_along_where_items_can_be_assigned(
    officer: Any, registrar: Any, case: Any, ministry: Any, clock: Any
) -> None:
    until = clock.now + timedelta(days=3)
    with pytest.raises(ItemNotAssignableError):
        pass_on(officer, case, ministry, **SAID, execute_until=until, now=clock.now)
    assert not referrals.of_case(case).exists(), "nothing is passed on by halves"
    register_request(registrar, case, now=clock.now)
    pass_on(officer, case, ministry, **SAID, execute_until=until, now=clock.now)
    given = Assignment.objects.get()
    assert (given.organisation, given.due_at) == (ministry, until)


def test_what_is_said_twice_is_passed_on_once(officer: Any, case: Any, ministry: Any, clock: Any) -> None:
    made = pass_on(officer, case, ministry, **SAID, now=clock.now)
    assert pass_on(officer, case, ministry, **SAID, now=clock.advance(minutes=1)) == made
    assert referrals.of_case(case).count() == 1
    other = SAID | {"note": "A third letter."}
    assert pass_on(officer, case, ministry, **other, now=clock.now) != made
