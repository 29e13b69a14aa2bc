"""Delegation and absence: a role for a time, under one's own name, never both eyes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.node.accounts.authority import (
    FourEyesError,
    NotAuthorisedError,
    may,
    second_person,
    stands_in_for,
)
from comity.node.accounts.models import Absence, Delegation, Official, Organisation, Role
from comity.node.accounts.people import RolesIncompatibleError
from comity.node.administration import acts as administration
from comity.node.administration import deputies
from comity.node.administration.models import Change
from comity.node.api import tokens
from comity.node.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_time(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)


@pytest.fixture
def head(official: Any) -> Official:
    return official("signatory", rank="head")  # type: ignore[no-any-return]


@pytest.fixture
def deputy(official: Any) -> Official:
    return official("drafter")  # type: ignore[no-any-return]


def delegate(by: Official, of: Official, to: Official, clock: Any, **changes: Any) -> Delegation:
    values = {
        "role": "signatory",
        "starts_at": clock.now,
        "ends_at": clock.now + timedelta(days=7),
        "reason": "Leave",
    }
    return deputies.delegate_role(by, of, to, now=clock.now, **(values | changes))


def fresh(person: Official) -> Official:
    return Official.objects.get(pk=person.pk)


def test_a_role_is_held_for_the_time_of_the_delegation_and_no_longer(
    head: Official, deputy: Official, clock: Any
) -> None:
    delegate(head, head, deputy, clock, starts_at=clock.now + timedelta(days=1))
    assert not may(fresh(deputy), "sign_request")
    clock.advance(days=1)
    assert may(fresh(deputy), "sign_request")
    found = stands_in_for(fresh(deputy), "sign_request")
    assert found is not None
    assert found.of == head
    assert stands_in_for(fresh(head), "sign_request") is None
    clock.advance(days=6)
    assert not may(fresh(deputy), "sign_request")


def test_it_stands_in_the_log_and_in_the_ledger(head: Official, deputy: Official, clock: Any) -> None:
    given = delegate(head, head, deputy, clock)
    deputies.end_delegation(head, given, now=clock.advance(hours=1))
    assert [each.kind for each in Change.objects.order_by("id")] == ["role_delegated", "delegation_ended"]
    assert Entry.objects.filter(kind="role_delegated", subject=f"official:{head.pk}").exists()
    assert not may(fresh(deputy), "sign_request")


def test_a_delegate_never_is_both_eyes(head: Official, deputy: Official, clock: Any) -> None:
    delegate(head, head, deputy, clock)
    with pytest.raises(FourEyesError):
        second_person(deputy, fresh(deputy))
    with pytest.raises(FourEyesError):
        second_person(head, fresh(deputy))  # what the head prepared is not signed in the head's place
    clock.advance(days=8)
    second_person(head, fresh(deputy))


@pytest.mark.parametrize("who", ["stranger", "unranked"])
def test_only_an_administrator_or_a_head_of_their_own_delegates(
    head: Official, deputy: Official, official: Any, clock: Any, who: str
) -> None:
    by = official("signatory", rank="head") if who == "stranger" else official("signatory")
    of = head if who == "stranger" else by
    with pytest.raises(NotAuthorisedError):
        delegate(by, of, deputy, clock)
    assert delegate(official(Role.ADMINISTRATOR), head, deputy, clock)


def test_what_cannot_be_delegated(head: Official, deputy: Official, official: Any, clock: Any) -> None:
    keeper = official(Role.ADMINISTRATOR)
    with pytest.raises(deputies.DelegateUnfitError):
        delegate(head, head, head, clock)
    with pytest.raises(deputies.RoleNotHeldError):
        delegate(head, head, deputy, clock, role="custodian")
    with pytest.raises(deputies.RoleNotHeldError):
        delegate(keeper, official(Role.ADMINISTRATOR), deputy, clock, role="administrator")
    with pytest.raises(RolesIncompatibleError):
        delegate(head, head, keeper, clock)
    with pytest.raises(deputies.TimesReversedError):
        delegate(head, head, deputy, clock, ends_at=clock.now)
    delegate(head, head, deputy, clock)
    ranked = fresh(deputy)
    ranked.rank = "deputy"
    ranked.save()
    with pytest.raises(deputies.RoleNotHeldError):  # what was delegated goes no further
        delegate(fresh(ranked), fresh(ranked), official("drafter"), clock)
    assert Delegation.objects.count() == 1


@pytest.mark.parametrize("change", [{"roles": ["drafter"]}, {"is_active": False}])
def test_what_its_owner_lost_is_lost_to_the_delegate(
    head: Official, deputy: Official, clock: Any, change: dict[str, Any]
) -> None:
    delegate(head, head, deputy, clock)
    assert may(fresh(deputy), "sign_request")
    Official.objects.filter(pk=head.pk).update(**change)
    assert not may(fresh(deputy), "sign_request")


def test_who_becomes_an_administrator_sees_no_case_by_a_delegation(
    head: Official, deputy: Official, official: Any, clock: Any
) -> None:
    delegate(head, head, deputy, clock)
    administration.change_official(
        official(Role.ADMINISTRATOR), deputy, roles=["administrator"], now=clock.now
    )
    assert may(fresh(deputy), "manage_accounts")
    assert not may(fresh(deputy), "view_case")


def test_a_role_reaches_no_further_with_its_delegate_than_with_its_owner(
    deputy: Official, official: Any, clock: Any
) -> None:
    court = Organisation.objects.create(id="court", kind="court", names={"en": "Court"})
    judge, clerk = (
        official("signatory", rank="head", organisation=court),
        official("drafter", organisation=court),
    )
    with pytest.raises(deputies.DelegateOfAnotherBodyError):
        delegate(judge, judge, deputy, clock)  # who would see the cases of the whole State by it
    delegate(judge, judge, clerk, clock)
    assert may(fresh(clerk), "sign_request")
    Official.objects.filter(pk=clerk.pk).update(organisation=None)
    assert not may(fresh(clerk), "sign_request")


def test_a_token_of_some_roles_carries_no_delegated_one(head: Official, deputy: Official, clock: Any) -> None:
    delegate(head, head, deputy, clock)
    for roles, reaches in (["drafter"], False), (None, True):
        secret = tokens.make(fresh(deputy), "-", days=1, now=clock.now, roles=roles)  # type: ignore[arg-type]
        assert may(tokens.owner(secret, now=clock.now), "sign_request") is reaches  # type: ignore[arg-type]


def test_the_pages_record_and_end(head: Official, deputy: Official, clock: Any) -> None:
    client = Client()
    client.force_login(head)
    page = "/administration/delegation/"
    first, last = clock.now.date().isoformat(), (clock.now + timedelta(days=3)).date().isoformat()
    away = {"absence-first": first, "absence-last": last, "absence-note": "Leave"}
    assert client.post(page, away).status_code == 302
    assert Absence.objects.get().official == head
    given = {
        "what": "delegation",
        "delegation-role": "signatory",
        "delegation-to": str(deputy.pk),
        "delegation-first": first,
        "delegation-last": last,
        "delegation-reason": "Leave",
    }
    assert client.post(page, given).status_code == 302
    assert may(fresh(deputy), "sign_request")
    assert deputy.full_name in client.get(page).content.decode()
    assert client.post(f"{page}{Delegation.objects.get().pk}/end").status_code == 302
    assert not may(fresh(deputy), "sign_request")
    assert client.post(page, given | {"delegation-last": "2020-01-01"}).status_code == 409


def test_nobody_ends_or_gives_what_is_not_theirs_by_page(
    head: Official, deputy: Official, clock: Any
) -> None:
    given = delegate(head, head, deputy, clock)
    client = Client()
    client.force_login(deputy)
    assert client.post(f"/administration/delegation/{given.pk}/end").status_code == 403
    assert client.get(f"/administration/officials/{head.pk}/delegation").status_code == 403
    assert may(fresh(deputy), "sign_request")
