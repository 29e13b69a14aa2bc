"""Notices of designation and change, their confirmation year by year, and the list for circulation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.conftest import START
from tests.node.directory.following import follow, offered, take
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity.directory.signing import AHEAD
from comity.node import checking
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


@pytest.mark.parametrize(
    ("instrument", "role", "cite"),
    [
        ("uncc", "extradition_authority", "uncc:art_37__para_19"),
        ("uncc", "central_authority", "uncc:art_40__para_12__point_c"),
        ("uncc", "point_of_contact_24_7", "uncc:art_41__para_2"),
        ("uncc", "prevention_authority", "uncc:art_53__para_7"),
        ("csto-ict", "competent_body", "csto-ict:art_4__para_2"),
        ("kz-tm", "competent_body", "kz-tm:art_3__para_3"),
    ],
)
def test_every_treaty_s_notice_is_cited(
    keys: Any, register: Register, official: Any, instrument: str, role: str, cite: str
) -> None:
    """What a designation under one treaty is notified by, and no provision of another treaty or role."""
    day = {"valid_from": "2026-01-01", "valid_until": None}
    designations = [{"instrument": instrument, "roles": [role], **day}]
    take(follow(register), offered(register, [entry(designations=designations)]))
    Authority.objects.filter(id="xb-mla").update(state="XA")
    made = notices.make_notice(
        official(Role.SIGNATORY), known.find("xb-mla"), "change", remarks="", now=START
    )
    cites = json.loads(made.document)["cites"]
    assert cite in cites
    assert all(each.startswith(f"{instrument}:") for each in cites)


def test_a_state_gives_notice_of_its_own_authorities(keys: Any, official: Any) -> None:
    with pytest.raises(notices.NoticeForeignError):
        notices.make_notice(official(Role.SIGNATORY), known.find("xb-247"), "change", remarks="", now=START)
    with pytest.raises(NotAuthorisedError):
        notices.make_notice(official(Role.DRAFTER), known.own(), "change", remarks="", now=START)


def test_an_entry_is_to_be_confirmed_every_year(keys: Any, official: Any) -> None:
    by = official(Role.SIGNATORY)
    assert notices.due(START) == []
    notices.make_notice(by, known.own(), "designation", remarks="", now=START)
    assert notices.due(START + YEAR - AHEAD - timedelta(seconds=1)) == []
    soon = START + YEAR - AHEAD
    assert [(row.id, until) for row, until in notices.due(soon)] == [("xa-247", START + YEAR)]
    notices.make_notice(by, known.own(), "confirmation", remarks="", now=soon)
    assert notices.due(soon) == []


def test_the_list_of_a_role_is_circulated_and_due_again_in_a_year(keys: Any, official: Any) -> None:
    by = official(Role.SIGNATORY)
    assert notices.circulation_due(START) == []  # this authority circulates no lists
    Authority.objects.filter(own=True).update(roles=["point_of_contact_24_7", "secretariat"])
    assert notices.circulation_due(START) == [("point_of_contact_24_7", START)]
    notices.circulate(by, "secretariat", remarks="", now=START)  # another list is not this one
    assert notices.circulation_due(START) == [("point_of_contact_24_7", START)]
    assert "list_due" in [finding.code for finding in checking._directory(START)]
    made = notices.circulate(by, "point_of_contact_24_7", remarks="", now=START)
    document = json.loads(made.document)
    assert [row["id"] for row in document["authorities"]] == ["xa-247", "xb-247"]
    assert "uncc:art_41__para_2" in document["cites"]
    assert notices.circulation_due(START) == []
    year = START.replace(year=START.year + 1)  # uncc 41(2): every year
    assert notices.circulation_due(year - AHEAD - timedelta(seconds=1)) == []
    assert notices.circulation_due(year) == [("point_of_contact_24_7", year)]
    assert "list_due" not in [finding.code for finding in checking._directory(START)]
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
