"""Drafting by the API: what the pages do, with the same acts and the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.node import believable
from tests.node.believable import CONTENTS
from tests.node.conftest import START

from comity.letters.word import EditedField, write_texts
from comity.letters.word_reading import LARGEST
from comity.node.api import tokens
from comity.node.casework.models import Case

DRAFT = "/api/cases/XA-2026-000003/draft"
JSON = "application/json"


@pytest.fixture
def people(keys: object) -> dict[str, Any]:
    return believable.build()["people"]


@pytest.fixture
def speak(people: dict[str, Any]) -> Callable[[str], Client]:
    """A client with a token of the drafter, the signatory or the duty officer."""

    def make(person: str) -> Client:
        secret = tokens.make(people[person], "test", days=1, now=timezone.now())
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return make


def said() -> dict[str, str]:
    return Case.objects.get(reference="XA-2026-000003").draft["contents"]


def write(client: Client, **contents: str) -> None:
    assert client.put(DRAFT, {"contents": CONTENTS | contents}, content_type=JSON).status_code == 200


def test_the_guide_names_groups_provisions_and_what_is_missing(speak):
    guide = speak("drafter").get(f"{DRAFT}/guide").json()
    assert not guide["complete"]
    fields = {field["id"]: field for group in guide["groups"] for field in group["fields"]}
    assert fields["intention_to_request"]["missing"]
    assert fields["custodian_or_location"]["prompts"]
    assert guide["counts"][0]["cite"].startswith("uncc:")
    assert speak("drafter").get("/api/cases/XA-2026-000002/draft/guide").json()["code"] == "wrong_side"


def test_versions_are_read_compared_and_taken_back(speak):
    client = speak("drafter")
    write(client, facts="One"), write(client, facts="Two")
    page = client.get(f"{DRAFT}/versions").json()
    assert [(each["number"], each["by"]) for each in page["versions"]] == [(2, "asel"), (1, "asel")]
    assert [each["number"] for each in client.get(f"{DRAFT}/versions?after=2").json()["versions"]] == [1]
    assert client.get(f"{DRAFT}/versions/1").json()["body"]["contents"]["facts"] == "One"
    (difference,) = client.get(f"{DRAFT}/versions/2/against/1").json()
    assert (difference["place"], difference["before"], difference["after"]) == ("facts", "One", "Two")
    assert client.post(f"{DRAFT}/versions/1/restore").status_code == 200
    assert said()["facts"] == "One"
    missing = client.get(f"{DRAFT}/versions/99")
    assert (missing.status_code, missing.json()["code"]) == (404, "version_unknown")
    assert client.get(f"{DRAFT}/versions/99999999999999999999").status_code == 400
    assert speak("signatory").post(f"{DRAFT}/versions/1/restore").status_code == 403


def test_comments_are_added_and_resolved(speak):
    signatory = speak("signatory")
    new = signatory.post(f"{DRAFT}/comments", {"field": "facts", "text": "When?"}, content_type=JSON)
    assert new.status_code == 201
    comment = new.json()
    assert (comment["by"], comment["resolved_at"]) == ("marat", None)
    done = speak("drafter").post(f"{DRAFT}/comments/{comment['id']}/resolve")
    assert done.json()["resolved_at"]
    assert len(signatory.get(f"{DRAFT}/comments").json()) == 1
    assert signatory.post(f"{DRAFT}/comments/999/resolve").status_code == 404
    odd = signatory.post(f"{DRAFT}/comments", {"text": "x", "colour": "red"}, content_type=JSON)
    assert odd.json()["code"] == "input_unreadable"


def test_templates_are_kept_taken_and_withdrawn(speak):
    client = speak("drafter")
    new = {"name": "T", "fields_kept": ["necessity", "facts"]}
    kept = client.post(f"{DRAFT}/templates", new, content_type=JSON).json()
    assert kept["contents"].keys() == {"necessity"}
    write(client, necessity="")
    assert client.post(f"{DRAFT}/templates/{kept['id']}/take").status_code == 200
    assert said()["necessity"] == CONTENTS["necessity"]
    assert len(client.get("/api/templates?measure=preserve_data").json()) == 1
    assert client.get("/api/templates?measure=extradite").json() == []
    assert client.post(f"/api/templates/{kept['id']}/withdraw").status_code == 204
    assert client.get("/api/templates").json() == []
    assert client.post(f"/api/templates/{kept['id']}/withdraw").status_code == 404


def test_the_draft_is_given_as_pdf_and_as_document(speak):
    client = speak("signatory")
    assert client.get(f"{DRAFT}/letter.pdf?language=kk").content.startswith(b"%PDF")
    assert client.get(f"{DRAFT}/texts.docx?language=ru").content.startswith(b"PK")
    assert client.get(f"{DRAFT}/letter.pdf?language=xx").status_code == 400


def test_an_edited_document_is_compared_and_then_taken(speak):
    client = speak("drafter")
    document = write_texts("X", [EditedField("facts", [], "New facts")], "en", now=START)
    file = SimpleUploadedFile("draft.docx", document)
    comparison = client.post(f"{DRAFT}/texts.docx", {"document": file}).json()
    assert [each["place"] for each in comparison["changes"]] == ["facts"]
    assert said()["facts"] == CONTENTS["facts"]
    taken = {"contents": {"facts": "New facts"}, "compared_with": comparison["compared_with"]}
    assert client.post(f"{DRAFT}/texts", taken, content_type=JSON).status_code == 200
    assert said()["facts"] == "New facts"
    again = client.post(f"{DRAFT}/texts", taken, content_type=JSON)
    assert again.json()["code"] == "draft_changed"


@pytest.mark.parametrize(
    ("data", "code"), [(b"none", "word_unreadable"), (b"x" * (LARGEST + 1), "word_too_large")]
)
def test_a_document_that_cannot_be_read_is_refused(speak, data, code):
    answer = speak("drafter").post(f"{DRAFT}/texts.docx", {"document": SimpleUploadedFile("d.docx", data)})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (
        speak("signatory")
        .post(f"{DRAFT}/texts.docx", {"document": SimpleUploadedFile("d", b"x")})
        .status_code
        == 403
    )
