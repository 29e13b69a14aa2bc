"""Witnesses: what is cosigned and what is refused, both sides in one process; what a restore holds up."""

from __future__ import annotations

import errno
import os
import random
import threading

import pytest
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone
from tests.node.exchange.conftest import letter

from comity.cli import main
from comity.node import config
from comity.node.api import tokens
from comity.node.backups import resuming
from comity.node.directory import anchors, known
from comity.node.exchange import calling, keeping, outgoing, peer_client, peer_server, witnessing
from comity.node.exchange.models import Letter, Receipt
from comity.node.ledger import entries, export, holding, keys, sequencer
from comity.node.ledger.models import Checkpoint, Entry, Subtree
from comity.node.pages import labels
from comity.node.witnesses import cosigning, heads, own
from comity.node.witnesses.models import Contact, Cosignature, ForkProof, Head
from comity.proofs import checkpoints, cosignatures, exports, forks, merkle
from comity.proofs.merkle import leaf_hash
from comity.proofs.receipts import ReceiptName
from comity.proofs.witnessing import Submission
from comity.sealing import keys as sealing_keys
from comity.sealing import trust
from comity.terms import ComityError


@pytest.fixture(autouse=True)
def _free(keys):
    yield
    holding.release(config.current().folder)


def peer_row():
    return known.find("xb-247")


def submit(peer, clock, old, note=None, path=None):
    tree = merkle.subtrees(peer.leaves)
    path = merkle.prove_consistency(old, len(peer.leaves), tree) if path is None else path
    return cosigning.add_checkpoint(Submission(old, tuple(path), note or peer.head()).as_bytes(), clock.now)


def grow(peer, count):
    start = len(peer.leaves)
    peer.grow(*(leaf_hash(str(start + n).encode()) for n in range(count)))


def cosigned(answer, note):
    return cosignatures.read(note + answer.body, [anchors.verifier(known.own())])


# the witness's side


def test_a_head_that_continues_the_last_one_is_cosigned_and_saved(peer, clock):
    for old, new in ((0, 3), (3, 4), (4, 4), (4, 11)):
        grow(peer, new - old)
        answer = submit(peer, clock, old)
        assert answer.status == 200
        assert cosigned(answer, peer.head())[0].name == "xa-247.comity"
        assert heads.cosigned(peer_row()).size == new
    assert Entry.objects.exclude(kind="card_imported").count() == 0, (
        "cosigning leaves no entry to be cosigned"
    )


def test_another_old_size_is_answered_with_the_known_one(peer, clock):
    grow(peer, 5)
    submit(peer, clock, 0)
    grow(peer, 2)
    answer = submit(peer, clock, 3)
    assert (answer.status, answer.media_type, answer.body) == (409, "text/x.tlog.size", b"5\n")
    assert submit(peer, clock, 5).status == 200


