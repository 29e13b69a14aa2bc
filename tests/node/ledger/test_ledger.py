from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction

from comity.node import config
from comity.node.ledger import entries, export, keys, proofs, sequencer
from comity.node.ledger.models import Checkpoint, Entry, Subtree
from comity.proofs import checkpoints, exports, merkle
from comity.proofs.entries import leaf_hash
from comity.terms import ComityError

pytestmark = pytest.mark.usefixtures("key_folders")


def append(n, now):
    return entries.append("tested", f"subject-{n}", {"what": "tested", "n": n}, now=now)


def head():
    latest = sequencer.latest()
    return checkpoints.open_checkpoint(
        latest.note.encode(), keys.signer().verifier, checkpoints.origin(config.current().id)
    )


def test_an_empty_log_has_no_checkpoint(db, clock):
    assert sequencer.sequence(clock.now) is None


def test_every_entry_is_proved_by_every_later_checkpoint(db, clock):
    made = []
    for batch in (1, 2, 1, 4, 9):
        made += [append(len(made) + n, clock.now) for n in range(batch)]
        sequencer.sequence(clock.now)
        for entry in made:
            entry.refresh_from_db()
            proof, note = proofs.entry_proof(entry)
            proof.check(checkpoints.Checkpoint.parse(note.decode().split("\n\n")[0] + "\n"))
    assert [entry.index for entry in made] == list(range(17))
    assert head().size == 17


def test_the_log_is_the_merkle_tree_of_its_leaves(db, clock):
    made = [append(n, clock.now) for n in range(23)]
    sequencer.sequence(clock.now)
    assert head().root == merkle.root_of([leaf_hash(bytes(entry.commitment)) for entry in made])


def test_an_older_checkpoint_is_continued_by_a_newer_one(db, clock):
    for n in range(5):
        append(n, clock.now)
    sequencer.sequence(clock.now)
    old = head()
    for n in range(5, 12):
        append(n, clock.now)
    sequencer.sequence(clock.now)
    path = [bytes.fromhex(step) for step in proofs.consistency(5, 12)]
    merkle.check_consistency(5, old.root, 12, head().root, path)
    with pytest.raises(merkle.ConsistencyUnprovenError):
        merkle.check_consistency(5, b"\0" * 32, 12, head().root, path)


def test_what_is_rolled_back_leaves_no_gap(db, clock):
    append(0, clock.now)
    with transaction.atomic():
        append(1, clock.now)
        transaction.set_rollback(True)
    append(2, clock.now)
    sequencer.sequence(clock.now)
    assert list(Entry.objects.order_by("index").values_list("index", "content__n")) == [(0, 0), (1, 2)]


def test_an_entry_without_a_number_cannot_be_proved(db, clock):
    with pytest.raises(proofs.EntryUnnumberedError):
        proofs.entry_proof(append(0, clock.now))


def test_erasing_an_entry_leaves_the_others_proved(db, clock):
    first, second = append(0, clock.now), append(1, clock.now)
    sequencer.sequence(clock.now)
    Entry.objects.filter(id=first.id).update(content=None, salt=None)
    append(2, clock.now)
    sequencer.sequence(clock.now)
    second.refresh_from_db()
    proofs.entry_proof(second)[0].check(head())
    first.refresh_from_db()
    with pytest.raises(proofs.EntryErasedError):
        proofs.entry_proof(first)


def test_nothing_is_signed_over_a_flipped_bit(db, clock):
    for n in range(6):
        append(n, clock.now)
    sequencer.sequence(clock.now)
    broken = Subtree.objects.get(level=2, number=0)
    Subtree.objects.filter(id=broken.id).update(hash=bytes([broken.hash[0] ^ 1]) + bytes(broken.hash[1:]))
    append(6, clock.now)
    with pytest.raises(sequencer.LedgerBrokenError):
        sequencer.sequence(clock.now)
    assert Checkpoint.objects.count() == 1


@pytest.mark.parametrize("content", [{"what": "tested", "n": 99}, None])
def test_nothing_is_signed_over_an_entry_changed_before_its_turn(db, clock, content):
    append(0, clock.now)
    entry = append(1, clock.now)
    Entry.objects.filter(id=entry.id).update(content=content)
    with pytest.raises(sequencer.LedgerBrokenError):
        sequencer.sequence(clock.now)
    assert not Checkpoint.objects.exists()


