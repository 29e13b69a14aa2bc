"""The disclosure list for the defence: each exhibit of a case disclosed, withheld, or not decided yet.

What privileged material there is passes a filter reviewer first: until then nothing is decided of it. What is
withheld, and what nobody opens alone, stands on the list by its number only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import uses
from comity.node.casework.defence import DefenceDecision, DefenceMark
from comity.node.casework.models import Case, Purpose
from comity.node.exhibits import closing, viewing
from comity.node.exhibits.models import Exhibit


@dataclass(frozen=True, slots=True)
class Listed:
    """An exhibit with the ``mark`` that counts, and the withholding that ``waits`` for a second official.

    ``filtered``: it is not waiting for a filter reviewer. ``notice_due``: it exculpates, came from the other
    side, and its disclosure, to which a notice belongs, is not on record.
    """

    exhibit: Exhibit
    mark: DefenceMark | None
    waits: DefenceMark | None
    filtered: bool
    notice_due: bool


def listed(case: Case) -> list[Listed]:
    """Every exhibit of the case in the order of taking in."""
    there = list(Exhibit.objects.filter(case_reference=case.reference).order_by("taken_in_at", "number"))
    shut = closing.closed(each.pk for each in there)
    marks = list(case.defence_marks.select_related("by", "decided_by"))
    told = _disclosed_with_notice(case)
    received = {each.pk for each in uses.received(case)} if uses.notice_owed(case) else set()
    found = []
    for each in there:
        of_it = [mark for mark in marks if mark.exhibit == each.pk]
        counting = [mark for mark in of_it if _counts(mark)]
        mark = counting[-1] if counting else None
        closure = shut.get(each.pk)
        found.append(
            Listed(
                each,
                mark,
                next((one for one in reversed(of_it) if one.agreed is None and not _counts(one)), None),
                closure is None or not closure.waiting,
                bool(mark and mark.exculpatory and each.pk in received and each.number not in told),
            )
        )
    return found


def _counts(mark: DefenceMark) -> bool:
    return mark.decision == DefenceDecision.DISCLOSED or mark.agreed is True


def _disclosed_with_notice(case: Case) -> set[str]:
    done = case.uses.filter(purpose=Purpose.EXCULPATORY_DISCLOSURE).values_list("exhibits", flat=True)
    return {number for numbers in done for number in numbers}


def as_json(case: Case) -> list[dict[str, Any]]:
    """The list as ``case.json`` of a bundle tells it and the PDF prints it: what is decided."""
    rows = [each for each in listed(case) if each.mark is not None]
    guarded = viewing.by_two([each.exhibit.pk for each in rows])
    return [_row(each, each.mark, hidden=each.exhibit.pk in guarded) for each in rows if each.mark]


def undecided(case: Case) -> list[str]:
    """The numbers of the exhibits of which nothing is decided yet."""
    return [each.exhibit.number for each in listed(case) if each.mark is None]


def _row(each: Listed, mark: DefenceMark, *, hidden: bool) -> dict[str, Any]:
    withheld = mark.decision == DefenceDecision.WITHHELD
    return {
        "exhibit": each.exhibit.number,
        "name": None if withheld or hidden else each.exhibit.raw_name,
        "sha256": each.exhibit.sha256,
        "decision": str(mark.decision),
        "ground": str(mark.ground) or None,
        "reason": mark.reason or None,
        "exculpatory": mark.exculpatory,
        "at": canonical.instant_text(mark.at),
        "by": _person(mark.by),
        "agreed_by": _person(mark.decided_by) if mark.decided_by else None,
    }


def _person(official: Official) -> str:
    return f"{official.full_name}, {official.post}"
