"""Requests for data to avert an emergency: their clocks, what comes before data are given, how they end.

Receives a case, a letter and the time; keeps rows, clocks and limits; an official judges every fact. The
hours are this authority's practice (``[emergency]`` in node.toml), no provision's.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from comity.node import config
from comity.node.casework import (
    call_backs,
    drafts,
    entitlement,
    events,
    limits,
    opinions,
    statuses,
    suspicion,
)
from comity.node.casework.averting import AVERT, Emergency, WarningAnswer
from comity.node.casework.models import Case, Item, Limit, Side
from comity.node.casework.noted import CallBack
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory import known
from comity.node.ledger import entries
from comity.node.pages.wording import Series, Word
from comity.terms import ComityError, gettext_noop

VALIDATION, ANSWER = "emergency_validation", "emergency_answer"
NOT_VALIDATED = "emergency_not_validated"
"""The limit that binds the use of what was given for an emergency that nobody validated."""
_NO_ANSWER = frozenset({"registration"})
"""Letters of the side that was asked that answer nothing yet."""
_ON_DESK = 8
"""More are a link away: each is asked about anew, and a peer may send many."""
_FOUND = frozenset({"executed", "partly_executed"})


class NoEmergencyError(ComityError):
    """The case asks for no data to avert an emergency."""

    code = "no_emergency"
    message = gettext_noop("Case {case} is no emergency.")
    next_step = gettext_noop("Write about the case in which the emergency was asked.")


class EmergencyOverError(ComityError):
    """The emergency was revoked, or its validation did not come in time."""

    code = "emergency_over"
    message = gettext_noop("The emergency of case {case} was revoked, or was not validated in time.")
    next_step = gettext_noop("What is still needed is asked for in a new case.")


class AlreadyValidatedError(ComityError):
    """The request was validated before, or its validation was told already."""

    code = "already_validated"
    message = gettext_noop("The emergency of case {case} is validated already.")
    next_step = gettext_noop("Nothing needs to be done; revoke it if it does not hold.")


class ItemsIncompleteError(ComityError):
    """A validation or a revocation is of the request as a whole."""

    code = "emergency_items_incomplete"
    message = gettext_noop("The letter is not about all items of the emergency in case {case}.")
    next_step = gettext_noop("Name all items; withdraw those that are not needed.")


class CallBackFirstError(ComityError):
    """Nobody has called the other side back yet."""

    code = "call_back_first"
    message = gettext_noop(
        "Nothing is given before the authority was called back by another channel, at a contact of the "
        "directory, and confirmed this emergency."
    )
    next_step = gettext_noop("Call back and record the call on the page of the calls.")


class CallBackDeniedError(ComityError):
    """The other side was called back, and said that the request is not its own."""

    code = "call_back_denied"
    message = gettext_noop("The authority said, called back, that this emergency is not from it.")
    next_step = gettext_noop("Refuse or tell of the obstacle, and see that its keys are checked.")


class WarningsOpenError(ComityError):
    """Something speaks for a forgery, and no official has answered it."""

    code = "warnings_open"
    message = gettext_noop("These warnings wait for an official’s answer: {warnings}.")
    next_step = gettext_noop("Answer each on the page of the emergency, or refuse.")


@dataclass(frozen=True, slots=True)
class Standing:
    """An emergency as a list shows it: how far it has come, who called back, what is still to answer."""

    row: Emergency
    step: str
    call: CallBack | None
    warnings: int


def of(case: Case) -> Emergency | None:
    """The emergency of a case, if it is one."""
    return Emergency.objects.select_related("case", "case__peer").filter(case=case).first()


def demand(case: Case) -> Emergency:
    """The same; NoEmergencyError for another case, EmergencyOverError for one that is over."""
    row = of(case)
    if row is None:
        raise NoEmergencyError(case=case.reference)
    if row.is_over:
        raise EmergencyOverError(case=case.reference)
    return row


def of_cases(seen: QuerySet[Case]) -> QuerySet[Emergency]:
    """Those of the cases that an official may see, the newest first."""
    found = Emergency.objects.filter(entitlement.about(seen))
    return found.select_related("case", "case__peer").order_by("-asked_at", "-id")


def unfinished(seen: QuerySet[Case]) -> QuerySet[Emergency]:
    """Those in which something is still to be done: to be given, or to be validated."""
    open_to = of_cases(seen).filter(revoked=None, lapsed_at=None)
    waiting = open_to.exclude(case__actual__in=statuses.FINISHED)
    return (waiting | open_to.filter(validation="later", validated=None)).order_by("asked_at", "id")


def of_desk(seen: QuerySet[Case], now: datetime) -> list[Standing]:
    """What stands first on the desk: the unfinished ones, the oldest first."""
    return [standing(row, now) for row in unfinished(seen)[:_ON_DESK]]


def standing(row: Emergency, now: datetime) -> Standing:
    """How far it has come."""
    call = confirmed(row, now)
    step = "disclosed" if row.disclosed else "called_back" if call else "arrived"
    if row.case.side == Side.REQUESTING:
        step = "disclosed" if row.disclosed else "asked"
    return Standing(row, step, call, len(suspicion.unanswered(row, now)) if not row.disclosed else 0)


def confirmed(row: Emergency, now: datetime) -> CallBack | None:
    """The call by which the other side confirmed the request as it is now."""
    if row.case.side == Side.REQUESTING or call_backs.needed(row.case, now) is not None:
        return None
    return call_backs.last_decided(row.case)


def on_request(
    case: Case, letter: uuid.UUID | None, body: dict[str, Any], *, asked_at: datetime, written_at: datetime
) -> None:
    """A request was signed here or arrived here: where it asks for data in an emergency, its clocks begin.

    The time of a validation that follows is counted from the writing of the first request that promised it,
    so that both nodes find the same end and writing again wins none. Raises EmergencyOverError.
    """
    if body["measure"] != AVERT:
        return
    row = of(case) or Emergency(case=case)
    if row.is_over:
        raise EmergencyOverError(case=case.reference)
    if row.standing == "validated":  # a further request has a validation of its own
        row.validated = row.due_at = None
    row.disclosed = row.disclosed_at = None
    said = body.get("emergency") or {}
    validation = said.get("validation") or {}
    row.request, row.asked_at, row.particulars = letter, asked_at, said
    row.validation = validation.get("state") or (
        "later" if row.due_at else ""
    )  # silence takes no promise back
    if row.validation == "given":
        running.meet(case.reference, VALIDATION, asked_at)
    elif row.validation == "later" and row.due_at is None:
        row.due_at = written_at + timedelta(hours=validation["within_hours"])
        _begin(case, VALIDATION, Side.REQUESTING, written_at, row.due_at)
    row.save()
    if case.side == Side.REQUESTED:
        minutes = config.current().emergency.answer_minutes
        _begin(case, ANSWER, Side.REQUESTED, asked_at, asked_at + timedelta(minutes=minutes))


def take_over(minute: Case, case: Case) -> None:
    """The letter of a case confirms the minute of another: the emergency goes on in the minute's case."""
    came = of(case)
    if came is None:
        return
    WarningAnswer.objects.filter(emergency__case=minute).update(emergency=came)
    Emergency.objects.filter(case=minute).delete()
    came.case = minute
    came.save(update_fields=["case"])


