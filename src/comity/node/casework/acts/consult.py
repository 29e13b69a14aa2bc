"""Consult the other side before a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.entitlement import may_read, visible
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop


class ReplyDayPastError(ComityError):
    """The day by which an answer is asked for is over."""

    code = "reply_day_past"
    message = gettext_noop("The day by which an answer is asked for has passed.")
    next_step = gettext_noop("Name a later day that leaves the other side reasonable time.")


@transaction.atomic
def consult(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    about: str,
    reply_by: datetime | None = None,
    own_case: str = "",
    now: datetime,
) -> Letter:
    """Consult about these items; ``about`` is a subject of the letter's list.

    ``own_case`` is the reference of this side's own case on the same conduct: both are joined, and the letter
    does not name it. NothingThereError for one that the official does not see.

    ``reply_by`` is the day by which an answer is asked for; the law names none, so it must be a reasonable
    one: once it has passed, that no answer came can be put on record. Raises ReplyDayPastError.
    """
    if reply_by is not None and reply_by <= now:
        raise ReplyDayPastError
    case, spoken_of = begin_turn(official, "consult", case, items)
    body = {"text": text, "by": case.side, "about": about}
    if reply_by is not None:
        body["reply_by"] = canonical.instant_text(reply_by)
    joined = _own_case(official, case, own_case) if own_case else None
    letter = say(official, "consult", case, spoken_of, body, now=now)
    for one, other in ((case, joined), (joined, case)) if joined else ():
        events.note(one, "proceedings_joined", now=now, by=official, reference=other.reference)
    return letter


def _own_case(official: Official, case: Case, reference: str) -> Case:
    found = visible(official).filter(reference=reference).exclude(pk=case.pk).first()
    if found is None or not may_read(official, found):
        raise NothingThereError(name=reference)
    return found
