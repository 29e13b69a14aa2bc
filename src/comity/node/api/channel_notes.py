"""Communications by diplomatic channels or through INTERPOL, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Path, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import channel_notes
from comity.node.casework.acts.record_channel_note import (
    Document,
    add_note_document,
    record_channel_note,
)
from comity.node.casework.channel_notes import Noted
from comity.shapes import Line, Prose

router = Router()
_ADDRESS = "/cases/{reference}/channel-notes"
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class NewChannelNote(Strict):
    """What was sent or received, by whom, when, under which number."""

    direction: Literal["out", "in"]
    channel: Literal["diplomatic", "interpol", "courier", "direct"]
    happened_at: Annotated[AwareDatetime, Field(strict=False)]
    reference: Line = Field(max_length=120)
    sender: Line
    recipient: Line
    text: Prose = Field(max_length=10_000)
    letter: Annotated[UUID, Field(strict=False)] | None = None


class DocumentOut(Schema):
    """A document of a communication, an exhibit of the case."""

    number: str
    name: str
    bytes: int
    sha256: str


class ChannelNoteOut(Schema):
    """A communication on record."""

    number: int
    direction: str
    channel: str
    happened_at: datetime
    reference: str
    sender: str
    recipient: str
    text: str
    letter: UUID | None
    by: str
    at: datetime
    documents: list[DocumentOut]


@router.get(_ADDRESS, response={200: list[ChannelNoteOut], FAILURES: Failure})
def list_notes(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """All of a case, the earliest first."""
    return [_note(each) for each in channel_notes.of_case(find_readable(official_of(request), reference))]


@router.post(_ADDRESS, response={201: ChannelNoteOut, FAILURES: Failure})
def record(request: HttpRequest, reference: str, new: NewChannelNote) -> Status[dict[str, Any]]:
    """Record one; its documents are added one by one."""
    official = official_of(request)
    case = find_readable(official, reference)
    made = record_channel_note(official, case, **new.model_dump(), now=timezone.now())
    return Status(201, _note(Noted(made, [], None)))


@router.post(_ADDRESS + "/{number}/documents", response={201: DocumentOut, FAILURES: Failure})
def add_document(
    request: HttpRequest, reference: str, number: Number, file: File[UploadedFile]
) -> Status[dict[str, Any]]:
    """Keep a document of a communication as an exhibit; it is hashed while it is taken in."""
    official = official_of(request)
    document = Document(
        stream=file,  # type: ignore[arg-type]  # an uploaded file is read like any other
        raw_name=file.name or "",
        media_type=file.content_type or "",
        size=file.size or 0,
    )
    case = find_readable(official, reference)
    made = add_note_document(official, case, number, document, now=timezone.now())
    return Status(201, _document(made))


def _note(noted: Noted) -> dict[str, Any]:
    note = noted.note
    names = (
        "number",
        "direction",
        "channel",
        "happened_at",
        "reference",
        "sender",
        "recipient",
        "text",
        "letter",
    )
    said = {name: getattr(note, name) for name in (*names, "at")}
    return said | {"by": note.by.username, "documents": [_document(each) for each in noted.documents]}


def _document(exhibit: Any) -> dict[str, Any]:
    return {
        "number": exhibit.number,
        "name": exhibit.raw_name,
        "bytes": exhibit.bytes,
        "sha256": exhibit.sha256,
    }