def carries(kind: str, body: dict[str, Any], attachments: Collection[Any]) -> bool:
    """Whether a letter of the side that was asked gives data, not words alone."""
    if kind == "result":
        return bool(attachments) or any(item["actual"] in _FOUND for item in body["items"])
    return bool(attachments) or (kind == "path_disclosure" and bool(body["path"]))


def demand_cleared(
    case: Case, kind: str, body: dict[str, Any], attachments: Collection[Any], now: datetime
) -> None:
    """Before any letter that gives data for an emergency: it was called back, and every warning is answered.

    Asked where letters are written, so that no act can leave it out. Raises EmergencyOverError,
    CallBackFirstError, CallBackDeniedError, WarningsOpenError.
    """
    if case.side != Side.REQUESTED or not carries(kind, body, attachments):
        return
    row = of(case)
    if row is None:
        return
    late = row.standing == "awaited" and row.due_at is not None and now > row.due_at
    if row.is_over or late:  # its clock may not have been looked at yet
        raise EmergencyOverError(case=case.reference)
    need = call_backs.needed(case, now)
    if need is not None:
        raise CallBackDeniedError if need.denied else CallBackFirstError
    waiting = suspicion.unanswered(row, now)
    if waiting:
        raise WarningsOpenError(warnings=Series(Word(each.code, "warning") for each in waiting))


def on_written(
    case: Case,
    kind: str,
    body: dict[str, Any],
    attachments: Collection[Any],
    letter: uuid.UUID,
    now: datetime,
) -> None:
    """A letter of the side that was asked was written: its answer came, and perhaps the data with it.

    The ledger keeps who had called back, and when.
    """
    if case.side != Side.REQUESTED or kind in _NO_ANSWER:
        return
    row = of(case)
    if row is None:
        return
    running.meet(case.reference, ANSWER, now)
    if row.disclosed is not None or not carries(kind, body, attachments):
        return
    call = confirmed(row, now)
    row.disclosed, row.disclosed_at = letter, now
    row.save(update_fields=["disclosed", "disclosed_at"])
    content = {
        "what": "emergency_disclosed",
        "case": case.reference,
        "letter": str(letter),
        "call_back": call.number if call else None,
        "called_by": call.by_id if call else None,
    }
    entry = entries.append("emergency_disclosed", case.reference, content, now=now)
    name = call.by.full_name if call else ""
    events.note(case, "emergency_disclosed", now=now, letter=letter, entry=entry, name=name)


