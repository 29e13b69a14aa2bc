"""Domestic orders over the API: prepared, followed and talked about; none is signed here."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.node.accounts.authority import NothingThereError
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import order_lists
from comity.node.casework.acts import answer_order, issue_order, order_measure
from comity.node.casework.models import Case
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.orders import carrying
from comity.node.orders.issuing import Review, Terms
from comity.node.orders.models import Order, OrderKind
from comity.orders.form import MOST_IDENTIFIERS, Outcome
from comity.orders.form import IdentifierAnswer as SaidOfIdentifier
from comity.shapes import Line, Prose, Remark

router = Router()
_ADDRESS = "/cases/{reference}/orders"
_ONE = _ADDRESS + "/{order_id}"
Reason = Annotated[Prose, Field(max_length=4000)]
Moment = Annotated[AwareDatetime, Field(strict=False)] | None


class OrderReview(Strict):
    """The decision of whoever must approve an order."""

    body: Line
    reference: Line
    decided_on: Annotated[date, Field(strict=False)]

    def as_review(self) -> Review:
        """As the act takes it."""
        return Review(self.body, self.reference, self.decided_on)


class OrderTarget(Strict):
    """A further identifier of the item."""

    type: Annotated[Line, Field(max_length=40)]
    value: str = Field(min_length=1, max_length=400)


class NewOrder(Strict):
    """An order to prepare: to ``provider`` (an id of the directory), or to ``holder`` in words."""

    item: int = Field(ge=1, le=2**31 - 1)
    kind: Annotated[OrderKind, Field(strict=False)]
    provider: str | None = Field(default=None, max_length=64)
    holder: Line | None = None
    issuing_body: Remark = Field(default="", max_length=300)
    legal_basis: str = Field(min_length=1, max_length=400)
    offence: str = Field(default="", max_length=300)
    necessity: Reason
    proportionality: Reason
    further: list[OrderTarget] = Field(default=[], max_length=MOST_IDENTIFIERS - 1)
    ends_at: Moment = None
    answer_by: Moment = None
    secret: bool = True
    secret_until: Moment = None
    secret_event: Remark = Field(default="", max_length=400)
    review: OrderReview | None = None

    def as_terms(self) -> Terms:
        """As the act takes them."""
        names = (
            *("issuing_body", "legal_basis", "offence", "necessity", "proportionality", "ends_at"),
            *("answer_by", "secret", "secret_until", "secret_event"),
        )
        further = [(each.type, each.value) for each in self.further]
        review = self.review.as_review() if self.review else None
        return Terms(**{name: getattr(self, name) for name in names}, further=further, review=review)


class OrderReply(Strict):
    """What is replied to the addressee's question."""

    text: Annotated[Prose, Field(max_length=10_000)]


class OrderAnswer(Strict):
    """What the addressee answered for one identifier, by hand."""

    number: int = Field(ge=1, le=2**31 - 1)
    outcome: Annotated[Outcome, Field(strict=False)]
    note: Remark = Field(default="", max_length=2000)
    reference: Remark = Field(default="", max_length=400)


class OrderIdentifierOut(Schema):
    """An identifier and its answer; ``outcome`` is empty while there is none."""

    number: int
    type: str
    value: str
    outcome: str
    note: str
    reference: str
    answered_at: datetime | None


class OrderMessageOut(Schema):
    """A question of the addressee, or a reply to it."""

    reply: bool
    text: str
    name: str
    at: datetime


class OrderOut(Schema):
    """An order: what the authority wants (``desired``), what its addressee says (``state``)."""

    id: UUID
    number: str
    kind: str
    item: int
    provider: str | None
    holder: str
    issuing_body: str
    legal_basis: str
    offence: str
    necessity: str
    proportionality: str
    review: dict[str, str] | None
    desired: str
    generation: int
    state: str
    prepared_at: datetime | None
    issued_at: datetime | None
    ends_at: datetime | None
    answer_by: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    secret: bool
    secret_until: datetime | None
    secret_event: str
    secret_ended_at: datetime | None
    renews: UUID | None
    identifiers: list[OrderIdentifierOut]
    messages: list[OrderMessageOut]


