"""A request with translations: tied to its original, readable beside it, and older letters unchanged."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from typing import Any

import pytest
from tests import samples

from comity import canonical
from comity.letters.bodies import digest
from comity.letters.labels import Language
from comity.letters.rendering import Names, compose, render_letter
from comity.letters.schema import LetterNotUnderstoodError, read_value
from comity.letters.validation import find_problems


def translated(text: str, original: str) -> dict[str, str]:
    return {"text": text, "original": digest(original)}


@pytest.fixture
def plain() -> dict[str, Any]:
    return copy.deepcopy(samples.request())


@pytest.fixture
def letter(plain: dict[str, Any]) -> dict[str, Any]:
    """A request in English with its facts in Russian and the first item's description."""
    body = plain["body"]
    body["items"][0]["description"] = "The mailbox"
    body["language"] = "en"
    body["translations"] = [
        {
            "language": "ru",
            "texts": {
                "facts": translated("Неизвестный вошел на сервер.", body["contents"]["facts"]),
                "item_1": translated("Почтовый ящик", "The mailbox"),
            },
            "translator": {"kind": "sworn", "name": "A. Translator", "post": "Licence 12"},
            "at": plain["written_at"],
            "statement": "This translation is true and complete.",
        }
    ]
    return plain


def codes(value: dict[str, Any]) -> set[str]:
    return {problem.code for problem in find_problems(read_value(value))}


def test_a_letter_without_languages_keeps_its_bytes(plain: dict[str, Any]) -> None:
    assert "language" not in plain["body"]
    assert read_value(plain).as_bytes() == canonical.write(plain)
    assert json.loads(read_value(plain).as_bytes()) == plain


def test_a_translation_is_sound_and_read_back(letter: dict[str, Any]) -> None:
    assert codes(letter) == set()
    assert read_value(letter).as_bytes() == canonical.write(letter)


def test_an_original_that_was_changed_makes_its_translation_stale(letter: dict[str, Any]) -> None:
    letter["body"]["contents"]["facts"] += " And left."
    assert codes(letter) == {"translation_stale"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda body: body.pop("language"), "original_language_missing"),
        (lambda body: body.update(language="ru"), "translation_repeated"),
        (lambda body: body["translations"].append(body["translations"][0]), "translation_repeated"),
        (lambda body: body["items"][0].update(description=""), "translation_of_nothing"),
        (lambda body: body["translations"][0].update(at="2099-01-01T00:00:00Z"), "translation_after_writing"),
    ],
)
def test_a_translation_that_contradicts_its_letter_is_found(
    letter: dict[str, Any], change: Any, code: str
) -> None:
    change(letter["body"])
    assert codes(letter) == {code}


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made.update(language="Russian"),
        lambda made: made.update(texts={}),
        lambda made: made.update(translator=None),
        lambda made: made["texts"]["facts"].update(original="0"),
        lambda made: made["translator"].update(kind="friend"),
        lambda made: made.update(extra=1),
    ],
)
def test_another_form_of_a_translation_is_not_understood(letter: dict[str, Any], change: Any) -> None:
    change(letter["body"]["translations"][0])
    with pytest.raises(LetterNotUnderstoodError):
        read_value(letter)


@pytest.mark.parametrize("language", list(Language))
def test_the_readable_form_has_both_original_first_and_who_translated(
    letter: dict[str, Any], language: Language
) -> None:
    said = json.dumps(asdict(compose(read_value(letter), language, Names())), ensure_ascii=False)
    original = letter["body"]["contents"]["facts"].split("\n")[0]
    assert said.index(original) < said.index("Неизвестный")
    for words in ("Почтовый ящик", "A. Translator", "This translation is true"):
        assert words in said


def test_each_text_is_in_its_own_language(letter: dict[str, Any]) -> None:
    document = compose(read_value(letter), Language.KAZAKH, Names())
    spoken = [
        [one.language for one in block.texts]
        for section in document.sections
        for block in section.blocks
        if block.kind == "beside"
    ]
    assert ["en", "ru"] in spoken
    assert b"/Lang(ru)" in render_letter(read_value(letter), "kk", Names())
