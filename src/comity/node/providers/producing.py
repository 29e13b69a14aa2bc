"""Files that a provider hands over: announced with their hash, sent whole or in pieces, stated authentic.

Each becomes an exhibit of the order's item when it is whole and is what was announced.
"""

from __future__ import annotations

import io
import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import BinaryIO

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import NothingThereError
from comity.node.exhibits import intake, uploads
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import Exhibit, Upload, UploadState
from comity.node.exhibits.names import kept_name
from comity.node.orders import answers
from comity.node.orders.models import Order
from comity.node.providers import seeing
from comity.node.providers.models import Person, ProducedFile, Statement
from comity.terms import ComityError, gettext_noop

MOST_FILES = 1000
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]{1,80}")
_UNKNOWN = "application/octet-stream"
SCHEMA = "comity-authenticity/1"


class TooManyFilesError(ComityError):
    """An order takes a bounded number of files."""

    code = "provider_too_many_files"
    message = gettext_noop("An order takes at most {most} files.")
    next_step = gettext_noop("Put many small files into one archive.")


class NothingToStateError(ComityError):
    """Every file that came has its statement."""

    code = "provider_nothing_to_state"
    message = gettext_noop("There is no file here that came whole and lacks its statement.")
    next_step = gettext_noop("Hand the files over first.")


class FileArrivedError(ComityError):
    """What is evidence already is not taken back."""

    code = "provider_file_arrived"
    message = gettext_noop("“{name}” was handed over and is kept as evidence.")
    next_step = gettext_noop("If it was the wrong file, tell the authority so by a question.")


@dataclass(frozen=True, slots=True)
class Announced:
    """What a file will be: for which identifier, its name, type, kind of data, size and hash."""

    identifier: int
    name: str
    media_type: str
    data_kind: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A file and how far it has come. ``state`` is that of its upload, ``done`` once it is evidence."""

    row: ProducedFile
    arrived: bool
    offset: int
    state: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the statement says besides who makes it."""

    how_made: str
    made_on: date
    ordinary_course: bool