def test_each_refusal_has_the_status_of_the_protocol(peer, clock, tmp_path):
    grow(peer, 5)
    assert submit(peer, clock, 6, path=[]).status == 400
    assert cosigning.add_checkpoint(b"old x\n\n", clock.now).status == 400
    stranger = sealing_keys.create_authority(
        tmp_path / "xc", id="xc-247", name="Stranger", state="XC", now=clock.now
    )
    del stranger
    head = checkpoints.Checkpoint(checkpoints.origin("xc-247"), 1, merkle.root_of(peer.leaves[:1]))
    foreign = checkpoints.sign_checkpoint(head, sealing_keys.load(tmp_path / "xc").log)
    assert submit(peer, clock, 0, note=foreign, path=[]).status == 404
    forged = checkpoints.Checkpoint(checkpoints.origin("xb-247"), 1, merkle.root_of(peer.leaves[:1]))
    note = checkpoints.sign_checkpoint(forged, sealing_keys.load(tmp_path / "xc").log)
    assert submit(peer, clock, 0, note=note, path=[]).status == 403
    submit(peer, clock, 0)
    grow(peer, 3)
    assert submit(peer, clock, 5, path=[bytes(32)]).status == 422
    assert heads.cosigned(peer_row()).size == 5
    assert [each.kind for each in heads.accused(peer_row())] == [""], "not yet a proof"
    assert submit(peer, clock, 5).status == 200
    assert not heads.accused(peer_row()), "the peer has proved it since"


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.long)])
def test_forks_rollbacks_and_truncations_are_refused(peer, clock, count):
    """From one honest head on: none of the others is cosigned, and the head that was stays."""
    grow(peer, 32)
    submit(peer, clock, 0)
    honest, chance = list(peer.leaves), random.Random(20)
    kept = Head.objects.get(authority=peer_row())
    for n in range(count):
        common = chance.randrange(32)
        peer.leaves = honest[:common] + [leaf_hash(f"{n} {each}".encode()) for each in range(n % 3 * 20)]
        if len(peer.leaves) in (0, 32):
            peer.leaves.append(leaf_hash(b"more"))
        old = chance.choice([0, 32, min(common, len(peer.leaves))])
        old = min(old, len(peer.leaves))
        Head.objects.exclude(id=kept.id).delete()
        assert submit(peer, clock, old).status in (409, 422), n
    assert heads.cosigned(peer_row()) == kept


def test_a_fork_of_one_size_is_proved_offline_and_kept_once(peer, clock):
    grow(peer, 4)
    submit(peer, clock, 0)
    other = peer.head(root=bytes(32))
    for _ in range(2):
        assert submit(peer, clock, 4, note=other, path=[]).status == 409
    (proof,) = ForkProof.objects.all()
    found = forks.verify(forks.read(proof.document.encode()), anchors.verifier(peer_row()))
    assert found.kind is forks.ForkKind.ROOTS
    assert Entry.objects.filter(kind="fork_found", subject="xb-247").count() == 1


def test_a_witness_that_does_not_save_would_cosign_a_fork(peer, clock, monkeypatch):
    """Negative control: what protects is the comparison with what was saved."""
    grow(peer, 4)
    submit(peer, clock, 0)
    other = peer.head(root=bytes(32))
    monkeypatch.setattr(heads, "open_heads", lambda peer: Head.objects.filter(size=-1))
    monkeypatch.setattr(heads, "remember", lambda head, note, peer, now: Head.objects.first())
    assert submit(peer, clock, 0, note=other, path=[]).status == 200


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_letters_to_a_peer_are_entered_while_a_receipt_of_it_is_kept(keys, peer, clock):
    """Two acts that each held what the other waits for would end each other."""
    grow(peer, 1)
    note, failures = peer.head().decode(), []

    def enter():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            document = letter("xa-247", "xb-247", clock.now)
            outgoing.freeze(document, peer=peer_row(), case_reference="XA-2027-000001", now=clock.now)
        except Exception as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        heads.see(note, peer_row(), clock.now)
        other = threading.Thread(target=enter)
        other.start()
        other.join()
    assert not failures
    assert Letter.objects.count() == Head.objects.count() == 1


def test_a_head_in_a_receipt_is_compared_with_what_was_seen(frozen, peer, clock, wire, run_jobs):
    run_jobs()
    first = heads.largest(peer_row())
    assert first.size == 1
    peer.leaves = []  # another ledger of the same size
    note = peer.receipt(frozen, ReceiptName.DELIVERY, clock.now)
    keeping.keep(note, peer_row(), clock.now)
    assert Receipt.objects.filter(kind="DELIVERY").exists(), "what the peer attested is evidence all the same"
    assert [each.kind for each in heads.accused(peer_row())] == ["roots"]


