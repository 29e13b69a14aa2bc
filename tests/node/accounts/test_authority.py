from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from comity.node.accounts import people
from comity.node.accounts.access import ACCESS
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, authorise, may, second_person
from comity.node.accounts.models import Official, Role


@pytest.mark.parametrize("act", sorted(ACCESS))
def test_exactly_the_roles_of_the_matrix_may_do_an_act(act):
    allowed = {role for role in Role if may(Official(roles=[role]), act)}
    assert allowed == ACCESS[act]


@pytest.mark.parametrize("act", sorted(ACCESS))
def test_strangers_and_locked_accounts_may_do_nothing(act):
    for nobody in (AnonymousUser(), Official(), Official(roles=list(Role), is_active=False)):
        with pytest.raises(NotAuthorisedError):
            authorise(nobody, act)


def test_an_act_that_the_matrix_does_not_know_is_no_act():
    with pytest.raises(KeyError):
        authorise(Official(roles=list(Role)), "overwrite_history")


def test_superuser_of_the_framework_is_no_role(official):
    with pytest.raises(NotAuthorisedError):
        authorise(official(Role.AUDITOR, is_superuser=True, is_staff=True), "sign_request")


def test_the_administrator_sees_no_case(official):
    administrator = official(Role.ADMINISTRATOR)
    assert not any(may(administrator, act) for act in ("view_case", "view_exhibit", "open_letter"))


def test_two_different_people_are_needed(official):
    first, second = official(Role.DRAFTER), official(Role.SIGNATORY)
    second_person(first, second)
    with pytest.raises(FourEyesError):
        second_person(first, first)


def add(**changes):
    values = {
        "full_name": "A. Officer",
        "post": "Officer",
        "roles": ["drafter"],
        "password": people.new_password(),
    }
    return people.add("officer", **(values | changes))


def test_an_account_is_made_with_a_generated_password(db):
    password = people.new_password()
    assert add(password=password, time_zone="Asia/Almaty").check_password(password)


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": ["emperor"]},
        {"roles": []},
        {"password": "short"},
        {"password": "1qaz2wsx3edc"},
        {"time_zone": "Mars/Olympus"},
        {"full_name": ""},
    ],
)
def test_an_unacceptable_account_is_refused(db, changes):
    with pytest.raises(people.PersonUnacceptableError):
        add(**changes)


def test_a_user_name_is_given_once(db):
    add()
    with pytest.raises(people.PersonUnacceptableError):
        add()
