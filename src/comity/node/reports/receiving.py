"""What the reporter does: report, come back with the code, answer, add files, decide on these, withdraw.

Nobody signs in here, and nothing comes in but what the reporter wrote and the whole hour. The ledger learns
of it with the next full hour, so that its order does not tell the minute.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import Sum

from comity import canonical
from comity.node import config
from comity.node.exhibits import content
from comity.node.exhibits.names import kept_name
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.reports import cleaning, codes, erasing, sealed
from comity.node.reports.models import Act, Line, Message, Metadata, Report, ReportFile, State
from comity.node.reports.times import hour_of
from comity.terms import ComityError, gettext_noop

MOST_FILES, MOST_FILES_OF_ONE, MOST_FILE_BYTES = 10, 40, 20 << 20
"""Files at once, of one report in all, and bytes of each."""
MOST_MESSAGES = 100
NOT_POSSIBLE = "not_possible"
"""Said of a file from which nothing could be removed."""
ENTER = "reports.enter"
_TRIES = 5


class FileNotTakenError(ComityError):
    """A file is of no kind that is taken here."""

    code = "file_not_taken"
    message = gettext_noop("File {n} is of a kind that is not taken here. Nothing was sent.")
    next_step = gettext_noop(
        "Pictures, PDF, office documents, plain text, sound and video are taken; unpack an archive first."
    )


class FilesTooLargeError(ComityError):
    """Too many files, or one that is too large."""

    code = "files_too_large"
    message = gettext_noop(
        "At most {files} files of {megabytes} MB each are taken at once. Nothing was sent."
    )
    next_step = gettext_noop("Send the most important ones now; more can be added with the follow-up code.")


class ReportsFullError(ComityError):
    """The share of the store for reports is used up."""

    code = "reports_full"
    message = gettext_noop("There is no room for files now. Nothing was sent.")
    next_step = gettext_noop(
        "Send the report without files; they can be added with the follow-up code later."
    )


class ReportEndedError(ComityError):
    """The reporter writes to a report that is closed or erased, or has written very much."""

    code = "report_ended"
    message = gettext_noop("Nothing can be added to this report any more.")
    next_step = gettext_noop("Make a new report, and name the number of this one.")


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came."""

    stream: BinaryIO
    name: str
    bytes: int


def receive(
    said: dict[str, str],
    contact: str,
    *,
    about_us: bool,
    files: Iterable[Given],
    clean: bool,
    language: str,
    now: datetime,
) -> tuple[Report, str]:
    """Keep a report; return it with its follow-up code, which is kept nowhere.

    ``said`` are the answers by the form's field; ``contact`` is empty for who stays unknown; ``clean``: take
    out of the files what they carry about themselves.
    """
    hour, code, key = hour_of(now), codes.draw(), content.new_key()
    stored = _store(list(files), key, clean, already=0)
    report = Report(
        id=uuid.uuid4(),
        code=codes.kept(code),
        received_hour=hour,
        language=language,
        about_us=about_us,
        wrapped_key=key,
        content=sealed.seal(key, said),
        contact=sealed.seal(key, contact) if contact else None,
    )
    with _kept_or_discarded(stored), transaction.atomic():
        _number(report)
        _keep_files(report, stored, hour)
        hashes = {"content": sha256(bytes(report.content or b"")).hexdigest(), "files": _hashes(stored)}
        _remember(report, Act.RECEIVED, hashes, hour)
    return report, code


def follow(code: str) -> Report | None:
    """The report that a code belongs to, found by the code's keyed hash."""
    return Report.objects.filter(code=codes.kept(code)).first()


def write(report: Report, text: str, *, files: Iterable[Given], clean: bool, now: datetime) -> None:
    """The reporter answers, adds, or both."""
    hour = hour_of(now)
    _demand_open(report)
    stored = _store(list(files), bytes(report.wrapped_key or b""), clean, already=report.files.count())
    with _kept_or_discarded(stored), transaction.atomic():
        found = Report.objects.select_for_update().get(pk=report.pk)
        _demand_open(found)
        kept = sealed.seal(bytes(found.wrapped_key or b""), text) if text else None
        if kept:
            Message.objects.create(report=found, hour=hour, text=kept)
        _keep_files(found, stored, hour)
        found.waits_for_us = True
        found.save(update_fields=["waits_for_us"])
        about = {"text": sha256(kept).hexdigest() if kept else None, "files": _hashes(stored)}
        _remember(found, Act.ANSWERED, about, hour)


@transaction.atomic
def decide(report: Report, file: str, *, keep: bool) -> None:
    """Send a file as it is, or leave it out, where what it carries could not be removed."""
    waiting = report.files.select_for_update().filter(metadata=Metadata.UNDECIDED)
    found = next((each for each in waiting if str(each.pk) == file), None)
    if found is None:
        return
    if keep:
        found.metadata = Metadata.KEPT
        found.save(update_fields=["metadata"])
    else:
        erasing.forget_file(found)
        found.delete()


