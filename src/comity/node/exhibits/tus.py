"""The tus 1.0 protocol (core, creation, checksum, termination, expiration), strict and bounded.

Creation is the room of cases' part, which knows the case; what follows is asked of the upload's own address,
by whoever began it. One request carries one chunk (at most ``uploads.CHUNK_MOST`` bytes).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError, authorise
from comity.node.exhibits import uploads
from comity.node.exhibits.models import Upload
from comity.terms import ComityError, gettext_noop

VERSION = "1.0.0"
CHUNK = "application/offset+octet-stream"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_ALGORITHMS = ("sha1", "sha256", "sha512")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")
_METADATA_MOST = 8192
_STATUS = {
    uploads.OffsetDiffersError.code: 409,
    uploads.ChunkSizeError.code: 413,
    uploads.ChunkBrokenError.code: 460,
    NothingThereError.code: 404,
    NotAuthorisedError.code: 403,
    "disk_full": 507,
    "quota_used_up": 413,
}


class TusMalformedError(ComityError):
    """A request is none of the tus protocol as this node speaks it."""

    code = "tus_malformed"
    message = gettext_noop("The request of the upload cannot be read: {header}.")
    next_step = gettext_noop("See the protocol at tus.io, version 1.0.0.")


class _Checked:
    """A chunk that is hashed while it is read, and read no further than its stated size."""

    def __init__(self, stream: Any, size: int, algorithm: str) -> None:
        self.stream, self.left = stream, size
        self.hash = hashlib.new(algorithm, usedforsecurity=False)

    def read(self, size: int) -> bytes:
        data: bytes = self.stream.read(min(size, self.left)) if self.left else b""
        self.left -= len(data)
        self.hash.update(data)
        return data


def upload(request: HttpRequest, upload: uuid.UUID) -> HttpResponse:
    """HEAD, PATCH and DELETE of one upload, and OPTIONS."""
    method = _method(request)
    if method == "OPTIONS":
        return options()
    authorise(request.user, "take_in_exhibit")
    return serve(request, lambda: uploads.find(request.user, upload))  # type: ignore[arg-type]  # authorised


def serve(request: HttpRequest, find: Callable[[], Upload]) -> HttpResponse:
    """HEAD, PATCH and DELETE of the upload that ``find`` gives, or refuses to give."""
    method = _method(request)
    if method not in ("HEAD", "PATCH", "DELETE"):
        return _answer(405, Allow="OPTIONS, HEAD, PATCH, DELETE")
    try:
        demand_version(request)
        found = find()
        if method == "DELETE":
            uploads.remove(found)
            return _answer(204)
        return described(_patch(request, found), 204) if method == "PATCH" else described(found, 200)
    except ComityError as error:
        return refused(error)


def options() -> HttpResponse:
    """What this node's uploads can do."""
    return _answer(
        204,
        Tus_Version=VERSION,
        Tus_Extension="creation,checksum,termination,expiration",
        Tus_Max_Size=str(uploads.LARGEST),
        Tus_Checksum_Algorithm=",".join(_ALGORITHMS),
    )


def described(found: Upload, status: int) -> HttpResponse:
    """The answer that says how far an upload has come."""
    headers = {
        "Upload_Offset": str(found.offset),
        "Upload_Length": str(found.length),
        "Upload_Expires": http_date(found.expires_at.timestamp()),
    }
    return _answer(status, **headers)


def refused(error: ComityError) -> HttpResponse:
    """The answer to what cannot be done: the sentence, and its stable code in a header."""
    response = _answer(
        412 if error.code == VersionDiffersError.code else _STATUS.get(error.code, 400),
        Comity_Code=error.code,
    )
    response.content = str(error).encode()
    return response


class VersionDiffersError(ComityError):
    """The client speaks another version of the protocol."""

    code = "tus_version"
    message = gettext_noop("This node speaks tus 1.0.0.")
    next_step = gettext_noop("Send the header Tus-Resumable: 1.0.0.")


def demand_version(request: HttpRequest) -> None:
    """Raise VersionDiffersError unless the client says that it speaks tus 1.0.0."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise VersionDiffersError


def number(request: HttpRequest, header: str) -> int:
    """A header's number; TusMalformedError for anything else."""
    text = request.headers.get(header, "")
    if not _NUMBER.fullmatch(text):
        raise TusMalformedError(header=header)
    return int(text)


def metadata(request: HttpRequest) -> dict[str, str]:
    """``Upload-Metadata`` as plain values; TusMalformedError for a doubled key or what is no base64."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > _METADATA_MOST:
        raise TusMalformedError(header="Upload-Metadata")
    found: dict[str, str] = {}
    for pair in filter(None, text.split(",")):
        key, _space, value = pair.strip().partition(" ")
        if key in found or not _KEY.fullmatch(key):
            raise TusMalformedError(header="Upload-Metadata")
        found[key] = _decoded(value, "Upload-Metadata").decode("utf-8", "surrogateescape")
        if not found[key].isprintable() and _unkeepable(found[key]):
            raise TusMalformedError(header="Upload-Metadata")
    return found


def _unkeepable(text: str) -> bool:
    """Whether a text holds bytes that are no UTF-8."""
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _patch(request: HttpRequest, found: Upload) -> Upload:
    if request.headers.get("Content-Type") != CHUNK:
        raise TusMalformedError(header="Content-Type")
    offset, size = number(request, "Upload-Offset"), number(request, "Content-Length")
    algorithm, expected = _checksum(request)
    chunk = _Checked(request, size, algorithm)
    return uploads.append(
        found,
        cast(BinaryIO, chunk),
        offset,
        size,
        lambda: expected is None or chunk.hash.digest() == expected,
        timezone.now(),
    )


def _checksum(request: HttpRequest) -> tuple[str, bytes | None]:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return "sha256", None
    algorithm, _space, value = text.partition(" ")
    if algorithm not in _ALGORITHMS:
        raise TusMalformedError(header="Upload-Checksum")
    return algorithm, _decoded(value, "Upload-Checksum")


def _decoded(text: str, header: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise TusMalformedError(header=header) from None


def _method(request: HttpRequest) -> str:
    return str(request.headers.get("X-HTTP-Method-Override") or request.method)


def _answer(status: int, **headers: str) -> HttpResponse:
    response = HttpResponse(status=status)
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response
