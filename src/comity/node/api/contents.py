"""The content of evidence over the API: opened on record, then read in ranges; or exported as a bag."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from comity.node.api.copies import find_copy
from comity.node.api.entering import official_of
from comity.node.api.keeping import Purpose, find_exhibit
from comity.node.api.shapes import FAILURES, Failure
from comity.node.exhibits import access, bags, openings
from comity.node.exhibits.models import Opening

router = Router()


class NewOpening(Purpose):
    """For what the original is opened, or (``copy_number``) the working copy of this number."""

    copy_number: Annotated[str, Field(max_length=70)] = ""


class OpeningOut(Schema):
    """An opening: until when it is read from, and what is read."""

    id: UUID
    bytes: int
    sha256: str
    expires_at: datetime


@router.post("/exhibits/{number}/openings", response={201: OpeningOut, FAILURES: Failure})
def new_opening(request: HttpRequest, number: str, new: NewOpening) -> Status[dict[str, Any]]:
    """Open an exhibit or a working copy; the custody record is written now, the bytes are read next."""
    official = official_of(request)
    found = find_exhibit(official, number)
    copy = find_copy(official, number, new.copy_number) if new.copy_number else None
    made = openings.begin(official, found, copy, purpose=new.purpose, now=timezone.now())
    return Status(201, _opening(made))


@router.get("/openings/{opening}/content", response={200: None, 206: None, 416: Failure, FAILURES: Failure})
def content(request: HttpRequest, opening: UUID) -> StreamingHttpResponse:
    """The bytes, whole or the one range that the header ``Range`` asks for."""
    official = official_of(request)
    found = openings.find(official, opening, timezone.now())
    size = found.exhibit.bytes
    asked = openings.span(request.headers.get("Range", ""), size)
    first, last = asked or (0, size - 1)
    pieces = openings.read(official, found, first, last)
    answer = StreamingHttpResponse(pieces, status=206 if asked else 200, content_type=_BYTES)
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Length"] = str(last - first + 1)
    if asked:
        answer.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


_BYTES = "application/octet-stream"


@router.post("/exhibits/{number}/bag", response={200: None, FAILURES: Failure})
def bag(request: HttpRequest, number: str, why: Purpose) -> StreamingHttpResponse:
    """The exhibit as a BagIt bag in a tar file; the custody record comes first."""
    official, now = official_of(request), timezone.now()
    found = find_exhibit(official, number)
    stream = access.export(official, found, note=f"as a bag: {why.purpose}", now=now)
    found.refresh_from_db()
    return StreamingHttpResponse(bags.bag(found, stream, now), content_type=bags.MEDIA_TYPE)


def _opening(made: Opening) -> dict[str, Any]:
    return {
        "id": made.pk,
        "bytes": made.exhibit.bytes,
        "sha256": made.exhibit.sha256,
        "expires_at": made.expires_at,
    }