@transaction.atomic
def withdraw(report: Report, *, now: datetime) -> None:
    """Take the report back: what it said is erased, but for what became evidence of a case already."""
    found = Report.objects.select_for_update().get(pk=report.pk)
    if found.is_ended:
        raise ReportEndedError
    found.state, found.waits_for_us = State.WITHDRAWN, False
    found.save(update_fields=["state", "waits_for_us"])
    _remember(found, Act.WITHDRAWN, {}, hour_of(now))
    erasing.forget(found)


def enter(payload: dict[str, Any], now: datetime) -> None:
    """Job ``reports.enter``: the ledger's entry of what a reporter did in an hour that is over, once."""
    about = payload["about"]
    with transaction.atomic():
        line = Line.objects.select_for_update().get(pk=payload["line"])
        if line.entry_id is None:
            line.entry = entries.append(about["what"], about["report"], about, now=now)
            line.save(update_fields=["entry"])


def _demand_open(report: Report) -> None:
    if report.is_ended or not report.is_there or report.messages.count() >= MOST_MESSAGES:
        raise ReportEndedError


@dataclass(frozen=True, slots=True)
class _Stored:
    content: content.StoredContent
    kind: str
    name: bytes
    metadata: Metadata
    left: list[str]


def _store(files: list[Given], key: bytes, clean: bool, *, already: int) -> list[_Stored]:
    """Every file in the store, or none."""
    if len(files) > MOST_FILES or any(each.bytes > MOST_FILE_BYTES for each in files):
        raise FilesTooLargeError(files=MOST_FILES, megabytes=MOST_FILE_BYTES >> 20)
    if already + len(files) > MOST_FILES_OF_ONE:
        raise ReportEndedError
    _demand_room(sum(each.bytes for each in files))
    kinds = [cleaning.kind_of(each.stream) for each in files]
    if "" in kinds:
        raise FileNotTakenError(n=kinds.index("") + 1)
    stored: list[_Stored] = []
    with _kept_or_discarded(stored):
        for n, (each, kind) in enumerate(zip(files, kinds, strict=True), start=already + 1):
            stored.append(_store_one(each, kind, n, key, clean))
    return stored


def _store_one(given: Given, kind: str, n: int, key: bytes, clean: bool) -> _Stored:
    name, metadata, left, stream = kept_name(given.name), Metadata.KEPT, [], given.stream
    if clean:
        name = f"{n}.{kind}"  # a name tells things too
        done = cleaning.strip(kind, stream.read())
        stream.seek(0)
        left = [NOT_POSSIBLE] if done is None else done[1]
        metadata = Metadata.UNDECIDED if left else Metadata.REMOVED
        stream = stream if done is None else io.BytesIO(done[0])
    return _Stored(content.write(stream), kind, sealed.seal(key, name), metadata, left)


@contextmanager
def _kept_or_discarded(stored: list[_Stored]) -> Iterator[None]:
    """What was stored goes again when the block fails."""
    try:
        yield
    except BaseException:
        for each in stored:
            content.discard(each.content.segments)
        raise


def _demand_room(size: int) -> None:
    kept = ReportFile.objects.filter(wrapped_key__isnull=False).aggregate(all=Sum("bytes"))["all"] or 0
    if kept + size > config.current().reports_bytes:
        raise ReportsFullError


def _keep_files(report: Report, stored: list[_Stored], hour: datetime) -> None:
    ReportFile.objects.bulk_create(
        ReportFile(
            id=uuid.uuid4(),
            report=report,
            name=each.name,
            kind=each.kind,
            bytes=each.content.bytes,
            sha256=each.content.sha256,
            wrapped_key=each.content.wrapped_key,
            segments=[part.ciphertext_sha256 for part in each.content.segments],
            metadata=each.metadata,
            left=each.left,
            added_hour=hour,
        )
        for each in stored
    )


def _number(report: Report) -> None:
    """The next number of the year; of two at once the second takes the one behind."""
    year = report.received_hour.year
    for n in range(_TRIES):
        report.number = f"R-{year}-{Report.objects.filter(number__startswith=f'R-{year}-').count() + 1 + n}"
        try:
            with transaction.atomic():
                report.save(force_insert=True)
        except IntegrityError:
            if n + 1 == _TRIES:
                raise
        else:
            return


def _hashes(stored: list[_Stored]) -> list[str]:
    return [each.content.sha256 for each in stored]


def _remember(report: Report, act: Act, about: dict[str, Any], hour: datetime) -> None:
    """A line now, and the ledger's entry of it when the hour is over."""
    line = Line.objects.create(report=report, act=act, at=hour)
    said = {"report": str(report.pk), "hour": canonical.instant_text(hour), **about}
    payload = {"line": line.pk, "about": {"what": f"report_{act.value}", **said}}
    outbox.ask(ENTER, f"{ENTER}:{line.pk}", payload, now=hour, run_after=hour + timedelta(hours=1))