def files(order: Order) -> list[Standing]:
    """The files of an order, in the order in which they were announced."""
    rows = list(ProducedFile.objects.filter(order=order).select_related("person", "statement"))
    there = set(Exhibit.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    coming = {each.pk: each for each in Upload.objects.filter(pk__in=[row.pk for row in rows])}
    found = []
    for row in rows:
        upload, arrived = coming.get(row.pk), row.pk in there
        offset = row.bytes if arrived else upload.offset if upload else 0
        state = UploadState.DONE if arrived else upload.state if upload else UploadState.FAILED
        found.append(Standing(row, arrived, offset, str(state)))
    return found


@transaction.atomic
def announce(person: Person, order: uuid.UUID, file: Announced, *, now: datetime) -> ProducedFile:
    """Say what will be sent; the upload of the same id waits for it."""
    found = _open_to(person, order, file)
    upload = uploads.begin_from_outside(
        found.issued_by, _description(person, found, file), file.bytes, announced_sha256=file.sha256, now=now
    )
    made = _row(person, found, file, upload.pk, now)
    made.save(force_insert=True)
    seeing.note(person, found, "provider_file_announced", now, file=str(made.pk), sha256=file.sha256)
    return made


def hand_over(
    person: Person, order: uuid.UUID, file: Announced, stream: BinaryIO, *, now: datetime
) -> ProducedFile:
    """Take a file that comes in one piece; ContentDiffersError when it is not what was announced."""
    found = _open_to(person, order, file)
    made = _row(person, found, file, uuid.uuid4(), now)

    def also(exhibit: Exhibit) -> None:
        answers.demand_open(found)
        made.save(force_insert=True)
        seeing.note(person, found, "provider_file_announced", now, file=str(made.pk), sha256=file.sha256)

    intake.take_in(
        found.issued_by,
        stream,
        _description(person, found, file),
        now=now,
        exhibit_id=made.pk,
        announced=(file.bytes, file.sha256),
        also=also,
    )
    return made


def upload_of(person: Person, file: uuid.UUID) -> Upload:
    """Where a file of an open order of this person comes in; NothingThereError for every other."""
    row = _own(person, file)
    found = Upload.objects.filter(pk=row.pk).first()
    if found is None:
        raise NothingThereError(name=str(file))
    if found.state == UploadState.RECEIVING:
        with transaction.atomic():
            answers.demand_open(row.order)
    return found


@transaction.atomic
def take_back(person: Person, file: uuid.UUID, *, now: datetime) -> Order:
    """Give up a file that has not become evidence."""
    row = _own(person, file)
    if Exhibit.objects.filter(pk=row.pk).exists():
        raise FileArrivedError(name=row.name)
    upload = Upload.objects.filter(pk=row.pk).first()
    if upload is not None:
        uploads.remove(upload)
        if Upload.objects.filter(pk=row.pk).exists():  # it came whole and becomes evidence now
            raise FileArrivedError(name=row.name)
    seeing.note(person, row.order, "provider_file_taken_back", now, file=str(row.pk))
    order: Order = row.order
    row.delete()
    return order


def state_authentic(person: Person, order: uuid.UUID, said: Said, *, now: datetime) -> Statement:
    """State of every file that came and has no statement that it is authentic; the statement is evidence too.

    Raises NothingToStateError, OrderNotOpenError.
    """
    found = seeing.to_act_on(person, order)
    covered = [each.row for each in files(found) if each.arrived and each.row.statement_id is None]
    if not covered:
        raise NothingToStateError
    document = _statement(person, found, said, covered, now)
    signed = canonical.write(document)
    made = Statement(order=found, person=person, document=signed.decode(), made_at=now)
    made.sha256, made.exhibit = sha256(signed).hexdigest(), uuid.uuid4()

    def also(exhibit: Exhibit) -> None:
        answers.demand_open(found)
        made.save(force_insert=True)
        ProducedFile.objects.filter(pk__in=[row.pk for row in covered]).update(statement=made)
        seeing.note(person, found, "provider_statement", now, sha256=made.sha256)

    about = Announced(1, "authenticity.json", "application/json", "", len(signed), made.sha256)
    intake.take_in(
        found.issued_by,
        io.BytesIO(signed),
        _description(person, found, about),
        now=now,
        exhibit_id=made.exhibit,
        also=also,
    )
    return made


def _open_to(person: Person, order: uuid.UUID, file: Announced) -> Order:
    found = seeing.to_act_on(person, order)
    with transaction.atomic():
        answers.demand_open(found)
    if not found.identifiers.filter(number=file.identifier).exists():
        raise answers.NoSuchIdentifierError(number=found.number, identifier=file.identifier)
    if ProducedFile.objects.filter(order=found).count() >= MOST_FILES:
        raise TooManyFilesError(most=MOST_FILES)
    return found


def _own(person: Person, file: uuid.UUID) -> ProducedFile:
    row = ProducedFile.objects.select_related("order").filter(pk=file).first()
    if row is None:
        raise NothingThereError(name=str(file))
    seeing.to_act_on(person, row.order_id)
    return row


def _row(person: Person, order: Order, file: Announced, key: uuid.UUID, now: datetime) -> ProducedFile:
    return ProducedFile(
        id=key,
        order=order,
        identifier=file.identifier,
        name=kept_name(file.name),
        media_type=_type(file),
        data_kind=file.data_kind,
        bytes=file.bytes,
        sha256=file.sha256,
        person=person,
        announced_at=now,
    )


def _description(person: Person, order: Order, file: Announced) -> intake.Description:
    return intake.Description(
        case_reference=order.case_reference,
        item_number=order.item_number,
        raw_name=file.name,
        media_type=_type(file),
        source=f"{order.provider_id}: {person.full_name}, {person.post}"[:200],
        data_kind=file.data_kind,
        acquisition=Acquisition(acquired_by=f"{person.full_name}, {person.post}"[:300]),
    )


def _type(file: Announced) -> str:
    plain = file.media_type.lower()
    return plain if _MEDIA_TYPE.fullmatch(plain) else _UNKNOWN


def _statement(
    person: Person, order: Order, said: Said, covered: list[ProducedFile], now: datetime
) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "order": str(order.pk),
        "number": order.number,
        "provider": order.provider_id,
        "by": {"name": person.full_name, "post": person.post},
        "how_made": said.how_made,
        "made_on": said.made_on.isoformat(),
        "ordinary_course": said.ordinary_course,
        "files": [
            {"name": row.name, "bytes": row.bytes, "sha256": row.sha256, "identifier": row.identifier}
            for row in covered
        ],
        "at": canonical.instant_text(now),
    }
