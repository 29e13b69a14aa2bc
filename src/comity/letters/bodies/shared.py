"""What the bodies of several kinds of letter share: numbers, statuses, grounds."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from comity.shapes import CitationText, Line, Remark, Shape

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]
"""An id of the law's vocabulary or an instrument: ``preserve_data``, ``csto-ict`` (COMMON-5)."""
Reference = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{4}-[0-9]{6}$")]
"""The number one side has given the case: ``KZ-2026-000001``."""
ItemNumber = Annotated[int, Field(ge=1, le=10_000)]
DataKind = Literal["subscriber", "traffic", "content", "other_stored"]


class Desired(StrEnum):
    """What the requesting side asks to become of an item; only that side sets it (LETTER-2)."""

    PRESERVED = "preserved"
    DISCLOSED = "disclosed"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


class Actual(StrEnum):
    """What has become of an item; only the requested side sets it (LETTER-2)."""

    REGISTERED = "registered"
    DEFICIENT = "deficient"
    AWAITING_APPROVAL = "awaiting_approval"
    IN_EXECUTION = "in_execution"
    PRESERVED = "preserved"
    PARTLY_EXECUTED = "partly_executed"
    EXECUTED = "executed"
    POSTPONED = "postponed"
    REFUSED = "refused"
    IMPOSSIBLE = "impossible"
    FORWARDED = "forwarded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


def is_absent(value: object) -> bool:
    """Whether an optional part is left out of the canonical form: letters without it stay as they were."""
    return not value


class ItemMention(Shape):
    """An item that a letter is about."""

    number: ItemNumber


class ItemStatus(Shape):
    """How one item stands with the requested side."""

    number: ItemNumber
    actual: Actual = Field(strict=False)


class Deficiency(Shape):
    """A field of the request that is missing, with the provision that asks for it."""

    field: Identifier
    cite: CitationText


class NotedItem(ItemStatus):
    """How one item stands, with a remark for the requesting side."""

    note: Remark


class Ground(Shape):
    """The provision on which a refusal rests."""

    cite: CitationText


class Speaker(Shape):
    """Somebody who spoke or judged for one side, with the post held."""

    name: Line
    post: Line
