"""What officials do with a report: read, ask, mark, withhold, pass on, take into a case, close.

Each act names the official in the ledger and says nothing of what the report says.
"""

from __future__ import annotations

import io
import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from comity.node import config
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official, Organisation
from comity.node.casework import identities, taking_in
from comity.node.casework.entitlement import under_number
from comity.node.exhibits import intake
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.node.reports import reading, sealed
from comity.node.reports.cleaning import MEDIA_TYPES
from comity.node.reports.kinds import kind_name
from comity.node.reports.models import Act, Barred, ContactReader, Line, Message, Report, State
from comity.node.reports.times import hour_of
from comity.terms import ComityError, gettext_noop

MARKS = (State.SPAM, State.NOT_OURS, State.DUPLICATE)


class ReportFinishedError(ComityError):
    """The report is closed, withdrawn or erased."""

    code = "report_finished"
    message = gettext_noop("The report {number} is finished; nothing more is done with it.")
    next_step = gettext_noop("What was done stands on its page.")


class NotAReaderError(ComityError):
    """The official was not named a reader of the contact."""

    code = "not_a_reader"
    message = gettext_noop("Who made the report {number} may be opened by its named readers alone.")
    next_step = gettext_noop(
        "Ask a signatory, or whoever oversees the authority, to name you, with a reason."
    )


class NoContactError(ComityError):
    """The reporter is anonymous."""

    code = "no_contact"
    message = gettext_noop("The report {number} was made without a contact.")
    next_step = gettext_noop("Put a question: the reporter reads it with the follow-up code.")


class DuplicateUnknownError(ComityError):
    """No other report that the official may see has this number."""

    code = "duplicate_unknown"
    message = gettext_noop("“{number}” is no other report that is open to you.")
    next_step = gettext_noop("Give the number of the earlier report.")


class OfficialUnfitError(ComityError):
    """The official named has no part in this kind of report."""

    code = "official_unfit"
    message = gettext_noop("“{name}” has no part in reports like this one.")
    next_step = gettext_noop("Name an official whose role lets them see it.")


@transaction.atomic
def read_report(official: Official, pk: uuid.UUID, *, now: datetime) -> tuple[Report, reading.Words]:
    """Open what a report says; that it was read stands on record before anything is shown."""
    report = _locked(official, pk)
    found = reading.words(report)
    if report.state == State.NEW:
        report.state = State.OPEN
    report.waits_for_us = False
    report.save(update_fields=["state", "waits_for_us"])
    _remember(report, Act.READ, official, now)
    return report, found


@transaction.atomic
def ask_reporter(official: Official, pk: uuid.UUID, text: str, *, now: datetime) -> Message:
    """Put a question that the reporter reads with the code."""
    report = _unfinished(official, pk)
    made = _say(report, official, text, now)
    _remember(report, Act.ASKED, official, now)
    return made


@transaction.atomic
def mark_report(
    official: Official, pk: uuid.UUID, mark: str, *, reason: str, earlier: str = "", now: datetime
) -> Report:
    """Mark as spam, outside the authority's competence, or the same as an ``earlier`` report (its number)."""
    report = _unfinished(official, pk)
    if mark == State.DUPLICATE:
        report.duplicate_of = reading.visible(official).filter(number=earlier).exclude(pk=pk).first()
        if report.duplicate_of is None:
            raise DuplicateUnknownError(number=earlier)
    _end(report, State(mark), now)
    _remember(report, Act.MARKED, official, now, note=f"{mark}: {reason}", mark=mark)
    return report


@transaction.atomic
def close_report(official: Official, pk: uuid.UUID, answer: str, *, now: datetime) -> Report:
    """Close with an answer that the reporter reads with the code until the report is erased."""
    report = _unfinished(official, pk)
    _say(report, official, answer, now)
    _end(report, State.CLOSED, now)
    _remember(report, Act.CLOSED, official, now)
    return report


@transaction.atomic
def pass_on(official: Official, pk: uuid.UUID, body: Organisation, *, reason: str, now: datetime) -> Report:
    """Pass on to a body of this State: its officials with the role see the report from now on."""
    report = _unfinished(official, pk)
    report.state, report.passed_to = State.PASSED_ON, body
    report.save(update_fields=["state", "passed_to"])
    _remember(report, Act.PASSED_ON, official, now, note=f"{body}: {reason}", body=body.pk)
    return report


@transaction.atomic
def withhold_report(
    official: Official, pk: uuid.UUID, from_whom: Official, *, reason: str, now: datetime
) -> None:
    """Withhold a report from an official whom it may concern; they are not told that there is one."""
    authorise(official, "withhold_report")
    report = _locked(official, pk)
    if not reading.can_see(from_whom, report) or from_whom.pk == official.pk:
        raise OfficialUnfitError(name=str(from_whom))
    Barred.objects.get_or_create(report=report, official=from_whom)
    report.readers.filter(official=from_whom).delete()
    _remember(report, Act.WITHHELD, official, now, of=from_whom, note=reason)


