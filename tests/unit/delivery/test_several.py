"""Several letters or receipts in one request: what is read back is what was written, and nothing else is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.delivery.test_consignment import ENVELOPE

from comity import canonical
from comity.delivery import envelope as envelopes
from comity.delivery import several
from comity.delivery.envelope import Envelope, EnvelopeMalformedError
from comity.shapes import NewerVersionError

containers = st.lists(st.binary(max_size=300), max_size=several.MOST)


def of(container: bytes, **changes: object) -> tuple[Envelope, bytes]:
    return Envelope.model_validate(ENVELOPE | {"bytes": len(container)} | changes), container


def read(body: bytes) -> list[tuple[Envelope, bytes]]:
    return list(several.read_letters(io.BytesIO(body)))


@given(containers)
def test_letters_are_read_back_whatever_their_containers_hold(held: list[bytes]) -> None:
    letters = [of(each) for each in [*held, b"\n{}\n"][: several.MOST]]
    assert read(several.write_letters(letters)) == letters


@given(containers, st.integers(min_value=0, max_value=5000))
def test_of_a_body_that_ends_early_the_last_is_short_or_its_line_has_no_end(
    held: list[bytes], kept: int
) -> None:
    letters = [of(each) for each in held]
    whole = several.write_letters(letters)
    try:
        came = read(whole[:kept])
    except several.SeveralMalformedError:
        return
    assert came[:-1] == letters[: len(came)][:-1]
    if came:
        envelope, container = letters[len(came) - 1]
        assert came[-1][0] == envelope
        assert container.startswith(came[-1][1])
    if kept >= len(whole):
        assert came == letters


def test_a_line_without_end_is_read_no_further_than_an_envelope_may_be_long() -> None:
    body = io.BytesIO(b"{" * 10_000_000)
    with pytest.raises(several.SeveralMalformedError):
        list(several.read_letters(body))
    assert body.tell() == envelopes.MAX_BYTES + 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{}\n", EnvelopeMalformedError),
        (b"\n", EnvelopeMalformedError),
        (several.write_letters([of(b"x")]) + b"y", several.SeveralMalformedError),
        (several.write_letters([of(b"x")] * (several.MOST + 1)), several.SeveralMalformedError),
        (several.write_letters([of(b"x" * several.LETTER_BYTES)]), several.SeveralMalformedError),
        (canonical.write(ENVELOPE | {"schema": "comity-envelope/2"}) + b"\n", NewerVersionError),
    ],
)
def test_other_bodies_are_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(body)


def test_the_largest_that_may_come_together_do() -> None:
    letters = [of(b"x" * (several.LETTER_BYTES - 1))] * several.MOST
    assert len(read(several.write_letters(letters))) == several.MOST


@given(st.lists(st.text(max_size=50), min_size=1, max_size=several.MOST))
def test_receipts_are_read_back(notes: list[str]) -> None:
    assert several.read_receipts(several.write_receipts(notes)) == [note.encode() for note in notes]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notes":[]}',
        b'{"notes":[1]}',
        b'{"notes":["x"],"more":1}',
        b'{"notes": ["x"]}',
        canonical.write({"notes": ["x"] * (several.MOST + 1)}),
        canonical.write({"notes": ["x" * several.BYTES]}),
    ],
)
def test_other_bodies_are_no_receipts(body: bytes) -> None:
    with pytest.raises(several.SeveralMalformedError):
        several.read_receipts(body)


def test_answers_are_read_back_and_must_be_as_many_as_were_asked() -> None:
    said = [several.Said(status=200, body="note"), several.Said(status=429, retry_after=7, body="{}")]
    written = several.write_answers(said)
    assert several.read_answers(written, 2) == said
    for count in (1, 3):
        with pytest.raises(several.SeveralMalformedError):
            several.read_answers(written, count)


@pytest.mark.parametrize(
    "answer", [{"status": 99}, {"status": 200.5}, {"retry_after": -1}, {"body": None}, {"note": "x"}]
)
def test_other_answers_are_refused(answer: dict[str, object]) -> None:
    said = {"status": 200, "retry_after": None, "body": ""} | answer
    with pytest.raises(several.SeveralMalformedError):
        several.read_answers(canonical.write({"answers": [said]}), 1)
