"""The shapes of the API about the use of what was received."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from comity.node.api.shapes import Strict
from comity.node.casework.models import Use
from comity.node.casework.permissions import Permission
from comity.shapes import Line, Prose, Remark, Uuid

Barred = Literal["other_proceedings", "organisation_inside", "third_state", "international_organisation"]
Numbers = list[int]


class _Used(Strict):
    """What is used: items by number, exhibits by id (none: the words of the letters)."""

    items: Numbers = Field(min_length=1, max_length=1000)
    exhibits: list[Uuid] = Field(default=[], max_length=10_000)
    description: Prose


class NewUse(_Used):
    """A use; ``permission`` is the id of the letter that permits one beyond the limits."""

    purpose: Barred | Literal["own_proceedings"]
    recipient: Line | Literal[""] = ""
    proceedings: Annotated[Line, Field(max_length=300)] | Literal[""] = ""
    permission: Uuid | None = None


class NewDisclosure(_Used):
    """A disclosure: ``notice`` is the id of our letter before it, else say why none was possible.

    Of information without request, which has none, no items are named.
    """

    items: Numbers = Field(default=[], max_length=1000)

    notice: Uuid | None = None
    unannounced: Remark = ""


class UseOut(Schema):
    """A recorded use; without words for whoever only oversees the case."""

    id: int
    purpose: str
    description: str
    recipient: str
    proceedings: str
    items: list[int]
    exhibits: list[str]
    permission: UUID | None
    notice: UUID | None
    notice_due: bool
    at: datetime
    by: str


class PermissionOut(Schema):
    """A use that was asked for and the answer to it."""

    asked: UUID
    answer: UUID | None
    granted: bool
    in_force: bool
    purpose: str
    use: str
    recipient: str
    proceedings: list[str]
    items: list[int]
    exhibits: list[UUID]
    provisions: list[str]
    until: datetime | None


def use(row: Use, *, readable: bool) -> dict[str, Any]:
    """A row as UseOut."""
    return {
        "id": row.pk,
        "purpose": row.purpose,
        "description": row.description if readable else "",
        "recipient": row.recipient if readable else "",
        "proceedings": row.proceedings if readable else "",
        "items": row.items,
        "exhibits": row.exhibits,
        "permission": row.permission,
        "notice": row.notice,
        "notice_due": bool(row.unannounced) and row.notice is None,
        "at": row.at,
        "by": row.by.username,
    }


def permission(each: Permission, now: datetime, *, readable: bool) -> dict[str, Any]:
    """A permission as PermissionOut."""
    return {
        "asked": each.asked.id,
        "answer": each.answer.id if each.answer else None,
        "granted": each.granted,
        "in_force": each.in_force(now),
        "purpose": each.purpose,
        "use": each.use if readable else "",
        "recipient": each.recipient if readable else "",
        "proceedings": each.proceedings if readable else [],
        "items": each.items,
        "exhibits": each.exhibits,
        "provisions": each.provisions,
        "until": each.until,
    }
