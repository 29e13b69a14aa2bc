from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests import samples
from tools import publish_schema

from comity import canonical
from comity.letters import schema
from comity.letters.bodies import BODIES, RequestBody, ResultBody
from comity.shapes import NewerVersionError

PERSON = samples.request()["people"][0]


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_kind_is_read_back_to_the_same_bytes(kind: str) -> None:
    data = canonical.write(samples.EVERY_KIND[kind]())
    letter = schema.parse(data)
    assert (letter.kind, type(letter.body)) == (kind, BODIES[kind])
    assert letter.as_bytes() == data


def test_the_body_of_another_kind_is_not_understood() -> None:
    with pytest.raises(schema.LetterNotUnderstoodError):
        schema.read_value(samples.request() | {"kind": "result"})


def test_bytes_that_are_not_canonical_are_no_letter() -> None:
    with pytest.raises(canonical.JsonNotCanonicalError):
        schema.parse(json.dumps(samples.request()).encode())


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "greeting"}, "kind"),
        ({"kind": None}, "kind"),
        ({"schema": "comity-note/2"}, "schema"),
        ({"id": "1"}, "id"),
        ({"id": samples.REQUEST_ID.upper()}, "id"),
        ({"from": "KZ"}, "from"),
        ({"written_at": "2026-11-22 03:12"}, "written_at"),
        ({"generation": 0}, "generation"),
        ({"generation": "1"}, "generation"),
        ({"generation": True}, "generation"),
        ({"generation": 1.0}, "generation"),
        ({"people": []}, "people"),
        ({"people": [PERSON | {"part": "friend"}]}, "people.0.part"),
        ({"people": [PERSON | {"name": "A\u0007"}]}, "people.0.name"),
        ({"limits": [{"id": "confidential", "cite": "article 40", "text": None}]}, "limits.0.cite"),
        ({"case": {"requesting": "1", "requested": None}}, "case.requesting"),
        ({"surprise": 1}, "surprise"),
        ({"attachments": [{"name": "a\\b", "media_type": "text/plain", "bytes": 1, "sha256": "ab" * 32,
                           "exhibit": None}]}, "attachments.0.name"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(change: dict[str, Any], where: str) -> None:
    with pytest.raises(schema.LetterNotUnderstoodError) as caught:
        schema.read_value(samples.request() | change)
    assert caught.value.params["where"] == where


def test_a_letter_of_a_later_version_is_told_from_a_wrong_one() -> None:
    with pytest.raises(NewerVersionError):
        schema.read_value(samples.request() | {"schema": "comity-letter/2", "surprise": 1})


@pytest.mark.parametrize("missing", sorted(samples.request()))
def test_no_field_may_be_left_out(missing: str) -> None:
    value = samples.request()
    del value[missing]
    with pytest.raises(schema.LetterNotUnderstoodError):
        schema.read_value(value)


@pytest.mark.parametrize("value", [None, [], "letter", 1, {}, {"kind": ["request"]}])
def test_what_is_no_letter_at_all_is_not_understood(value: Any) -> None:
    with pytest.raises(schema.LetterNotUnderstoodError):
        schema.read_value(value)


def test_a_letter_cannot_be_changed_after_reading() -> None:
    letter = schema.read_value(samples.request())
    with pytest.raises(ValueError, match="frozen"):
        letter.generation = 2


def test_bodies_are_typed() -> None:
    assert isinstance(schema.read_value(samples.request()).body, RequestBody)
    body = schema.read_value(samples.result()).body
    assert isinstance(body, ResultBody)
    assert body.custody[0].by.authority == "tm-247"


def test_the_published_schema_is_current() -> None:
    assert publish_schema.TARGET.read_text(encoding="utf-8") == publish_schema.schema_text(), (
        "run: python tools/publish_schema.py"
    )


def test_an_independent_validator_agrees_with_the_published_schema() -> None:
    published = json.loads(Path(publish_schema.TARGET).read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(published)
    jsonschema.Draft202012Validator.check_schema(published)
    for make in samples.EVERY_KIND.values():
        assert validator.is_valid(make())
    assert not validator.is_valid(samples.request() | {"surprise": 1})
    assert not validator.is_valid(samples.request() | {"generation": 0})
    assert not validator.is_valid(samples.request() | {"kind": "result"})
