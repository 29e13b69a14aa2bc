"""The versions of a draft: what it said each time it was saved, and how two of them differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.models import Case, DraftVersion, Origin
from comity.terms import ComityError, gettext_noop

TYPING = timedelta(minutes=10)
"""What one official types within this time, without saving, is one version."""
COMPARED_WORDS = 4000
"""Texts of more words than this are shown as replaced whole: a comparison must not hold up the page."""
CONDITIONS = ("urgent", "confidential", "no_user_notice")
_WORDS = re.compile(r"\S+\s*|\s+")


class VersionUnknownError(ComityError):
    """The draft has no version of this number."""

    code = "version_unknown"
    message = gettext_noop("The draft has no version {number}.")
    next_step = gettext_noop("Choose one from the list of versions.")


class VersionOfAnotherRequestError(ComityError):
    """The version belongs to an earlier request of the case, by another measure."""

    code = "version_of_another_request"
    message = gettext_noop("Version {number} belongs to another request of this case.")
    next_step = gettext_noop("Choose a version of the request that is being drafted.")


class DraftChangedError(ComityError):
    """Somebody has saved the draft since it was compared."""

    code = "draft_changed"
    message = gettext_noop("The draft was changed after you compared it. Nothing was overwritten.")
    next_step = gettext_noop("Compare it again with what it says now.")


def keep(
    case: Case,
    official: Official,
    *,
    now: datetime,
    origin: Origin = Origin.SAVED,
    source: str = "",
    typing: bool = False,
) -> DraftVersion:
    """Keep what the draft now says as a version; the caller has the case's row locked.

    What one official types without saving goes into one version while it is young. A version that was saved
    is never changed again, and the same words twice make no second one.
    """
    last = newest(case)
    going_on = last is not None and last.open and last.by_id == official.pk and now - last.begun_at < TYPING
    if last is not None and origin == Origin.SAVED and (going_on or last.body == case.draft):
        if last.open and (going_on or not typing):
            if last.body != case.draft:
                last.body, last.at = case.draft, now
            last.open = typing
            last.save(update_fields=["body", "at", "open"])
        return last
    return DraftVersion.objects.create(
        case=case,
        number=(last.number if last else 0) + 1,
        begun_at=now,
        at=now,
        by=official,
        origin=origin,
        source=source,
        body=case.draft,
        open=typing,
    )


def newest(case: Case) -> DraftVersion | None:
    """The latest version."""
    return DraftVersion.objects.filter(case=case).order_by("-number").first()


def number_now(case: Case) -> int:
    """The number of the latest version, 0 before the first."""
    last = newest(case)
    return last.number if last else 0


def find(case: Case, number: int) -> DraftVersion:
    """A version by its number; raise VersionUnknownError."""
    found = DraftVersion.objects.select_related("by").filter(case=case, number=number).first()
    if found is None:
        raise VersionUnknownError(number=number)
    return found


def fingerprint(draft: dict[str, Any]) -> str:
    """Tells whether a draft still says what it said."""
    return sha256(canonical.write(draft)).hexdigest()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed at one place: a field of the contents, the items, or a condition."""

    place: str
    of: Literal["field", "items", "condition", "language", "translation"]
    before: Any
    after: Any
    pieces: tuple[Piece, ...]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """Where two bodies differ, in the order of their contents; nothing where they say the same."""
    return list(_differences(before, after))


def _differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    old, new = before.get("contents", {}), after.get("contents", {})
    for field in dict.fromkeys((*old, *new)):
        said, says = old.get(field, ""), new.get(field, "")
        if said != says:
            yield Difference(field, "field", said, says, compare(said, says))
    if before.get("items", []) != after.get("items", []):
        yield Difference("items", "items", before.get("items", []), after.get("items", []), ())
    yield from _of_languages(before, after)
    for name in CONDITIONS:
        if before.get(name, False) != after.get(name, False):
            yield Difference(name, "condition", before.get(name, False), after.get(name, False), ())


def _of_languages(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    if before.get("language") != after.get("language"):
        yield Difference("language", "language", before.get("language", ""), after.get("language", ""), ())
    old, new = _translated(before), _translated(after)
    for place in dict.fromkeys((*old, *new)):
        said, says = old.get(place, ""), new.get(place, "")
        if said != says:
            yield Difference("__".join(place), "translation", said, says, compare(said, says))


def _translated(draft: dict[str, Any]) -> dict[tuple[str, str], str]:
    """The translated texts of a draft by language and field."""
    made = draft.get("translations", [])
    return {(each["language"], id): said["text"] for each in made for id, said in each["texts"].items()}


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts, word by word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > COMPARED_WORDS:
        whole = (Piece("removed", before), Piece("added", after))
        return tuple(piece for piece in whole if piece.text)
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, start, end, begin, stop in difflib.SequenceMatcher(a=old, b=new).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Piece("removed", "".join(old[start:end]))
        if stop > begin:
            yield Piece("added", "".join(new[begin:stop]))
