"""Where letters are, and consignments of couriers, over the API."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import Field

from comity import canonical
from comity.node import config
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import couriers
from comity.node.casework import deliveries as queries
from comity.node.casework.acts import carry_by_courier as acts
from comity.node.casework.acts.offer_letter_again import ACT as OFFER
from comity.node.casework.acts.offer_letter_again import offer_letter_again
from comity.node.casework.acts.read_letter_again import ACT, read_letter_again
from comity.node.directory import known
from comity.node.durable import disk_told
from comity.node.exchange.consignments import Journey
from comity.node.exchange.models import Direction, Letter, Shipment
from comity.node.exchange.returning import Span
from comity.shapes import Instant, Line

router = Router()
PAGE = 50


class DeliveriesAsked(Schema):
    """Which letters."""

    list: Literal["waiting", "unreceipted", "failed", "arriving", "all"] = "waiting"
    peer: str = Field(default="", max_length=64, description="the authority's id in the directory")


class HopOut(Schema):
    """A hop of a letter: when its receipt or its failure was signed, or until when it is awaited."""

    receipt: str
    proved_at: datetime | None
    failure: str | None
    failed_at: datetime | None
    until: datetime | None


class DeliveryOut(Schema):
    """Where a letter is."""

    letter: UUID
    kind: str
    case: str
    direction: str
    peer: str
    stage: str
    stage_at: datetime
    urgent: bool
    attempts: int
    code: str
    hops: list[HopOut]


class JourneyIn(Strict):
    """Who carried a consignment, in which bag, when and to whom it was handed over."""

    carrier: Line = Field(max_length=200)
    bag_number: Line = Field(max_length=80)
    handed_at: Instant
    handed_to: Line = Field(max_length=200)

    def journey(self) -> Journey:
        """As the act takes it."""
        return Journey(**self.model_dump() | {"handed_at": canonical.read_instant(self.handed_at)})


class PackFor(Strict):
    """The authority that receives."""

    peer: str = Field(min_length=1, max_length=64)


class PackAgainFor(PackFor):
    """A restored authority, and from when until when (by the times of the receipts) it gets things again.

    Without ``until`` until now.
    """

    since: Instant
    until: Instant | None = None


class CarriedOut(Schema):
    """A letter or a receipt in a consignment, and what became of it where it arrived."""

    what: str
    letter: UUID | None
    sha256: str
    outcome: str


class ConsignmentOut(Schema):
    """A consignment and its way."""

    id: UUID
    direction: str
    peer: str = Field(alias="peer_id")
    at: datetime
    carrier: str
    bag_number: str
    handed_at: datetime | None
    handed_to: str
    carried: list[CarriedOut]


@router.get("/deliveries", response={200: list[DeliveryOut], FAILURES: Failure})
def list_deliveries(request: HttpRequest, asked: Query[DeliveriesAsked]) -> list[dict[str, Any]]:
    """The fifty latest letters of a list with the proofs of each hop."""
    official = official_of(request)
    authorise(official, "view_case")
    return [_delivery(each) for each in queries.letters(official, asked.list, peer=asked.peer)[:PAGE]]


@router.post("/letters/{letter}/again", response={202: DeliveryOut, FAILURES: Failure})
def read_again(request: HttpRequest, letter: UUID) -> Status[dict[str, Any]]:
    """Have a letter read again that was not understood when it came."""
    official = official_of(request)
    found = _letter(official, letter, ACT)
    return Status(202, _delivery(read_letter_again(official, found, now=timezone.now())))


@router.post("/letters/{letter}/offer", response={202: DeliveryOut, FAILURES: Failure})
def offer_again(request: HttpRequest, letter: UUID) -> Status[dict[str, Any]]:
    """Have a letter offered again that the other node did not take in its time."""
    official = official_of(request)
    found = _letter(official, letter, OFFER)
    return Status(202, _delivery(offer_letter_again(official, found, now=timezone.now())))


@router.get("/consignments", response={200: list[ConsignmentOut], FAILURES: Failure})
def list_consignments(request: HttpRequest) -> list[Shipment]:
    """The fifty latest consignments."""
    found = couriers.visible(official_of(request)).prefetch_related("carried")
    return list(found[:PAGE])


@router.post("/consignments", response={201: ConsignmentOut, FAILURES: Failure})
def pack(request: HttpRequest, wanted: PackFor) -> Status[Shipment]:
    """Pack every letter and receipt that waits for an authority."""
    official = official_of(request)
    authorise(official, acts.ACT)
    return Status(201, acts.pack_consignment(official, known.find(wanted.peer), now=timezone.now()))


@router.post("/consignments/again", response={201: ConsignmentOut, FAILURES: Failure})
def pack_again(request: HttpRequest, wanted: PackAgainFor) -> Status[Shipment]:
    """Pack what an authority had from us, after it was restored from a backup."""
    official, now = official_of(request), timezone.now()
    authorise(official, acts.ACT)
    until = now if wanted.until is None else canonical.read_instant(wanted.until)
    span = Span(canonical.read_instant(wanted.since), until)
    return Status(201, acts.pack_consignment_again(official, known.find(wanted.peer), span, now=now))


@router.get("/consignments/{consignment}/package", response={200: None, FAILURES: Failure})
def package(request: HttpRequest, consignment: UUID) -> FileResponse:
    """The sealed and encrypted package of an outgoing consignment."""
    official = official_of(request)
    found = _find(request, consignment)
    out = tempfile.TemporaryFile(dir=config.current().arriving)  # noqa: SIM115 -- the response closes it
    with disk_told():
        acts.write_package(official, found, out, now=timezone.now())
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=found.filename)


@router.post("/consignments/{consignment}/handover", response={200: ConsignmentOut, FAILURES: Failure})
def hand_over(request: HttpRequest, consignment: UUID, way: JourneyIn) -> Shipment:
    """Put on record who carries an outgoing consignment."""
    found = _find(request, consignment)
    return acts.hand_over_consignment(official_of(request), found, way.journey(), now=timezone.now())


@router.post("/consignments/taken", response={200: ConsignmentOut, FAILURES: Failure})
def take(request: HttpRequest, file: File[UploadedFile], way: Form[JourneyIn]) -> Shipment:
    """Take in a package that a courier brought."""
    stream: Any = file
    official, now = official_of(request), timezone.now()
    return acts.take_consignment(official, stream, file.size or 0, way.journey(), now=now)


def _find(request: HttpRequest, consignment: UUID) -> Shipment:
    """An outgoing consignment that the token's owner may see."""
    found = couriers.visible(official_of(request)).filter(pk=consignment, direction=Direction.OUT).first()
    if found is None:
        raise NothingThereError(name=str(consignment))
    return found


def _letter(official: Official, letter: UUID, act: str) -> Letter:
    """The letter that the act is about; the act itself asks whether the official may see its case."""
    authorise(official, "view_case")
    authorise(official, act)
    found = Letter.objects.filter(pk=letter).first()
    if found is None:
        raise NothingThereError(name=str(letter))
    return found


def _delivery(letter: Letter) -> dict[str, Any]:
    return {
        "letter": letter.pk,
        "kind": letter.kind,
        "case": letter.case_reference,
        "direction": letter.direction,
        "peer": letter.peer_id,
        "stage": letter.stage,
        "stage_at": letter.stage_at,
        "urgent": letter.urgent,
        "attempts": letter.attempts,
        "code": letter.refusal_code or letter.tried_code,
        "hops": [
            {
                "receipt": hop.name.value,
                "proved_at": hop.proof.at if hop.proof else None,
                "failure": hop.failure.kind if hop.failure else None,
                "failed_at": hop.failure.at if hop.failure else None,
                "until": hop.until,
            }
            for hop in queries.hops(letter)
        ],
    }
