"""The JSON form of an order, ``comity-order/2``, and of what its addressee answers (docs/spec/orders.md)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from comity import canonical
from comity.shapes import (
    AuthorityId,
    Instant,
    Line,
    Prose,
    Remark,
    Sha256Hex,
    Shape,
    Size,
    Uuid,
    demand_known_version,
    first_problem,
)
from comity.terms import ComityError, gettext_noop

FIRST_SCHEMA, SCHEMA = "comity-order/1", "comity-order/2"
LONGEST = 1024 * 1024
"""Bytes of an order or an answer."""
MOST_IDENTIFIERS = 100


class OrderKind(StrEnum):
    """What the addressee is told to do. A closed list: ids are never renamed."""

    PRESERVE = "preserve"
    DISCLOSE_PATH = "disclose_path"
    PRODUCE = "produce"
    SEARCH_AND_SEIZE = "search_and_seize"
    COLLECT_TRAFFIC = "collect_traffic"
    INTERCEPT = "intercept"
    FREEZE = "freeze"


class Desired(StrEnum):
    """What the authority wants of the order; only the authority sets it."""

    EXECUTED = "executed"
    WITHDRAWN = "withdrawn"
    LIFTED = "lifted"


class OrderState(StrEnum):
    """How far the order is; from ``received`` on only the addressee sets it."""

    PREPARED = "prepared"
    ISSUED = "issued"
    RECEIVED = "received"
    IN_EXECUTION = "in_execution"
    DONE = "done"
    PARTLY_DONE = "partly_done"
    NOT_HELD = "not_held"
    FAILED = "failed"


class Outcome(StrEnum):
    """What the addressee answers for one identifier."""

    DONE = "done"
    NOT_HELD = "not_held"
    TECHNICALLY_IMPOSSIBLE = "technically_impossible"
    CONFLICT_WITH_LAW = "conflict_with_law"
    NEEDS_OTHER_AUTHORITY = "needs_other_authority"


UNANSWERED = frozenset({OrderState.ISSUED, OrderState.RECEIVED, OrderState.IN_EXECUTION})
"""States in which the addressee still owes its answer."""
DataKind = Literal["subscriber", "traffic", "content", "other_stored"]
Count = Annotated[int, Field(ge=1, le=2**31 - 1)]


class OrderUnreadableError(ComityError):
    """The bytes are no order in the documented form."""

    code = "order_unreadable"
    message = gettext_noop("This order cannot be read: {where}: {why}.")
    next_step = gettext_noop("Ask the authority for the order as it was signed.")


class Identifier(Shape):
    """What the order is about, by number. Clause ORDER-4."""

    number: Count
    type: Line
    value: str = Field(min_length=1, max_length=400)


class Period(Shape):
    """The time of the data; an open end is null."""

    begin: Instant | None = Field(alias="from")
    end: Instant | None = Field(alias="to")


class Review(Shape):
    """The decision of whoever had to approve the order: a court, a prosecutor. Clause ORDER-5."""

    body: Line
    reference: Line
    decided_on: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")


class Secrecy(Shape):
    """How long the addressee tells nobody: until a time, an event, or until it is told. Clause ORDER-7."""

    until: Instant | None
    event: Remark


class Order(Shape):
    """An order as it is signed. Clauses ORDER-1, ORDER-3, ORDER-6."""

    form: Literal["comity-order/2"] = Field(alias="schema")
    order: Uuid
    number: Line
    generation: Count
    desired: Annotated[Desired, Field(strict=False)]
    kind: Annotated[OrderKind, Field(strict=False)]
    authority: AuthorityId
    issuing_body: Line
    review: Review | None
    provider: AuthorityId | None
    holder: Remark
    identifiers: list[Identifier] = Field(min_length=1, max_length=MOST_IDENTIFIERS)
    data_kinds: list[DataKind] = Field(max_length=4)
    period: Period | None
    offence: Remark
    legal_basis: Annotated[str, Field(min_length=1, max_length=400)]
    effective_from: Instant
    effective_until: Instant | None
    renews: Uuid | None
    secrecy: Secrecy | None
    answer_by: Instant | None
    issued_at: Instant


class File(Shape):
    """A file that the addressee produced; ``identifier`` is the number of what it belongs to."""

    name: Line
    media_type: str = Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)
    bytes: Size
    sha256: Sha256Hex
    data_kind: DataKind
    identifier: Count = 1


class IdentifierAnswer(Shape):
    """What the addressee answers for one identifier, with its words or the provision it relies on."""

    number: Count
    outcome: Annotated[Outcome, Field(strict=False)]
    note: str = Field(default="", max_length=2000)
    reference: str = Field(default="", max_length=400)


class PathProvider(Shape):
    """A provider that the traffic data show to have taken part in the transmission. Clause ORDER-11."""

    state: str = Field(pattern=r"^[A-Z]{2}$")
    name: Line
    identifier: Remark = ""
    period: Period | None = None


class Answer(Shape):
    """How far the addressee is. ``at`` is when it did what it was ordered, by its clock. Clause ORDER-9.

    ``generation`` is that of the order it answers; ``question`` asks the authority to clarify.
    """

    state: Annotated[OrderState, Field(strict=False)]
    generation: Count = 1
    at: Instant | None = None
    note: str = Field(default="", max_length=2000)
    question: Remark = ""
    identifiers: list[IdentifierAnswer] = Field(default_factory=list, max_length=MOST_IDENTIFIERS)
    path: list[PathProvider] = Field(default_factory=list, max_length=100)
    files: list[File] = Field(default_factory=list, max_length=1000)

    @field_validator("state")
    @classmethod
    def _is_the_addressees(cls, state: OrderState) -> OrderState:
        """What the authority only prepares no addressee answers. Clause ORDER-10."""
        if state == OrderState.PREPARED:
            why = "this state is the authority's"
            raise ValueError(why)
        return state


class Envelope(Shape):
    """An order with its signature, as it is exported and handed over. Clause ORDER-2."""

    form: Literal["comity-signed-order/1"] = Field(alias="schema")
    order: Annotated[str, Field(max_length=2 * LONGEST)]
    signature: Annotated[str, Field(max_length=1000)]
    certificates: Prose


def read(signed: bytes) -> Order:
    """The order in these bytes; ``comity-order/1`` is read as the form of today. Clause ORDER-8.

    Raises JsonUnreadableError, NewerVersionError, OrderUnreadableError.
    """
    value = canonical.read_canonical(signed, max_bytes=LONGEST)
    if not isinstance(value, dict):
        raise OrderUnreadableError(where="document", why="no object")
    demand_known_version(value.get("schema"), SCHEMA)
    try:
        if value.get("schema") == FIRST_SCHEMA:
            return _of_first(_FirstOrder.model_validate(value))
        return Order.model_validate(value)
    except ValidationError as error:
        where, why = first_problem(error)
        raise OrderUnreadableError(where=where, why=why) from None


def state_of(outcomes: Collection[str]) -> OrderState:
    """The state of an order whose every identifier was answered so. Clause ORDER-10."""
    said = set(outcomes)
    if said == {Outcome.DONE}:
        return OrderState.DONE
    if Outcome.DONE in said:
        return OrderState.PARTLY_DONE
    return OrderState.NOT_HELD if said == {Outcome.NOT_HELD} else OrderState.FAILED


class _FirstIdentifier(Shape):
    type: Line
    value: str = Field(min_length=1, max_length=400)


class _FirstOrder(Shape):
    """``comity-order/1``: preserve or produce, one identifier, one generation."""

    form: Literal["comity-order/1"] = Field(alias="schema")
    order: Uuid
    number: Line
    kind: Literal["preserve", "produce"]
    authority: AuthorityId
    provider: AuthorityId
    identifier: _FirstIdentifier
    data_kinds: list[DataKind]
    period: Period | None
    legal_basis: str = Field(min_length=1, max_length=400)
    secret: bool
    issued_at: Instant


def _of_first(first: _FirstOrder) -> Order:
    secrecy = Secrecy(until=None, event="") if first.secret else None
    known: dict[str, Any] = {
        "schema": SCHEMA,
        "order": first.order,
        "number": first.number,
        "generation": 1,
        "desired": Desired.EXECUTED,
        "kind": OrderKind(first.kind),
        "authority": first.authority,
        "issuing_body": first.authority,
        "review": None,
        "provider": first.provider,
        "holder": "",
        "identifiers": [Identifier(number=1, type=first.identifier.type, value=first.identifier.value)],
        "data_kinds": first.data_kinds,
        "period": first.period,
        "offence": "",
        "legal_basis": first.legal_basis,
        "effective_from": first.issued_at,
        "effective_until": None,
        "renews": None,
        "secrecy": secrecy,
        "answer_by": None,
        "issued_at": first.issued_at,
    }
    return Order.model_validate(known)
