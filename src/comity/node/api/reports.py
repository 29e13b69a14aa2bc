"""Reports of the public over the API, for officials: list, read, ask, mark, pass on, take into a case, close.

The public has no API: a report is made on its page alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official, Organisation
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.reports import reading, triage
from comity.node.reports.models import Report
from comity.shapes import Line, Prose

router = Router()
_ONE = "/reports/{report}"
_PAGE = 50
Text = Annotated[Prose, Field(max_length=10_000)]
Reason = Annotated[Line, Field(max_length=300)]


class ReportOut(Schema):
    """The record of a report. ``received_hour`` is the whole hour: nothing finer is kept."""

    id: UUID
    number: str
    received_hour: datetime
    language: str
    state: str
    about_us: bool
    waits_for_us: bool
    has_contact: bool
    case: str
    passed_to: str | None
    erase_on: date | None


class ReportFileOut(Schema):
    """A file of a report; ``metadata`` says what became of the data about its making."""

    id: UUID
    name: str
    kind: str
    bytes: int
    sha256: str
    metadata: str


class ReportMessageOut(Schema):
    """What the desk asked or answered (``by``), or what the reporter wrote (null)."""

    by: str | None
    hour: datetime
    text: str


class ReportReading(Schema):
    """What a report says; the contact is opened apart."""

    report: ReportOut
    said: dict[str, str]
    files: list[ReportFileOut]
    messages: list[ReportMessageOut]


class ReportText(Strict):
    """A question, or the answer with which a report is closed."""

    text: Text


class ReportMark(Strict):
    """Why a report is not taken up; ``earlier`` is the number of the report that a duplicate repeats."""

    mark: Literal["spam", "not_ours", "duplicate"]
    earlier: Annotated[str, Field(max_length=30)] = ""
    reason: Reason


class ReportPassing(Strict):
    """The body that a report is passed on to, by id."""

    body: Annotated[str, Field(min_length=1, max_length=50)]
    reason: Reason


class ReportCase(Strict):
    """The case that a report becomes evidence of."""

    case: Annotated[str, Field(min_length=1, max_length=40)]


class ReportOfficial(Strict):
    """Another official, by user name, and why."""

    official: Annotated[str, Field(min_length=1, max_length=150)]
    reason: Reason


class ReportPurpose(Strict):
    """For what the contact is opened."""

    reason: Reason


class ReportContact(Schema):
    """Who made the report."""

    contact: str


class ReportEvidence(Schema):
    """The numbers of the exhibits that a report became."""

    exhibits: list[str]


@router.get("/reports", response={200: list[ReportOut], FAILURES: Failure})
def list_reports(
    request: HttpRequest, after: Annotated[str, Field(max_length=30)] = ""
) -> list[dict[str, Any]]:
    """The reports that are open to the official, the latest first, fifty at a time (``after`` a number)."""
    found = reading.visible(official_of(request)).select_related("passed_to")
    if after:
        last = found.filter(number=after).first()
        if last is None:
            raise NothingThereError(name=after)
        hour = last.received_hour
        found = found.filter(Q(received_hour__lt=hour) | Q(received_hour=hour, number__lt=after))
    return [_record(one) for one in found[:_PAGE]]


@router.post(_ONE + "/read", response={200: ReportReading, FAILURES: Failure})
def read(request: HttpRequest, report: UUID) -> dict[str, Any]:
    """What a report says; that it was read is recorded."""
    found, words = triage.read_report(official_of(request), report, now=timezone.now())
    files = [
        {
            "id": each["file"].pk,
            "name": each["name"],
            **{name: getattr(each["file"], name) for name in ("kind", "bytes", "sha256", "metadata")},
        }
        for each in words.files
    ]
    said = [each | {"by": each["by"].username if each["by"] else None} for each in words.messages]
    return {"report": _record(found), "said": words.said, "files": files, "messages": said}


@router.post(_ONE + "/questions", response={200: ReportOut, FAILURES: Failure})
def ask(request: HttpRequest, report: UUID, new: ReportText) -> dict[str, Any]:
    """Put a question that the reporter reads with the follow-up code."""
    by = official_of(request)
    triage.ask_reporter(by, report, new.text, now=timezone.now())
    return _record(reading.find(by, report))


@router.post(_ONE + "/mark", response={200: ReportOut, FAILURES: Failure})
def mark(request: HttpRequest, report: UUID, new: ReportMark) -> dict[str, Any]:
    """Mark a report that is not taken up."""
    return _record(triage.mark_report(official_of(request), report, **new.model_dump(), now=timezone.now()))


@router.post(_ONE + "/close", response={200: ReportOut, FAILURES: Failure})
def close(request: HttpRequest, report: UUID, new: ReportText) -> dict[str, Any]:
    """Close a report with an answer."""
    return _record(triage.close_report(official_of(request), report, new.text, now=timezone.now()))


@router.post(_ONE + "/pass-on", response={200: ReportOut, FAILURES: Failure})
def pass_on(request: HttpRequest, report: UUID, new: ReportPassing) -> dict[str, Any]:
    """Pass a report on to a body of this State."""
    by = official_of(request)
    reading.find(by, report)
    body = Organisation.objects.filter(pk=new.body).first()
    if body is None:
        raise NothingThereError(name=new.body)
    return _record(triage.pass_on(by, report, body, reason=new.reason, now=timezone.now()))


@router.post(_ONE + "/evidence", response={201: ReportEvidence, FAILURES: Failure})
def attach(request: HttpRequest, report: UUID, new: ReportCase) -> Status[dict[str, Any]]:
    """Take a report and its files into a case as evidence."""
    made = triage.attach_report(official_of(request), report, new.case, now=timezone.now())
    return Status(201, {"exhibits": [one.number for one in made]})


@router.post(_ONE + "/withhold", response={204: None, FAILURES: Failure})
def withhold(request: HttpRequest, report: UUID, new: ReportOfficial) -> Status[None]:
    """Withhold a report from an official whom it may concern."""
    by, whom = _two(request, report, new.official)
    triage.withhold_report(by, report, whom, reason=new.reason, now=timezone.now())
    return Status(204, None)


@router.post(_ONE + "/readers", response={204: None, FAILURES: Failure})
def name_reader(request: HttpRequest, report: UUID, new: ReportOfficial) -> Status[None]:
    """Name an official who may open the reporter's contact."""
    by, whom = _two(request, report, new.official)
    triage.name_reader(by, report, whom, reason=new.reason, now=timezone.now())
    return Status(204, None)


@router.post(_ONE + "/contact", response={200: ReportContact, FAILURES: Failure})
def contact(request: HttpRequest, report: UUID, new: ReportPurpose) -> dict[str, str]:
    """Who made the report, for a named reader; the opening and its purpose are recorded."""
    by = official_of(request)
    return {"contact": triage.open_contact(by, report, purpose=new.reason, now=timezone.now())}


def _two(request: HttpRequest, report: UUID, username: str) -> tuple[Official, Official]:
    """The official who speaks, may withhold and sees the report, and the one they name."""
    by = official_of(request)
    authorise(by, "withhold_report")
    reading.find(by, report)
    whom = Official.objects.filter(username=username, is_active=True).first()
    if whom is None:
        raise NothingThereError(name=username)
    return by, whom


def _record(report: Report) -> dict[str, Any]:
    """A report as ReportOut."""
    plain = ("id", "number", "received_hour", "language", "state", "about_us", "waits_for_us", "erase_on")
    kept = {name: getattr(report, name) for name in plain}
    return kept | {
        "has_contact": report.contact is not None,
        "case": report.case_reference,
        "passed_to": report.passed_to_id,
    }
