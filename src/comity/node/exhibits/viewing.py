"""Material that nobody opens alone: one official asks for a purpose, another agrees, then it is opened once.

Which exhibits these are is known by the room of the cases (a marking). Such an exhibit goes into no bundle
and is handed out with no letter's container; it has no preview, as no exhibit has here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise, second_person
from comity.node.accounts.models import Official
from comity.node.exhibits.lineage import ancestry
from comity.node.exhibits.models import Exhibit, Viewing
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

LASTS = timedelta(hours=24)
"""How long an agreement holds; opening uses it up."""

_known: list[Callable[[Collection[UUID]], Set[UUID]]] = []


class SecondPersonNeededError(ComityError):
    """The exhibit is opened by two people only, and no second one has agreed."""

    code = "second_person_needed"
    message = gettext_noop("Exhibit {number} is opened only after a second official has agreed.")
    next_step = gettext_noop("Ask on the exhibit’s page to open it, and say for what purpose.")


class OnlyByItselfError(ComityError):
    """What holds an exhibit that two people open is not handed out."""

    code = "only_by_itself"
    message = gettext_noop("Exhibit {number} is handed out only by itself, after two officials agreed.")
    next_step = gettext_noop("Open the exhibit on its own page.")


def known_by(function: Callable[[Collection[UUID]], Set[UUID]]) -> None:
    """Register who knows which exhibits two people open."""
    _known[:] = [function]


def by_two(exhibits: Collection[UUID]) -> Set[UUID]:
    """Those of these exhibits that two people open, as they do what they were made from."""
    if not _known:
        return frozenset()
    lines = ancestry(exhibits)
    guarded = _known[0]([each for line in lines.values() for each in line])
    return {each for each, line in lines.items() if not guarded.isdisjoint(line)}


def demand_none(exhibits: Collection[Exhibit]) -> None:
    """Raise OnlyByItselfError if one of them is opened by two people only."""
    guarded = by_two([each.pk for each in exhibits])
    for each in exhibits:
        if each.pk in guarded:
            raise OnlyByItselfError(number=each.number)


@transaction.atomic
def ask(official: Official, exhibit: Exhibit, *, purpose: str, now: datetime) -> Viewing:
    """Ask to open an exhibit for a purpose."""
    authorise(official, "open_exhibit")
    made = Viewing.objects.create(exhibit=exhibit, purpose=purpose, asked_by=official, asked_at=now)
    _note("viewing_asked", official, made, now)
    return made


@transaction.atomic
def agree(official: Official, exhibit: Exhibit, viewing: int, *, now: datetime) -> Viewing:
    """Agree that another official opens it; FourEyesError for whoever asked."""
    authorise(official, "open_exhibit")
    found = Viewing.objects.select_for_update().filter(pk=viewing, exhibit=exhibit, agreed_by=None).first()
    if found is None:
        raise NothingThereError(name=str(viewing))
    second_person(found.asked_by, official)
    found.agreed_by, found.agreed_at = official, now
    found.save()
    _note("viewing_agreed", official, found, now)
    return found


def use_up(official: Official, exhibit: Exhibit, now: datetime) -> str:
    """What custody says of the second person; empty where one is enough. In the transaction that opens.

    Raises SecondPersonNeededError unless another official agreed to this one's asking within ``LASTS``.
    """
    if not by_two([exhibit.pk]):
        return ""
    found = standing(official, exhibit, now)
    if found is None:
        raise SecondPersonNeededError(number=exhibit.number)
    found.used_at = now
    found.save(update_fields=["used_at"])
    return f"; agreed by {found.agreed_by}, for: {found.purpose}"


def standing(official: Official, exhibit: Exhibit, now: datetime) -> Viewing | None:
    """The agreement by which an official may open the exhibit now."""
    mine = exhibit.viewings.filter(asked_by=official, used_at=None, agreed_at__gt=now - LASTS)
    return mine.select_related("agreed_by").first()


def _note(what: str, official: Official, viewing: Viewing, now: datetime) -> None:
    content = {
        "what": what,
        "exhibit": str(viewing.exhibit_id),
        "viewing": viewing.pk,
        "purpose": viewing.purpose,
        "by": official.pk,
    }
    entries.append(what, str(viewing.exhibit_id), content, now=now)
