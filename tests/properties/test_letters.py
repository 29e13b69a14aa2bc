"""Whatever bytes or values arrive, reading a letter gives that letter, or an error with a code."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests import samples

from comity import canonical
from comity.letters.document import visible
from comity.letters.schema import LetterNotUnderstoodError, parse, read_value
from comity.letters.validation import find_problems

SAFE_INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not 2**53 <= abs(x) < 1e21)
SCALARS = st.none() | st.booleans() | SAFE_INTEGERS | DOUBLES
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_survives_its_canonical_bytes_and_they_are_their_own_canonical_form(value: Any) -> None:
    data = canonical.write(value)
    assert canonical.write(canonical.read_canonical(data)) == data
    assert canonical.read(data) == json.loads(data)


@given(st.binary(max_size=200) | TEXTS.map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_code(data: bytes) -> None:
    for read in (canonical.read, canonical.read_canonical, parse):
        with suppress(canonical.JsonUnreadableError, LetterNotUnderstoodError):
            read(data)


@given(VALUES)
def test_any_value_is_a_letter_or_refused_with_a_code(value: Any) -> None:
    with suppress(LetterNotUnderstoodError):
        read_value(value)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside a JSON value."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


@settings(max_examples=300)
@given(kind=st.sampled_from(sorted(samples.EVERY_KIND)), data=st.data())
def test_a_letter_with_any_one_value_exchanged_is_that_letter_or_refused(
    kind: str, data: st.DataObject
) -> None:
    value = copy.deepcopy(samples.EVERY_KIND[kind]())
    *parents, last = data.draw(st.sampled_from(places(value)[1:]))
    holder = value
    for key in parents:
        holder = holder[key]
    holder[last] = data.draw(VALUES | st.just(holder[last]))
    with suppress(LetterNotUnderstoodError):
        letter = read_value(value)
        assert canonical.read(letter.as_bytes()) == canonical.read(canonical.write(value))
        find_problems(letter)


@given(st.text())
def test_what_is_shown_has_no_sign_that_hides_or_turns_text(text: str) -> None:
    shown = visible(text)
    assert not any(
        "\u200b" <= sign <= "\u200f" or "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"
        for sign in shown
    )
    assert visible(shown) == shown
