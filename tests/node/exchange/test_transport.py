"""The transport keys of a node over simulated months: made, told, expired, revoked, destroyed."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from tests.node.conftest import START
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.node import config, diagnosing
from comity.node.directory import cards, known
from comity.node.exchange import announcing, incoming, outgoing, peer_server, transport
from comity.node.exchange.models import Letter, Stage, TransportKey
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.proofs.notes import NoteSignatureWrongError, Signer
from comity.proofs.transport_keys import KeyNotice, open_notice, sign_notice
from comity.sealing import encryption
from comity.terms import ComityError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired", "folder_restored")]
DAY = timedelta(days=1)


def arrive(peer, clock, run_jobs, recipient=None, sealed_at=None, **changes):
    """A letter of the peer comes in and is opened; how it stands then."""
    document = letter("xb-247", "xa-247", clock.now, **changes)
    options = {"recipient": recipient} if recipient else {}
    container = peer.seal(document, sealed_at or clock.now, **options)
    envelope = peer.envelope(document, container)
    incoming.accept(io.BytesIO(container), envelope, known.find("xb-247"), clock.now)
    run_jobs()
    return Letter.objects.get(id=document["id"])


def notice(peer, clock, signer=None, **changes):
    """The peer's signed notice of a new key."""
    values = {
        "authority": "xb-247",
        "number": 2,
        "recipient": encryption.new_identity()[1],
        "valid_from": canonical.instant_text(clock.now),
        "valid_until": canonical.instant_text(clock.now + 90 * DAY),
    }
    return sign_notice(KeyNotice.model_validate(values | changes), signer or peer.keys.log)


def kinds():
    return [each for each in Entry.objects.order_by("id").values_list("kind", flat=True) if "key" in each]


def codes(clock):
    return {each.code for each in diagnosing.diagnose(config.current(), clock.now) if each.code}


def test_a_key_is_replaced_after_sixty_days_and_lives_ninety(clock):
    transport.keep({}, clock.now)
    clock.advance(days=59)
    transport.keep({}, clock.now)
    assert transport.current().number == 1
    clock.advance(days=1)
    transport.keep({}, clock.now)
    transport.keep({}, clock.now)
    key = transport.current()
    assert (key.number, key.valid_until - key.valid_from) == (2, timedelta(days=90))
    assert transport.state(TransportKey.objects.get(number=1), clock.now) == "former"
    assert kinds() == ["transport_key_made", "transport_key_made"]


def test_the_keys_are_looked_at_once_a_day(clock, run_jobs, wire):
    for hours in (0, 1, 24, 24 * 60):
        clock.advance(hours=hours)
        transport.ask_due(clock.now)
        transport.ask_due(clock.now)
        run_jobs()
    assert Job.objects.filter(kind=transport.KEEP, state=JobState.DONE).count() == 3
    assert transport.current().number == 2


def test_the_new_key_is_on_the_card_and_in_the_folder(clock):
    transport.rotate(clock.now)
    own, folder = known.own(), config.current().keys
    key = transport.current()
    assert (own.recipient, own.recipient_number, own.recipient_until) == (key.recipient, 2, key.valid_until)
    assert (folder / "transport.recipient").read_text().strip() == key.recipient
    assert encryption.recipient_of((folder / "transport.identity").read_text().strip()) == key.recipient
    card = cards.read_card(cards.export_card(own))
    assert (card.recipient, card.recipient_number) == (key.recipient, 2)


def test_a_node_that_died_before_the_folder_was_written_puts_it_right(clock, monkeypatch):
    monkeypatch.setattr(transport, "settle", lambda: None)
    transport.rotate(clock.now)
    monkeypatch.undo()
    folder = config.current().keys
    assert (folder / "transport.recipient").read_text().strip() != transport.current().recipient
    transport.settle()
    assert (folder / "transport.recipient").read_text().strip() == transport.current().recipient