def test_an_entry_may_be_stored_as_another_text_of_the_same_value(db, clock):
    """As PostgreSQL stores all of them, and earlier releases did."""
    content = {"what": "tested", "б": ["ә", 1.5, None, True], "a": {"z": 2**53 - 1}}
    entry = entries.append("tested", "one", content, now=clock.now)
    found = Entry.objects.get(id=entry.id)
    assert [getattr(found, name) for name in entries.NAMES if name not in ("salt", "commitment")] == [
        getattr(entry, name) for name in entries.NAMES if name not in ("salt", "commitment")
    ]
    assert (bytes(found.salt), bytes(found.commitment)) == (entry.salt, entry.commitment)
    Entry.objects.filter(id=entry.id).update(content=dict(reversed(content.items())))
    sequencer.sequence(clock.now)
    found.refresh_from_db()
    proofs.entry_proof(found)[0].check(head())


@pytest.mark.django_db(transaction=True)
def test_a_log_written_by_many_has_no_gap_and_no_fork(clock):
    def write(name):
        for n in range(8):
            append(f"{name}-{n}", clock.now)
            sequencer.sequence(clock.now)

    _in_threads(5, write)
    sequencer.sequence(clock.now)
    assert list(Entry.objects.order_by("index").values_list("index", flat=True)) == list(range(40))
    for entry in Entry.objects.all():
        proofs.entry_proof(entry)[0].check(head())


@pytest.fixture
def exported(db, clock, tmp_path):
    for n in range(7):
        append(n, clock.now)
        if n % 3 == 0:
            sequencer.sequence(clock.now)
    sequencer.sequence(clock.now)
    Entry.objects.filter(index=2).update(content=None, salt=None)
    append(7, clock.now)  # not numbered yet: no part of the export
    export.write(tmp_path / "export")
    return tmp_path / "export"


def test_an_export_is_verified_without_the_node(exported):
    finding = exports.verify_export(exported, keys.signer().verifier)
    assert (finding.entries, finding.erased, finding.checkpoints) == (7, 1, 3)


def test_an_empty_ledger_is_verified_too(db, tmp_path):
    export.write(tmp_path / "export")
    assert exports.verify_export(tmp_path / "export").entries == 0


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entries.jsonl", '"n":3', '"n":4'),
        ("entries.jsonl", '"index":5', '"index":6'),
        ("entries.jsonl", '"commitment":"', '"commitment":"00'),
        ("checkpoints.jsonl", "comity/log", "comity/lag"),
    ],
)
def test_a_changed_export_is_disproved(exported, name, old, new):
    path = exported / name
    changed = path.read_text().replace(old, new, 1)
    assert changed != path.read_text()
    path.write_text(changed)
    with pytest.raises(ComityError):
        exports.verify_export(exported)


@pytest.mark.parametrize(
    ("name", "keep"),
    [("entries.jsonl", slice(-1)), ("entries.jsonl", slice(1, None)), ("checkpoints.jsonl", slice(-1))],
)
def test_a_shortened_export_is_disproved(exported, name, keep):
    lines = (exported / name).read_text().splitlines(keepends=True)
    (exported / name).write_text("".join(lines[keep]))
    with pytest.raises(exports.LedgerDisprovedError):
        exports.verify_export(exported)


def test_swapped_checkpoints_are_disproved(exported):
    lines = (exported / "checkpoints.jsonl").read_text().splitlines(keepends=True)
    (exported / "checkpoints.jsonl").write_text("".join([lines[1], lines[0], *lines[2:]]))
    with pytest.raises(exports.LedgerDisprovedError):
        exports.verify_export(exported)


def test_an_export_signed_by_another_key_is_refused(exported):
    other = type(keys.signer()).generate("xa-247.comity")
    with pytest.raises(ComityError):
        exports.verify_export(exported, other.verifier)


def _in_threads(count, work):
    failures = []

    def run(name):
        try:
            work(name)
        except Exception as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
