"""Without any network: a question and its receipts travel on a disk that a courier carries.

The nodes are stopped, so the part of a worker that needs no network is done here: letters are sealed and
opened, and the ledger's entries are numbered.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from comity.demonstration import cast
from comity.demonstration.deeds.checks import receipts_prove
from comity.demonstration.deeds.telling import Told, deed, expect, official, refused
from comity.node.casework.acts import carry_by_courier
from comity.node.casework.acts.ask_status import ask_status
from comity.node.casework.models import OralRequest
from comity.node.exchange import consignments, unpacking
from comity.node.exchange.consignments import LETTER, Journey, NothingToCarryError
from comity.node.exchange.models import Direction, Letter, Shipment, Stage
from comity.node.jobs import running
from comity.node.ledger import sequencer
from comity.sealing.durable import replacing

ASKING, REQUESTED = "aigerim", "maral"
RECEIPTS = ("RELAY_REMMD_ACCEPTANCE", "DELIVERY")
_ITEM, _TOGETHER, _WORKER = 1, 50, "courier"


@deed
def pack_for_the_courier(now: datetime, disk: str) -> Told:
    """A question is signed, sealed and packed; who packed the disk cannot read it any more."""
    if _question() is None:
        case = OralRequest.objects.get().case
        ask_status(official(ASKING), case, [_ITEM], text=cast.case()["courier"]["question"], now=now)
    _work()
    letter = _question()
    assert letter is not None
    shipment = consignments.of_letter(letter).first()
    shipment = shipment or carry_by_courier.pack_consignment(official(ASKING), letter.peer, now=now)
    _onto(Path(disk), shipment, ASKING, now)
    wrong = refused("not_for_this_identity", lambda: _taken(disk, ASKING, now))
    return Told(
        True, [f"a question waits on a disk for {letter.peer_id} alone; to others it says: “{wrong}”"]
    )


@deed
def take_from_the_courier(now: datetime, disk: str, home: str) -> Told:
    """The letter is taken in, verified and opened; its receipts are packed for the way home."""
    taken = _taken(disk, REQUESTED, now)
    _taken(disk, REQUESTED, now)
    _work()
    letter = Letter.objects.get(pk__in=taken.carried.filter(what=LETTER).values("letter"))
    expect(letter.stage == Stage.DELIVERED, "the letter is delivered")
    proved = ["taken in and opened; the same disk again changes nothing"]
    back = Shipment.objects.filter(direction=Direction.OUT).first()
    try:
        back = back or carry_by_courier.pack_consignment(official(REQUESTED), taken.peer, now=now)
    except NothingToCarryError:  # this was interrupted, and nodes that started again told them
        return Told(True, [*proved, "its receipts went by network already"])
    _onto(Path(home), back, REQUESTED, now)
    return Told(True, [*proved, "its receipts go home by the same courier"])


@deed
def take_the_receipts_home(now: datetime, home: str) -> Told:
    """The receipts that a courier brings prove what those of the network prove."""
    if Path(home).exists():
        _taken(home, ASKING, now)
    letter = _question()
    assert letter is not None
    expect(letter.stage == Stage.DELIVERED, "the letter is delivered")
    return receipts_prove(letter, RECEIPTS)


def _question() -> Letter | None:
    """The question that a courier carries or can carry; not one that a network brought instead."""
    asked = Letter.objects.filter(direction=Direction.OUT, kind="status_asked").select_related("peer")
    can_go = (Stage.FROZEN, Stage.SEALED)
    return next((each for each in asked if each.stage in can_go or consignments.of_letter(each)), None)


def _onto(disk: Path, shipment: Shipment, by: str, now: datetime) -> None:
    """Write the package to the disk and give it to the courier, unless an earlier run did."""
    if not disk.exists():
        disk.parent.mkdir(parents=True, exist_ok=True)
        with replacing(disk) as out:
            carry_by_courier.write_package(official(by), shipment, out, now=now)
    if shipment.handed_at is None:
        carry_by_courier.hand_over_consignment(official(by), shipment, _journey(now), now=now)
    sequencer.sequence(now)


def _taken(disk: str, by: str, now: datetime) -> Shipment:
    path = Path(disk)
    with path.open("rb") as package:
        taken = carry_by_courier.take_consignment(
            official(by), package, path.stat().st_size, _journey(now), now=now
        )
    expect(
        set(taken.carried.values_list("outcome", flat=True)) <= {unpacking.ACCEPTED, unpacking.KEPT},
        "all on the disk was taken in",
    )
    sequencer.sequence(now)
    return taken


def _journey(now: datetime) -> Journey:
    told = cast.case()["courier"]
    return Journey(
        carrier=told["carrier"], bag_number=told["bag"], handed_at=now, handed_to=told["handed_to"]
    )


def _work() -> None:
    """Seal and open what waits for it; letters to bring by network wait in lanes, which are left alone."""
    while running.run_some(lambda: datetime.now(UTC), _WORKER, most=_TOGETHER, aside=False):
        pass
    sequencer.sequence(datetime.now(UTC))
