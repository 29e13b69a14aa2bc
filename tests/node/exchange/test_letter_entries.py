"""What a ledger holds about a letter is shown to the letter's other side, with proofs, and to nobody else."""

from __future__ import annotations

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.node import config
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange import allowances, incoming, peer_client, peer_server, proving
from comity.node.exchange.models import Letter
from comity.node.ledger import entries, sequencer
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.node.witnesses.models import Head
from comity.proofs import checkpoints, letter_entries, merkle
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.shapes import NewerVersionError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]


def peer_row() -> Authority:
    return known.find("xb-247")


@pytest.fixture
def third(keys) -> Authority:
    """Another confirmed authority, which has nothing to do with the letters of the two."""
    other = peer_row()
    other.pk, other.tls_fingerprint = "xc-247", "ab" * 32
    other.save(force_insert=True)
    return other


@pytest.fixture
def arrived(peer, clock, run_jobs, wire, acted):
    """A letter of the peer that this node took in and opened."""
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document, clock.now)
    incoming.accept(io.BytesIO(container), peer.envelope(document, container), peer_row(), clock.now)
    run_jobs()
    sequencer.sequence(clock.now)
    return document["id"]


def kinds(data, of):
    found, _ = letter_entries.verify(data, ledger_keys.signer().verifier, "xa-247", of)
    return [each.content["what"] for each in found.entries]


def test_the_sender_of_a_letter_gets_its_entries_and_can_prove_them(arrived, clock):
    entries.append("custody", "other", {"what": "custody", "letter": "another"}, now=clock.now)
    sequencer.sequence(clock.now)
    data = proving.shown_to(peer_row(), arrived).as_bytes()
    assert kinds(data, arrived) == ["receipt", "letter_received", "receipt"]


def test_nobody_else_learns_that_there_is_such_a_letter(arrived, third):
    said = []
    for asked in (arrived, "1b671a64-40d5-491e-99b0-da01ff1f3341"):
        with pytest.raises(proving.LetterUnknownError) as error:
            proving.shown_to(third, asked)
        said.append(error.value.as_dict())
    assert said[0] == said[1]


def test_what_officials_did_with_it_is_not_shown(arrived, clock):
    content = {"what": "letter_read_again", "letter": arrived, "by": 7}
    entries.append("letter_read_again", arrived, content, now=clock.now)
    sequencer.sequence(clock.now)
    data = proving.shown_to(peer_row(), arrived).as_bytes()
    assert "letter_read_again" not in kinds(data, arrived)


def test_a_rejection_of_another_peers_letter_under_the_same_id_is_not_shown(arrived, third, clock, peer):
    document = letter("xc-247", "xa-247", clock.now) | {"id": arrived}
    note = incoming.answer_offer(peer.envelope(document, b"other"), third, clock.now)
    assert b"RELAY_REMMD_REJECTION" in note
    data = proving.shown_to(peer_row(), arrived).as_bytes()
    assert b"xc-247" not in data
    with pytest.raises(proving.LetterUnknownError):
        proving.shown_to(third, arrived)


def test_a_letter_of_ours_is_shown_once_the_peer_has_it(frozen, wire, clock, run_jobs):
    wire.away = True
    run_jobs()
    sequencer.sequence(clock.now)
    with pytest.raises(proving.LetterUnknownError):
        proving.shown_to(peer_row(), str(frozen.pk))
    wire.away = False
    clock.advance(hours=1)
    run_jobs()
    sequencer.sequence(clock.now)
    data = proving.shown_to(peer_row(), str(frozen.pk)).as_bytes()
    assert kinds(data, str(frozen.pk)) == ["letter_frozen", "letter_sealed", "receipt_kept"]


def test_an_erased_entry_is_left_out(arrived):
    Entry.objects.filter(kind="letter_received").update(salt=None, content=None)
    assert kinds(proving.shown_to(peer_row(), arrived).as_bytes(), arrived) == ["receipt", "receipt"]


@pytest.mark.parametrize(
    "change",
    [
        {"letter": "1b671a64-40d5-491e-99b0-da01ff1f3341"},
        {"authority": "xb-247"},
        {"schema": "comity-letter-entries/2"},
        {"schema": "comity-letter-entries/x"},
        {"more": 1},
        {"entries": "none"},
    ],
)
def test_other_documents_prove_nothing(arrived, change):
    data = json.loads(proving.shown_to(peer_row(), arrived).as_bytes())
    with pytest.raises((letter_entries.LetterEntriesMalformedError, NewerVersionError)):
        kinds(canonical.write(data | change), arrived)


