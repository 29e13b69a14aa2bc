"""The signatory's verification in a letter's container: proved by bytes alone; every forgery has its code."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.authenticator import UP, UV, SoftwareKey

from comity.sealing import stepup
from comity.sealing.refusals import PackageRefusedError

LETTER = {
    "id": "11111111-1111-4111-8111-111111111111",
    "people": [
        {"part": "drafter", "name": "A"},
        {"part": "signatory", "name": "B"},
    ],
}
DATA = b"the bytes of letter.json"
CHALLENGE = hashlib.sha256(DATA).digest()


def statement(
    key: SoftwareKey | None = None, bend: dict[str, Any] | None = None, **changes: Any
) -> stepup.StepUp:
    key = key or SoftwareKey(rp_id="comity.example", origin="https://comity.example")
    values = {
        "schema": "comity-stepup/1",
        "letter": LETTER["id"],
        "signatory": "B",
        "at": "2027-06-12T03:12:00Z",
        "method": "webauthn",
        "assertion": key.assertion(CHALLENGE, **(bend or {})),
    }
    return stepup.StepUp.model_validate(values | changes)


def checked(found: stepup.StepUp, data: bytes = DATA) -> stepup.Answer | None:
    return stepup.check(stepup.parse(found.as_bytes()), LETTER, data)


def test_an_assertion_over_the_letters_digest_proves_itself() -> None:
    answer = checked(statement())
    assert answer is not None
    assert (answer.origin, answer.counter) == ("https://comity.example", 1)


def test_what_was_done_without_a_key_is_said_and_proves_nothing() -> None:
    assert checked(statement(method="totp", assertion=None)) is None


def foreign_key() -> stepup.StepUp:
    good = statement()
    other = SoftwareKey(private=ec.generate_private_key(ec.SECP256R1()))
    from comity.shapes import encode_base64

    forged = good.assertion.model_copy(update={"public_key": encode_base64(other.public_key)})  # type: ignore[union-attr]
    return good.model_copy(update={"assertion": forged})


def with_part(**changes: str) -> stepup.StepUp:
    good = statement()
    return good.model_copy(update={"assertion": good.assertion.model_copy(update=changes)})  # type: ignore[union-attr]


FORGED: dict[str, Callable[[], stepup.StepUp]] = {
    "another challenge": lambda: statement(bend={"challenge": "AAAA"}),
    "another page": lambda: statement(bend={"origin": "https://elsewhere.example"}),
    "a page without protection": lambda: statement(bend={"origin": "http://comity.example"}),
    "a page inside another": lambda: statement(bend={"crossOrigin": True}),
    "a registration": lambda: statement(bend={"type": "webauthn.create"}),
    "another key": foreign_key,
    "another party": lambda: with_part(rp_id="example"),
    "no key at all": lambda: with_part(public_key="oA=="),
    "no CBOR": lambda: with_part(public_key="/w=="),
    "no signature": lambda: with_part(signature=""),
    "no data": lambda: with_part(authenticator_data=""),
    "no JSON": lambda: with_part(client_data="e30="),
}


@pytest.mark.parametrize("what", sorted(FORGED))
def test_a_forged_answer_is_refused(what: str) -> None:
    with pytest.raises(stepup.StepUpForgedError):
        checked(FORGED[what]())


def test_a_letter_of_one_other_byte_is_not_what_was_signed() -> None:
    with pytest.raises(stepup.StepUpForgedError, match="challenge"):
        checked(statement(), DATA + b" ")


@pytest.mark.parametrize("flags", [UP, UV, 0])
def test_a_key_that_did_not_ask_its_holder_does_not_count(flags: int) -> None:
    key = SoftwareKey(rp_id="comity.example", origin="https://comity.example", flags=flags)
    with pytest.raises(stepup.StepUpUnverifiedError):
        checked(statement(key))


@pytest.mark.parametrize("changes", [{"letter": "22222222-2222-4222-8222-222222222222"}, {"signatory": "A"}])
def test_a_statement_of_another_letter_or_person_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(stepup.StepUpOfAnotherLetterError):
        checked(statement(**changes))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        statement(method="totp").as_bytes(),
        statement(assertion=None).as_bytes(),
        statement().as_bytes().replace(b'"at"', b'"when"'),
        b" " + statement().as_bytes(),
        statement().as_bytes().replace(b'"schema":"comity-stepup/1",', b""),
    ],
)
def test_what_is_not_in_its_form_is_refused(data: bytes) -> None:
    with pytest.raises(PackageRefusedError) as caught:
        stepup.parse(data)
    assert caught.value.code == "stepup_unreadable"