def test_every_peer_is_told_by_a_signed_notice(clock, run_jobs, wire):
    transport.keep({}, clock.now)
    run_jobs()
    clock.advance(days=60)
    transport.keep({}, clock.now)
    run_jobs()
    told = [open_notice(note, ledger_keys.signer().verifier) for note in wire.keys]
    assert [each.number for each in told] == [1, 2]
    assert told[1].recipient == transport.current().recipient
    assert not Job.objects.filter(kind=transport.ANNOUNCE, state=JobState.WAITING).exists()


def test_a_peer_that_is_away_is_told_later(clock, run_jobs, wire):
    wire.away = True
    transport.rotate(clock.now)
    run_jobs()
    assert wire.keys == []
    assert "transport key" in {
        each.subject for each in diagnosing.diagnose(config.current(), clock.now) if each.note
    }
    wire.away = False
    clock.advance(hours=1)
    run_jobs()
    assert len(wire.keys) == 1


def test_letters_to_the_former_key_are_opened_and_their_sender_is_told_again(
    peer, clock, run_jobs, wire, acted
):
    former = transport.begin(clock.now).recipient
    transport.rotate(clock.now)
    run_jobs()
    wire.keys.clear()
    clock.advance(days=10)
    assert arrive(peer, clock, run_jobs, former).stage == Stage.DELIVERED
    assert len(wire.keys) == 1, "the peer may have missed the new key"
    assert arrive(peer, clock, run_jobs).stage == Stage.DELIVERED
    assert len(wire.keys) == 1


def test_a_letter_sealed_to_an_expired_key_is_refused(peer, clock, run_jobs, wire, acted):
    former = transport.begin(clock.now).recipient
    clock.advance(days=60)
    transport.keep({}, clock.now)
    clock.advance(days=30, minutes=4)
    row = arrive(peer, clock, run_jobs, former)
    assert row.stage == Stage.DELIVERED, "the peer's clock may be five minutes off"
    clock.advance(minutes=2)
    row = arrive(peer, clock, run_jobs, former)
    assert (row.stage, row.refusal_code) == (Stage.REFUSED, "sealed_to_expired_key")


def test_a_letter_sealed_before_the_end_and_come_after_it_is_opened(peer, clock, run_jobs, wire, acted):
    former = transport.begin(clock.now).recipient
    clock.advance(days=60)
    transport.keep({}, clock.now)
    clock.advance(days=29)
    sealed_at = clock.now
    clock.advance(days=3)
    row = arrive(peer, clock, run_jobs, former, sealed_at=sealed_at)
    assert row.stage == Stage.DELIVERED


def test_expiring_a_key_by_hand_replaces_it_first(peer, clock, run_jobs, wire, acted):
    former = transport.begin(clock.now).recipient
    transport.expire(1, clock.now)
    assert transport.current().number == 2
    clock.advance(hours=1)
    assert arrive(peer, clock, run_jobs, former).refusal_code == "sealed_to_expired_key"
    assert "transport_key_expired" in kinds()


def test_a_letter_sealed_to_a_revoked_key_is_refused(peer, clock, run_jobs, wire, acted):
    former = transport.begin(clock.now).recipient
    earlier = clock.now
    clock.advance(hours=1)
    transport.revoke(1, clock.now)
    assert arrive(peer, clock, run_jobs, former, sealed_at=earlier).stage == Stage.DELIVERED
    clock.advance(hours=1)
    row = arrive(peer, clock, run_jobs, former)
    assert (row.stage, row.refusal_code) == (Stage.REFUSED, "sealed_to_revoked_key")
    with pytest.raises(transport.TransportKeyEndedError):
        transport.revoke(1, clock.now)


def test_a_key_is_destroyed_only_when_the_last_letter_to_it_has_expired(clock):
    transport.begin(clock.now)
    path = config.current().keys / "transport-1.identity"
    clock.advance(days=60)
    transport.keep({}, clock.now)
    clock.advance(days=30 + 30, seconds=-1)
    transport.keep({}, clock.now)
    assert path.exists()
    clock.advance(seconds=1)
    transport.keep({}, clock.now)
    assert not path.exists()
    assert TransportKey.objects.get(number=1).destroyed_at == clock.now
    assert kinds().count("transport_key_destroyed") == 1
    assert transport.current().destroyed_at is None