@transaction.atomic
def name_reader(official: Official, pk: uuid.UUID, whom: Official, *, reason: str, now: datetime) -> None:
    """Name another official who may open the reporter's contact: nobody names themselves."""
    authorise(official, "withhold_report")
    report = _locked(official, pk)
    if whom.pk == official.pk or not (
        reading.can_see(whom, report) and reading.visible(whom).filter(pk=pk).exists()
    ):
        raise OfficialUnfitError(name=str(whom))
    ContactReader.objects.get_or_create(report=report, official=whom)
    _remember(report, Act.READER_NAMED, official, now, of=whom, note=reason)


@transaction.atomic
def open_contact(official: Official, pk: uuid.UUID, *, purpose: str, now: datetime) -> str:
    """Who made the report, for a named reader; the opening and its purpose stand on record."""
    report = _locked(official, pk)
    if report.contact is None:
        raise NoContactError(number=report.number)
    if not report.readers.filter(official=official).exists():
        raise NotAReaderError(number=report.number)
    said = str(sealed.unseal(report, report.contact))
    _remember(report, Act.CONTACT_OPENED, official, now, note=purpose)
    return said


def attach_report(official: Official, pk: uuid.UUID, reference: str, *, now: datetime) -> list[Exhibit]:
    """Take what a report says and its files into a case as evidence; custody begins, the contact stays here.

    Bulk goes before each short transaction; done again after a failure, what is an exhibit stays that one.
    """
    report = reading.find(official, pk)
    case = under_number(official, reference)
    if case is None:
        raise NothingThereError(name=reference)
    words = reading.words(report)
    for each in words.files:
        identities.demand_absent(case, each["name"])

    def on_timeline(exhibit: Exhibit) -> None:
        taking_in.on_upload(official, exhibit, now)

    def take(id: uuid.UUID, stream: Any, name: str, media_type: str) -> Exhibit:
        described = intake.Description(
            case.reference, None, name, media_type, f"public report {report.number}"
        )
        return intake.take_in(official, stream, described, now=now, exhibit_id=id, also=on_timeline)

    told = f"{pk}:{len(words.messages)}"  # what was said since is another exhibit
    made = [take(_exhibit_id(case.reference, told), _as_text(words), f"{report.number}.txt", "text/plain")]
    for each in words.files:
        file = each["file"]
        with reading.opened(file) as stream:
            wanted = _exhibit_id(case.reference, str(file.pk))
            made.append(take(wanted, stream, each["name"], MEDIA_TYPES[file.kind]))
    with transaction.atomic():
        found = _locked(official, pk)
        found.case_reference = case.reference
        found.state = State.OPEN if found.state == State.NEW else found.state
        found.save(update_fields=["case_reference", "state"])
        _remember(found, Act.ATTACHED, official, now, note=case.reference, case=case.reference)
    return made


def _exhibit_id(case: str, of: str) -> uuid.UUID:
    """The id that a part of a report has as an exhibit of a case: taken in twice, it is the same."""
    return uuid.UUID(bytes=sha256(f"report:{case}:{of}".encode()).digest()[:16], version=4)


def _as_text(words: reading.Words) -> io.BytesIO:
    """The report as it was written, and what was asked and answered."""
    lines = [f"{name}: {kind_name(text) if name == 'kind' else text}" for name, text in words.said.items()]
    lines += [
        f"{'authority' if each['by'] else 'reporter'}, {each['hour']:%Y-%m-%dT%HZ}: {each['text']}"
        for each in words.messages
    ]
    return io.BytesIO("\n\n".join(lines).encode())


def _locked(official: Official, pk: uuid.UUID) -> Report:
    reading.find(official, pk)
    return Report.objects.select_for_update().get(pk=pk)


def _unfinished(official: Official, pk: uuid.UUID) -> Report:
    report = _locked(official, pk)
    if report.is_ended or not report.is_there:
        raise ReportFinishedError(number=report.number)
    return report


def _say(report: Report, official: Official, text: str, now: datetime) -> Message:
    report.waits_for_us = False
    report.save(update_fields=["waits_for_us"])
    kept = sealed.seal(bytes(report.wrapped_key or b""), text)
    return Message.objects.create(report=report, by=official, hour=hour_of(now), text=kept)


def _end(report: Report, state: State, now: datetime) -> None:
    report.state, report.waits_for_us = state, False
    report.erase_on = (now + timedelta(days=config.current().reports_keep_days)).date()
    report.save()


def _remember(
    report: Report,
    act: Act,
    official: Official,
    now: datetime,
    *,
    of: Official | None = None,
    note: str = "",
    **about: str,
) -> None:
    """A line on the report's page, and in the ledger who did what; reasons stay on the page."""
    content = {"what": f"report_{act.value}", "report": str(report.pk), "by": official.pk, **about}
    if of is not None:
        content["of"] = of.pk
    entry = entries.append(str(content["what"]), str(report.pk), content, now=now)
    Line.objects.create(report=report, act=act, at=now, by=official, of=of, note=note[:400], entry=entry)
