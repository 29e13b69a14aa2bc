"""A draft as its letter will look: marked as a draft, however much is missing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.node.casework.conftest import letter, request_body
from tests.node.conftest import START

from comity.letters.preview import compose_draft, draft_pages, draft_pdf
from comity.letters.rendering import Names
from comity.letters.schema import LetterNotUnderstoodError, read_value


def value(**changes: Any) -> dict[str, Any]:
    return letter("request", request_body() | changes, START)


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_a_draft_without_items_is_shown_and_says_that_it_is_one(language: str) -> None:
    bare = value(items=[], contents={})
    document = compose_draft(bare, language, Names())
    assert document.marks[0] in {"Draft, not signed", "Жоба, қол қойылмаған", "Проект, не подписан"}
    assert bare["id"] not in document.footer
    assert draft_pdf(bare, language, Names()).startswith(b"%PDF")
    with pytest.raises(LetterNotUnderstoodError):  # a letter that is signed has an item
        read_value(bare)


def test_a_draft_that_confirms_an_oral_request_shows_what_was_said() -> None:
    told = {
        "made_at": "2026-06-12T03:05:00Z",
        "means": "telephone",
        "asked_by": {"name": "A. Example", "post": "Duty officer"},
        "asked_of": {"name": "B. Example", "post": "Duty officer"},
        "asked": "To preserve the mailbox.",
        "urgency": "It was being emptied.",
        "cite": "uncc:art_40__para_13",
    }
    body = request_body() | {"items": [], "oral": told}
    document = compose_draft(letter("oral_confirmation", body, START), "en", Names())
    assert document.title == "Written confirmation of an oral request"
    assert ("What was asked", "To preserve the mailbox.") in document.sections[0].blocks[0].rows
    with pytest.raises(LetterNotUnderstoodError):  # an ordinary request has no oral one
        compose_draft(value(oral=told), "en", Names())


def test_the_pages_are_pictures() -> None:
    pages = draft_pages(value(contents={"facts": "A line of facts.\n" * 200}), "en", Names())
    assert len(pages) > 1
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_what_no_letter_can_hold_is_told_by_its_place() -> None:
    with pytest.raises(LetterNotUnderstoodError) as refused:
        compose_draft(value(contents={"facts": "a\x07"}), "en", Names())
    assert "contents.facts" in refused.value.params["where"]