def on_received(case: Case, kind: str, body: dict[str, Any], letter: uuid.UUID, now: datetime) -> None:
    """The side that asked received data for its emergency."""
    row = of(case) if carries(kind, body, ()) else None
    if row is not None and row.disclosed is None:
        row.disclosed, row.disclosed_at = letter, now
        row.save(update_fields=["disclosed", "disclosed_at"])


def demand_validatable(case: Case, numbers: Collection[int], written_at: datetime) -> Emergency:
    """The emergency that a letter written then validates as a whole.

    One whose time had passed when the letter was written is over, whether or not its clock was looked at;
    one whose letter was only late on its way is not. Raises the errors above.
    """
    row = of(case)
    if row is None:
        raise NoEmergencyError(case=case.reference)
    if row.revoked or (row.due_at is not None and written_at > row.due_at):
        raise EmergencyOverError(case=case.reference)
    if row.standing == "validated":
        raise AlreadyValidatedError(case=case.reference)
    _demand_whole(case, numbers)
    return row


def validate(row: Emergency, letter: uuid.UUID, now: datetime) -> None:
    """It was validated in time: what a clock that ran out meanwhile has laid down falls away."""
    case = row.case
    if row.lapsed_at is not None:
        Limit.objects.filter(case=case, limit=NOT_VALIDATED).delete()
        late = Clock.objects.filter(case_reference=case.reference, kind=VALIDATION, state=ClockState.RAN_OUT)
        late.update(state=ClockState.MET, ended_at=now)
    row.validated, row.lapsed_at = letter, None
    row.save(update_fields=["validated", "lapsed_at"])
    running.meet(case.reference, VALIDATION, now)


def demand_revocable(case: Case, numbers: Collection[int]) -> Emergency:
    """The emergency that a letter revokes as a whole; the errors above."""
    row = demand(case)
    _demand_whole(case, numbers)
    return row


def revoke(case: Case, row: Emergency, letter: uuid.UUID, now: datetime) -> None:
    """It is revoked: what was given is barred, the rest withdrawn. The caller saves the case."""
    row.revoked = letter
    row.save(update_fields=["revoked"])
    for kind in (VALIDATION, ANSWER):
        running.cease(case.reference, kind, now)
    statuses.set_desired(
        case, [each for each in items(case) if each.actual not in statuses.FINISHED], "withdrawn"
    )
    _bar(row, letter, now)


def lapsed(clock: Clock, now: datetime) -> None:
    """The time of a validation passed without it: what was given is barred. Wiring registers this."""
    for row in Emergency.objects.select_related("case").filter(case__reference=clock.case_reference):
        if row.standing == "awaited" and row.request is not None:
            row.lapsed_at = clock.due_at
            row.save(update_fields=["lapsed_at"])
            _bar(row, row.request, now)
            content = {"what": "emergency_lapsed", "case": row.case.reference, "request": str(row.request)}
            entry = entries.append("emergency_lapsed", row.case.reference, content, now=now)
            events.note(row.case, "emergency_lapsed", now=now, entry=entry)


def items(case: Case) -> list[Item]:
    """The items that ask for data in an emergency."""
    return list(case.items.filter(measure=AVERT))


def _demand_whole(case: Case, numbers: Collection[int]) -> None:
    if {each.number for each in items(case)} != set(numbers):
        raise ItemsIncompleteError(case=case.reference)


def _bar(row: Emergency, letter: uuid.UUID, now: datetime) -> None:
    limits.lay_down(row.case, [{"id": NOT_VALIDATED, "cite": provision(row.case), "text": ""}], letter, now)


def provision(case: Case) -> str:
    """The provision under which data are given in an emergency, by this State's reading of the case."""
    cite = opinions.permitting(case.opinion or {}, case.instrument, AVERT)
    return cite or next(iter(drafts.basis_of(case)), "")


def _begin(case: Case, kind: str, of_side: Side, starts_at: datetime, due_at: datetime) -> None:
    zone = known.own().time_zone if of_side == case.side else case.peer.time_zone
    cite = provision(case)
    running.start(case.reference, kind, cite, of_side, starts_at=starts_at, due_at=due_at, zone=zone)
