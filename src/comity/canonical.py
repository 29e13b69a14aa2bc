"""Canonical JSON (RFC 8785), read strictly, and the one way Comity writes an instant in it.

Receives bytes or values; returns values or bytes; never accepts what two readers could
understand in two ways: a repeated key, a number that a double cannot hold, half a character.
Clauses: COMMON-1, COMMON-3.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

import rfc8785

from comity.terms import ComityError, gettext_noop

MAX_BYTES = 4 * 1024 * 1024
"""Bytes of one JSON text unless the caller sets another bound."""
MAX_DEPTH = 32
"""Arrays and objects inside one another."""
MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer every JSON reader keeps exactly (RFC 8259, section 6; RFC 7493, section 2.2)."""

_EXPONENT_FROM = 1e21
"""From here on RFC 8785 writes a double with an exponent; below, a large one would read as an integer."""
_PLAIN = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
"""Writes as RFC 8785 what has no fractions and only ASCII keys: the same characters are escaped alike."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T(?!24)\d{2}:\d{2}:\d{2}Z", re.ASCII)


class JsonUnreadableError(ComityError):
    """The bytes are no JSON text in UTF-8."""

    code = "json_unreadable"
    message = gettext_noop("The data are not readable JSON: {detail}.")
    next_step = gettext_noop("Correct the text there, or ask its sender for an undamaged copy.")


class JsonEncodingWrongError(JsonUnreadableError):
    """The bytes are not UTF-8, or begin with a byte order mark."""

    message = gettext_noop("The JSON data are not a text in UTF-8 without a byte order mark.")
    next_step = gettext_noop("Save the file as UTF-8 without a byte order mark, or ask its sender to.")


class JsonTooLargeError(JsonUnreadableError):
    """The JSON text is longer than the reader's bound."""

    code = "json_too_large"
    message = gettext_noop("The JSON data have more than the {limit} bytes that are allowed.")


class JsonTooDeepError(JsonUnreadableError):
    """Arrays and objects are nested deeper than MAX_DEPTH."""

    code = "json_too_deep"
    message = gettext_noop("The JSON data are nested deeper than {limit} levels.")


class JsonKeyDuplicatedError(JsonUnreadableError):
    """One object names a key twice, so two readers could see two values."""

    code = "json_key_duplicated"
    message = gettext_noop("The JSON data name the key “{key}” twice in one object.")


class JsonNumberInexactError(JsonUnreadableError):
    """A number is not finite, or is an integer beyond 2^53 - 1."""

    code = "json_number_inexact"
    message = gettext_noop("The JSON data hold a number that cannot be kept exactly: {number}.")


class JsonTextBrokenError(JsonUnreadableError):
    """A string holds a lone surrogate: half a character."""

    code = "json_text_broken"
    message = gettext_noop("The JSON data hold a text with half a character in it.")


class JsonNotCanonicalError(JsonUnreadableError):
    """The bytes differ from the RFC 8785 form of the value they hold."""

    code = "json_not_canonical"
    message = gettext_noop("The JSON data are not in canonical form (RFC 8785).")


class InstantUnreadableError(ComityError):
    """A text is not an instant of the form ``2026-11-22T03:12:00Z``."""

    code = "instant_unreadable"
    message = gettext_noop("“{text}” is not a time in UTC such as 2026-11-22T03:12:00Z.")
    next_step = gettext_noop("Write date and time in UTC to the second, with a Z at the end.")


def read(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Parse one JSON text strictly; raise a JsonUnreadableError that names what is wrong."""
    value, _ = _read(data, max_bytes)
    return value


def read_canonical(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Like ``read``, and refuse bytes that are not the RFC 8785 form of their own value."""
    value, plain = _read(data, max_bytes)
    if _written(value, plain=plain) != data:
        raise JsonNotCanonicalError
    return value


def write(value: Any) -> bytes:
    """The RFC 8785 bytes of a value; raise a JsonUnreadableError for what canonical JSON cannot hold."""
    return _written(value, plain=_check_tree(value))


def _read(data: bytes, max_bytes: int) -> tuple[Any, bool]:
    """The value of a JSON text, and whether it is plain (``_check_tree``)."""
    if len(data) > max_bytes:
        raise JsonTooLargeError(bytes=len(data), limit=max_bytes)
    try:
        value = _READER.decode(data.decode("utf-8"))
    except RecursionError:
        raise JsonTooDeepError(limit=MAX_DEPTH) from None
    except UnicodeDecodeError:
        raise JsonEncodingWrongError from None
    except json.JSONDecodeError as error:
        if data.startswith(b"\xef\xbb\xbf"):
            raise JsonEncodingWrongError from None
        raise JsonUnreadableError(detail=str(error)) from None
    return value, _check_tree(value)


def _written(value: Any, *, plain: bool) -> bytes:
    return _PLAIN.encode(value).encode() if plain else rfc8785.dumps(value)


def instant_text(instant: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC, cut to whole seconds: ``2026-11-22T03:12:00Z``."""
    if instant.tzinfo is None:
        raise InstantUnreadableError(text=instant.isoformat())
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_instant(text: str) -> datetime:
    """The aware datetime of an instant in exactly the form that ``instant_text`` writes."""
    if not _INSTANT.fullmatch(text):
        raise InstantUnreadableError(text=text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InstantUnreadableError(text=text) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse_duplicate(key for key, _ in pairs)
    return found


def _refuse_duplicate(keys: Iterable[str]) -> NoReturn:
    counted = Counter(keys)
    key = next(key for key, count in counted.items() if count > 1)
    raise JsonKeyDuplicatedError(key=key.encode("utf-8", "replace").decode())


def _refuse_number(text: str) -> NoReturn:
    raise JsonNumberInexactError(number=text[:40])


def _integer(text: str) -> int:
    if len(text) > len("-9007199254740991"):
        _refuse_number(text)
    return int(text)  # its range is checked with the rest of the tree


def _number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse_number(text)


_READER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_number, parse_int=_integer, parse_float=_number
)


def _check_tree(value: Any) -> bool:
    """Hold every part of a value to what RFC 8785 can write exactly, level by level, without recursion.

    Says whether the value is plain: the standard library then writes the same bytes, many times as fast.
    """
    plain, depth = True, 0
    level = [value]
    while level:
        depth += 1
        below: list[Any] = []
        for part in level:
            if type(part) is str and part.isascii():
                continue
            if isinstance(part, dict):
                if not _are_ascii(part):
                    plain = False
                    below.extend(part)
                below.extend(part.values())
            elif isinstance(part, list | tuple):
                below.extend(part)
            else:
                _check_scalar(part)
                plain = plain and not isinstance(part, float)
                continue
            if depth > MAX_DEPTH:
                raise JsonTooDeepError(limit=MAX_DEPTH)
        level = below
    return plain


def _are_ascii(keys: Iterable[Any]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:  # one is no text
        return False


def _check_scalar(part: Any) -> None:
    match part:
        case str():
            if not part.isascii() and _SURROGATE.search(part):
                raise JsonTextBrokenError
        case bool() | None:
            return
        case int():
            if abs(part) > MAX_SAFE_INTEGER:
                _refuse_number(str(part)[:40])
        case float():
            if not math.isfinite(part) or MAX_SAFE_INTEGER < abs(part) < _EXPONENT_FROM:
                _refuse_number(repr(part))
        case _:
            raise JsonUnreadableError(detail=f"a {type(part).__name__} is no JSON value")
