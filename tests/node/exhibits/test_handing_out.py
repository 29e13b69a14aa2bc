"""A container that holds evidence leaves with the right, a purpose and custody, or it does not leave."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from tests.node.conftest import START

from comity.node import config, durable
from comity.node.casework.acts.change_access import assign
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter, Stage
from comity.node.exhibits import arrival
from comity.node.exhibits.models import CustodyRecord, Exhibit

PURPOSE = {"purpose": "For the expert of the court"}


@pytest.fixture
def opened(result: Letter, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """The result, opened by an official, its exhibit in the books."""
    monkeypatch.setattr(arrival, "_listeners", [])
    arrival.arrive({"letter": str(result.id)}, clock.now)
    Letter.objects.filter(pk=result.pk).update(stage=Stage.RETRIEVED)
    return result


@pytest.fixture(autouse=True)
def folders_there() -> None:
    durable.make_directories(config.current().arriving)
    durable.make_directories(config.current().store)


def enter(official: Any, *roles: str) -> Client:
    client = Client()
    person = official(*roles)
    if "drafter" in roles or "executing_officer" in roles:  # others see the case by their role
        assign(person, Case.objects.get(), START)
    client.force_login(person)
    return client


def exported() -> int:
    return CustodyRecord.objects.filter(act="exported").count()


@pytest.mark.parametrize(
    "roles", [("drafter",), ("signatory",), ("administrator", "auditor"), ("data_protection_officer",)]
)
def test_evidence_does_not_leave_without_the_right_to_open_exhibits(
    opened: Letter, official: Any, roles: tuple[str, ...]
) -> None:
    client, address = enter(official, *roles), f"/letters/{opened.id}/container"
    closed = 404 if {"auditor", "data_protection_officer"} & set(roles) else 403  # these read no letter
    assert client.get(address).status_code == closed
    assert client.post(address, PURPOSE).status_code == closed
    assert exported() == 0
    assert address not in client.get(f"/letters/{opened.id}/").content.decode()


def test_what_the_letter_says_is_open_to_all_who_may_see_the_case(opened: Letter, official: Any) -> None:
    client = enter(official, "drafter")
    assert client.get(f"/letters/{opened.id}/letter.json").content == bytes(opened.canonical or b"")
    assert client.get(f"/letters/{opened.id}/letter.en.pdf").content == b"%PDF-1.7"


def test_evidence_does_not_leave_without_a_purpose(opened: Letter, official: Any) -> None:
    client, address = enter(official, "custodian"), f"/letters/{opened.id}/container"
    assert client.post(address, {"purpose": " "}).status_code == 422
    shown = client.get(address)
    assert shown.headers["Content-Type"].startswith("text/html")
    assert f'action="{address}"' in shown.content.decode()
    assert exported() == 0


@pytest.mark.parametrize("role", ["custodian", "executing_officer"])
def test_evidence_leaves_with_a_purpose_and_custody_says_so(opened: Letter, official: Any, role: str) -> None:
    answer = enter(official, role).post(f"/letters/{opened.id}/container", PURPOSE)
    content = BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert any(name.endswith("access.log") for name in zipfile.ZipFile(content).namelist())
    record = CustodyRecord.objects.get(act="exported").record
    assert record["note"] == f"in letter {opened.id}: {PURPOSE['purpose']}"


def test_evidence_that_is_not_in_the_books_yet_does_not_leave(result: Letter, official: Any) -> None:
    Letter.objects.filter(pk=result.pk).update(stage=Stage.RETRIEVED)
    answer = enter(official, "custodian").post(f"/letters/{result.id}/container", PURPOSE)
    assert answer.status_code == 409
    assert "evidence_not_taken_in" in answer.content.decode()


def test_destroyed_evidence_does_not_leave_with_its_letter(opened: Letter, official: Any) -> None:
    Exhibit.objects.update(wrapped_key=None)
    answer = enter(official, "custodian").post(f"/letters/{opened.id}/container", PURPOSE)
    assert answer.status_code == 409
    assert "exhibit_destroyed" in answer.content.decode()
    assert exported() == 0


def test_a_letter_without_evidence_is_handed_out_as_it_is(opened: Letter, official: Any) -> None:
    letter = Letter.objects.get(pk=opened.pk)
    letter.canonical = bytes(letter.canonical or b"").replace(
        f'"exhibit":"{Exhibit.objects.get().id}"'.encode(), b'"exhibit":null', 1
    )
    letter.save()
    answer = enter(official, "drafter").get(f"/letters/{opened.id}/container")
    assert answer.status_code == 200
    assert exported() == 0
