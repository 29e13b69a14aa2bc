"""What was looked at in a node, and looks that go on though one of them fails.

Receives looks; returns findings: each look's own, and for one that could not be taken why.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import Error

from comity.node import durable
from comity.node.databases import troubles
from comity.terms import ComityError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``code`` is None when it is well; a ``note`` is neither."""

    subject: str
    text: str
    code: str | None = None
    note: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"subject": self.subject, "code": self.code, "text": self.text, "note": self.note}


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what it is at, how it is taken, and whether it asks the database."""

    subject: str
    take: Callable[[], Finding | Iterable[Finding]]
    asks_database: bool = True


def taken(looks: Iterable[Look]) -> Iterator[Finding]:
    """What all the looks find. One that fails hides no other, nor what it had found before.

    A database that does not answer is asked once: each further try would wait as long as the first.
    """
    away: ComityError | None = None
    for look in looks:
        if away is not None and look.asks_database:
            yield Finding(look.subject, f"not looked at. {away}", away.code)
            continue
        try:
            found = look.take()
            yield from [found] if isinstance(found, Finding) else found
        except Exception as error:  # what damaged rows lead to cannot be listed
            why = _told(error)
            away = why if isinstance(why, troubles.DatabaseUnreachableError) else away
            yield Finding(look.subject, str(why), why.code) if why else _failed(look.subject, error)


def _told(error: Exception) -> ComityError | None:
    if isinstance(error, ComityError):
        return error
    if isinstance(error, Error):
        return troubles.told(error)
    return durable.told(error) if isinstance(error, OSError) else None


def _failed(subject: str, error: Exception) -> Finding:
    """By type and place alone, as in the journal: an exception's text may quote a letter."""
    if isinstance(error, OSError):
        return Finding(subject, f"{error.filename} cannot be read: {error.strerror}", "file_unreadable")
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = f"not looked at to the end: {type(error).__name__} in {last.name} ({last.filename}:{last.lineno})"
    return Finding(subject, text, "look_failed")