@router.get(_ADDRESS, response={200: list[OrderOut], FAILURES: Failure})
def list_orders(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """All of a case, the earliest first."""
    case = find_readable(official_of(request), reference)
    return [_order(each) for each in order_lists.of_case(case).prefetch_related("messages")]


def _provider(name: str) -> Authority:
    """A provider of the directory; another authority is ordered nothing."""
    found = known.find(name)
    if "provider" not in found.roles:
        raise known.AuthorityUnknownError(authority=name)
    return found


@router.post(_ADDRESS, response={201: OrderOut, FAILURES: Failure})
def prepare_order(request: HttpRequest, reference: str, new: NewOrder) -> Status[dict[str, Any]]:
    """Prepare one of any kind; a signatory issues it on its page."""
    official = official_of(request)
    case = find_readable(official, reference)
    item = case.items.filter(number=new.item).first()
    if item is None:
        raise NothingThereError
    made = order_measure.order_measure(
        official,
        case,
        item,
        new.kind,
        addressee=_provider(new.provider) if new.provider else new.holder or "",
        terms=new.as_terms(),
        prepared_only=True,
        now=timezone.now(),
    )
    return Status(201, _order(made))


@router.get(_ONE, response={200: OrderOut, FAILURES: Failure})
def read_order(request: HttpRequest, reference: str, order_id: UUID) -> dict[str, Any]:
    """One."""
    return _order(_find(find_readable(official_of(request), reference), order_id))


@router.get(_ONE + "/signed", response={FAILURES: Failure})
def signed_order(request: HttpRequest, reference: str, order_id: UUID) -> HttpResponse:
    """The newest generation as it was signed, with what verifies it (``comity-signed-order/1``)."""
    order = _find(find_readable(official_of(request), reference), order_id)
    if not order.canonical:
        raise NothingThereError
    return HttpResponse(carrying.export(order), content_type="application/json")


@router.post(_ONE + "/review", response={200: OrderOut, FAILURES: Failure})
def review_order(request: HttpRequest, reference: str, order_id: UUID, new: OrderReview) -> dict[str, Any]:
    """Record the decision on a prepared order."""
    official = official_of(request)
    case = find_readable(official, reference)
    order = _find(case, order_id)
    return _order(issue_order.record_order_review(official, case, order, new.as_review(), now=timezone.now()))


@router.post(_ONE + "/replies", response={201: OrderOut, FAILURES: Failure})
def reply(request: HttpRequest, reference: str, order_id: UUID, new: OrderReply) -> Status[dict[str, Any]]:
    """Reply to the addressee's question."""
    official = official_of(request)
    case = find_readable(official, reference)
    order = _find(case, order_id)
    answer_order.reply_on_order(official, case, order, text=new.text, now=timezone.now())
    return Status(201, _order(_find(case, order_id)))


@router.post(_ONE + "/answers", response={201: OrderOut, FAILURES: Failure})
def write_down(
    request: HttpRequest, reference: str, order_id: UUID, new: OrderAnswer
) -> Status[dict[str, Any]]:
    """Write down what the addressee answered for one identifier."""
    official = official_of(request)
    case = find_readable(official, reference)
    order = _find(case, order_id)
    said = [SaidOfIdentifier(**new.model_dump())]
    answer_order.record_order_answer(official, case, order, said, now=timezone.now())
    return Status(201, _order(_find(case, order_id)))


def _find(case: Case, order_id: UUID) -> Order:
    found = order_lists.of_case(case).filter(pk=order_id).first()
    if found is None:
        raise NothingThereError
    return found


def _order(order: Order) -> dict[str, Any]:
    same = (
        *("id", "number", "kind", "holder", "issuing_body", "legal_basis", "offence", "necessity"),
        *("proportionality", "desired", "generation", "state", "prepared_at", "issued_at", "ends_at"),
        *("answer_by", "answered_at", "ended_at", "secret", "secret_until", "secret_event"),
        "secret_ended_at",
    )
    review = None
    if order.review_decided_on:
        review = {"body": order.review_body, "reference": order.review_reference}
        review["decided_on"] = order.review_decided_on.isoformat()
    return {name: getattr(order, name) for name in same} | {
        "item": order.item_number,
        "provider": order.provider_id,
        "review": review,
        "renews": order.renews_id,
        "identifiers": list(order.identifiers.values()),
        "messages": list(order.messages.values("reply", "text", "name", "at")),
    }