def test_a_letter_that_waits_to_be_opened_keeps_its_key(peer, clock):
    former = transport.begin(clock.now).recipient
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document, clock.now, recipient=former)
    envelope = peer.envelope(document, container)
    incoming.accept(io.BytesIO(container), envelope, known.find("xb-247"), clock.now)
    clock.advance(days=60)
    transport.keep({}, clock.now)
    clock.advance(days=200)
    transport.keep({}, clock.now)
    assert TransportKey.objects.get(number=1).destroyed_at is None
    Letter.objects.update(stage=Stage.DELIVERED)
    transport.keep({}, clock.now)
    assert TransportKey.objects.get(number=1).destroyed_at == clock.now


def test_what_is_sealed_to_a_destroyed_key_opens_no_more(peer, clock, run_jobs, wire, acted):
    former = transport.begin(clock.now).recipient
    transport.rotate(clock.now)
    transport.destroy(1, clock.now, by=("a.one", "b.two"))
    assert Entry.objects.get(kind="transport_key_destroyed").content["by"] == ["a.one", "b.two"]
    assert arrive(peer, clock, run_jobs, former).refusal_code == "not_for_this_identity"
    assert arrive(peer, clock, run_jobs).stage == Stage.DELIVERED


def test_the_key_in_force_is_not_destroyed(clock):
    transport.begin(clock.now)
    with pytest.raises(transport.TransportKeyInUseError):
        transport.destroy(1, clock.now, by=("a.one", "b.two"))
    with pytest.raises(transport.TransportKeyUnknownError):
        transport.destroy(7, clock.now, by=("a.one", "b.two"))


def test_a_destruction_that_was_cut_off_is_ended(clock, monkeypatch):
    transport.begin(clock.now)
    transport.rotate(clock.now)
    (config.current().keys / "transport-1.identity").unlink()
    assert [key.number for key, _ in transport.openers()] == [2]
    clock.advance(days=120)
    transport.keep({}, clock.now)
    assert TransportKey.objects.get(number=1).destroyed_at == clock.now


def test_a_peers_new_key_is_learned_and_used(peer, clock, frozen, wire, run_jobs):
    identity, recipient = encryption.new_identity()
    note = notice(peer, clock, recipient=recipient)
    announcing.learn(note, known.find("xb-247"), clock.now)
    announcing.learn(note, known.find("xb-247"), clock.now)
    row = known.find("xb-247")
    assert (row.recipient, row.recipient_number) == (recipient, 2)
    run_jobs()
    encryption.decrypt(io.BytesIO(wire.handed[0]), io.BytesIO(), [identity])
    assert kinds().count("transport_key_learned") == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": 1}, "key_notice_outdated"),
        ({"authority": "xa-247"}, "key_notice_unacceptable"),
        ({"valid_from": canonical.instant_text(START + DAY)}, "key_notice_unacceptable"),
        ({"valid_until": canonical.instant_text(START)}, "key_notice_unacceptable"),
        ({"valid_until": canonical.instant_text(START + 91 * DAY)}, "key_notice_unacceptable"),
        ({"recipient": "age1qqqq"}, "recipient_unreadable"),
    ],
)
def test_a_notice_that_cannot_be_changes_nothing(peer, clock, changes, code):
    before = known.find("xb-247").recipient
    with pytest.raises(ComityError) as refused:
        announcing.learn(notice(peer, clock, **changes), known.find("xb-247"), clock.now)
    assert refused.value.code == code
    assert known.find("xb-247").recipient == before


