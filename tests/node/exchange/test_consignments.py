"""Letters that a courier carries: the same proofs, on whichever way they come."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.node.exchange.conftest import letter

from comity import canonical, cli
from comity.cli import courier
from comity.delivery import consignment as form
from comity.node import start
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Organisation
from comity.node.casework.acts import carry_by_courier as acts
from comity.node.directory import known
from comity.node.exchange import consignments, delivering, incoming, keeping, returning
from comity.node.exchange.models import Carried, Letter, Receipt, Shipment, Stage
from comity.node.exchange.returning import Span
from comity.node.jobs.models import Job
from comity.node.ledger.models import Entry
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption
from comity.sealing import keys as sealing_keys
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.reading import Package
from comity.sealing.sources import in_memory
from comity.terms import ComityError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]
WAY = consignments.Journey(
    carrier="B. Courier",
    bag_number="DB-17",
    handed_at=canonical.read_instant("2027-06-12T03:00:00Z"),
    handed_to="Registry",
)


class Bag:
    """A consignment as the peer packs it, or as somebody tampers with it."""

    def __init__(self, peer, clock, *documents, notes=()):
        self.peer, self.now, self.files = peer, clock.now, {}
        envelopes = []
        for document in documents:
            container = peer.seal(document, clock.now)
            envelopes.append(peer.envelope(document, container).as_json())
            self.files[form.letter_name(document["id"])] = container
        for note in notes:
            self.files[form.receipt_name(sha256(note).hexdigest())] = note
        self.list = {
            "schema": "comity-consignment/1",
            "id": str(uuid.uuid4()),
            "from": "xb-247",
            "to": "xa-247",
            "packed_at": canonical.instant_text(clock.now),
            "letters": envelopes,
            "receipts": sorted(sha256(note).hexdigest() for note in notes),
        }

    def package(self, *, keys=None, recipient=None, kind=Kind.FILES):
        plain, out = io.BytesIO(), io.BytesIO()
        files = [in_memory("list.json", "application/json", canonical.write(self.list))]
        files += [in_memory(name, "application/octet-stream", data) for name, data in self.files.items()]
        with PlainFlow(plain) as flow:
            write_container(flow, files, kind=kind, about={}, signer=keys or self.peer.keys, now=self.now)
        plain.seek(0)
        encryption.encrypt(plain, out, [recipient or known.own().recipient])
        return out.getvalue()


@pytest.fixture
def carrier(official):
    return official("registrar")


@pytest.fixture
def take(carrier, clock):
    def one(package, way=WAY):
        stream = io.BytesIO(package)
        return acts.take_consignment(carrier, stream, len(package), way, now=clock.now)

    return one


def outcomes(shipment):
    return sorted(shipment.carried.values_list("what", "outcome"))


def test_a_letter_on_a_disk_is_taken_in_as_one_of_the_network(peer, clock, take, run_jobs, wire, acted):
    document = letter("xb-247", "xa-247", clock.now)
    taken = take(Bag(peer, clock, document).package())
    assert outcomes(taken) == [("letter", "accepted")]
    run_jobs()
    row = Letter.objects.get()
    assert (row.stage, acted) == (Stage.DELIVERED, [document["id"]])
    assert [note.split('"receipt":"')[2].split('"')[0] for note in wire.receipts] == [
        "RELAY_REMMD_ACCEPTANCE",
        "DELIVERY",
    ], "the courier got no answer to take home, so the network brings it"
    entry = Entry.objects.get(kind="consignment_taken").content
    assert (entry["carrier"], entry["bag_number"], entry["handed_to"]) == ("B. Courier", "DB-17", "Registry")


def test_what_comes_on_both_ways_arrives_once_with_the_same_receipt(peer, clock, take, run_jobs, wire, acted):
    document = letter("xb-247", "xa-247", clock.now)
    bag = Bag(peer, clock, document)
    container = bag.files[form.letter_name(document["id"])]
    envelope = peer.envelope(document, container)
    here = known.find("xb-247")
    note = incoming.accept(io.BytesIO(container), envelope, here, clock.now)
    package = bag.package()
    for _ in range(2):
        assert outcomes(take(package)) == [("letter", "accepted")]
    run_jobs()
    assert incoming.answer_offer(envelope, here, clock.now) == note
    assert note.decode() in wire.receipts
    assert (Letter.objects.count(), Shipment.objects.count(), acted) == (1, 1, [document["id"]])


def test_receipts_come_back_on_a_disk(frozen, peer, clock, take, run_jobs, wire, carrier):
    wire.away = True
    run_jobs()
    made = acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)
    assert outcomes(made) == [("letter", "")]
    accepted = peer.receipt(frozen, ReceiptName.RELAY_REMMD_ACCEPTANCE, clock.now)
    forged = peer.receipt(frozen, ReceiptName.DELIVERY, clock.now).replace(b"xa-247", b"xc-247")
    taken = take(Bag(peer, clock, notes=[accepted, forged]).package())
    assert [outcome for _, outcome in outcomes(taken)] == ["kept", "note_signature_wrong"]
    frozen.refresh_from_db()
    assert frozen.stage == Stage.RELAYED


def test_what_is_packed_is_the_stored_container_for_the_peer_alone(
    frozen, peer, clock, run_jobs, wire, carrier
):
    wire.away = True
    run_jobs()
    made = acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)
    out, plain = io.BytesIO(), io.BytesIO()
    acts.write_package(carrier, made, out, now=clock.now)
    frozen.refresh_from_db()
    assert str(frozen.pk).encode() not in out.getvalue(), "a lost disk names no letter"
    encryption.decrypt(io.BytesIO(out.getvalue()), plain, [peer.keys.identity])
    package = Package(plain)
    listed = form.read_list(package.read(form.LIST, form.MAX_BYTES))
    assert (listed.source, listed.target) == ("xa-247", "xb-247")
    assert listed.letters == [delivering.envelope_of(frozen)]
    container = package.read(form.letter_name(str(frozen.pk)), 10**7)
    assert sha256(container).hexdigest() == frozen.sha256
    wire.away = False
    clock.advance(minutes=10)
    run_jobs()
    assert wire.handed == [container], "the network goes on trying, with the same bytes"


def test_receipts_that_wait_are_packed(peer, clock, take, run_jobs, wire, acted, carrier):
    wire.away = True
    take(Bag(peer, clock, letter("xb-247", "xa-247", clock.now)).package())
    run_jobs()
    made = acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)
    kinds = set(Receipt.objects.values_list("kind", flat=True))
    assert kinds == {"RELAY_REMMD_ACCEPTANCE", "DELIVERY"}
    assert set(made.carried.values_list("note", flat=True)) == set(
        Receipt.objects.values_list("note", flat=True)
    )


def test_a_letter_that_is_refused_is_told_to_its_sender(peer, clock, take, run_jobs, wire):
    document = letter("xb-247", "xa-247", clock.now)
    bag = Bag(peer, clock, document)
    clock.advance(days=31)
    bag.now = clock.now
    assert outcomes(take(bag.package())) == [("letter", "expired")]
    run_jobs()
    assert [("RELAY_REMMD_REJECTION" in note) for note in wire.receipts] == [True]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "xc-247", "letters": []}, "consignment_foreign"),
        ({"from": "xc-247", "letters": []}, "consignment_foreign"),
        ({"receipts": []}, "consignment_malformed"),
        ({"receipts": ["ef" * 32]}, "consignment_malformed"),
        ({"format": 1}, "consignment_malformed"),
    ],
)
def test_a_consignment_that_is_not_for_us_or_not_as_listed_is_left_alone(peer, clock, take, changes, code):
    bag = Bag(peer, clock, notes=[b"note"])
    if "to" in changes or "from" in changes:
        bag.files, changes = {}, changes | {"receipts": []}
    bag.list |= changes
    with pytest.raises(ComityError) as refused:
        take(bag.package())
    assert refused.value.code == code
    assert not Shipment.objects.exists()
    assert not Letter.objects.exists()


def test_a_consignment_of_an_impostor_or_for_another_is_left_alone(peer, clock, take, tmp_path):
    document = letter("xb-247", "xa-247", clock.now)
    bag = Bag(peer, clock, document)
    sealing_keys.create_authority(tmp_path / "i", id="xb-247", name="Impostor", state="XB", now=clock.now)
    good = bag.package()
    hostile = {
        "consignment_unproved": bag.package(keys=sealing_keys.load(tmp_path / "i")),
        "not_for_this_identity": bag.package(recipient=peer.keys.recipient),
        "damaged": good[:-1] + bytes([good[-1] ^ 1]),
        "cut": good[: len(good) // 2],
        "empty": b"",
    }
    for name, package in hostile.items():
        with pytest.raises(ComityError) as refused:
            take(package)
        assert name in (refused.value.code, "damaged", "cut", "empty")
        assert "key folder" not in refused.value.advice  # that is said to whoever opens a package by hand
        assert not Shipment.objects.exists()
        assert not Letter.objects.exists()


def test_other_bytes_than_a_letters_envelope_names_are_not_taken_in(peer, clock, take):
    first, second = (letter("xb-247", "xa-247", clock.now) for _ in range(2))
    bag = Bag(peer, clock, first, second)
    bag.files[form.letter_name(first["id"])] = b"x" * bag.list["letters"][0]["bytes"]
    taken = take(bag.package())
    assert outcomes(taken) == [("letter", "accepted"), ("letter", "container_differs")]
    assert str(Letter.objects.get().pk) == second["id"], "one bad letter takes none of the others with it"


def test_the_number_of_a_consignment_is_used_once(peer, clock, take):
    bag = Bag(peer, clock, letter("xb-247", "xa-247", clock.now))
    take(bag.package())
    other = Bag(peer, clock, letter("xb-247", "xa-247", clock.now))
    other.list["id"] = bag.list["id"]
    with pytest.raises(form.ConsignmentMalformedError):
        take(other.package())
    assert Carried.objects.count() == 1


def test_a_courier_has_days_where_the_network_has_hours(frozen, wire, clock, run_jobs, carrier):
    wire.away = True
    run_jobs()
    made = acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)
    acts.hand_over_consignment(carrier, made, WAY, now=clock.now)
    with pytest.raises(consignments.HandedOverAlreadyError):
        acts.hand_over_consignment(carrier, made, WAY, now=clock.now)
    clock.advance(days=13)
    run_jobs()
    frozen.refresh_from_db()
    assert frozen.stage == Stage.SEALED
    assert delivering.timeouts_of(frozen).delivery == timedelta(days=14, hours=12)
    clock.advance(days=1)
    run_jobs()
    frozen.refresh_from_db()
    assert frozen.stage == Stage.FAILED


def test_a_letter_that_the_network_failed_to_bring_may_go_by_courier(
    frozen, peer, wire, clock, run_jobs, carrier
):
    wire.away = True
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    frozen.refresh_from_db()
    assert frozen.stage == Stage.FAILED
    made = acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)
    assert made.carried.count() == 1
    accepted = peer.receipt(frozen, ReceiptName.RELAY_REMMD_ACCEPTANCE, clock.now)
    keeping.keep(accepted, known.find("xb-247"), clock.now)
    frozen.refresh_from_db()
    assert frozen.stage == Stage.RELAYED
    with pytest.raises(consignments.NothingToCarryError):
        acts.pack_consignment(carrier, known.find("xb-247"), now=clock.now)


def test_what_a_restored_peer_had_is_packed_again(frozen, peer, clock, take, run_jobs, wire, acted, carrier):
    take(Bag(peer, clock, letter("xb-247", "xa-247", clock.now)).package())
    began = clock.now
    run_jobs()
    xb = known.find("xb-247")
    keeping.keep(peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), xb, clock.now)
    frozen.refresh_from_db()
    assert frozen.stage == Stage.DELIVERED
    clock.advance(minutes=10)
    with pytest.raises(consignments.NothingToCarryError):
        acts.pack_consignment(carrier, xb, now=clock.now)
    made = acts.pack_consignment_again(carrier, xb, Span(began, clock.now), now=clock.now)
    assert [each.letter for each in made.carried.filter(what="letter")] == [frozen.pk]
    assert set(made.carried.exclude(note="").values_list("note", flat=True)) == set(wire.receipts)
    assert len(wire.receipts) == 2
    with pytest.raises(consignments.NothingToCarryError):
        acts.pack_consignment_again(carrier, xb, Span(clock.now, clock.now), now=clock.now)
    clock.advance(days=30)
    later = acts.pack_consignment_again(carrier, xb, Span(began, clock.now), now=clock.now)
    assert not later.carried.filter(what="letter").exists(), "it would be refused as expired"


def test_what_was_refused_or_erased_or_is_too_much_is_not_packed_again(frozen, clock, carrier, monkeypatch):
    Receipt.objects.create(letter=frozen, kind="DELIVERY", issued_by="xb-247", note="note", at=clock.now)
    monkeypatch.setattr(form, "MOST_LETTERS", 0)
    span = Span(clock.now, clock.now + timedelta(minutes=1))
    Letter.objects.update(container="letters/x", travelling="letters/y", stage=Stage.FAILED)
    with pytest.raises(consignments.NothingToCarryError):  # what the peer refused is not brought again
        acts.pack_consignment_again(carrier, known.find("xb-247"), span, now=clock.now)
    Letter.objects.update(stage=Stage.RELAYED, container="")
    with pytest.raises(consignments.NothingToCarryError):  # nor one whose container was erased
        acts.pack_consignment_again(carrier, known.find("xb-247"), span, now=clock.now)
    Letter.objects.update(container="letters/x")
    with pytest.raises(returning.TooMuchForOneError):
        acts.pack_consignment_again(carrier, known.find("xb-247"), span, now=clock.now)


@pytest.mark.parametrize(
    ("changes", "packed"),
    [
        ({"stage": Stage.DELIVERED}, True),
        ({"stage": Stage.FAILED, "refusal_code": "timed_out"}, True),
        ({"stage": Stage.FAILED, "refusal_code": "not_understood"}, False),
        ({"stage": Stage.DELIVERED, "container": ""}, False),
    ],
    ids=("delivered", "of which no more was heard", "refused by the peer", "erased here"),
)
def test_what_the_peer_refused_or_was_erased_here_is_not_packed_again(
    frozen, peer, clock, run_jobs, wire, carrier, changes, packed
):
    run_jobs()
    again = Span(clock.now - timedelta(hours=1), clock.now + timedelta(hours=1))
    Letter.objects.filter(pk=frozen.pk).update(**changes)
    letters, _ = returning.had(known.find("xb-247"), again, clock.now)
    assert [str(each.pk) for each in letters] == [str(frozen.pk)] * packed


def test_a_restored_node_gets_receipts_back_and_learns_which_letters_it_lost(
    frozen, peer, clock, take, run_jobs, wire, carrier
):
    run_jobs()
    frozen.refresh_from_db()
    assert frozen.stage == Stage.RELAYED, "its delivery was attested after the backup"
    delivered = peer.receipt(frozen, ReceiptName.DELIVERY, clock.now)
    unknown = uuid.uuid4()
    lost = peer.receipt(frozen, ReceiptName.DELIVERY, clock.now, letter=str(unknown))
    taken = take(Bag(peer, clock, letter("xb-247", "xa-247", clock.now), notes=[delivered, lost]).package())
    frozen.refresh_from_db()
    assert frozen.stage == Stage.DELIVERED
    assert set(taken.carried.values_list("what", "outcome", "letter")) == {
        ("letter", "accepted", Letter.objects.get(direction="in").pk),
        ("receipt", "kept", frozen.pk),
        ("receipt", "receipt_foreign", unknown),
    }
    wire.refuses_receipts = True
    run_jobs()
    assert not Job.objects.filter(kind=delivering.SEND_RECEIPT, state="waiting").exists(), (
        "who has the receipts from before the restore refuses the new ones, once"
    )


def test_who_works_in_a_body_of_the_state_carries_nothing(official, clock, keys):
    body = Organisation.objects.create(id="bureau", kind="competent_body")
    span = Span(clock.now, clock.now)
    for person in (official("registrar", organisation=body), official("drafter")):
        with pytest.raises(NotAuthorisedError):
            acts.pack_consignment_again(person, known.find("xb-247"), span, now=clock.now)
        with pytest.raises(NotAuthorisedError):
            acts.pack_consignment(person, known.find("xb-247"), now=clock.now)
        with pytest.raises(NotAuthorisedError):
            acts.take_consignment(person, io.BytesIO(b""), 0, WAY, now=clock.now)
    assert not Job.objects.filter(kind=delivering.SEND_REJECTION).exists()


def test_by_command_a_package_goes_to_a_disk_and_one_is_taken_from_it(
    frozen, peer, clock, run_jobs, wire, carrier, tmp_path, monkeypatch, capsys
):
    class Today:
        @staticmethod
        def now(zone):
            return clock.now

    monkeypatch.setattr(courier, "datetime", Today)
    monkeypatch.setattr(start, "prepare", lambda folder: None)
    wire.away = True
    run_jobs()
    way = [
        *("--username", carrier.username, "--carrier", "B. Courier", "--bag-number", "DB-17"),
        *("--handed-at", "2027-06-12T03:00:00Z", "--handed-to", "Registry"),
    ]
    assert cli.main(["courier", "pack", "DIR", str(tmp_path), "--to", "xb-247", *way]) == 0
    number = capsys.readouterr().out.split()[0]
    row = Shipment.objects.get(pk=number)
    assert (row.carrier, row.handed_to) == ("B. Courier", "Registry")
    assert [path.name for path in tmp_path.iterdir()] == [row.filename]
    assert cli.main(["courier", "take", "DIR", str(tmp_path), *way]) == 2, "our own is for the peer"
    (tmp_path / row.filename).unlink()
    (tmp_path / "1.asice.age").write_bytes(Bag(peer, clock, letter("xb-247", "xa-247", clock.now)).package())
    assert cli.main(["courier", "take", "DIR", str(tmp_path), *way]) == 0
    assert "accepted" in capsys.readouterr().out
    again = ["--to", "xb-247", *way, "--again-since", "2027-06-12T03:00:00Z"]
    assert cli.main(["courier", "pack", "DIR", str(tmp_path), *again]) == 2
    assert "nothing_to_carry" in capsys.readouterr().err, "the letter waits, but the peer never had it"
    half = ["--username", carrier.username, "--carrier", "B. Courier"]
    assert cli.main(["courier", "pack", "DIR", str(tmp_path), "--to", "xb-247", *half]) == 2
    assert "journey_incomplete" in capsys.readouterr().err
