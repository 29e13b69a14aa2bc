"""The bodies of letters: what each kind says. A body knows its form, not its meaning (see validation)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from comity.proofs.custody import CustodyRecord
from comity.shapes import CitationText, Instant, Line, Prose, Remark, Shape, Uuid

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([_-][a-z0-9]+)*$", max_length=64)]
"""An id of the law's vocabulary or an instrument: ``preserve_data``, ``csto-ict``."""
Reference = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9]{4}-[0-9]{6}$")]
"""The number one side has given the case: ``KZ-2026-000001``."""
ItemNumber = Annotated[int, Field(ge=1, le=10_000)]
DataKind = Literal["subscriber", "traffic", "content", "other_stored"]


class Desired(StrEnum):
    """What the requesting side asks to become of an item; only that side sets it."""

    PRESERVED = "preserved"
    DISCLOSED = "disclosed"
    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"


class Actual(StrEnum):
    """What has become of an item; only the requested side sets it."""

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


class Target(Shape):
    """Whom or what an item is about: an account, an address, a person's name."""

    type: Identifier
    value: Line


class Period(Shape):
    """The time for which data are sought, both ends included."""

    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")


class RequestItem(Shape):
    """One thing asked for."""

    number: ItemNumber
    measure: Identifier
    identifier: Target
    data_kinds: list[DataKind] = Field(max_length=4)
    period: Period | None
    desired: Desired = Field(strict=False)
    description: Remark


class RequestBody(Shape):
    """A request: measure, legal basis, facts as the engine reads them, contents by field id, items."""

    measure: Identifier
    instrument: Identifier
    basis: list[CitationText] = Field(min_length=1, max_length=50)
    urgent: bool
    facts: dict[str, Any]
    contents: dict[Identifier, Prose]
    items: list[RequestItem] = Field(min_length=1, max_length=1000)
    confidential: bool
    no_user_notice: bool


class ItemStatus(Shape):
    """How one item stands with the requested side."""

    number: ItemNumber
    actual: Actual = Field(strict=False)


class Deficiency(Shape):
    """A field of the request that is missing, with the provision that asks for it."""

    field: Identifier
    cite: CitationText


class RegistrationBody(Shape):
    """The requested side has entered the request in its books under its own reference."""

    reference: Reference
    received_at: Instant
    items: list[ItemStatus] = Field(min_length=1, max_length=1000)
    deficiencies: list[Deficiency] = Field(max_length=100)


class NotedItem(ItemStatus):
    """How one item stands, with a remark for the requesting side."""

    note: Remark


class ClockReference(Shape):
    """The clock of the law that runs from now on."""

    id: Identifier
    cite: CitationText


class PreservationDoneBody(Shape):
    """The data are preserved, since when, and until when at least."""

    reference: Reference
    items: list[NotedItem] = Field(min_length=1, max_length=1000)
    preserved_at: Instant
    until: Instant
    clock: ClockReference


class ResultItem(NotedItem):
    """What came of one item, and the exhibits that it produced."""

    exhibits: list[Uuid] = Field(max_length=10_000)


class ResultBody(Shape):
    """What execution produced; ``whole`` is false while more is to come."""

    reference: Reference
    whole: bool
    items: list[ResultItem] = Field(min_length=1, max_length=1000)
    custody: list[CustodyRecord] = Field(max_length=100_000)
    authenticity: Prose


class Ground(Shape):
    """The provision on which a refusal rests."""

    cite: CitationText


class RefusedItem(Shape):
    """One refused item, its ground and the reasons."""

    number: ItemNumber
    ground: Ground
    reasons: Prose


class RefusalBody(Shape):
    """A refusal item by item; ``consulted`` says whether the sides consulted before it."""

    reference: Reference
    items: list[RefusedItem] = Field(min_length=1, max_length=1000)
    consulted: bool


Body = RequestBody | RegistrationBody | PreservationDoneBody | ResultBody | RefusalBody

BODIES: dict[str, type[Shape]] = {
    "request": RequestBody,
    "registration": RegistrationBody,
    "preservation_done": PreservationDoneBody,
    "result": ResultBody,
    "refusal": RefusalBody,
}
"""The kinds of letter this node understands. A kind that is not here is refused as not understood."""
