"""The page and the API of the files that travel with a request."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from comity.node.api import tokens
from comity.node.casework import enclosures

DRAFT = "XA-2026-000003"
PAGE = f"/requests/{DRAFT}/draft/files"


@pytest.fixture(autouse=True)
def store(empty_store) -> None:
    """A place for contents."""


def test_a_file_is_added_shown_with_its_hash_and_taken_out(enter, cases):
    client = enter("drafter")
    file = SimpleUploadedFile("<b>order.pdf", b"content", "application/pdf")
    assert client.post(PAGE, {"step": "enclose", "file": file}).status_code == 302
    (exhibit,) = enclosures.waiting(cases["draft"])
    page = client.get(PAGE).content.decode()
    assert exhibit.sha256 in page
    assert "&lt;b&gt;order.pdf" in page
    assert client.post(PAGE, {"step": f"take_out:{exhibit.pk}"}).status_code == 302
    assert exhibit.sha256 not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"step": f"take_out:{exhibit.pk}"}).status_code == 409
    assert client.post(PAGE, {"step": "take_out:nonsense"}).status_code == 409


def test_no_file_and_an_empty_one_are_named(enter):
    client = enter("drafter")
    assert client.post(PAGE, {"step": "enclose"}).status_code == 422
    empty = SimpleUploadedFile("order.pdf", b"", "application/pdf")
    assert client.post(PAGE, {"step": "enclose", "file": empty}).status_code == 422


def test_the_api_adds_lists_and_removes(cases):
    secret = tokens.make(cases["people"]["drafter"], "test", days=1, now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    where = f"/api/cases/{DRAFT}/draft/files"
    made = client.post(where, {"file": SimpleUploadedFile("order.pdf", b"content", "application/pdf")})
    assert made.status_code == 201
    assert [one["id"] for one in client.get(where).json()] == [made.json()["id"]]
    assert client.delete(f"{where}/{made.json()['id']}").status_code == 204
    assert client.get(where).json() == []
