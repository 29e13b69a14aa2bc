"""What a result says of a document that was to be served, or of a person who was asked to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from comity import canonical
from comity.letters.bodies import ResultItem
from comity.node.casework.attending import Attempt, Invitation
from comity.node.casework.dialogue.turns import ADVICE, LOCATE
from comity.node.casework.drafts import PARTICULARS
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Item
from comity.node.casework.outcomes import EXECUTED, IMPOSSIBLE
from comity.node.exchange.models import Direction, Letter
from comity.node.pages.wording import Word
from comity.terms import ComityError, gettext_noop

SERVE, APPEAR = "serve_documents", "appear_voluntarily"
CONSENTS = "consents"
"""What a person answers who will come."""


class RecordsDifferError(ComityError):
    """The outcome is not what the records of the item say."""

    code = "records_differ"
    message = gettext_noop("What is on record of item {item} does not fit “{outcome}”.")
    next_step = gettext_noop("Record the attempt or the person’s answer first, or choose the other outcome.")


class NotAskedForError(ComityError):
    """The letter tells something of an item that does not ask for it."""

    code = "not_asked_for"
    message = gettext_noop("Item {item} of case {case} does not ask for this.")
    next_step = gettext_noop("Tell of each item what its measure asks for, and nothing else.")


def pages(items: Iterable[Any]) -> list[str]:
    """The pages of a case that are about its documents to be served and its persons who are asked to come."""
    measures = {item.measure for item in items if isinstance(item, Item)}
    return [PARTICULARS[measure] for measure in (SERVE, APPEAR) if measure in measures]


def brought(items: Iterable[Item]) -> Counter[int]:
    """What the records bring to a result, by item number: an attempt to serve, a person's answer."""
    found: Counter[int] = Counter()
    for item in items:
        found[item.number] += item.attempts.count() + item.invitations.exclude(answer="").count()
    return +found


def told(item: Item, outcome: str) -> dict[str, Any]:
    """The certificate or answer that goes with an item's outcome; RecordsDifferError if they differ."""
    attempts = list(item.attempts.all()) if item.measure == SERVE else []
    if attempts and outcome in (EXECUTED, IMPOSSIBLE):
        served = any(each.served for each in attempts)
        if served != (outcome == EXECUTED):
            raise RecordsDifferError(item=item.number, outcome=Word(outcome, "status"))
        return {"service": {"served": served, "attempts": [_attempt(each) for each in attempts]}}
    answered = item.invitations.exclude(answer="").last() if item.measure == APPEAR else None
    return {"appearance": _answer(answered)} if answered else {}


def demand_asked(case: Case, item: ResultItem) -> None:
    """Raise NotAskedForError where a result tells of an item what its measure does not ask for."""
    told = (
        (item.service, {SERVE}),
        (item.appearance, {APPEAR}),
        (item.answer, ADVICE),
        (item.whereabouts, {LOCATE}),
    )
    for said, measures in told:
        if said:
            demand_measure(case, item.number, measures)


def demand_measure(case: Case, number: int, measures: Collection[str]) -> None:
    """Raise NotAskedForError unless the item asks for one of these measures."""
    if not case.items.filter(number=number, measure__in=measures).exists():
        raise NotAskedForError(item=number, case=case.reference)


def results(case: Case) -> Iterator[tuple[Letter, dict[str, Any]]]:
    """What the other side's results say of items of this kind, the newest first, each with its letter."""
    found = Letter.objects.filter(case_reference=case.reference, kind="result", direction=Direction.IN)
    for letter in found.order_by("-generation"):
        for item in read_body(letter).get("items", []):
            if item.keys() & set(PARTICULARS.values()):
                yield letter, item


def _attempt(row: Attempt) -> dict[str, Any]:
    return {
        "at": canonical.instant_text(row.happened_at),
        "place": row.place,
        "by": row.server,
        "way": row.way,
        "outcome": row.outcome,
        "handed_to": row.handed_to,
        "note": row.note,
    }


def _answer(row: Invitation) -> dict[str, Any]:
    return {
        "informed_at": canonical.instant_text(row.informed_at),
        "by": row.informed_by,
        "answer": row.answer,
        "answered_at": canonical.instant_text(row.answered_at or row.informed_at),
        "note": row.note,
    }
