"""The disclosure list for the defence over the API: read, decided exhibit by exhibit, as the page does."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import disclosing
from comity.node.casework.acts.mark_for_defence import decide_withholding, mark_for_defence
from comity.node.casework.defence import DefenceMark
from comity.node.casework.entitlement import may_read
from comity.node.exhibits.models import Exhibit
from comity.shapes import Line, Uuid

router = Router()
_LIST = "/cases/{reference}/defence-list"
Row = Annotated[int, Field(ge=0, le=2**63 - 1)]
_Words = Annotated[str, Field(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewMark(Strict):
    """What is decided of an exhibit (by id); a withholding has a ground and a reason."""

    exhibit: Uuid
    decision: Literal["disclosed", "withheld"]
    ground: Literal["", "privileged", "state_secret", "protected_person", "other"] = ""
    reason: Line | Literal[""] = Field("", max_length=400)
    exculpatory: bool


class WithholdingDecision(Strict):
    """Whether a second official agrees that an exhibit is withheld."""

    agreed: bool
    remark: _Words = ""


class MarkOut(Schema):
    """A mark; ``agreed`` is null while a withholding waits. Without words for whoever only oversees."""

    id: int
    exhibit: str
    decision: str
    ground: str
    reason: str
    exculpatory: bool
    by: str
    at: datetime
    agreed: bool | None
    decided_by: str | None


class ListedOut(Schema):
    """An exhibit on the list: the mark that counts, and the withholding that waits."""

    exhibit: str
    mark: MarkOut | None
    waits: MarkOut | None
    filtered: bool
    notice_due: bool


@router.get(_LIST, response={200: list[ListedOut], FAILURES: Failure})
def defence_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every exhibit of the case and what the defence is shown of it."""
    official = official_of(request)
    case = find_case(official, reference)
    readable = may_read(official, case)
    return [
        {
            "exhibit": each.exhibit.number,
            "mark": _mark(each.mark, each.exhibit, readable=readable),
            "waits": _mark(each.waits, each.exhibit, readable=readable),
            "filtered": each.filtered,
            "notice_due": each.notice_due,
        }
        for each in disclosing.listed(case)
    ]


@router.post(_LIST, response={201: MarkOut, FAILURES: Failure})
def new_mark(request: HttpRequest, reference: str, new: NewMark) -> Status[dict[str, Any] | None]:
    """Decide on an exhibit."""
    official = official_of(request)
    made = mark_for_defence(official, find_case(official, reference), **new.model_dump(), now=timezone.now())
    return Status(201, _mark(made, Exhibit.objects.get(pk=made.exhibit), readable=True))


@router.post(_LIST + "/{marking}/decision", response={200: MarkOut, FAILURES: Failure})
def decide(
    request: HttpRequest, reference: str, marking: Row, said: WithholdingDecision
) -> dict[str, Any] | None:
    """Agree to a withholding that another official proposed, or decline it."""
    official = official_of(request)
    case = find_case(official, reference)
    found = decide_withholding(official, case, marking, **said.model_dump(), now=timezone.now())
    return _mark(found, Exhibit.objects.get(pk=found.exhibit), readable=True)


def _mark(found: DefenceMark | None, exhibit: Exhibit, *, readable: bool) -> dict[str, Any] | None:
    if found is None:
        return None
    columns = ("decision", "ground", "exculpatory", "at", "agreed")
    return {
        **{name: getattr(found, name) for name in columns},
        "id": found.pk,
        "exhibit": exhibit.number,
        "reason": found.reason if readable else "",
        "by": found.by.username,
        "decided_by": found.decided_by.username if found.decided_by else None,
    }
