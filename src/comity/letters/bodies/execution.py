"""The bodies of a request and of what comes of it: registration, preservation, result, refusal."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from comity.letters.bodies.attendance import (
    AppearanceAnswer,
    AppearanceAsked,
    CertificateOfService,
    ServiceAsked,
)
from comity.letters.bodies.emergency import Emergency
from comity.letters.bodies.shared import (
    DataKind,
    Deficiency,
    Desired,
    Ground,
    Identifier,
    ItemNumber,
    ItemStatus,
    NotedItem,
    Reference,
    is_absent,
)
from comity.letters.bodies.translation import Translatable
from comity.letters.bodies.whereabouts import Whereabouts
from comity.proofs.custody import CustodyRecord
from comity.shapes import CitationText, Instant, Line, Prose, Remark, Shape, Uuid


class Target(Shape):
    """Whom or what an item is about: an account, an address, a person's name."""

    type: Identifier
    value: Line


class Period(Shape):
    """The time for which data are sought, both ends included."""

    start: Instant = Field(alias="from")
    end: Instant = Field(alias="to")


class RequestItem(Shape):
    """One thing asked for; ``service`` and ``appearance`` only where its measure is about that."""

    number: ItemNumber
    measure: Identifier
    identifier: Target
    data_kinds: list[DataKind] = Field(max_length=4)
    period: Period | None
    desired: Desired = Field(strict=False)
    description: Remark
    service: ServiceAsked | None = Field(default=None, exclude_if=is_absent)
    appearance: AppearanceAsked | None = Field(default=None, exclude_if=is_absent)


class RequestBody(Translatable):
    """A request: measure, legal basis, facts as the engine reads them, contents by field id, items.

    ``emergency`` only where data are asked for to avert one.
    """

    measure: Identifier
    instrument: Identifier
    basis: list[CitationText] = Field(min_length=1, max_length=50)
    urgent: bool
    facts: dict[str, Any]
    contents: dict[Identifier, Prose]
    items: list[RequestItem] = Field(min_length=1, max_length=1000)
    confidential: bool
    no_user_notice: bool
    emergency: Emergency | None = Field(default=None, exclude_if=is_absent)


class RegistrationBody(Shape):
    """The requested side has entered the request in its books under its own reference."""

    reference: Reference
    received_at: Instant
    items: list[ItemStatus] = Field(min_length=1, max_length=1000)
    deficiencies: list[Deficiency] = Field(max_length=100)


class ClockReference(Shape):
    """The clock of the law that runs from now on."""

    id: Identifier
    cite: CitationText


class PreservationDoneBody(Translatable):
    """The data are preserved, since when, and until when at least."""

    reference: Reference
    items: list[NotedItem] = Field(min_length=1, max_length=1000)
    preserved_at: Instant
    until: Instant
    clock: ClockReference


class ResultItem(NotedItem):
    """What came of one item, its exhibits, the certificate of a service, a person's answer; advice or legal
    information in words, or the whereabouts of a person, where its measure asks for that.
    """

    exhibits: list[Uuid] = Field(max_length=10_000)
    service: CertificateOfService | None = Field(default=None, exclude_if=is_absent)
    appearance: AppearanceAnswer | None = Field(default=None, exclude_if=is_absent)
    answer: Prose | None = Field(default=None, exclude_if=is_absent)
    whereabouts: Whereabouts | None = Field(default=None, exclude_if=is_absent)


class ResultBody(Translatable):
    """What execution produced; ``whole`` is false while more is to come."""

    reference: Reference
    whole: bool
    items: list[ResultItem] = Field(min_length=1, max_length=1000)
    custody: list[CustodyRecord] = Field(max_length=100_000)
    authenticity: Prose


class RefusedItem(Shape):
    """One refused item, its ground and the reasons."""

    number: ItemNumber
    ground: Ground
    reasons: Prose


class RefusalBody(Translatable):
    """A refusal item by item; ``consulted`` says whether the sides consulted before it.

    Where the other side was consulted and did not answer, ``no_answer_by`` is the last day it was asked for.
    """

    reference: Reference
    items: list[RefusedItem] = Field(min_length=1, max_length=1000)
    consulted: bool
    no_answer_by: Instant | None = Field(default=None, exclude_if=is_absent)
