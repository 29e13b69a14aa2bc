"""Evidence taken in over the API: an upload that is described once and sent in chunks, so that it resumes."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework.acts.take_in_exhibit import UNKNOWN, begin_upload
from comity.node.exhibits import uploads
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import Exhibit, Upload
from comity.shapes import Line, Sha256Hex

router = Router()
Offset = Annotated[int, Field(ge=0, le=2**63 - 1)]


class NewUpload(Strict):
    """What is going to come: its name as it is, its length in bytes, who gave it, how it was acquired.

    With ``sha256`` another content becomes no exhibit; ``sha512`` asks for that hash too. ``made_from`` is
    the number of the working copy that an examination was made of; its tool and version are then named.
    """

    name: Annotated[str, Field(max_length=1000)]
    length: Annotated[int, Field(ge=1, le=uploads.LARGEST)]
    source: Annotated[Line, Field(max_length=200)]
    media_type: Annotated[str, Field(max_length=100)] = UNKNOWN
    item: Annotated[int, Field(ge=1, le=10**6)] | None = None
    data_kind: Literal["", "subscriber", "traffic", "content", "other_stored"] = ""
    sha256: Sha256Hex | None = None
    sha512: bool = False
    made_from: Annotated[str, Field(max_length=70)] = ""
    acquisition: Acquisition = Acquisition()


class UploadOut(Schema):
    """How far an upload has come; ``exhibit`` is the number of what became of it."""

    id: UUID
    offset: int
    length: int
    state: str
    code: str
    expires_at: datetime
    exhibit: str | None


@router.post("/cases/{reference}/uploads", response={201: UploadOut, FAILURES: Failure})
def begin(request: HttpRequest, reference: str, new: NewUpload) -> Status[dict[str, Any]]:
    """Begin an upload; it waits a week for each next chunk."""
    official = official_of(request)
    case = find_case(official, reference)
    item = case.items.filter(number=new.item).first() if new.item is not None else None
    if new.item is not None and item is None:
        raise NothingThereError(name=str(new.item))
    made = begin_upload(
        official,
        case,
        item,
        length=new.length,
        raw_name=new.name,
        media_type=new.media_type,
        source=new.source,
        data_kind=new.data_kind,
        acquisition=new.acquisition,
        sha512=new.sha512,
        made_from=new.made_from,
        sha256=new.sha256 or "",
        now=timezone.now(),
    )
    return Status(201, _upload(made))


@router.get("/uploads/{upload}", response={200: UploadOut, FAILURES: Failure})
def how_far(request: HttpRequest, upload: UUID) -> dict[str, Any]:
    """How far it has come, and what became of it."""
    return _upload(uploads.find(official_of(request), upload))


@router.put("/uploads/{upload}/chunks/{offset}", response={200: UploadOut, FAILURES: Failure})
def chunk(
    request: HttpRequest, upload: UUID, offset: Offset, sha256: Query[Sha256Hex | None] = None
) -> dict[str, Any]:
    """The body is the chunk that begins at this offset; ``sha256`` lets a damaged one be found."""
    found = uploads.find(official_of(request), upload)
    length = request.headers.get("Content-Length", "")
    size = int(length) if length.isdecimal() and len(length) < 19 else 0
    body = _Hashed(request, size)
    whole = uploads.append(
        found,
        cast(Any, body),
        offset,
        size,
        lambda: sha256 is None or body.hash.hexdigest() == sha256,
        timezone.now(),
    )
    return _upload(whole)


@router.delete("/uploads/{upload}", response={204: None, FAILURES: Failure})
def remove(request: HttpRequest, upload: UUID) -> Status[None]:
    """Give an unfinished upload up; what came of it is removed."""
    uploads.remove(uploads.find(official_of(request), upload))
    return Status(204, None)


class _Hashed:
    """A body that is hashed while it is read, and read no further than its stated size."""

    def __init__(self, request: HttpRequest, size: int) -> None:
        self.request, self.left, self.hash = request, size, hashlib.sha256()

    def read(self, size: int) -> bytes:
        data: bytes = self.request.read(min(size, self.left)) if self.left else b""
        self.left -= len(data)
        self.hash.update(data)
        return data


def _upload(found: Upload) -> dict[str, Any]:
    made = Exhibit.objects.filter(pk=found.exhibit).first() if found.exhibit else None
    named = {name: getattr(found, name) for name in ("id", "offset", "length", "state", "code", "expires_at")}
    return {**named, "exhibit": made.number if made else None}