def test_a_hidden_head_is_found_by_what_the_next_one_names(peer, clock, official):
    grow(peer, 9)
    heads.see(peer.head(after=4).decode(), peer_row(), clock.now)
    grow(peer, 2)
    heads.see(peer.head(after=9).decode(), peer_row(), clock.now)
    assert not heads.accused(peer_row())
    heads.see(peer.head(after=7, size=12).decode(), peer_row(), clock.now)
    assert [each.kind for each in heads.accused(peer_row())] == ["heads"]
    heads.accept_break(official("administrator"), peer_row(), "a disk was lost", clock.now)
    assert not heads.accused(peer_row())
    assert heads.largest(peer_row()) is None
    assert ForkProof.objects.get().document, "the evidence stays"


# the log's side


class Witness:
    """The peer as a witness of ours: it answers as add-checkpoint does, from its own memory."""

    def __init__(self, peer):
        self.peer, self.size, self.note, self.saves = peer, 0, "", True

    def submit_head(self, witness, body):
        submission = Submission.parse(body)
        text = submission.note.decode().partition("\n\n")[0] + "\n"
        head = checkpoints.Checkpoint.parse(text)
        if submission.old_size != self.size:
            return self.size
        if self.note:
            before = own.is_ours(self.note)
            merkle.check_consistency(before.size, before.root, head.size, head.root, submission.path)
        self.size, self.note = head.size, submission.note.decode()
        return cosignatures.cosign(text, self.peer.keys.log, AT).encode()

    def known_head(self, witness, authority):
        return self.note


AT = None


@pytest.fixture
def witness(peer, clock, monkeypatch):
    global AT
    AT = clock.now
    played = Witness(peer)
    monkeypatch.setattr(peer_client, "submit_head", played.submit_head)
    monkeypatch.setattr(peer_client, "known_head", played.known_head)
    return played


def note_something(clock, count=1):
    for n in range(count):
        entries.append("tested", f"subject-{n}", {"what": "tested", "n": n}, now=clock.now)
    sequencer.sequence(clock.now)


def test_every_latest_head_is_shown_to_the_witness(witness, clock, run_jobs):
    for size in (3, 5, 8):
        note_something(clock, size - (sequencer.latest().size if sequencer.latest() else 1))
        witnessing.ask_due(clock.advance(minutes=1))
        run_jobs()
        latest = sequencer.latest()
        assert Contact.objects.get().known_size == witness.size == latest.size
        published = own.cosigned_note(own.published()).encode()
        assert [each.name for each in cosignatures.read(published, [anchors.verifier(peer_row())])] == [
            "xb-247.comity"
        ]
    witnessing.ask_due(clock.advance(minutes=1))
    assert run_jobs() == 0, "nothing new, nothing asked"


def test_an_exported_ledger_says_who_cosigned_it(
    witness, clock, run_jobs, tmp_path, django_assert_max_num_queries
):
    key, other = keys.signer().verifier, anchors.verifier(peer_row())
    note_something(clock, 3)
    witnessing.ask_due(clock.now)
    run_jobs()
    seen = sequencer.latest().size
    for _ in range(6):
        note_something(clock)
    with django_assert_max_num_queries(9):
        export.write(tmp_path / "out", own.cosigned_notes)
    assert exports.verify_export(tmp_path / "out", key, [key, other]).witnesses == {other.name: seen}
    assert exports.verify_export(tmp_path / "out", key).witnesses == {}
    heads_ = tmp_path / "out" / exports.CHECKPOINTS
    line = Cosignature.objects.get().line
    heads_.chmod(0o600)
    heads_.write_text(heads_.read_text().replace(line[-9:-5], "AAAA"))
    with pytest.raises(cosignatures.CosignatureWrongError):
        exports.verify_export(tmp_path / "out", key, [other])


def test_a_witness_that_knows_another_size_is_asked_from_there(witness, clock, run_jobs):
    note_something(clock, 3)
    witnessing.ask_due(clock.now)
    run_jobs()
    Contact.objects.update(known_size=0)
    note_something(clock, 3)
    witnessing.ask_due(clock.advance(minutes=1))
    run_jobs()
    assert Contact.objects.get().code == ""


