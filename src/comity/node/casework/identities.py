"""Identities kept apart: sealed on their own, never in a text of the case, which has a pseudonym instead."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from comity.node import config, folders
from comity.node.casework import attempts
from comity.node.casework.marked import ProtectedPerson
from comity.node.casework.models import Case
from comity.sealing import encryption
from comity.terms import ComityError, gettext_noop

SHORTEST = 3
"""Letters of a name that is looked for in texts; a shorter one would be found everywhere."""


class IdentityInTextError(ComityError):
    """A text names a person whose identity is kept apart."""

    code = "identity_in_text"
    message = gettext_noop("The text names a protected person, who is {pseudonym} in this case.")
    next_step = gettext_noop("Write {pseudonym} instead of the name.")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a protected person is: the name with its other spellings, and whatever else identifies."""

    names: list[str]
    details: str


def seal(identity: Identity) -> bytes:
    """The identity, encrypted to the node's storage key."""
    out, plain = io.BytesIO(), json.dumps(asdict(identity), ensure_ascii=False).encode()
    encryption.encrypt(io.BytesIO(plain), out, [folders.storage_recipient(config.current())])
    return out.getvalue()


def unseal(person: ProtectedPerson) -> Identity:
    """The identity of a person. Who may read it, and the record of it, are the caller's (an act's) part."""
    out = io.BytesIO()
    sealed = io.BytesIO(bytes(person.sealed))
    encryption.decrypt(sealed, out, [folders.storage_identity(config.current())])
    return Identity(**json.loads(out.getvalue()))


def demand_absent(case: Case, value: Any) -> None:
    """Raise IdentityInTextError if a text anywhere in a JSON value names a protected person of the case.

    That it did stays on record; TextsWithheldError for whoever's texts did so too often (``attempts``).
    """
    people = list(case.protected_persons.all())
    if people:
        attempts.demand_answered(case)
    for person in people:
        if names(unseal(person), value):
            attempts.hit(person)
            raise IdentityInTextError(pseudonym=person.pseudonym)


def names(identity: Identity, value: Any) -> bool:
    """Whether a text in a JSON value has one of the names, in any case and with any ending."""
    pattern = _pattern(identity.names)
    return any(pattern.search(text) for text in _texts(value))


def without(identity: Identity, pseudonym: str, value: Any) -> Any:
    """A JSON value with the pseudonym wherever a text has one of the names."""
    pattern = _pattern(identity.names)

    def put(text: str) -> str:
        seen = unicodedata.normalize("NFC", text)
        return pattern.sub(pseudonym, seen) if pattern.search(seen) else text

    return _mapped(value, put)


def _pattern(known: Iterable[str]) -> re.Pattern[str]:
    """Names as texts and names of files write them, whose words a dash or an underscore may part."""
    spelled = (r"[\s_-]+".join(map(re.escape, unicodedata.normalize("NFC", name).split())) for name in known)
    longest_first = sorted(spelled, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest_first)})[^\W_]*", re.IGNORECASE)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield unicodedata.normalize("NFC", value)
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _mapped(value: Any, put: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return put(value)
    if isinstance(value, list):
        return [_mapped(each, put) for each in value]
    if isinstance(value, dict):
        return {key: _mapped(each, put) for key, each in value.items()}
    return value
