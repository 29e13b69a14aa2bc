"""Permissions of a use beyond the limits, as the letters of a case give them, and what each covers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity import canonical
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import read, read_body
from comity.node.casework.models import Case, Purpose, Side
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits.models import Exhibit

ASKED = ("use_permission_asked", "onward_permission_asked")
GRANTED = frozenset({"use_permission_granted", "onward_permission_granted"})
DECLINED = frozenset({"use_permission_declined", "onward_permission_declined"})
ONWARD = frozenset({Purpose.THIRD_STATE, Purpose.INTERNATIONAL_ORGANISATION})
"""The uses that leave the State."""
_PARTS = ("items", "purpose", "use", "recipient", "exhibits", "provisions", "proceedings")
_FEWER = "proceedings"
"""Of what was asked, the part of which fewer may be permitted."""


def asked_in(body: dict[str, Any]) -> dict[str, Any]:
    """The part of a letter that says which use it is about: what a grant repeats of what was asked."""
    return {part: body[part] for part in _PARTS if part in body}


def said_by(case: Case, other: Side) -> dict[str, str]:
    """What the body of a letter says of its writer where that is not the side that writes it of an answer."""
    return {"by": case.side} if case.side == other else {}


def fits(asked: dict[str, Any], granted: dict[str, Any]) -> bool:
    """Whether a grant is of what was asked: the same, for all of the proceedings named or for fewer."""
    wanted, given = asked_in(asked), asked_in(granted)
    named, kept = wanted.pop(_FEWER, []), given.pop(_FEWER, [])
    return wanted == given and set(kept) <= set(named) and bool(kept) == bool(named)


def same_proceedings(one: str, other: str) -> bool:
    """Whether two names are the same, but for spaces and capitals."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True, slots=True)
class Permission:
    """A use that was asked for, and what the other side answered (None: nothing yet)."""

    asked: Letter
    answer: Letter | None
    purpose: str
    use: str
    recipient: str
    proceedings: list[str]
    items: list[int]
    exhibits: list[str]
    provisions: list[str]
    conditions: list[dict[str, str]]
    until: datetime | None

    @property
    def granted(self) -> bool:
        """Whether it is permitted by whoever was asked."""
        return self.answer is not None and self.answer.kind in GRANTED

    @property
    def ours(self) -> bool:
        """Whether this side asked for it."""
        return self.asked.direction == Direction.OUT

    def in_force(self, now: datetime) -> bool:
        """Whether it is permitted at that time."""
        return self.granted and (self.until is None or now <= self.until)

    def covers(
        self,
        purpose: str,
        recipient: str,
        proceedings: str,
        items: Collection[int],
        exhibits: Collection[Exhibit],
    ) -> bool:
        """Whether it is of this use: the same purpose and recipient, and nothing beyond what was asked.

        Other proceedings are covered by their name alone: a permission that names none covers none. A file of
        no item came with a letter as a whole.
        """
        named, whole = set(self.exhibits), {None, *self.items}
        return (
            (purpose, recipient) == (self.purpose, self.recipient)
            and (
                purpose != Purpose.OTHER_PROCEEDINGS
                or any(same_proceedings(proceedings, each) for each in self.proceedings)
            )
            and set(items) <= set(self.items)
            and all(str(each.pk) in named if named else each.item_number in whole for each in exhibits)
        )


def of_case(case: Case) -> list[Permission]:
    """Every use beyond the limits that was asked for in a case, oldest first, with its answer."""
    letters = answers.of_case(case)
    replies = {
        cited: letter
        for letter in letters
        if letter.kind in GRANTED | DECLINED and (content := read(letter))
        for cited in content.answers
    }
    return [_permission(each, replies.get(str(each.id))) for each in letters if each.kind in ASKED]


def in_force_for(case: Case, now: datetime) -> list[Permission]:
    """What the other side permits this side at that time."""
    return [each for each in of_case(case) if each.ours and each.in_force(now)]


def granted_by(case: Case, letter: str) -> Permission | None:
    """The permission that a letter of the other side gives (by its id)."""
    found = (each for each in of_case(case) if each.granted and each.answer)
    return next(
        (
            each
            for each in found
            if str(each.answer.id) == letter and each.answer.direction == Direction.IN  # type: ignore[union-attr]
        ),
        None,
    )


def _permission(asked: Letter, answer: Letter | None) -> Permission:
    body, told = read_body(asked), read_body(answer)
    until = told.get("until")
    return Permission(
        asked=asked,
        answer=answer,
        purpose=body["purpose"],
        use=body["use"],
        recipient=body.get("recipient", ""),
        proceedings=(told if answer and answer.kind in GRANTED else body).get("proceedings", []),
        items=[item["number"] for item in body["items"]],
        exhibits=body["exhibits"],
        provisions=body["provisions"],
        conditions=told.get("conditions", []),
        until=canonical.read_instant(until) if until else None,
    )
