"""The administrator keeps accounts and organisations; nobody raises themselves; every change is kept."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone
from tests.node.conftest import PASSWORD

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.accounts.people import PersonUnacceptableError, RolesIncompatibleError
from comity.node.administration import acts
from comity.node.administration.models import Change
from comity.node.api import tokens
from comity.node.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(official: Any) -> Official:
    return official(Role.ADMINISTRATOR)  # type: ignore[no-any-return]


@pytest.fixture
def enter() -> Any:
    def make(person: Official) -> Client:
        client = Client()
        client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


def new(by: Official | None, clock: Any, **changes: Any) -> tuple[Official, str]:
    values = {"full_name": "Aigul Sadykova", "post": "Investigator", "roles": ["drafter"]} | changes
    return acts.add_official(by, "aigul", now=clock.now, **values)


def test_a_new_official_chooses_a_password_before_anything_else(keeper: Official, clock: Any) -> None:
    made, password = new(keeper, clock)
    client = Client()
    client.post("/account/login/", {"login": "aigul", "password": password})
    assert client.get("/desk/").headers["Location"] == "/account/password/change/"
    own = "a sentence of several words"
    client.post("/account/password/change/", {"oldpassword": password, "password1": own, "password2": own})
    assert client.get("/desk/").status_code == 200
    made.refresh_from_db()
    assert made.check_password(own)


def test_every_change_stands_in_the_log_and_in_the_ledger_without_a_password(
    keeper: Official, clock: Any
) -> None:
    body = acts.add_organisation(keeper, "court-1", kind="court", names={"en": "Court"}, now=clock.now)
    acts.change_organisation(keeper, body, kind="court", names={"en": "First court"}, now=clock.now)
    made, password = new(keeper, clock, organisation=body)
    acts.change_official(keeper, made, roles=["drafter", "reviewer"], now=clock.now)
    acts.change_official(keeper, made, roles=["drafter", "reviewer"], now=clock.now)  # nothing differs
    acts.close_account(keeper, made, now=clock.now)
    acts.reopen_account(keeper, made, now=clock.now)
    other = acts.give_password(keeper, made, now=clock.now)
    lines = list(Change.objects.order_by("id"))
    assert [line.kind for line in lines] == [
        "organisation_added",
        "organisation_changed",
        "official_added",
        "official_changed",
        "official_closed",
        "official_reopened",
        "password_given",
    ]
    assert (lines[3].before, lines[3].after) == ({"roles": ["drafter"]}, {"roles": ["drafter", "reviewer"]})
    assert all(line.by == keeper and line.entry_id for line in lines)
    written = repr(list(Entry.objects.values())) + repr(list(Change.objects.values()))
    assert password not in written
    assert other not in written


def test_nobody_raises_themselves(keeper: Official, official: Any, clock: Any) -> None:
    official(Role.ADMINISTRATOR)
    body = acts.add_organisation(keeper, "centre", kind="court", names={"en": "C"}, now=clock.now)
    for change in ({"roles": ["auditor"]}, {"organisation": body}):
        with pytest.raises(acts.OwnAccountError):
            acts.change_official(keeper, keeper, now=clock.now, **change)
    for act in (acts.close_account, acts.reopen_account, acts.give_password, acts.reset_second_factor):
        with pytest.raises(acts.OwnAccountError):
            act(keeper, keeper, now=clock.now)
    acts.change_official(keeper, keeper, roles=keeper.roles, language="kk", now=clock.now)
    Official.objects.filter(pk=keeper.pk).update(organisation=body)
    with pytest.raises(acts.OwnAccountError):  # their own body does not become the central authority
        acts.change_organisation(keeper, body, kind="central_authority", names={"en": "C"}, now=clock.now)
    keeper.refresh_from_db()
    assert (keeper.roles, keeper.language) == (["administrator"], "kk")


def test_the_last_administrator_stays(keeper: Official, official: Any, clock: Any) -> None:
    official(Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(acts.LastAdministratorError):
        acts.close_account(None, keeper, now=clock.now)
    with pytest.raises(acts.LastAdministratorError):
        acts.change_official(None, keeper, roles=["auditor"], now=clock.now)
    second = official(Role.ADMINISTRATOR)
    acts.close_account(second, keeper, now=clock.now)
    with pytest.raises(NotAuthorisedError):  # as this process still remembers them, not as they are now
        acts.close_account(keeper, second, now=clock.now)


def test_an_administrator_never_sees_a_case(keeper: Official, official: Any, clock: Any) -> None:
    person = official("drafter")
    with pytest.raises(RolesIncompatibleError):
        acts.change_official(keeper, person, roles=["drafter", "administrator"], now=clock.now)
    with pytest.raises(RolesIncompatibleError):
        new(keeper, clock, roles=["auditor", "administrator"])
    with pytest.raises(PersonUnacceptableError):
        acts.change_official(keeper, person, roles=["emperor"], now=clock.now)
    with pytest.raises(PersonUnacceptableError):
        acts.change_official(keeper, person, time_zone="Mars/Olympus", now=clock.now)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_the_administrator_keeps_accounts(official: Any, clock: Any, role: str) -> None:
    person, other = official(role), official("drafter")
    with pytest.raises(NotAuthorisedError):
        new(person, clock)
    with pytest.raises(NotAuthorisedError):
        acts.add_organisation(person, "x", kind="court", names={"en": "X"}, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        acts.change_official(person, other, roles=["auditor"], now=clock.now)
    for act in (acts.close_account, acts.reopen_account, acts.give_password, acts.reset_second_factor):
        with pytest.raises(NotAuthorisedError):
            act(person, other, now=clock.now)
    assert not Change.objects.exists()


def test_a_closed_account_loses_its_session_and_its_tokens_at_once(
    keeper: Official, official: Any, enter: Any, clock: Any
) -> None:
    person = official("drafter")
    client = enter(person)
    secret = tokens.make(person, "-", days=1, now=timezone.now())
    assert client.get("/desk/").status_code == 200
    acts.close_account(keeper, person, now=clock.now)
    assert client.get("/desk/").status_code == 302
    assert tokens.owner(secret, now=timezone.now()) is None


def test_with_the_second_factor_the_password_goes_too(
    keeper: Official, official: Any, enter: Any, clock: Any
) -> None:
    person = official("drafter")
    client = enter(person)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})
    password = acts.reset_second_factor(keeper, person, now=clock.now)
    person.refresh_from_db()
    assert not Authenticator.objects.exists()
    assert person.check_password(password)
    assert not person.check_password(PASSWORD)
    assert client.get("/desk/").status_code == 302  # the session of the old password is over


def test_a_short_name_is_given_once(keeper: Official, clock: Any) -> None:
    acts.add_organisation(keeper, "court", kind="court", names={"en": "C"}, now=clock.now)
    with pytest.raises(acts.OrganisationTakenError):
        acts.add_organisation(keeper, "court", kind="provider", names={"en": "D"}, now=clock.now)
    assert Organisation.objects.get().kind == "court"


def form(**changes: Any) -> dict[str, Any]:
    return {
        "username": "aigul",
        "full_name": "Aigul Sadykova",
        "post": "Investigator",
        "roles": ["drafter"],
        "language": "kk",
        "time_zone": "Asia/Almaty",
    } | changes


def test_the_pages_make_and_change_an_account(keeper: Official, enter: Any) -> None:
    client = enter(keeper)
    added = client.post(
        "/administration/organisations/", {"identifier": "court-1", "kind": "court", "name_en": "Court"}
    )
    assert added.status_code == 302
    shown = client.post("/administration/officials/new", form(organisation="court-1"))
    password = re.search(r"<strong>([a-z0-9]{5}(?:-[a-z0-9]{5}){3})</strong>", shown.content.decode())
    assert password is not None
    made = Official.objects.get(username="aigul")
    assert made.check_password(password[1])
    page = f"/administration/officials/{made.pk}/"
    assert password[1] not in client.get(page).content.decode()  # it was shown once
    client.post(page, form(post="Senior investigator", roles=["drafter", "reviewer"]))
    made.refresh_from_db()
    assert (made.post, made.roles, made.organisation) == (
        "Senior investigator",
        ["drafter", "reviewer"],
        None,
    )
    assert client.post(page + "close").status_code == 302
    assert "Account closed" in client.get("/administration/log/").content.decode()
    assert "Senior investigator" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"roles": []}, 422),
        ({"roles": ["drafter", "administrator"]}, 409),
        ({"username": "two words"}, 422),
        ({"username": "taken"}, 409),
        ({"time_zone": "Mars/Olympus"}, 422),
        ({"full_name": "a\x00b"}, 422),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    keeper: Official, enter: Any, changes: Any, status: int
) -> None:
    Official.objects.create_user("taken")
    answer = enter(keeper).post("/administration/officials/new", form(**changes))
    assert answer.status_code == status
    assert Official.objects.count() == 2
    assert not Change.objects.exists()


def test_the_auditor_reads_the_log_and_keeps_no_account(official: Any, enter: Any) -> None:
    client = enter(official(Role.AUDITOR))
    assert client.get("/administration/log/").status_code == 200
    assert client.get("/administration/officials/").status_code == 403
