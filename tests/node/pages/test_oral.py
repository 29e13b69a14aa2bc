"""The pages of oral requests: recorded, written down, tied; each form says what stands in the way."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.node import believable
from tests.node.casework import conftest as casework

from comity import canonical
from comity.letters.schema import read_value
from comity.node import config, durable
from comity.node.casework.models import Case, OralRequest
from comity.node.exchange.models import Direction, Letter, Stage

pytestmark = pytest.mark.django_db
SINCE = "2020-01-01"
STATUS = {"uncc": {"in_force_since": SINCE} | {s: {"status": "party", "since": SINCE} for s in ("XA", "XB")}}
MINUTE = {
    "peer": "xb-247",
    "person_name": "A. Example",
    "person_post": "Duty officer",
    "number": "+000",
    "called_back": "on",
    "made_at": "2026-06-12T03:05",
    "means": "telephone",
    "measure": "preserve_data",
    "identifier_type": "email",
    "identifiers": "heron@mail.example\n\nother@mail.example",
    "asked": "To preserve two mailboxes.",
    "urgency": "They are being emptied.",
    "agreed": "The duty officer agreed.",
    "heading": "Two mailboxes",
    "offence": "uncc:art_7",
    "data_kinds": ["content"],
}


@pytest.fixture(autouse=True)
def assumed(monkeypatch: pytest.MonkeyPatch, keys: Any) -> None:
    """The Convention has long been in force for both invented States."""
    node = config.current()
    durable.make_directories(node.store)
    supposed = dataclasses.replace(node, assumptions=STATUS)
    monkeypatch.setattr(config, "current", lambda: supposed)


@pytest.fixture
def duty(client: Client, keys: Any) -> Client:
    who = believable.official("dana", "Dana Ospanova", "Duty officer", "duty_officer", "registrar", "drafter")
    client.force_login(who)
    return client


def written_down(duty: Client) -> Case:
    answer = duty.post(reverse("note_oral_request"), MINUTE)
    assert answer.status_code == 302, answer.content.decode()
    return OralRequest.objects.get().case


def arrived() -> Case:
    """The letter of State XB that confirms it, verified and taken in."""
    from comity.node.casework import incoming
    from comity.node.directory import known

    now = believable.NOW
    told = {
        "made_at": canonical.instant_text(now - timedelta(hours=1)),
        "means": "telephone",
        "asked_by": {"name": "A. Example", "post": "Duty officer"},
        "asked_of": {"name": "Dana Ospanova", "post": "Duty officer"},
        "asked": "To preserve <one> mailbox.",
        "urgency": "It was being emptied.",
        "cite": "uncc:art_40__para_13",
    }
    value = casework.letter("oral_confirmation", casework.request_body() | {"oral": told}, now)
    document = read_value(value)
    row = Letter.objects.create(
        id=uuid.UUID(document.id),
        kind=document.kind,
        direction=Direction.IN,
        peer=known.find("xb-247"),
        generation=1,
        stage=Stage.DELIVERED,
        canonical=document.as_bytes(),
        received_at=now,
        stage_at=now,
        expires_at=now + timedelta(days=30),
    )
    incoming.request(row, document, now)
    return Case.objects.get(reference=row.case_reference)


def test_an_oral_request_is_written_down_on_one_short_form(duty: Client) -> None:
    page = duty.get(reverse("note_oral_request"))
    assert page.status_code == 200
    assert page.content.decode().count("<label") < 30
    case = written_down(duty)
    assert [each.identifier_value for each in case.items.all()] == [
        "heron@mail.example",
        "other@mail.example",
    ]
    noted = case.oral_requests.get()
    assert noted.called_back
    text = duty.get(reverse("case", args=[case.reference])).content.decode()
    assert "no letter leaves this case before its confirmation" in text
    assert "Confirmation in writing" in text
    told = duty.get(reverse("oral_request", args=[case.reference])).content.decode()
    assert "They are being emptied." in told
    assert "waits for confirmation in writing" in told


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"agreed": ""}, "both sides agree"),
        ({"made_at": "2999-01-01T00:00"}, "later than now"),
        ({"identifiers": "\n \n"}, "required"),
        ({"identifiers": "\n".join(["a"] * 101)}, "Too many lines"),
        ({"person_name": "A\u0007"}, "cannot be shown"),
    ],
)
def test_what_stands_in_the_way_is_said_and_nothing_is_kept(
    duty: Client, changes: dict[str, str], says: str
) -> None:
    answer = duty.post(reverse("note_oral_request"), MINUTE | changes)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Case.objects.exists()


def test_the_match_is_offered_compared_and_confirmed(duty: Client) -> None:
    minute = written_down(duty)
    came = arrived()
    assert reverse("tie_confirmation", args=[came.reference]) in (
        duty.get(reverse("case", args=[came.reference])).content.decode()
    )
    page = duty.get(reverse("tie_confirmation", args=[came.reference])).content.decode()
    assert minute.reference in page
    assert "other@mail.example" in page
    assert "the letter tells another time" in page
    assert "&lt;one&gt;" in page
    answer = duty.post(reverse("tie_confirmation", args=[came.reference]), {"minute": minute.reference})
    assert answer.url == reverse("case", args=[minute.reference])  # type: ignore[attr-defined]
    old = reverse("case", args=[came.reference])
    assert duty.get(old).url == reverse("case", args=[minute.reference])  # type: ignore[attr-defined]
    stranger = Client()
    stranger.force_login(believable.official("mira", "Mira Example", "Officer", "drafter"))
    nowhere = reverse("case", args=["XA-2026-009999"])
    assert stranger.get(old).status_code == stranger.get(nowhere).status_code == 404
    text = duty.get(reverse("case", args=[minute.reference])).content.decode()
    assert "no letter leaves this case" not in text
    assert came.reference in text
    told = duty.get(reverse("letter", args=[Letter.objects.get().pk])).content.decode()
    assert "The oral request that this letter confirms" in told or "Nobody has opened this letter yet" in told


def test_a_confirmation_is_registered_alone_only_once_somebody_says_that_none_fits(duty: Client) -> None:
    written_down(duty)
    came = arrived()
    address = reverse("register", args=[came.reference])
    assert "None of those written down is meant" in duty.get(address).content.decode()
    assert duty.post(address).status_code == 409
    assert duty.post(address, {"none_fits": "on"}).status_code == 302


def test_a_minute_that_is_not_there_is_not_tied(duty: Client) -> None:
    came = arrived()
    answer = duty.post(reverse("tie_confirmation", args=[came.reference]), {"minute": "XA-2026-000099"})
    assert answer.status_code == 404


def test_a_confirmation_that_does_not_come_is_given_up_with_a_reason(duty: Client) -> None:
    case = written_down(duty)
    address = reverse("oral_request", args=[case.reference])
    assert duty.post(address, {"step": "end", "reason": ""}).status_code == 422
    assert duty.post(address, {"step": "end", "reason": "They rang off."}).status_code == 302
    text = duty.get(reverse("case", args=[case.reference])).content.decode()
    assert "never confirmed in writing" in text
    assert "They rang off." in duty.get(address).content.decode()


def test_a_request_of_ours_is_recorded_as_made_orally(duty: Client) -> None:
    from comity.node.accounts.models import Official
    from comity.node.casework.acts.open_case import open_case
    from comity.node.directory import known

    who = Official.objects.get()
    case = open_case(who, peer=known.find("xb-247"), heading="-", facts=casework.facts(), now=believable.NOW)
    address = reverse("oral_request", args=[case.reference])
    assert address in duty.get(reverse("case", args=[case.reference])).content.decode()
    said = {
        name: MINUTE[name] for name in ("made_at", "means", "person_name", "person_post", "asked", "urgency")
    }
    refused = duty.post(address, {"step": "record", **said})
    assert refused.status_code == 409
    assert "both sides agree" in refused.content.decode()
    done = duty.post(address, {"step": "record", **said, "agreed": "Their duty officer."})
    assert done.status_code == 302
    assert "waits for confirmation in writing" in duty.get(address).content.decode()


QUICK = {
    "peer": "xb-247",
    "measure": "preserve_data",
    "offence": "uncc:art_7",
    "person_name": "A. Example",
    "number": "+000",
    "identifiers": "heron@mail.example\n192.0.2.7\n+999 100 2000\nheron_17\nhttps://mail.example/heron",
    "asked": "To preserve five things.\nAt once.",
    "urgency": "They are being emptied.",
    "agreed": "We agreed.",
    "made_at": "2026-06-12T03:05",
    "means": "telephone",
}


def test_a_minute_is_written_in_a_minute(duty):
    page = duty.get(reverse("note_oral_request")).content.decode()
    before = page.partition('<form class="panel"')[2].partition("<details")[0]
    asked = before.count("<select") + before.count("<textarea") + before.count('type="text"')
    assert asked == 9, "what has to be written while the caller speaks"
    answer = duty.post(reverse("note_oral_request"), QUICK)
    assert answer.status_code == 302, answer.content.decode()
    noted = OralRequest.objects.get()
    assert noted.case.heading == "To preserve five things."
    kinds = [item["identifier"]["type"] for item in noted.items]
    assert kinds == ["email", "ip", "phone", "account", "url"]
    assert b'data-key="KeyO"' in duty.get(reverse("desk")).content


def test_the_confirmation_is_chased_until_it_comes(duty):
    duty.post(reverse("note_oral_request"), QUICK)
    case = OralRequest.objects.get().case
    desk = duty.get(reverse("desk")).content.decode()
    assert reverse("oral_request", args=[case.reference]) in desk.split('<div class="desk">')[0]
    page = duty.get(reverse("oral_request", args=[case.reference])).content.decode()
    assert "Chase the confirmation in writing." in page
    assert "notice late" in page, "it was made long ago"
    end = {"step": "end", "reason": "They said that it is not needed."}
    assert duty.post(reverse("oral_request", args=[case.reference]), end).status_code == 302
    assert "Chase" not in duty.get(reverse("oral_request", args=[case.reference])).content.decode()
    assert reverse("oral_request", args=[case.reference]) not in duty.get(reverse("desk")).content.decode()
