"""How the signatory of a letter was verified at signing: ``stepup.json``, and what must hold of it.

Receives the bytes of both files; returns what was proved; never asks anybody and keeps no key. The challenge
that a security key answered is the SHA-256 of letter.json (W3C Web Authentication, Level 2, section 7.2), so
that the answer is about this letter and no other (LETTER-8).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from pydantic import Field, ValidationError

from comity import canonical
from comity.sealing.refusals import PackageRefusedError
from comity.shapes import Base64, Instant, Line, Shape, Uuid, decode_base64
from comity.terms import gettext_noop

STEP_UP = "stepup.json"
MEDIA_TYPE = "application/json"
LIMIT = 64 << 10
"""Bytes of stepup.json."""
ALGORITHMS = frozenset({-7, -8, -35, -257})
"""COSE: ES256, EdDSA, ES384, RS256 (RSA of 3072 bits and more)."""
_RSA, _SHORTEST_MODULUS = -257, 3072 // 8
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04
_HEAD = 37
"""Bytes of authenticator data before its extensions: hash of the party's id, flags, counter."""


class StepUpUnreadableError(PackageRefusedError):
    """stepup.json is not in its form."""

    code = "stepup_unreadable"
    message = gettext_noop("How the signatory was verified cannot be read.")


class StepUpOfAnotherLetterError(PackageRefusedError):
    """stepup.json is about another letter or another person."""

    code = "stepup_of_another"
    message = gettext_noop("The signatory’s verification belongs to another {part}.")


class StepUpForgedError(PackageRefusedError):
    """The security key's answer is not about these bytes, or not by this key."""

    code = "stepup_forged"
    message = gettext_noop("The security key did not sign this letter: {part} is wrong.")


class StepUpUnverifiedError(PackageRefusedError):
    """The key answered without asking its holder for a PIN or a fingerprint."""

    code = "stepup_unverified"
    message = gettext_noop("The security key did not verify its holder.")


class Method(StrEnum):
    """What verified the signatory at the moment of signing."""

    WEBAUTHN = "webauthn"
    TOTP = "totp"
    PASSWORD = "password"  # noqa: S105  a method, no secret


class Assertion(Shape):
    """A security key's answer and the public key (COSE) that it is checked with."""

    rp_id: Line
    credential: Base64
    public_key: Base64
    client_data: Base64
    authenticator_data: Base64
    signature: Base64


class StepUp(Shape):
    """Who signed which letter, verified how; ``assertion`` is there for a security key alone."""

    schema_: Literal["comity-stepup/1"] = Field(alias="schema")
    letter: Uuid
    signatory: Line
    at: Instant
    method: Method = Field(strict=False)
    assertion: Assertion | None

    def as_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical.write(self.as_json())


@dataclass(frozen=True, slots=True)
class Answer:
    """What a security key's proved answer tells: its counter and the address of the page it was given to."""

    counter: int
    origin: str


def parse(data: bytes) -> StepUp:
    """The statement in the bytes of stepup.json; StepUpUnreadableError."""
    try:
        found = StepUp.model_validate(canonical.read_canonical(data, max_bytes=LIMIT))
    except (ValidationError, canonical.JsonUnreadableError):
        raise StepUpUnreadableError from None
    if (found.assertion is None) == (found.method is Method.WEBAUTHN):
        raise StepUpUnreadableError
    return found


def check(statement: StepUp, letter: dict[str, Any], letter_bytes: bytes) -> Answer | None:
    """Check the statement against its letter; the answer of the security key, where there is one."""
    if statement.letter != letter.get("id"):
        raise StepUpOfAnotherLetterError(part="letter")
    people = letter.get("people")
    signatories = [
        each.get("name")
        for each in (people if isinstance(people, list) else [])
        if isinstance(each, dict) and each.get("part") == "signatory"
    ]
    if signatories != [statement.signatory]:
        raise StepUpOfAnotherLetterError(part="signatory")
    if statement.assertion is None:
        return None
    return check_assertion(statement.assertion, sha256(letter_bytes).digest())


def check_assertion(assertion: Assertion, challenge: bytes) -> Answer:
    """Verify a security key's answer to the challenge: what was asked, where, by whom, with which key."""
    client_data, authenticator_data = (
        decode_base64(assertion.client_data),
        decode_base64(assertion.authenticator_data),
    )
    origin = _check_client_data(client_data, challenge, assertion.rp_id)
    if (
        len(authenticator_data) < _HEAD
        or authenticator_data[:32] != sha256(assertion.rp_id.encode()).digest()
    ):
        raise StepUpForgedError(part="rp_id")
    flags = authenticator_data[32]
    signed = authenticator_data + sha256(client_data).digest()
    _check_signature(decode_base64(assertion.public_key), signed, decode_base64(assertion.signature))
    if not flags & _USER_PRESENT or not flags & _USER_VERIFIED:
        raise StepUpUnverifiedError
    return Answer(int.from_bytes(authenticator_data[33:_HEAD]), origin)


def _check_client_data(data: bytes, challenge: bytes, rp_id: str) -> str:
    """The page's address in the browser's statement, which must be a secure one of the party; or forged."""
    try:
        said = json.loads(data)
        origin = str(said["origin"])
        parts = urlsplit(origin)
        kind, answered = said["type"], str(said["challenge"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise StepUpForgedError(part="clientData") from None
    if kind != "webauthn.get" or said.get("crossOrigin", False) is not False:
        raise StepUpForgedError(part="type")
    if answered != base64.urlsafe_b64encode(challenge).rstrip(b"=").decode():
        raise StepUpForgedError(part="challenge")
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
    if not secure or (host != rp_id and not host.endswith(f".{rp_id}")):
        raise StepUpForgedError(part="origin")
    return origin


def _check_signature(public_key: bytes, signed: bytes, signature: bytes) -> None:
    from fido2 import cbor  # loaded for a security key alone
    from fido2.cose import CoseKey

    try:
        values = cbor.decode(public_key)
        key = CoseKey.parse(values)  # type: ignore[arg-type]  # whatever it is: it is checked here
        if key[3] not in ALGORITHMS or (key[3] == _RSA and len(key[-1].lstrip(b"\0")) < _SHORTEST_MODULUS):
            raise StepUpForgedError(part="algorithm")
        key.verify(signed, signature)
    except StepUpForgedError:
        raise
    except (
        InvalidSignature,
        ValueError,
        KeyError,
        TypeError,
        IndexError,
        AttributeError,
        NotImplementedError,
    ):
        raise StepUpForgedError(part="signature") from None
    except Exception as error:
        raise StepUpForgedError(part="public key") from error