def test_a_witness_that_is_away_is_asked_again(witness, clock, run_jobs, monkeypatch):
    note_something(clock)

    def away(*_):
        raise calling.PeerUnreachableError(peer="xb-247", detail="away")

    monkeypatch.setattr(peer_client, "submit_head", away)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert Contact.objects.get().code == "peer_unreachable"
    monkeypatch.setattr(peer_client, "submit_head", witness.submit_head)
    witnessing.ask_due(clock.advance(minutes=1))
    run_jobs()
    assert Cosignature.objects.count() == 1


def test_a_cosignature_of_another_key_is_not_kept(witness, clock, run_jobs, monkeypatch):
    note_something(clock)
    stranger = sealing_keys.load(config.current().keys).log
    text = sequencer.latest().note.partition("\n\n")[0] + "\n"
    line = cosignatures.cosign(text, stranger, clock.now).encode()
    monkeypatch.setattr(peer_client, "submit_head", lambda *_: line)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert Contact.objects.get().code == "cosignature_missing"
    assert not Cosignature.objects.exists()


def test_the_published_tiles_give_the_signed_root(witness, clock):
    note_something(clock, 7)
    size = sequencer.latest().size
    tile = own.tile(f"/tile/0/000.p/{size}")
    leaves = [tile[at : at + 32] for at in range(0, len(tile), 32)]
    assert merkle.root_of(leaves) == own.is_ours(sequencer.latest().note).root
    for path in ("/tile/0/000", f"/tile/0/000.p/{size + 1}", "/tile/entries/000", "/tile/0/x000", "/tile/9"):
        assert own.tile(path) is None


# after a restore


def lose(size):
    """What a backup from before brings back: entries and heads up to a size."""
    Cosignature.objects.all().delete()
    Checkpoint.objects.filter(size__gt=size).delete()
    Entry.objects.filter(index__gte=size).delete()
    for subtree in Subtree.objects.all():
        if (subtree.number + 1) * 2**subtree.level > size:
            subtree.delete()


@pytest.fixture
def lost(witness, clock, run_jobs):
    note_something(clock, 2)
    before = sequencer.latest().size
    note_something(clock, 3)
    witnessing.ask_due(clock.now)
    run_jobs()
    lose(before)
    clock.advance(hours=1)
    return before


def test_a_restored_node_that_lost_heads_signs_nothing(lost, witness, clock, run_jobs):
    holding.hold(config.current().folder, holding.RESTORED, clock.now)
    entries.append("tested", "new", {"what": "tested"}, now=clock.now)
    with pytest.raises(holding.LedgerHeldError):
        sequencer.sequence(clock.now)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert holding.held(config.current().folder).reason == holding.BEHIND
    sequencer.sequence_if_free(clock.now)
    assert sequencer.latest().size == lost


def test_a_restored_node_that_does_not_ask_would_fork(lost, witness, clock, run_jobs):
    """Negative control: without the hold the next head contradicts the one that the witness keeps."""
    note_something(clock, 3)
    head = own.is_ours(sequencer.latest().note)
    fork = forks.between("xa-247", (head, sequencer.latest().note), (own.is_ours(witness.note), witness.note))
    forks.verify(fork, keys.signer().verifier)


def test_a_node_that_sees_that_it_is_behind_holds_itself(lost, witness, clock, run_jobs):
    Contact.objects.all().delete()
    witnessing.ask_due(clock.now)
    run_jobs()
    assert holding.held(config.current().folder).reason == holding.BEHIND


def test_a_restored_node_that_lost_nothing_goes_on_by_itself(witness, clock, run_jobs):
    note_something(clock, 2)
    witnessing.ask_due(clock.now)
    run_jobs()
    holding.hold(config.current().folder, holding.RESTORED, clock.advance(hours=1))
    witnessing.ask_due(clock.now)
    run_jobs()
    assert holding.held(config.current().folder) is None
    sequencer.sequence(clock.now)
    assert Entry.objects.get(kind="ledger_released").index is not None


