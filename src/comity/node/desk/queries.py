"""What the desk shows: new, to execute, due within a day, waiting for us and for others, one's own.

Each list is one query of bounded size over the cases that the official may see (``seen``).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import attrgetter

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from comity.letters.bodies import REQUESTS
from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.casework import (
    assignments,
    call_backs,
    deadlines,
    entitlement,
    preparing,
    proving,
    statuses,
    waiting,
)
from comity.node.casework.deadlines import Deadline
from comity.node.casework.models import (
    UNLISTED,
    Assignment,
    Case,
    CaseKind,
    Item,
    Preparation,
    Prepared,
    Side,
    WaitingLetter,
)
from comity.node.clocks.models import Clock, ClockState, Reminder
from comity.node.desk.models import Acknowledgement, HandOver
from comity.node.exchange.delivering import overtaken
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.exchange.rereading import NOT_UNDERSTOOD
from comity.node.exhibits import access
from comity.node.exhibits.models import Exhibit, LetterProof

SOON = timedelta(hours=24)
HELD_UP = timedelta(hours=1)
"""After how long a letter that is not urgent and that the other node does not take stands on the desk."""
SEALED_WITHIN = timedelta(minutes=5)
"""After how long an urgent letter that is not sealed yet stands on the desk."""
_REGISTERED = (*REQUESTS, "information")
"""Letters that are entered in the books."""
_UNLISTED_OF_CASE = [f"case__{column}" for column in UNLISTED]
PAGE = 50
"""Cases in a column; more are reached through the list of requests."""


def new(seen: QuerySet[Case]) -> QuerySet[Case]:
    """Requests that arrived and are not registered yet, the urgent and the oldest first.

    Other letters of the requesting side take the case to a later generation too; nobody registers them.
    """
    arrived = Letter.objects.filter(
        direction=Direction.IN,
        kind__in=_REGISTERED,
        case_reference=OuterRef("reference"),
        generation__gt=OuterRef("registered_generation"),
    )
    fresh = seen.filter(
        Exists(arrived), side=Side.REQUESTED, received_generation__gt=F("registered_generation")
    )
    return _listed(fresh, "-urgent", "changed_at", "id")


def to_register(cases: Iterable[Case]) -> dict[str, uuid.UUID]:
    """The newest letter of each of these cases that is entered in the books, by the case's reference."""
    arrived = Letter.objects.filter(
        direction=Direction.IN, kind__in=_REGISTERED, case_reference__in=[case.reference for case in cases]
    )
    return dict(arrived.order_by("generation").values_list("case_reference", "id"))


def acknowledged(letters: Iterable[uuid.UUID]) -> dict[uuid.UUID, Acknowledgement]:
    """Who has taken on which of these letters."""
    found = Acknowledgement.objects.filter(letter__in=list(letters)).select_related("by")
    return {each.letter: each for each in found}


def not_arrived(seen: QuerySet[Case], now: datetime) -> list[Letter]:
    """Our letters that failed, or that the other node does not take: an urgent one from the first attempt on;
    and those that cannot be sealed, as when the other side's key has ended.

    Until the letter expires, or a later one of its case has arrived; those of finished cases are left out.
    """
    failed = Q(stage=Stage.FAILED)
    held_up = Q(stage=Stage.SEALED) & (Q(urgent=True, attempts__gt=0) | Q(sealed_at__lt=now - HELD_UP))
    longest = Q(urgent=True, frozen_at__lt=now - SEALED_WITHIN) | Q(frozen_at__lt=now - HELD_UP)
    unsealed = Q(stage=Stage.FROZEN) & longest
    stages = {"direction": Direction.OUT, "stage__in": (Stage.FAILED, Stage.SEALED, Stage.FROZEN)}
    found = Letter.objects.filter(failed | held_up | unsealed, **stages, expires_at__gt=now)
    of_seen = found.filter(Exists(_open(seen).filter(reference=OuterRef("case_reference"))), ~overtaken())
    return list(of_seen.select_related("peer").order_by("-urgent", "stage_at", "id")[:PAGE])


def refused(official: Official, now: datetime) -> list[Letter]:
    """Letters of others that were refused here: within the last day, or as long as they may be read again.

    They belong to no case, so only whoever sees every case sees them.
    """
    if not entitlement.sees_every_case(official):
        return []
    lately = Q(stage_at__gt=now - SOON)
    again = Q(refusal_code__in=NOT_UNDERSTOOD, expires_at__gt=now)
    found = Letter.objects.filter(lately | again, direction=Direction.IN, stage=Stage.REFUSED)
    return list(found.select_related("peer").order_by("-stage_at", "id")[:PAGE])


def last_note() -> HandOver | None:
    """The hand-over note that was written last."""
    known = HandOver.objects.select_related("shift__official", "to", "accepted_by")
    return known.order_by("-written_at", "-id").first()


def due(seen: QuerySet[Case], now: datetime, within: timedelta = SOON) -> list[Deadline]:
    """Running clocks that end within a time and are not past, the nearest first."""
    ending = _running().filter(due_at__gt=now, due_at__lte=now + within)
    return _with_cases(seen, ending.filter(Exists(seen.filter(reference=OuterRef("case_reference")))))


