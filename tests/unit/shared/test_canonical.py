from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity import canonical


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "json_key_duplicated"),
        (b'{"a":{"b":1,"b":2}}', "json_key_duplicated"),
        (b'{"a":1,"\\u0061":2}', "json_key_duplicated"),
        (b"[NaN]", "json_number_inexact"),
        (b"[Infinity]", "json_number_inexact"),
        (b"[-Infinity]", "json_number_inexact"),
        (b"[1e400]", "json_number_inexact"),
        (b"[9007199254740992]", "json_number_inexact"),
        (b"[-9007199254740992]", "json_number_inexact"),
        (b"[" + b"9" * 6000 + b"]", "json_number_inexact"),
        (b'["\\ud800"]', "json_text_broken"),
        (b'{"\\udc00":1}', "json_text_broken"),
        (b"[" * 33 + b"]" * 33, "json_too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_deep"),
        (b'["\xff"]', "json_unreadable"),
        (b'\xef\xbb\xbf{"a":1}', "json_unreadable"),
        ('{"a":1}'.encode("utf-16"), "json_unreadable"),
        (b'{"a":1} {}', "json_unreadable"),
        (b'{"a":1,}', "json_unreadable"),
        (b"{'a':1}", "json_unreadable"),
        (b'["a\nb"]', "json_unreadable"),
        (b"", "json_unreadable"),
        (b'"' + b"x" * canonical.MAX_BYTES + b'"', "json_too_large"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused_with_its_code(data: bytes, code: str) -> None:
    with pytest.raises(canonical.JsonUnreadableError) as caught:
        canonical.read(data)
    assert caught.value.code == code
    assert "{" not in caught.value.advice


def test_limits_themselves_are_still_read() -> None:
    deepest = b"[" * 32 + b"]" * 32
    assert canonical.write(canonical.read(deepest)) == deepest
    assert canonical.read(b"[9007199254740991]") == [2**53 - 1]


def test_the_example_of_rfc_8785_comes_out_as_printed_there() -> None:
    given = rb"""{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"""
    expected = (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical.write(canonical.read(given)) == expected


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b'{ "a":1}', b"[1.0]", b'["\\u0041"]', b"[-0]", b"[1]\n"])
def test_bytes_that_are_not_canonical_are_refused(data: bytes) -> None:
    canonical.read(data)
    with pytest.raises(canonical.JsonNotCanonicalError):
        canonical.read_canonical(data)


@pytest.mark.parametrize("value", [float("nan"), 2**53, 2.0**53, "\ud800", {"a": object()}, {1: 2}, b"x"])
def test_a_value_that_json_cannot_hold_is_not_written(value: object) -> None:
    with pytest.raises((canonical.JsonUnreadableError, ValueError)):
        canonical.write(value)


def test_an_instant_is_written_in_utc_to_the_second_and_read_back() -> None:
    moment = datetime(2026, 11, 22, 8, 12, 5, 999_999, timezone(timedelta(hours=5)))
    assert canonical.instant_text(moment) == "2026-11-22T03:12:05Z"
    assert canonical.read_instant("2026-11-22T03:12:05Z") == datetime(2026, 11, 22, 3, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T03:12:05", "2026-11-22T03:12:05+00:00", "2026-11-22 03:12:05Z", "2026-02-30T00:00:00Z",
     "2026-11-22T03:12:60Z", "2026-11-22T03:12:05.0Z", "٢٠٢٦-11-22T03:12:05Z", "2026-11-22T03:12:05Z\n",
     "2026-11-22T24:00:00Z"],
)  # fmt: skip
def test_any_other_spelling_of_an_instant_is_refused(text: str) -> None:
    with pytest.raises(canonical.InstantUnreadableError):
        canonical.read_instant(text)


def test_an_instant_without_a_zone_is_never_written() -> None:
    with pytest.raises(canonical.InstantUnreadableError):
        canonical.instant_text(datetime(2026, 11, 22))  # noqa: DTZ001 -- the fault under test


_EVERY_CHARACTER = st.text(st.characters(exclude_categories=["Cs"]))
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | _EVERY_CHARACTER,
    lambda inner: st.lists(inner) | st.dictionaries(_EVERY_CHARACTER | st.text("abAB_", max_size=3), inner),
    max_leaves=12,
)


@given(_VALUES)
def test_what_the_standard_library_may_write_is_written_as_the_reference_writes_it(value: Any) -> None:
    assert canonical.write(value) == rfc8785.dumps(value)


def test_every_character_is_escaped_as_the_reference_escapes_it() -> None:
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x11000)]))
    assert canonical.write({"text": text}) == rfc8785.dumps({"text": text})


@pytest.mark.parametrize("value", [{"\U0001f600": 1, "\ufb33": 2}, {"a": 1.0}, [{"b": 1e-7}]])
def test_what_only_the_reference_writes_right_is_left_to_it(value: Any) -> None:
    """The negative control: these the standard library would write otherwise."""
    assert canonical._PLAIN.encode(value).encode() != rfc8785.dumps(value)
    assert canonical.write(value) == rfc8785.dumps(value)
