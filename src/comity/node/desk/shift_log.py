"""The log of a shift: what its officer did, compiled from the timeline with their free notes.

The log is a list of JSON values. Its digest over the canonical form goes into the ledger when the shift
closes; whoever changes the log, or the entry, afterwards is found out (``verdict``).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from comity import canonical
from comity.node.casework.models import Event
from comity.node.desk.models import HandOver, Shift
from comity.proofs.entries import commit

Line = dict[str, Any]
NOTE, HANDED_OVER = "note", "handed_over"
"""Kinds of lines that are no event of a case."""


class Verdict(StrEnum):
    """Whether a closed shift's log is the one that went into the ledger."""

    WHOLE = "whole"
    ALTERED = "altered"


def lines(shift: Shift, until: datetime) -> list[Line]:
    """What the officer did from taking over until a moment, in order."""
    if shift.taken_at is None:
        return []
    done = Event.objects.filter(by=shift.official_id, at__gte=shift.taken_at, at__lte=until)
    found = [
        _line(each.at, each.kind, each.case.reference, params=each.params)
        for each in done.select_related("case").order_by("at", "id")
    ]
    for note in shift.notes.select_related("case", "by"):
        reference = note.case.reference if note.case else ""
        found.append(_line(note.at, NOTE, reference, text=note.text, by=note.by.username))
    handed = HandOver.objects.filter(shift=shift).first()
    if handed:
        watched = sorted(handed.cases.values_list("reference", flat=True))
        found.append(_line(handed.written_at, HANDED_OVER, "", text=handed.text, watched=watched))
    return sorted(found, key=lambda line: str(line["at"]))


def digest(log: list[Line]) -> str:
    """SHA-256 over the canonical form, as hex."""
    return sha256(canonical.write(log)).hexdigest()


def verdict(shift: Shift) -> Verdict | None:
    """Whether a closed shift's log and its entry belong together; None while it is open."""
    entry = shift.entry
    if entry is None or shift.log is None:
        return None
    content = entry.content or {}
    fits = content.get("log_sha256") == digest(shift.log) and content.get("shift") == shift.pk
    sealed = entry.salt is not None and commit(bytes(entry.salt), content) == bytes(entry.commitment)
    return Verdict.WHOLE if fits and sealed else Verdict.ALTERED


def _line(at: datetime, kind: str, case: str, **more: Any) -> Line:
    return {"at": canonical.instant_text(at), "kind": kind, "case": case, **more}
