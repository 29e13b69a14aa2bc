"""Notices of designation and change, their confirmation year by year, and the list for circulation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.conftest import START

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Role
from comity.node.directory import known, notices
from comity.node.directory.models import Authority, Notice
from comity.node.ledger.models import Entry

YEAR = timedelta(days=366)


def test_a_notice_names_the_provisions_that_ask_for_it(keys: Any, official: Any) -> None:
    made = notices.make_notice(official(Role.SIGNATORY), known.own(), "designation", remarks="", now=START)
    document = json.loads(made.document)
    assert "uncc:art_41__para_2" in document["cites"]
    assert all("art_40" not in cite for cite in document["cites"])  # of another role
    assert document["authorities"][0]["id"] == "xa-247"
    assert Entry.objects.get(kind="directory_notice").content["notice"] == document


def test_a_state_gives_notice_of_its_own_authorities(keys: Any, official: Any) -> None:
    with pytest.raises(notices.NoticeForeignError):
        notices.make_notice(official(Role.SIGNATORY), known.find("xb-247"), "change", remarks="", now=START)
    with pytest.raises(NotAuthorisedError):
        notices.make_notice(official(Role.DRAFTER), known.own(), "change", remarks="", now=START)


def test_an_entry_is_to_be_confirmed_every_year(keys: Any, official: Any) -> None:
    by = official(Role.SIGNATORY)
    assert notices.due(START) == []
    notices.make_notice(by, known.own(), "designation", remarks="", now=START)
    assert notices.due(START + YEAR - notices.AHEAD - timedelta(seconds=1)) == []
    soon = START + YEAR - notices.AHEAD
    assert [(row.id, until) for row, until in notices.due(soon)] == [("xa-247", START + YEAR)]
    notices.make_notice(by, known.own(), "confirmation", remarks="", now=soon)
    assert notices.due(soon) == []


def test_the_list_of_a_role_is_circulated_and_due_again_in_a_year(keys: Any, official: Any) -> None:
    by = official(Role.SIGNATORY)
    assert notices.circulation_due(START) is None  # this authority circulates no lists
    Authority.objects.filter(own=True).update(roles=["point_of_contact_24_7", "secretariat"])
    assert notices.circulation_due(START) == START
    made = notices.circulate(by, "point_of_contact_24_7", remarks="", now=START)
    document = json.loads(made.document)
    assert [row["id"] for row in document["authorities"]] == ["xa-247", "xb-247"]
    assert "uncc:art_41__para_2" in document["cites"]
    assert notices.circulation_due(START) is None
    assert notices.circulation_due(START + YEAR) == START + YEAR
    Authority.objects.filter(id="xb-247").update(withdrawn_at=START)
    document = json.loads(notices.circulate(by, "point_of_contact_24_7", remarks="", now=START).document)
    assert [row["id"] for row in document["authorities"]] == ["xa-247"]
    with pytest.raises(notices.NothingToCirculateError):
        notices.circulate(by, "financial_intelligence_unit", remarks="", now=START)


def test_notices_are_made_and_read_on_pages(keys: Any, official: Any) -> None:
    client = Client()
    client.force_login(official(Role.SIGNATORY), "allauth.account.auth_backends.AuthenticationBackend")
    given = {"authority": "xa-247", "kind": "change", "remarks": "A new number."}
    answer = client.post("/directory/notices/", given)
    made = Notice.objects.get()
    assert answer.headers["Location"] == f"/directory/notices/{made.pk}/"
    assert "A new number." in client.get(f"/directory/notices/{made.pk}/").content.decode()
    assert client.get(f"/directory/notices/{made.pk}/notice.json").content.decode() == made.document
    listed = {"form": "circulation", "role": "point_of_contact_24_7", "remarks": ""}
    assert client.post("/directory/notices/", listed).status_code == 302
    assert client.post("/directory/notices/", {**listed, "role": "none"}).status_code == 422
    assert client.post("/directory/notices/", {**given, "authority": "xb-247"}).status_code == 422
    Notice.objects.update(made_at=timezone.now() - YEAR)
    assert "overdue since" in client.get("/directory/").content.decode()
