"""Delegation and absence over the API: one's own, another's for an administrator, never beyond the token."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comity.node.accounts.models import Absence, Delegation, Official, Rank, Role
from comity.node.api import tokens

pytestmark = pytest.mark.django_db
TIMES = {"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2126-01-01T00:00:00Z"}


def program(official: Official, *roles: str) -> Client:
    secret = tokens.make(official, "-", days=1, now=timezone.now(), roles=roles or None)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


@pytest.fixture
def head(official: Any) -> Official:
    made: Official = official(Role.SIGNATORY, Role.DRAFTER, rank=Rank.HEAD)
    return made


def asked(to: Official, **changes: Any) -> dict[str, Any]:
    return {"to": to.username, "role": "signatory", "reason": "Leave", **TIMES} | changes


def test_a_head_delegates_a_role_of_their_own_and_ends_it(head: Official, official: Any) -> None:
    deputy = official(Role.DRAFTER)
    made = post(program(head), "/api/delegations", asked(deputy))
    assert (made.status_code, made.json()["of"]) == (201, head.username)
    assert Official.objects.get(pk=deputy.pk).has_role(Role.SIGNATORY)
    (seen,) = program(deputy).get("/api/delegations").json()
    end = f"/api/delegations/{seen['id']}/end"
    assert post(program(official(Role.SIGNATORY)), end).status_code == 404
    assert post(program(deputy), end).status_code == 403
    assert post(program(head), end).status_code == 200
    assert not Official.objects.get(pk=deputy.pk).has_role(Role.SIGNATORY)


def test_a_token_delegates_no_role_that_it_does_not_carry(head: Official, official: Any) -> None:
    answer = post(program(head, Role.DRAFTER), "/api/delegations", asked(official(Role.DRAFTER)))
    assert (answer.status_code, answer.json()["code"]) == (400, "role_not_held")
    assert not Delegation.objects.exists()


def test_who_is_no_head_delegates_nothing_and_an_administrator_for_others(
    head: Official, official: Any
) -> None:
    clerk = official(Role.SIGNATORY)
    assert post(program(clerk), "/api/delegations", asked(head)).status_code == 403
    of_head = asked(clerk, of=head.username, role="drafter")
    assert post(program(clerk), "/api/delegations", of_head).status_code == 403
    keeper = program(official(Role.ADMINISTRATOR))
    assert post(keeper, "/api/delegations", of_head).status_code == 201
    assert post(keeper, "/api/delegations", of_head | {"of": "nobody"}).status_code == 404
    assert post(keeper, "/api/delegations", of_head | {"role": "administrator"}).json()["code"] == (
        "role_not_held"
    )


def test_an_absence_is_ones_own_or_recorded_by_an_administrator(head: Official, official: Any) -> None:
    client = program(head)
    assert post(client, "/api/absences", TIMES | {"note": "Leave"}).status_code == 201
    assert [each["note"] for each in client.get("/api/absences").json()] == ["Leave"]
    other = official(Role.DRAFTER)
    of_other = TIMES | {"official": other.username}
    assert post(client, "/api/absences", of_other).status_code == 403
    assert post(program(official(Role.ADMINISTRATOR)), "/api/absences", of_other).status_code == 201
    reversed_times = {"starts_at": TIMES["ends_at"], "ends_at": TIMES["starts_at"]}
    assert post(client, "/api/absences", reversed_times).json()["code"] == "times_reversed"
    assert Absence.objects.count() == 2