def test_silence_of_a_witness_keeps_the_ledger_held_until_someone_answers_for_it(
    witness, clock, run_jobs, official, monkeypatch
):
    note_something(clock)

    def away(*_):
        raise calling.PeerUnreachableError(peer="xb-247", detail="away")

    monkeypatch.setattr(peer_client, "known_head", away)
    holding.hold(config.current().folder, holding.RESTORED, clock.now)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert holding.held(config.current().folder) is not None
    by, reason = official("administrator"), "the witness was destroyed"
    resuming.release(config.current(), by, [], {}, reason=reason, now=clock.now)
    assert holding.held(config.current().folder) is None


@pytest.mark.parametrize("shown_by", ["contact", "cosignature"])
def test_a_witness_that_forgot_what_it_had_seen_is_no_answer(
    lost, witness, clock, run_jobs, official, shown_by
):
    """It accepted an earlier break after this loss: of the branch that went on it shows nothing either."""
    if shown_by == "cosignature":
        Contact.objects.all().delete()
        Cosignature.objects.create(checkpoint=sequencer.latest(), witness=peer_row(), line="-", at=clock.now)
    holding.hold(config.current().folder, holding.RESTORED, clock.now)
    witness.size, witness.note = 0, ""
    witnessing.ask_due(clock.now)
    run_jobs()
    assert holding.held(config.current().folder).reason == holding.RESTORED
    assert Contact.objects.get().code == "witness_forgot"
    with pytest.raises(holding.LedgerHeldError):
        sequencer.sequence(clock.now)
    by, known = official("administrator"), witnessing.what_they_know()
    resuming.release(config.current(), by, [], known, reason="compared by file", now=clock.now)
    assert holding.held(config.current().folder) is None
    Contact.objects.all().delete()
    Cosignature.objects.all().delete()
    holding.hold(config.current().folder, holding.RESTORED, clock.now)
    assert own.settle({peer_row(): ""}, clock.now), "one that never knew any has said what it knows"


def test_a_witness_that_knew_more_than_was_left_cosigns_once_it_accepted_the_break(
    lost, witness, clock, run_jobs, official
):
    Contact.objects.all().delete()  # as the backup has it
    holding.hold(config.current().folder, holding.RESTORED, clock.now)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert Contact.objects.get().known_size == witness.size > lost
    by, known = official("administrator"), witnessing.what_they_know()
    resuming.release(config.current(), by, [], known, reason="lost", now=clock.now)
    for code in ("ahead", ""):
        note_something(clock)
        assert sequencer.latest().size <= witness.size or not code
        witnessing.ask_due(clock.advance(minutes=1))
        run_jobs()
        assert Contact.objects.get().code == code
        witness.size, witness.note = 0, ""  # its administrator accepts the break
    assert own.published().cosignatures.exists()


def test_a_hold_whose_reason_grows_graver_holds_throughout(clock, monkeypatch):
    folder = config.current().folder
    holding.hold(folder, holding.RESTORED, clock.now)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as broken:
        for name in ("link", "rename", "replace"):
            broken.setattr(os, name, full)
        with pytest.raises(ComityError):
            holding.hold(folder, holding.BEHIND, clock.now)
    assert holding.held(folder).reason == holding.RESTORED
    holding.hold(folder, holding.BEHIND, clock.advance(minutes=1))
    assert holding.held(folder).reason == holding.BEHIND
    assert (folder / holding.FILE).stat().st_mode & 0o077 == 0


def test_a_witness_cannot_stop_a_ledger_by_its_word_alone(witness, clock, run_jobs, monkeypatch):
    note_something(clock)
    monkeypatch.setattr(peer_client, "submit_head", lambda *_: 10**6)
    witnessing.ask_due(clock.now)
    run_jobs()
    assert Contact.objects.get().code == "witness_disagrees"
    assert holding.held(config.current().folder) is None


