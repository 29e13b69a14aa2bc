"""The desk answers a request itself: technical advice, legal information, the whereabouts of a suspect."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import limits, statuses
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Item
from comity.node.casework.outcomes import EXECUTED, PART
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop


class WhereaboutsUnclearError(ComityError):
    """A person was found and no place is named, or the other way round, or it is of a time to come."""

    code = "whereabouts_unclear"
    message = gettext_noop("What is told of the person does not fit together: {detail}.")
    next_step = gettext_noop("Name the place where the person was found, and as of when that is known.")


@transaction.atomic
def give_advice(
    official: Official, case: Case, items: Collection[int], *, text: str, rests_on: str, now: datetime
) -> Letter:
    """Answer questions on technology or law in words; ``rests_on`` says what the answer is drawn from."""
    case, asked = begin_turn(official, "give_advice", case, items)
    return _answer(official, "give_advice", case, asked, EXECUTED, {"answer": text}, rests_on, now)


@transaction.atomic
def tell_whereabouts(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    found: bool,
    place: str,
    as_of: datetime,
    source: str,
    goes_on: bool,
    now: datetime,
) -> Letter:
    """Tell where a person is, or that nobody was found; ``text`` says how that was established.

    The limits of the treaty on personal data travel with it. ``goes_on``: the search does, and a further
    answer follows. Raises WhereaboutsUnclearError.
    """
    case, sought = begin_turn(official, "tell_whereabouts", case, items)
    if len(sought) > 1:
        raise WhereaboutsUnclearError(detail="one answer is about one person")
    if found != bool(place):
        raise WhereaboutsUnclearError(detail="a place goes with a person who was found, and with nobody else")
    if as_of > now:
        raise WhereaboutsUnclearError(detail="it is of a time to come")
    told = {"found": found, "place": place or None, "as_of": canonical.instant_text(as_of), "source": source}
    outcome = PART if goes_on else EXECUTED
    return _answer(official, "tell_whereabouts", case, sought, outcome, {"whereabouts": told}, text, now)


def _answer(
    official: Official,
    act: str,
    case: Case,
    items: Sequence[Item],
    outcome: str,
    told: dict[str, Any],
    authenticity: str,
    now: datetime,
) -> Letter:
    statuses.set_actual(case, items, outcome)
    travelling = limits.travelling(case)
    rows = [{"number": item.number, "actual": outcome, "note": "", "exhibits": []} | told for item in items]
    body = {
        "reference": case.reference,
        "whole": all(item.actual in statuses.FINISHED for item in case.items.all()),
        "items": rows,
        "custody": [],
        "authenticity": authenticity,
    }
    letter = say(official, act, case, items, body, limits=travelling, now=now)
    limits.lay_down(case, travelling, letter.id, now)
    return letter
