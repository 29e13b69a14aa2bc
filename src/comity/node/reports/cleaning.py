"""What kind of file it is, and the same file without the data about itself, made in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import BinaryIO

from comity.letters import pictures
from comity.node.reports import stripping

_MOST_OUT = 2 * stripping.MOST_BYTES
_HEAD = 4096
_SIGNS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"GIF8", "gif"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"\x1aE\xdf\xa3", "webm"),
)
_OFFICE = ((b"word/document.xml", "docx"), (b"xl/workbook.xml", "xlsx"), (b"ppt/presentation.xml", "pptx"))
WITHOUT = ("text",)
"""Kinds that carry nothing but what they show."""
MEDIA_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "mp3": "audio/mpeg",
    "ogg": "application/ogg",
    "webm": "video/webm",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "text": "text/plain",
}
"""The kinds that are taken."""


def kind_of(stream: BinaryIO) -> str:
    """The kind, by what the content is and not by its name; empty for one that is not taken."""
    head = stream.read(_HEAD)
    stream.seek(0)
    kind = next((name for sign, name in _SIGNS if head.startswith(sign)), "")
    if kind:
        return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return "mp4"
    if head.startswith(b"PK\x03\x04"):
        return _office_kind(stream)
    return "text" if _is_text(head) else ""


def strip(kind: str, data: bytes) -> tuple[bytes, list[str]] | None:
    """The content without data about itself, and what of these stayed; None where it could not be done."""
    if kind in WITHOUT:
        return data, []
    if kind not in stripping.KINDS or len(data) > stripping.MOST_BYTES:
        return None
    passed = {name: os.environ[name] for name in ("PYTHONPATH", "PATH") if name in os.environ}
    command = [sys.executable, "-m", stripping.__name__, kind]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module; the content goes to its standard input
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=passed,
            timeout=pictures.SECONDS + 10, check=False, close_fds=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0 or len(done.stdout) > _MOST_OUT:
        return None
    said, _, clean = done.stdout.partition(b"\n")
    return clean, list(json.loads(said)["left"])


def _office_kind(stream: BinaryIO) -> str:
    """Which office document a ZIP is, by the names that stand in it plain; any other archive is not taken.

    Its directory is not read here: how long that is, is the sender's choice.
    """
    data = stream.read(stripping.MOST_BYTES)
    stream.seek(0)
    if b"[Content_Types].xml" not in data:
        return ""
    return next((kind for name, kind in _OFFICE if name in data), "")


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == _HEAD  # a letter cut in two
    return True