def test_an_entry_that_was_changed_is_not_proved(arrived):
    data = json.loads(proving.shown_to(peer_row(), arrived).as_bytes())
    data["entries"][1]["content"]["sha256"] = "00" * 32
    with pytest.raises(merkle.InclusionUnprovenError):
        kinds(canonical.write(data), arrived)


def asked(path, peer, clock, monkeypatch):
    """Status and body of the peers' endpoint for a GET of this peer."""
    monkeypatch.setattr(peer_server.wall_clock, "now", lambda: clock.now)
    monkeypatch.setattr(peer_server, "close_old_connections", lambda: None)
    monkeypatch.setattr(peer_server, "_peer", lambda environ: peer)
    said = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path}
    body = b"".join(peer_server.application(environ, lambda status, headers: said.append(status)))
    return said[0][:3], body


def test_the_endpoint_serves_it_to_the_letters_other_side(arrived, third, clock, monkeypatch):
    path = f"/letters/{arrived}/entries"
    status, body = asked(path, peer_row(), clock, monkeypatch)
    assert (status, kinds(body, arrived)[0]) == ("200", "receipt")
    assert asked(path, third, clock, monkeypatch)[0] == "404"
    assert asked(f"/letters/{'-' * 36}/entries", third, clock, monkeypatch)[0] == "404"


@pytest.fixture
def full_allowances():
    allowances.forget()
    yield
    allowances.forget()


@pytest.mark.usefixtures("full_allowances")
def test_whoever_asks_too_often_is_told_when_to_come_again(arrived, third, clock, monkeypatch):
    monkeypatch.setattr(
        config.NodeConfig, "exchange", property(lambda self: config.Exchange(letters_an_hour=2))
    )
    path = f"/letters/{arrived}/entries"
    said = [asked(path, third, clock, monkeypatch)[0] for _ in range(3)]
    assert said == ["404", "404", "429"], "what is not shown costs as much"
    assert asked(path, peer_row(), clock, monkeypatch)[0] == "200", "each peer has its own allowance"
    clock.advance(minutes=31)
    assert asked(path, third, clock, monkeypatch)[0] == "404"


def test_many_entries_cost_no_more_questions_than_few(arrived, clock):
    def shown(count):
        for number in range(count):
            content = {"what": "receipt_kept", "letter": arrived, "number": number}
            entries.append("receipt_kept", arrived, content, now=clock.now)
        sequencer.sequence(clock.now)
        with CaptureQueriesContext(connection) as asked:
            found = proving.shown_to(peer_row(), arrived)
        assert len(kinds(found.as_bytes(), arrived)) == 3 + count
        return len(asked)

    assert shown(0) == shown(60)


def test_the_other_sides_entries_are_asked_for_and_checked(frozen, wire, clock, run_jobs, monkeypatch, peer):
    run_jobs()
    row = Letter.objects.get(pk=frozen.pk)
    content = {"what": "letter_received", "letter": str(row.pk), "sha256": "ab" * 32}
    salt = bytes(32)
    index = peer.grow(leaf_hash(commit(salt, content)))
    path = merkle.prove_inclusion(index, index + 1, merkle.subtrees(peer.leaves))
    proof = EntryProof(index, salt, content, index + 1, path)
    said = letter_entries.of("xb-247", str(row.pk), [proof], peer.head().decode()).as_bytes()
    monkeypatch.setattr(peer_client, "entries_of", lambda *_: said)
    assert proving.ask(row, clock.now) == said
    assert Head.objects.filter(authority="xb-247", size=index + 1).exists(), "its head is remembered"
    forged = checkpoints.Checkpoint(checkpoints.origin("xb-247"), index + 1, bytes(32))
    note = checkpoints.sign_checkpoint(forged, ledger_keys.signer()).decode()
    wrong = letter_entries.of("xb-247", str(row.pk), [proof], note).as_bytes()
    monkeypatch.setattr(peer_client, "entries_of", lambda *_: wrong)
    with pytest.raises(Exception, match="sign") as error:
        proving.ask(row, clock.now)
    assert error.value.code.startswith("note_")