def to_call_back(seen: QuerySet[Case], now: datetime) -> list[tuple[Case, call_backs.Needed]]:
    """Open cases whose other side has to be called back before anything urgent is done, the urgent first."""
    return call_backs.among(_open(seen), now, PAGE)


def overdue(seen: QuerySet[Case], now: datetime) -> list[Deadline]:
    """Clocks whose time has passed and whose case is still open, the oldest first."""
    of_open = Clock.objects.filter(Exists(_open(seen).filter(reference=OuterRef("case_reference"))))
    by_due = ("due_at", "id")  # each of the two in the order of an index, so that it ends with its page
    noted = of_open.filter(state=ClockState.RAN_OUT).order_by(*by_due)[:PAGE]
    not_noted = of_open.filter(state=ClockState.RUNNING, due_at__lte=now).order_by(*by_due)[:PAGE]
    past = sorted([*noted, *not_noted], key=attrgetter(*by_due))
    return deadlines.with_cases(seen, past[:PAGE])


def waiting_for_others(seen: QuerySet[Case]) -> QuerySet[Case]:
    """Requests of ours that were signed and not yet answered in full, the longest silent first."""
    sent = _open(seen).filter(side=Side.REQUESTING, preparation__in=(Preparation.SIGNED, Preparation.SENT))
    return _listed(sent, "changed_at", "id")


def to_execute(seen: QuerySet[Case]) -> QuerySet[Case]:
    """Requests in our books with an item for which nothing has been ordered yet, the urgent first."""
    waiting = Item.objects.filter(case=OuterRef("pk"), actual="registered")
    found = seen.filter(Exists(waiting), side=Side.REQUESTED)
    return _listed(found, "-urgent", "changed_at", "id")


def to_review(seen: QuerySet[Case]) -> QuerySet[Case]:
    """Drafts that wait for a second person, the oldest first."""
    drafts = seen.filter(side=Side.REQUESTING, preparation=Preparation.IN_REVIEW)
    return _listed(drafts, "-urgent", "changed_at", "id")


def to_sign(seen: QuerySet[Case], official: Official) -> list[Prepared]:
    """Letters that another prepared and that wait for a signature of the official's roles, oldest first."""
    acts = [act for act in preparing.DECIDING if may(official, act)]
    found = preparing.open_ones().filter(entitlement.about(seen), act__in=acts)
    found = found.exclude(by=official)
    found = found.select_related("case__peer").defer(*_UNLISTED_OF_CASE)
    return list(found.order_by("at", "id")[:PAGE])


def waiting_for_us(seen: QuerySet[Case]) -> QuerySet[WaitingLetter]:
    """Letters of the other side that wait for our answer in open cases, the urgent and the oldest first."""
    return waiting.for_us(_open(seen)).defer(*_UNLISTED_OF_CASE)[:PAGE]


def reminders(seen: QuerySet[Case], now: datetime) -> list[tuple[Reminder, Deadline]]:
    """Reminders that nobody has seen yet, the most urgent first."""
    listed = list(deadlines.reminded(seen, now)[:PAGE])
    found = {line.clock.pk: line for line in deadlines.with_cases(seen, [one.clock for one in listed])}
    return [(one, found[one.clock_id]) for one in listed if one.clock_id in found]


def overdue_assignments(seen: QuerySet[Case], now: datetime) -> QuerySet[Assignment]:
    """Assignments past their deadline with the item still open, the oldest first."""
    return assignments.overdue(_open(seen), now)[:PAGE]


def assigned(seen: QuerySet[Case], official: Official) -> QuerySet[Case]:
    """Open cases that the official drafts or executes, the urgent and the latest changed first."""
    own = _open(seen).filter(Q(drafter=official.pk) | Q(executing_officer=official.pk))
    sent = Q(kind=CaseKind.INFORMATION, side=Side.REQUESTING, sent_generation__gt=0)  # nothing is left to do
    own = own.exclude(sent)
    return _listed(own, "-urgent", "-changed_at", "-id")


def damaged(official: Official) -> list[Exhibit]:
    """Exhibits that the integrity sweep found damaged, of the cases whose evidence the official may see."""
    if not may(official, "view_exhibit"):
        return []
    return list(access.visible(official).exclude(damage="").order_by("checked_at")[:PAGE])


def ending(official: Official, now: datetime) -> LetterProof | None:
    """The sealed letter whose proof ends first within a year, for whoever may have it sealed again."""
    if not may(official, "renew_proof"):
        return None
    return next((each for each in proving.due(official, now) if each.ends and each.ends >= now), None)


def _listed(found: QuerySet[Case], *order: str) -> QuerySet[Case]:
    """The first of the cases found: put in order by their keys alone, read without what no list shows."""
    first = found.order_by(*order).values("pk")[:PAGE]
    listed = Case.objects.filter(pk__in=first).select_related("peer").defer(*UNLISTED)
    return listed.order_by(*order)


def _open(seen: QuerySet[Case]) -> QuerySet[Case]:
    return seen.exclude(actual__in=statuses.FINISHED)


def _running() -> QuerySet[Clock]:
    return Clock.objects.filter(state=ClockState.RUNNING)


def _with_cases(seen: QuerySet[Case], clocks: QuerySet[Clock]) -> list[Deadline]:
    return deadlines.with_cases(seen, list(clocks.order_by("due_at", "id")[:PAGE]))
