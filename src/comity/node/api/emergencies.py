"""Emergencies over the API: how each stands, its warnings, and the answers to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import emergencies, suspicion
from comity.node.casework.acts.answer_warning import answer_warning
from comity.node.casework.averting import Emergency, WarningAnswer
from comity.node.casework.entitlement import visible
from comity.shapes import Prose

router = Router()
_MOST = 100


class EmergencyOut(Schema):
    """An emergency: how far it has come (``step``), and how it stands with its validation, due at ``due_at``.

    ``warnings`` counts those that wait for an answer before the data are given.
    """

    case: str
    side: str
    peer: str
    asked_at: datetime
    request: UUID | None
    step: str
    validation: str
    due_at: datetime | None
    disclosed_at: datetime | None
    called_by: str | None
    warnings: int


class WarningOut(Schema):
    """What speaks for a forgery, why, and the answer to it, where there is one."""

    mark: str
    code: str
    sentence: str
    answer: str | None
    by: str | None
    at: datetime | None


class EmergencyWhole(EmergencyOut):
    """With what the request says of the emergency, and every warning."""

    particulars: dict[str, Any]
    found: list[WarningOut]


class NewAnswer(Strict):
    """An official's answer to a warning, by its mark."""

    mark: str = Field(min_length=1, max_length=120)
    text: Prose


@router.get("/emergencies", response={200: list[EmergencyOut], FAILURES: Failure})
def list_emergencies(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that the official may see, the newest first, a hundred at most."""
    official = official_of(request)
    authorise(official, "view_case")
    now = timezone.now()
    return [_line(row, now) for row in emergencies.of_cases(visible(official))[:_MOST]]


@router.get("/cases/{reference}/emergency", response={200: EmergencyWhole, FAILURES: Failure})
def one_emergency(request: HttpRequest, reference: str) -> dict[str, Any]:
    """The emergency of a case."""
    case = find_readable(official_of(request), reference)
    row = emergencies.of(case)
    if row is None:
        raise NothingThereError(name=reference)
    now = timezone.now()
    said = {each.mark: each for each in row.answers.filter(request=row.request).select_related("by")}
    found = [_warning(each, said.get(each.mark)) for each in suspicion.warnings(row, now)]
    return _line(row, now) | {"particulars": row.particulars, "found": found}


@router.post("/cases/{reference}/emergency/answers", response={201: WarningOut, FAILURES: Failure})
def answer(request: HttpRequest, reference: str, new: NewAnswer) -> Status[dict[str, Any]]:
    """Answer a warning."""
    official, now = official_of(request), timezone.now()
    case = find_readable(official, reference)
    made = answer_warning(official, case, new.mark, text=new.text, now=now)
    row = emergencies.demand(case)
    warned = next(each for each in suspicion.warnings(row, now) if each.mark == made.mark)
    return Status(201, _warning(warned, made))


def _line(row: Emergency, now: datetime) -> dict[str, Any]:
    stands = emergencies.standing(row, now)
    return {
        "case": row.case.reference,
        "side": row.case.side,
        "peer": row.case.peer_id,
        "asked_at": row.asked_at,
        "request": row.request,
        "step": stands.step,
        "validation": row.standing,
        "due_at": row.due_at,
        "disclosed_at": row.disclosed_at,
        "called_by": stands.call.by.username if stands.call else None,
        "warnings": stands.warnings,
    }


def _warning(found: suspicion.Warned, said: WarningAnswer | None) -> dict[str, Any]:
    return {
        "mark": found.mark,
        "code": found.code,
        "sentence": found.sentence,
        "answer": said.text if said else None,
        "by": said.by.username if said else None,
        "at": said.at if said else None,
    }
