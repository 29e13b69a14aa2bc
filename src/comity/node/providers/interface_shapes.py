"""The shapes of the providers' interface: strict, bounded, described in its OpenAPI document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from comity.node.orders.models import OrderState, Outcome
from comity.orders.form import Count


class _Said(Schema):
    model_config = ConfigDict(extra="forbid")


class ProviderFailure(Schema):
    """What was not done, why, and what to do."""

    code: str
    message: str
    next_step: str


class OrderRow(Schema):
    """An order in the list."""

    order: UUID
    number: str
    kind: str
    generation: int
    desired: str
    state: str
    answer_by: datetime | None
    secret: bool


class ProviderStep(Schema):
    """One numbered step of the verification; ``code`` is null when it passed."""

    n: int
    id: str
    verdict: str
    code: str | None
    text: str


class SilenceOut(Schema):
    """Whether nobody may be told now, until when or which event, or since when telling is allowed."""

    holds: bool
    until: datetime | None
    event: str
    ended_at: datetime | None


class IdentifierOut(Schema):
    """An identifier and what was answered for it (empty: nothing yet)."""

    number: int
    type: str
    value: str
    outcome: str
    note: str
    reference: str


class MessageOut(Schema):
    """A question of the provider, or the authority's reply."""

    reply: bool
    text: str
    name: str
    at: datetime


class FileOut(Schema):
    """A file, how many bytes of it came, and whether a statement covers it."""

    file: UUID
    identifier: int
    name: str
    bytes: int
    offset: int
    sha256: str
    state: str
    stated: bool


class OneOrder(OrderRow):
    """An order with everything the provider may see of it."""

    verified: bool
    steps: list[ProviderStep]
    silence: SilenceOut
    identifiers: list[IdentifierOut]
    messages: list[MessageOut]
    files: list[FileOut]


class SignedOrder(Schema):
    """The order exactly as it was signed, its signature (base64) and the certificates (PEM)."""

    schema_: Literal["comity-signed-order/1"] = Field(alias="schema")
    order: str
    signature: str
    certificates: str


class Acknowledgement(_Said):
    """How far the provider is."""

    state: Literal[OrderState.RECEIVED, OrderState.IN_EXECUTION]


class Question(_Said):
    """What is not clear."""

    text: str = Field(min_length=1, max_length=4000)


class AnswerIn(_Said):
    """The answer for one identifier."""

    number: Count
    outcome: Outcome
    note: str = Field(default="", max_length=2000)
    reference: str = Field(default="", max_length=400)


class AnswersIn(_Said):
    """Answers for some identifiers or all."""

    identifiers: list[AnswerIn] = Field(min_length=1, max_length=100)


class FileIn(_Said):
    """What will be sent. ``sha256`` is that of the whole file."""

    identifier: int = Field(ge=1)
    name: str = Field(min_length=1, max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=100)
    data_kind: Literal["subscriber", "traffic", "content", "other_stored"]
    bytes: int = Field(ge=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class FileBegun(Schema):
    """Where the file is sent, in pieces, by tus 1.0."""

    file: UUID
    upload: str


class StatementIn(_Said):
    """How the files were made."""

    how_made: str = Field(min_length=1, max_length=2000)
    made_on: date
    ordinary_course: bool


class StatementOut(Schema):
    """The statement as it is kept, and its SHA-256."""

    document: dict[str, Any]
    sha256: str


class ReadersIn(_Said):
    """User names of the readers who may see the order."""

    usernames: list[str] = Field(max_length=100)
