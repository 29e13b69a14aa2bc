"""The files that travel with a request, by the API."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Router, Status, UploadedFile

from comity.node.api import drafting_shapes as shapes
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.casework import enclosures
from comity.node.casework.acts.enclose_file import enclose_file, take_out_file
from comity.node.casework.models import Side
from comity.node.casework.standing import demand_side
from comity.node.exhibits.models import Exhibit

router = Router()


@router.get("/cases/{reference}/draft/files", response={200: list[shapes.FileOut], FAILURES: Failure})
def list_files(request: HttpRequest, reference: str) -> list[Exhibit]:
    """The files that go with the request in preparation."""
    case = find_readable(official_of(request), reference)
    demand_side(case, Side.REQUESTING)
    return enclosures.waiting(case)


@router.post("/cases/{reference}/draft/files", response={201: shapes.FileOut, FAILURES: Failure})
def add_file(request: HttpRequest, reference: str, file: File[UploadedFile]) -> Status[Exhibit]:
    """Let a file go with the request; it is hashed while it is taken in."""
    official = official_of(request)
    made = enclose_file(
        official,
        find_readable(official, reference),
        stream=file,  # type: ignore[arg-type]  # an uploaded file is read like any other
        raw_name=file.name or "",
        media_type=file.content_type or "",
        size=file.size or 0,
        now=timezone.now(),
    )
    return Status(201, made)


@router.delete("/cases/{reference}/draft/files/{file}", response={204: None, FAILURES: Failure})
def remove_file(request: HttpRequest, reference: str, file: UUID) -> Status[None]:
    """The file does not go with the request; it stays with the case."""
    official = official_of(request)
    take_out_file(official, find_readable(official, reference), file, now=timezone.now())
    return Status(204, None)
