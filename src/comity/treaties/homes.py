"""Where a provision lives in the software, and what it asks of a State at home.

Beside its rules an article's file holds ``[[question]]`` (an obligation on the State, followed in the
implementation tracker), ``[[home]]`` (a provision that another place of the software speaks for) and
``[[awaited]]`` (a provision whose workflow is not built yet, and the room that owes it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.terms import Citation
from comity.treaties.toml import Table, Words


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a State's official answers about the State's own law and practice.

    ``force``: must (the treaty obliges), consider (it asks to consider or endeavour) or may.
    ``places`` are all provisions that the question accounts for.
    """

    id: str
    places: tuple[Citation, ...]
    force: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Home:
    """Provisions that live at ``at``: a rule's citation, or the dotted name of a model or an act."""

    places: tuple[Citation, ...]
    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """Provisions whose workflow is not built yet; ``room`` owes it, ``what`` says which (English)."""

    places: tuple[Citation, ...]
    room: str
    what: str


def read_question(table: Table, instrument: str, words: Words) -> Question:
    """One ``[[question]]``."""
    table.only("id", "eids", "force", "text")
    return Question(
        id=table.need("id", str),
        places=_places(table, instrument),
        force=table.word("force", "forces", words),
        text=table.sentence("text"),
    )


def read_home(table: Table, instrument: str, words: Words) -> Home:
    """One ``[[home]]``; a rule is named by its citation, anything else by its dotted name."""
    table.only("eids", "kind", "at")
    kind = table.word("kind", "home_kinds", words)
    return Home(_places(table, instrument), kind, table.need("at", str))


def read_awaited(table: Table, instrument: str, words: Words) -> Awaited:
    """One ``[[awaited]]``."""
    table.only("eids", "room", "what")
    room = table.word("room", "rooms", words)
    return Awaited(_places(table, instrument), room, table.need("what", str))


def _places(table: Table, instrument: str) -> tuple[Citation, ...]:
    eids = table.words("eids")
    if not eids:
        table.refuse("names no provision in “eids”")
    return tuple(Citation(instrument, eid) for eid in eids)
