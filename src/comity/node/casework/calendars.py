"""An arranged hearing or presence as a calendar entry (RFC 5545), for any calendar program.

The moments are in UTC, which every program shows by its own zone's clocks; the entry names no person and
nothing of what the case is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

_LINE = 75
"""Octets of a content line, without its end (3.1)."""
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def entry(
    *, id: str, summary: str, place: str, words: Iterable[str], begins: datetime, ends: datetime, at: datetime
) -> bytes:
    """A calendar with one event; ``at`` is when its letter was written, ``words`` are its description."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Comity//Casework//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{id}@comity",
        f"DTSTAMP:{_utc(at)}",
        f"DTSTART:{_utc(begins)}",
        f"DTEND:{_utc(ends)}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:{_text(chr(10).join(words))}",
        "CLASS:CONFIDENTIAL",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    return words.translate(_ESCAPES)


def _folded(line: str) -> bytes:
    """A content line of at most 75 octets, continued on further lines without breaking a character (3.1)."""
    parts, room, part = [], _LINE, b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > room:
            parts.append(part)
            part, room = b"", _LINE - 1  # a continuation begins with a space
        part += octets
    return b"\r\n ".join([*parts, part]) + b"\r\n"
