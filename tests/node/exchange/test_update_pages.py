"""The pages and the API of what authorities tell of themselves."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.node.exchange.test_renewing import REACHED, today, told, update  # noqa: F401

from comity.letters.schema import read_value
from comity.node.accounts.models import Role
from comity.node.api import tokens
from comity.node.directory import known, owner, successors
from comity.node.directory.models import Update
from comity.node.exchange import renewing
from comity.node.exchange.models import Announcement, Letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired", "folder_restored")]


@pytest.fixture
def proposal(today):  # noqa: F811
    folder, row = today
    owner.refresh()
    now = datetime.now(UTC)
    body = read_value(update(now, told(folder, now), REACHED)).body
    return successors.propose(row, body, number=1, letter=uuid.uuid4(), now=now)


def entering(person):
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_an_administrator_sees_the_fingerprint_and_decides_with_reasons(proposal, official):
    client = entering(official(Role.ADMINISTRATOR))
    address = f"/directory/updates/{proposal.pk}/"
    assert address in client.get("/directory/xb-247/").content.decode()
    assert "/directory/updates/" in client.get("/directory/").content.decode()
    page = client.get(address).content.decode()
    fingerprint = "".join(page.split())
    grouped = successors.updates.fingerprint(proposal.body().certificate.certificate)
    assert grouped in fingerprint
    assert "Asia/Almaty" in page
    assert client.post(address, {"decision": "take"}).status_code == 422
    assert entering(official(Role.SIGNATORY)).post(address, {}).status_code == 403
    assert client.post(address, {"decision": "take", "reasons": "Called."}).status_code == 302
    assert len(known.admitted(known.find("xb-247"), datetime.now(UTC))) == 2
    assert client.post(address, {"decision": "decline", "reasons": "-"}).status_code == 409
    for page in (address, "/directory/updates/", "/directory/xb-247/"):
        assert client.get(page).status_code == 200


def test_the_api_shows_what_waits_and_takes_a_decision(proposal, official):
    secret = tokens.make(official(Role.ADMINISTRATOR), "test", days=1, now=datetime.now(UTC))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    (shown,) = client.get("/api/directory/updates").json()
    assert (shown["authority"], shown["number"], shown["standing"]) == ("xb-247", 1, "waiting")
    made = {"decision": "decline", "reasons": "Nobody there knows of it."}
    address = f"/api/directory/updates/{proposal.pk}"
    answer = client.post(address, made, content_type="application/json")
    assert (answer.status_code, answer.json()["standing"]) == (200, "declined")
    answer = client.post(address, made, content_type="application/json")
    assert answer.json()["code"] == "update_settled"
    assert client.get("/api/directory/updates").json() == []
    assert Update.objects.get().reasons == made["reasons"]


def test_a_signatory_tells_every_authority(today, official):  # noqa: F811
    owner.refresh()
    client = entering(official(Role.SIGNATORY))
    address = "/directory/updates/own/"
    page = client.get(address).content.decode()
    assert successors.updates.fingerprint(renewing.prepared()) in "".join(page.split())
    assert client.post(address, {"text": "-"}).status_code == 422
    assert client.post(address, {"text": "-", "certificate": "on"}).status_code == 422
    said = {"text": "It ends.", "certificate": "on", "reached": "on", "hours": "24/7", "contact": "+999 1"}
    late = datetime.now(UTC) + timedelta(days=3000)
    assert client.post(address, said | {"changes_at": f"{late:%Y-%m-%dT%H:%M}"}).status_code == 409
    soon = datetime.now(UTC) + timedelta(days=3)
    assert client.post(address, said | {"changes_at": f"{soon:%Y-%m-%dT%H:%M}"}).status_code == 302
    assert Letter.objects.get().kind == "directory_update"
    assert Announcement.objects.get().told.get().peer_id == "xb-247"
    assert "/directory/updates/" in client.get(f"/letters/{Letter.objects.get().pk}/").content.decode()
    for page in (address, "/directory/updates/"):
        assert client.get(page).status_code == 200
    secret = tokens.make(official(Role.AUDITOR), "test", days=1, now=datetime.now(UTC))
    (shown,) = (
        Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/directory/announcements").json()
    )
    assert shown["told"][0]["authority"] == "xb-247"
    assert entering(official(Role.ADMINISTRATOR)).post(address, said).status_code == 403
