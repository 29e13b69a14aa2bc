"""The published schemas of the documents beside the letter: what the code reads, and what the vectors say."""

from __future__ import annotations

import base64
import json
import re

import pytest
from jsonschema import Draft202012Validator
from tests.unit.spec.clauses import SEALING, documents
from tests.unit.spec.test_vectors import edited, published
from tools import publish_schema

FORMS = json.loads(publish_schema.FORMS_TARGET.read_bytes())
SHAPELESS = (
    "an unknown key",
    "a missing key",
    "no form",
    "an envelope with an unknown key",
    "an envelope of no form",
    "an upper-case digest",
    "a time with an offset",
    "a number as a text",
    "a generation of nothing",
    "a number of nothing",
    "a telephone of letters",
    "no designation",
    "no identifier",
)
"""Cases that are refused for their form alone."""
LISTS = {
    "envelope.json": "comity-envelope/1",
    "consignment.json": "comity-consignment/1",
    "card.json": "comity-card/1",
    "entry.json": "comity-entry/1",
    "order.json": "comity-order/2",
    "receipt.json": "comity-receipt/1",
    "transport_key.json": "comity-transport-key/1",
    "drill.json": "comity-drill/1",
}


def judge(form: str) -> Draft202012Validator:
    return Draft202012Validator({**FORMS["forms"][form], "$defs": FORMS["$defs"]})


def document(name: str, case: dict) -> object:
    if "note" in case:
        return json.loads(case["note"].split("\n")[1])
    if "edit" in case:
        return json.loads(edited(case, base64.b64decode(published(name)["whole"])))
    return json.loads(base64.b64decode(case["bytes"]))


def listed(*, sound: bool) -> list:
    found = []
    for name, form in LISTS.items():
        for case in published(name)["cases"]:
            is_of_form = case["name"] != "the first form" and case.get("form", form) == form
            wanted = case["code"] is None if sound else case["name"] in SHAPELESS
            if wanted and is_of_form:
                found.append(pytest.param(form, document(name, case), id=f"{form} {case['name']}"))
    return found


def test_the_published_forms_are_those_that_are_read():
    assert publish_schema.FORMS_TARGET.read_text() == publish_schema.forms_text(), (
        "run: python tools/publish_schema.py"
    )


@pytest.mark.parametrize(("form", "value"), listed(sound=True))
def test_what_holds_has_its_form(form, value):
    assert list(judge(form).iter_errors(value)) == []


@pytest.mark.parametrize(("form", "value"), listed(sound=False))
def test_what_is_refused_for_its_form_has_another(form, value):
    assert not judge(form).is_valid(value)


def patterns(schema: object) -> list[str]:
    if isinstance(schema, list):
        return [found for each in schema for found in patterns(each)]
    if not isinstance(schema, dict):
        return []
    own = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
    return own + [found for each in schema.values() for found in patterns(each)]


def test_patterns_escape_only_what_every_reader_lets_one_escape():
    """ECMA-262 with its flag ``u``, by which other implementations compile them, knows no others."""
    letter = json.loads((publish_schema.TARGET).read_bytes())
    found = patterns(FORMS) + patterns(letter)
    assert len(found) > 20
    known = re.compile(r"\\(?:[\^$\\.*+?()\[\]{}|/sSdDwWnrt]|x[0-9a-f]{2}|u[0-9a-f]{4})")
    assert [each for each in found if "\\" in known.sub("", each)] == []


def test_every_form_is_named_by_a_clause():
    text = "\n".join(documents())
    assert [form for form in FORMS["forms"] if form not in text and form not in SEALING.read_text()] == []