def test_the_endpoint_shows_heads_and_tiles(witness, peer, clock):
    note_something(clock, 2)
    shown = peer_server._shown("/checkpoint", peer_row())
    assert own.is_ours(shown.body.decode()).size == sequencer.latest().size
    assert peer_server._shown("/witness/checkpoint/xb-247", peer_row()).status == 204
    grow(peer, 1)
    heads.see(peer.head().decode(), peer_row(), clock.now)
    assert peer_server._shown("/witness/checkpoint/xb-247", peer_row()).body == peer.head()
    for path in ("/tile/entries/000", "/letters", "/witness/checkpoint/../x"):
        with pytest.raises(peer_server.NotServedError):
            peer_server._shown(path, peer_row())


def test_a_fork_is_shown_and_its_file_checked_without_a_node(
    peer, clock, client, official, tmp_path, key_folders
):
    grow(peer, 4)
    submit(peer, clock, 0)
    submit(peer, clock, 4, note=peer.head(root=bytes(32)), path=[])
    client.force_login(official("auditor"))
    shown = client.get("/ledger/witnesses/").content.decode()
    assert "fork proved" in shown
    assert "two heads of one size with different roots" in shown
    assert {*forks.ForkKind, ""} == set(labels.LISTS["fork"])
    assert "detected, not prevented" in shown
    file = tmp_path / "fork.json"
    file.write_bytes(client.get(f"/ledger/witnesses/forks/{ForkProof.objects.get().pk}.json").content)
    anchors_folder = tmp_path / "anchors"
    trust.export([trust.load(key_folders.peer).authorities["xb-247"]], anchors_folder)
    assert main(["ledger", "fork", str(file), "--trust", str(anchors_folder)]) == 0
    file.write_bytes(file.read_bytes().replace(b'"smaller":"xb', b'"smaller":"xc'))
    assert main(["ledger", "fork", str(file), "--trust", str(anchors_folder)]) == 1


def test_the_last_head_of_a_peer_that_was_seen_is_handed_out(peer, clock, client, official, tmp_path, capsys):
    person, page = official("auditor"), "/ledger/witnesses/checkpoints/xb-247.note"
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=["auditor"])
    program, path = Client(headers={"Authorization": f"Bearer {secret}"}), "/api/ledger/witnesses/xb-247"
    client.force_login(person)
    assert page not in client.get("/ledger/witnesses/").content.decode()
    assert client.get(page).status_code == program.get(f"{path}/checkpoint").status_code == 404
    assert program.get(f"{path}/checkpoint").json()["code"] == "head_unseen"
    folder, file = config.current().folder, tmp_path / "from-xa.note"
    asked = ["ledger", "checkpoint", str(folder), "xb-247", "-o", str(file)]
    assert main(asked) == 2
    assert "[head_unseen]" in capsys.readouterr().err
    assert not file.exists()
    for count in (5, 4):
        grow(peer, count)
        heads.see(peer.head().decode(), peer_row(), clock.now)
    last = heads.largest(peer_row()).note.encode()
    assert page in client.get("/ledger/witnesses/").content.decode()
    assert main(asked) == 0
    answers = client.get(page), program.get(f"{path}/checkpoint")
    assert {last} == {file.read_bytes(), *(each.content for each in answers)}
    other = official("drafter")
    secret = tokens.make(other, "-", days=1, now=timezone.now(), roles=["drafter"])
    stranger = Client(headers={"Authorization": f"Bearer {secret}"})
    client.force_login(other)
    assert client.get(page).status_code == stranger.get(f"{path}/checkpoint").status_code == 403
    opened = checkpoints.open_checkpoint(last, anchors.verifier(peer_row()), "xb-247.comity/log")
    assert opened.size == 9


