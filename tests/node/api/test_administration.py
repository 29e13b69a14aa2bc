"""The administration over the API: what the pages do, with the same acts; tokens with fewer roles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node import believable

from comity.node import config
from comity.node.accounts.models import Official, Role
from comity.node.api import tokens
from comity.node.casework.entitlement import sees_every_case
from comity.node.webhooks.models import Endpoint

pytestmark = pytest.mark.django_db
JSON = "application/json"


def client_of(person: Official, roles: list[str] | None = None) -> Client:
    secret = tokens.make(person, "test", days=1, now=timezone.now(), roles=roles)
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def keeper(official: Callable[..., Official]) -> Client:
    return client_of(official(Role.ADMINISTRATOR))


NEW = {"username": "aigul", "full_name": "Aigul Sadykova", "post": "Investigator", "roles": ["drafter"]}


def test_an_organisation_and_an_official_are_made_and_changed(keeper: Client) -> None:
    body = {"id": "court-1", "kind": "court", "names": {"en": "Court", "kk": "Сот"}}
    assert keeper.post("/api/organisations", body, content_type=JSON).status_code == 201
    changes = {"kind": "competent_body", "names": {"en": "Bureau"}}
    changed = keeper.put("/api/organisations/court-1", changes, content_type=JSON).json()
    assert changed == {"id": "court-1", **changes}
    made = keeper.post("/api/officials", NEW | {"organisation": "court-1"}, content_type=JSON).json()
    official = Official.objects.get(username="aigul")
    assert official.check_password(made["one_time_password"])
    assert made["official"]["must_change_password"]
    changed = keeper.put("/api/officials/aigul", {"roles": ["reviewer"]}, content_type=JSON).json()
    assert (changed["roles"], changed["organisation"]) == (["reviewer"], "court-1")
    moved = keeper.put("/api/officials/aigul", {"organisation": ""}, content_type=JSON).json()
    assert moved["organisation"] is None
    assert not keeper.post("/api/officials/aigul/close").json()["is_active"]
    assert keeper.post("/api/officials/aigul/reopen").json()["is_active"]
    for act in ("password", "second-factor"):
        password = keeper.post(f"/api/officials/aigul/{act}").json()["one_time_password"]
        official.refresh_from_db()
        assert official.check_password(password)
    lines = keeper.get("/api/administration/log").json()
    assert lines[0]["kind"] == "second_factor_reset"
    assert len(lines) == 9
    assert keeper.get("/api/administration/log", {"after": lines[0]["id"]}).json() == lines[1:]
    assert next(one["username"] for one in keeper.get("/api/officials", {"after": "a"}).json()) == "aigul"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roles": ["emperor"]}, "input_unreadable"),
        ({"roles": []}, "input_unreadable"),
        ({"roles": ["drafter", "administrator"]}, "roles_incompatible"),
        ({"username": "two words"}, "input_unreadable"),
        ({"is_superuser": True}, "input_unreadable"),
        ({"time_zone": "Mars/Olympus"}, "person_unacceptable"),
        ({"organisation": "nowhere"}, "nothing_there"),
        ({"full_name": "a\x00b"}, "input_unreadable"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(keeper: Client, changes: Any, code: str) -> None:
    answer = keeper.post("/api/officials", NEW | changes, content_type=JSON)
    assert answer.json()["code"] == code
    assert not Official.objects.filter(full_name=NEW["full_name"]).exists()


def test_a_webhook_is_registered_changed_and_removed(
    official: Any, keeper: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = dataclasses.replace(config.current(), webhook_networks=["127.0.0.0/8"])
    monkeypatch.setattr(config, "current", lambda: node)
    official("duty_officer")
    speaker = Official.objects.get(roles=["duty_officer"]).username
    new = {"url": "http://127.0.0.1:1/", "events": ["case.changed"], "official": speaker}
    made = keeper.post("/api/webhooks", new, content_type=JSON).json()
    assert made["secret"].startswith("whsec_")
    assert Endpoint.objects.get().events == ["case.changed"]
    where = f"/api/webhooks/{made['endpoint']['id']}"
    assert keeper.get(where).json() == {"endpoint": made["endpoint"], "notices": []}
    assert keeper.post(f"{where}/secret").json()["secret"] != made["secret"]
    assert not keeper.post(f"{where}/switch", {"on": False}, content_type=JSON).json()["is_active"]
    assert keeper.delete(where).status_code == 204
    assert keeper.get(where).status_code == 404
    assert keeper.get("/api/webhooks").json() == []
    refused = keeper.post("/api/webhooks", new | {"url": "https://10.0.0.1/"}, content_type=JSON)
    assert refused.json()["code"] == "endpoint_refused"


def test_a_token_speaks_with_its_roles_alone(official: Any, keys: Any) -> None:
    rows = believable.build()
    person = official("signatory", "drafter")
    reference = rows["asked"].reference
    assert client_of(person).get(f"/api/cases/{reference}").status_code == 200
    narrow = client_of(person, ["drafter"])
    assert narrow.get(f"/api/cases/{reference}").status_code == 404
    assert narrow.get("/api/ledger/checkpoint").status_code == 403
    person.refresh_from_db()
    assert person.roles == ["signatory", "drafter"]  # the account keeps what it had
    assert sees_every_case(person)


def test_a_role_that_its_owner_lost_is_lost_to_the_token(official: Any) -> None:
    person = official("auditor", "drafter")
    client = client_of(person, ["auditor"])
    assert client.get("/api/administration/log").status_code == 200
    Official.objects.filter(pk=person.pk).update(roles=["drafter"])
    assert client.get("/api/administration/log").status_code == 403
    assert client.get("/api/cases").status_code == 403


@pytest.mark.parametrize("roles", [["auditor"], ["drafter", "auditor"], []])
def test_a_token_carries_no_role_that_its_owner_does_not_hold(official: Any, roles: list[str]) -> None:
    with pytest.raises(tokens.TokenRolesError):
        tokens.make(official("drafter"), "-", days=1, now=timezone.now(), roles=roles)


def test_a_narrow_token_of_an_administrator_raises_nobody(official: Any) -> None:
    official(Role.ADMINISTRATOR)
    person = official(Role.ADMINISTRATOR, "custodian")
    client = client_of(person, ["custodian"])
    other = official("drafter")
    answer = client.put(
        f"/api/officials/{other.username}", {"roles": ["auditor"]}, content_type="application/json"
    )
    assert answer.status_code == 403
