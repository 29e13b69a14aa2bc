"""An entry of the directory: one authority of a State, what it is designated for, how it is reached."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError

from comity import canonical
from comity.directory.cards import Card, CardUnreadableError, demand_whole
from comity.letters.bodies import LanguageCode
from comity.shapes import AuthorityId, Instant, Line, Shape, first_problem
from comity.terms import ComityError, gettext_noop

MAX_BYTES = 128 * 1024


class EntryUnreadableError(ComityError):
    """A text is no entry of the directory."""

    code = "entry_unreadable"
    message = gettext_noop("The entry cannot be used: {detail}.")
    next_step = gettext_noop("Tell the State and the keeper; the entry before it stays.")


def _date(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
"""A day of the calendar: ``2027-06-12``."""
StateCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1, two letters."""
Names = Annotated[dict[LanguageCode, Line], Field(min_length=1, max_length=12)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=40)]
"""The id of an instrument, or of a role of law/vocabulary."""


class Region(Shape):
    """A special region with a legal system of its own (ISO 3166-2), for which the authority acts."""

    code: str = Field(pattern=r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
    names: Names


class Designation(Shape):
    """For what roles of an instrument the State designated the authority, from which day, until which.

    Clause DIRECTORY-2.
    """

    instrument: Word
    roles: list[Word] = Field(min_length=1, max_length=12)
    valid_from: Day
    valid_until: Day | None = None


class Contact(Shape):
    """A way to people: the office, those on duty, or those who confirm a call back (DIRECTORY-3).

    ``confirmation`` names whom to call before something urgent is done on a letter's word.
    """

    purpose: Literal["office", "duty", "confirmation"]
    post: Line
    hours: str = Field(max_length=60)
    time_zone: str = Field(max_length=64)
    languages: list[LanguageCode] = Field(max_length=50)
    telephone: str = Field(max_length=60, pattern=r"^[0-9+() ./-]*$")
    email: str = Field(max_length=200, pattern=r'^([^\s@<>"]+@[^\s@<>"]+)?$')
    address: str = Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")


class Entry(Shape):
    """One authority as its State publishes it.

    ``card`` holds address and keys of its node, None where it has none. The entry takes effect at
    ``valid_from`` and ends at ``valid_until``; ``confirmed_at`` is when the State last said that it is right.
    """

    format: Literal["comity-entry/1"] = Field(alias="schema")
    id: AuthorityId
    state: StateCode
    region: Region | None = None
    names: Names
    designations: list[Designation] = Field(min_length=1, max_length=50)
    contacts: list[Contact] = Field(max_length=20)
    card: Card | None = None
    valid_from: Instant
    valid_until: Instant | None = None
    confirmed_at: Instant

    def has_ended(self, now: datetime) -> bool:
        """Whether the entry as a whole holds no more."""
        return self.valid_until is not None and canonical.read_instant(self.valid_until) <= now


def read_entry(data: bytes) -> Entry:
    """Read an entry strictly; its card must be of the same authority and whole (DIRECTORY-1, DIRECTORY-4)."""
    try:
        entry = Entry.model_validate(canonical.read_canonical(data, max_bytes=MAX_BYTES))
    except ValidationError as error:
        where, why = first_problem(error)
        raise EntryUnreadableError(detail=f"{where}: {why}") from None
    if entry.region is not None and not entry.region.code.startswith(f"{entry.state}-"):
        raise EntryUnreadableError(detail="its region is of another State")
    if entry.card is not None:
        if (entry.card.id, entry.card.state) != (entry.id, entry.state):
            raise EntryUnreadableError(detail="its card is of another authority")
        try:
            demand_whole(entry.card)
        except CardUnreadableError as error:
            raise EntryUnreadableError(detail=str(error)) from None
    return entry


def canonical_form(data: bytes) -> bytes:
    """The bytes that are signed of an entry that people wrote or edited in any form of JSON."""
    return canonical.write(canonical.read(data, max_bytes=2 * MAX_BYTES))


def path_of(state: str, authority: str) -> str:
    """Where an authority's entry lies in the published folder: ``KZ/kz-247.json`` (DIRECTORY-6)."""
    return f"{state}/{authority}.json"