def test_a_notice_signed_by_another_changes_nothing(peer, clock):
    impostor = Signer.generate(peer.keys.log.name)
    good, bad = notice(peer, clock), notice(peer, clock, signer=impostor)
    forged = good.rpartition(b"\n\n")[0] + b"\n\n" + bad.rpartition(b"\n\n")[2]
    for note in (bad, forged, b"", good[:-1], good.replace(b'"number":2', b'"number":3')):
        with pytest.raises(ComityError):
            announcing.learn(note, known.find("xb-247"), clock.now)
    with pytest.raises(NoteSignatureWrongError):
        announcing.learn(good.replace(b'"number":2', b'"number":3'), known.find("xb-247"), clock.now)
    assert known.find("xb-247").recipient_number == 1


def test_an_older_key_never_returns_by_notice_or_card(peer, clock, keys):
    from tests.node.conftest import peer_card

    announcing.learn(notice(peer, clock, number=3), known.find("xb-247"), clock.now)
    latest = known.find("xb-247").recipient
    with pytest.raises(announcing.KeyNoticeOutdatedError):
        announcing.learn(notice(peer, clock, number=2), known.find("xb-247"), clock.now)
    card = peer_card(keys.peer)
    cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=clock.now)
    assert known.find("xb-247").recipient == latest


def test_nothing_is_sealed_to_an_expired_recipient(peer, clock, frozen, wire, run_jobs):
    row = known.find("xb-247")
    row.recipient_until = clock.now
    row.save()
    with pytest.raises(announcing.RecipientExpiredError):
        announcing.usable_recipient(row, clock.now)
    run_jobs()
    frozen.refresh_from_db()
    assert (frozen.stage, wire.handed) == (Stage.FROZEN, [])
    assert Job.objects.get(kind=outgoing.SEAL).last_code == "recipient_expired"
    assert "recipient_expired" in codes(clock)
    announcing.learn(notice(peer, clock), known.find("xb-247"), clock.now)
    run_jobs()
    frozen.refresh_from_db()
    assert frozen.stage == Stage.RELAYED, "the letter waited for the next key"
    assert "recipient_expired" not in codes(clock)


def test_nothing_is_sealed_to_a_withdrawn_recipient(peer, clock, frozen, wire, run_jobs):
    announcing.withdraw(known.find("xb-247"), clock.now)
    run_jobs()
    assert Job.objects.get(kind=outgoing.SEAL).last_code == "recipient_withdrawn"
    assert codes(clock) >= {"recipient_withdrawn"}
    announcing.learn(notice(peer, clock), known.find("xb-247"), clock.now)
    run_jobs()
    assert len(wire.handed) == 1


def test_the_doctor_says_when_a_key_was_not_replaced_in_time(clock):
    transport.begin(clock.now)
    clock.advance(days=61)
    assert "transport_key_ends_soon" in codes(clock)
    clock.advance(days=30)
    assert "transport_key_expired" in codes(clock)
    transport.keep({}, clock.now)
    assert not codes(clock) & {"transport_key_ends_soon", "transport_key_expired"}


class _Connection:
    """The TLS connection of a request, as the server sees it."""

    def __init__(self, folder):
        pem = (folder / "tls.crt").read_bytes()
        self._der = load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    def getpeercert(self, *, binary_form):
        return self._der


def post(folder, note, path="/keys"):
    """The peers' endpoint answers a request of the authority of this key folder."""
    said = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "wsgi.input": io.BytesIO(note),
        "gunicorn.socket": _Connection(folder),
    }
    body = b"".join(peer_server.application(environ, lambda status, headers: said.append(status)))
    return said[0][:3], body


def test_the_peers_address_takes_a_notice_from_its_owner_alone(peer, keys, clock, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(peer_server, "close_old_connections", lambda: None)
    note = notice(peer, clock, number=5)
    assert post(keys.own, note)[0] == "403", "known by no card as a peer"
    assert post(keys.peer, note) == ("204", b"")
    assert post(keys.peer, note) == ("204", b""), "telling twice is welcome"
    status, body = post(keys.peer, notice(peer, clock, number=4))
    assert (status, b"key_notice_outdated" in body) == ("409", True)
    status, body = post(keys.peer, b"x" * 2_000_000)
    assert (status, known.find("xb-247").recipient_number) == ("404", 5)
