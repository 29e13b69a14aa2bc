"""Texts that named a protected person: refused, and on record although the act was taken back.

Whoever drafts could try names and watch which are refused. So each hit is noted after the act's transaction
was rolled back, in one of its own, where auditors and the readers of the identity find it; and after
``ANSWERED`` hits within ``DAY`` the case takes no text of that official, whatever it says: no answer tells
anything any more.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.marked import ProtectedPerson
from comity.node.casework.models import Case, Event
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

NAMED = "identity_named"
"""The line of ledger and timeline."""
ANSWERED, DAY, TOLD_FOR = 3, timedelta(hours=24), timedelta(days=7)


class TextsWithheldError(ComityError):
    """Texts of an official named protected persons of a case again and again."""

    code = "texts_withheld"
    message = gettext_noop("Case {case} takes no text of yours for now: several named protected persons.")
    next_step = gettext_noop("Ask an official who may read the identities; the refusal ends within a day.")


@dataclass(slots=True)
class _Answering:
    """One request that is being answered, and the persons whom its texts named."""

    request: HttpRequest
    named: dict[int, ProtectedPerson] = field(default_factory=dict)

    @property
    def official(self) -> Official | None:
        """Who speaks: the owner of a token, or who is signed in."""
        who = getattr(self.request, "auth", None) or getattr(self.request, "user", None)
        return who if isinstance(who, Official) else None


_answering: ContextVar[_Answering | None] = ContextVar("answering", default=None)


class AttemptsMiddleware:
    """Notes, once the act was taken back, whom the texts of a request named."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then note the hits, if there were any."""
        answering = _Answering(request)
        token = _answering.set(answering)
        try:
            return self.get_response(request)
        finally:
            _answering.reset(token)
            for person in answering.named.values():
                _note(person, answering.official, timezone.now())


def hit(person: ProtectedPerson) -> None:
    """A text named this person: it is noted after the request that brought it was answered."""
    answering = _answering.get()
    if answering is not None:
        answering.named[person.pk] = person


def demand_answered(case: Case) -> None:
    """Raise TextsWithheldError for an official whose texts named protected persons of the case too often."""
    answering = _answering.get()
    official = answering.official if answering else None
    since = timezone.now() - DAY
    if official and case.events.filter(kind=NAMED, by=official, at__gt=since).count() >= ANSWERED:
        raise TextsWithheldError(case=case.reference)


def told_to(official: Official, now: datetime) -> list[Event]:
    """The hits of the last days whose person this official may read, the latest first."""
    readable = ProtectedPerson.objects.filter(readers__official=official).select_related("case")
    whom = {(person.case_id, person.pseudonym) for person in readable}
    if not whom:
        return []
    lately = Event.objects.filter(kind=NAMED, at__gt=now - TOLD_FOR, case__in={case for case, _name in whom})
    found = lately.select_related("case", "by").order_by("-at", "-id")
    return [each for each in found if (each.case_id, each.params["person"]) in whom]


@transaction.atomic
def _note(person: ProtectedPerson, official: Official | None, now: datetime) -> None:
    case = person.case
    content = {
        "what": NAMED,
        "case": case.reference,
        "person": person.pseudonym,
        "by": official.pk if official else None,
    }
    entry = entries.append(NAMED, case.reference, content, now=now)
    events.note(case, NAMED, now=now, by=official, entry=entry, person=person.pseudonym)