def test_the_branch_that_goes_on_is_handed_out_beside_the_one_that_ended(peer, clock):
    """Nobody here knows which of them lives: the peer's own node does, for it declared the other lost."""

    def seen(size, after, root):
        note = peer.head(size=size, after=after, root=root * 32).decode()
        heads.see(note, peer_row(), clock.now)
        return note

    seen(990, 980, b"1")
    ended = seen(1000, 990, b"1")
    assert heads.handed_out(peer_row()) == ended
    seen(810, 800, b"2")
    living = seen(900, 895, b"2")
    assert not heads.accused(peer_row()), "what lies between was not seen"
    assert heads.handed_out(peer_row()) == ended + living
    contradicting = seen(995, 985, b"2")
    assert heads.accused(peer_row()).exists()
    assert heads.handed_out(peer_row()) == ended + living + contradicting


@pytest.mark.parametrize("named", [True, False])
def test_a_head_that_was_declared_lost_holds_the_ledger_no_more(
    lost, witness, clock, run_jobs, official, named
):
    """The head, whatever signatures the note bears that another witness keeps."""
    holding.hold(config.current().folder, holding.BEHIND, clock.now)
    note = witness.note + cosignatures.cosign(
        witness.note.partition("\n\n")[0] + "\n", keys.signer(), clock.now
    )
    known_there = {peer_row(): note} if named else {}
    by, reason = official("administrator"), "there is no newer copy"
    resuming.release(config.current(), by, [], known_there, reason=reason, now=clock.now)
    sequencer.sequence(clock.now)
    Contact.objects.all().delete()
    witnessing.ask_due(clock.advance(minutes=1))
    run_jobs()
    assert Contact.objects.get().code == "ahead", "the witness has not taken the break yet"
    assert (holding.held(config.current().folder) is None) == named


@pytest.mark.parametrize(
    ("role", "is_held", "code"),
    [
        ("administrator", True, None),
        ("administrator", False, "ledger_not_held"),
        ("registrar", True, "not_authorised"),
        (None, True, "person_unknown"),
    ],
)
def test_a_ledger_is_released_by_an_administrator_and_only_from_a_hold(
    witness, clock, official, capsys, role, is_held, code
):
    node, by = config.current(), official(role).username if role else "nobody"
    if is_held:
        holding.hold(node.folder, holding.RESTORED, clock.now)
    asked = ["ledger", "release", str(node.folder), "--username", by, "--reason", "a disk was lost"]
    assert main(asked) == (2 if code else 0)
    assert code is None or f"[{code}]" in capsys.readouterr().err
    assert Entry.objects.filter(kind="ledger_released", content__by__isnull=False).count() == (code is None)
    assert (holding.held(node.folder) is not None) == (is_held and code is not None)


@pytest.mark.parametrize(
    ("role", "code"),
    [("administrator", None), ("registrar", "not_authorised"), (None, "person_unknown")],
)
def test_a_break_is_accepted_by_an_administrator_whom_the_entry_names(
    peer, clock, official, capsys, role, code
):
    by = official(role) if role else None
    grow(peer, 4)
    heads.see(peer.head().decode(), peer_row(), clock.now)
    heads.see(peer.head(root=bytes(32)).decode(), peer_row(), clock.now)
    asked = ["ledger", "accept-break", str(config.current().folder), "xb-247", "--reason", "by telephone"]
    assert main([*asked, "--username", by.username if by else "nobody"]) == (2 if code else 0)
    assert code is None or f"[{code}]" in capsys.readouterr().err
    entered = Entry.objects.filter(kind="ledger_break_accepted").values_list("content", flat=True)
    assert [each["by"] for each in entered] == ([] if code else [by.pk])
    assert heads.handed_out(peer_row()), "what was seen before stays evidence, for a loss after the break"
    assert heads.accused(peer_row()).exists() == (heads.largest(peer_row()) is not None) == bool(code)
    with pytest.raises(SystemExit):
        main(asked)
