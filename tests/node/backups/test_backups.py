"""A node is backed up while it works, restored elsewhere, and signs nothing before it is resumed."""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
import tarfile
import uuid
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from pydantic import ValidationError

from comity import canonical
from comity.cli import main
from comity.node import backed_up, checking, config, diagnosing, durable, folders, store
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.backups import form, making, restoring, resuming, snapshots
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger import entries, holding, keys, sequencer, wall_clock
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.witnesses import own
from comity.proofs import checkpoints
from comity.sealing import encryption, wrapping
from comity.terms import ComityError

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("keys"),
]
DATA = b"sealed bytes"
KEY = f"letters/x/{hashlib.sha256(DATA).hexdigest()}.age"


@pytest.fixture
def node(clock):
    """The node under test with an entry, a checkpoint, an object and a letter that waits."""
    node = config.current()
    folders.make_inner(node)
    (node.folder / "destroyed").unlink(missing_ok=True)
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    sequencer.sequence(clock.now)
    store.put(KEY, io.BytesIO(DATA))
    (node.arriving / "waiting.age").write_bytes(b"acknowledged")
    peer = Authority.objects.get(id="xb-247")
    letter = Letter.objects.create(
        id=uuid.uuid4(),
        kind="request",
        direction=Direction.IN,
        peer=peer,
        generation=1,
        stage=Stage.ACCEPTED,
        travelling="waiting.age",
        stage_at=clock.now,
        expires_at=clock.now + timedelta(days=1),
    )
    yield node
    letter.delete()
    (node.arriving / "waiting.age").unlink(missing_ok=True)
    store.delete(KEY)
    (node.keys / folders.RECOVERY_RECIPIENT).unlink(missing_ok=True)
    node.restored.unlink(missing_ok=True)
    (node.folder / backed_up.FILE).unlink(missing_ok=True)
    holding.release(node.folder)


@pytest.fixture
def made(node, tmp_path, clock):
    """A finished backup and the key that opens it."""
    identity = folders.make_recovery_key(node)
    return making.make(node, tmp_path / "place", clock.now), identity


def restore(made, tmp_path, clock, name="restored", **changes):
    backup, identity = made
    given = {"objects": tmp_path / "place" / form.OBJECTS, "destroyed": None, "now": clock.now} | changes
    return restoring.restore(backup.path, identity, tmp_path / name, **given)


def rewritten(made, change):
    """The backup with other entries, encrypted to the same key, as who has the place could write it."""
    backup, identity = made
    plain, out = io.BytesIO(), io.BytesIO()
    with backup.path.open("rb") as source:
        encryption.decrypt(source, plain, [identity])
    plain.seek(0)
    with tarfile.open(fileobj=plain) as tar:
        held = [(each, (tar.extractfile(each) or io.BytesIO()).read()) for each in tar]
    with tarfile.open(fileobj=out, mode="w") as tar:
        for entry, data in change(held):
            entry.size = len(data) if entry.isreg() else 0
            tar.addfile(entry, io.BytesIO(data))
    out.seek(0)
    with backup.path.open("wb") as target:
        encryption.encrypt(out, target, [encryption.recipient_of(identity)])


sqlite_only = pytest.mark.skipif(
    "postgresql" in os.environ.get("COMITY_TEST_DATABASE", ""), reason="the copy is a file of SQLite"
)


@sqlite_only
def test_a_backup_brings_everything_back(made, node, tmp_path, clock):
    found = restore(made, tmp_path, clock)
    assert (found.objects, found.lacking) == (1, [])
    folder = found.folder
    assert (folder / "store" / KEY).read_bytes() == DATA
    assert (folder / "arriving" / "waiting.age").read_bytes() == b"acknowledged"
    assert (folder / "secret").read_text() == (node.folder / "secret").read_text()
    assert (folder / "node.toml").read_bytes() == (node.folder / "node.toml").read_bytes()
    assert (folder / "keys" / "seal.key").read_bytes() == (node.keys / "seal.key").read_bytes()
    with sqlite3.connect(folder / "node.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM exchange_letter").fetchone() == (1,)
    assert {each.name for each in folder.iterdir()} == {
        *("node.toml", "node.sqlite3", "secret", "keys", "store", "arriving", "restored", "last-backup")
    }
    assert not [path for path in folder.rglob("*") if path.stat().st_mode & 0o077]


REQUIRED: dict[str, dict[str, Any]] = {
    "openid": {"issuer": "https://login.example", "client_id": "c", "name": "M"},
    "objects": {"bucket": "b", "endpoint": "https://s3.example"},
    "mail": {"host": "mail.example", "sender": "comity@mail.example"},
    "sms": {"url": "https://sms.example", "fields": {}},
}
"""The tables of node.toml that name files beside it, with the least that each takes."""


@sqlite_only
def test_every_file_that_node_toml_names_comes_back(node, tmp_path, clock):
    """Whatever ends in ``_file``: a node restored without its gateways' secrets would alert nobody."""
    tables: dict[str, Any] = {}
    names = {"national-trust/Root CA (2027).pem"}
    for table, shape in config.tables.TABLES.items():
        files = {each.name: f"{table} {each.name}" for each in fields(shape) if each.name.endswith("_file")}
        assert (table in REQUIRED) == bool(files), table
        if files:
            tables[table] = shape(**REQUIRED[table], **files)
            names |= set(files.values())
    identity = folders.make_recovery_key(node)
    (node.folder / "national-trust").mkdir()
    for name in names:
        (node.folder / name).write_text(name)
    try:
        made = making.make(replace(node, **tables), tmp_path / "place", clock.now)
    finally:
        for name in names:
            (node.folder / name).unlink()
        (node.folder / "national-trust").rmdir()
    found = restore((made, identity), tmp_path, clock).folder
    assert {name: (found / name).read_text() for name in names} == {name: name for name in names}


@pytest.mark.parametrize(
    "name", ["mail-password", "./mail-password", "keys/../mail-password", "DIR/mail-password"]
)
def test_a_named_file_is_kept_however_the_table_writes_it(node, tmp_path, clock, name):
    folders.make_recovery_key(node)
    mail = config.MailGateway(
        host="mail.example", sender="comity@mail.example", secret_file=name.replace("DIR", str(node.folder))
    )
    (tmp_path / "arriving").mkdir()
    file = node.folder / "mail-password"
    file.write_text("x")
    outside = config.SmsGateway(url="https://sms.example", fields={}, secret_file="../mail-password")
    node = replace(node, mail=mail, sms=outside)
    kept = dict(making._files(node, tmp_path))
    file.unlink()
    assert [key for key, path in kept.items() if "mail-password" in str(path)] == ["mail-password"]
    assert form.left_out(node) == [config.NamedFile("sms.secret_file", "../mail-password", None)]
    (told,) = making.findings(node)
    assert "../mail-password (sms.secret_file in node.toml) is in no backup" in told.text
    for looked in (checking.check(node, clock.now), diagnosing.diagnose(node, clock.now)):
        assert told in looked
    assert (told.code, told.note) == (None, True), "it may lie there on purpose"


def test_a_file_that_the_address_of_the_database_names_is_kept_or_told(node):
    address = "postgresql://c@db/c?sslmode=verify-full&sslrootcert={}&sslkey=%2Fa%2Bb+c&sslcert="
    node = replace(node, database=address.format(f"{node.folder}/db-ca.pem"))
    ca, key = node.named_files
    assert (ca.setting, ca.inside) == ("database, sslrootcert", "db-ca.pem")
    assert form.left_out(node) == [key] == [config.NamedFile("database, sslkey", "/a+b+c", None)]
    assert replace(node, database=address.format("system")).named_files == [key]
    assert replace(node, database=address.format("db-ca.pem")).named_files[0].inside is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("LINK/mail-password", ["mail-password"]),
        ("LINK/keys/../mail-password", ["mail-password"]),
        ("apart/mail-password", ["apart/mail-password"]),
        ("LINK/apart/mail-password", []),
        ("LINK/../mail-password", []),
    ],
)
def test_a_named_file_is_kept_though_a_link_leads_to_it(node, tmp_path, name, kept):
    """``/srv/comity`` may be a link to another disk: a name by way of it is inside all the same."""
    folder, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    for each in (folder / "keys", elsewhere):
        each.mkdir(parents=True)
    (tmp_path / "srv").symlink_to(folder)
    (folder / "apart").symlink_to(elsewhere)
    name = name.replace("LINK", str(tmp_path / "srv"))
    mail = config.MailGateway(host="mail.example", sender="comity@mail.example", secret_file=name)
    (found,) = replace(node, folder=folder.resolve(), mail=mail).named_files
    assert found == ("mail.secret_file", name, *(kept or [None]))


@pytest.mark.parametrize("name", ["..", "../x", "x/../y", "/x", "x//y", ".", "x\\y", "x\n", ""])
def test_no_name_in_a_backup_leads_out_of_the_folder(name):
    with pytest.raises(ValidationError):
        form.Kept(name=name, bytes=0, sha256="0" * 64)


def test_a_backup_says_nothing_to_who_lacks_the_key(made, node, tmp_path, clock):
    backup, _ = made
    text = backup.path.read_bytes()
    assert b"node.toml" not in text
    assert node.secret_key.encode() not in text
    other, _ = encryption.new_identity()
    with pytest.raises(encryption.NotForThisIdentityError):
        restore((backup, other), tmp_path, clock)
    assert not (tmp_path / "restored").exists() or not list((tmp_path / "restored").iterdir())


def test_without_a_recovery_key_nothing_is_backed_up(node, tmp_path, clock):
    with pytest.raises(making.RecoveryKeyMissingError):
        making.make(node, tmp_path / "place", clock.now)
    assert not (tmp_path / "place").exists()


def test_a_place_inside_the_node_is_refused(node, clock):
    folders.make_recovery_key(node)
    with pytest.raises(making.PlaceUnfitError):
        making.make(node, node.folder / "backups", clock.now)


def test_an_object_is_copied_once(made, node, tmp_path, clock):
    first, _ = made
    again = making.make(node, tmp_path / "place", clock.advance(seconds=1))
    assert (first.objects, first.copied) == (1, 1)
    assert (again.objects, again.copied) == (1, 0)


@sqlite_only
def test_the_last_backup_is_remembered_also_by_what_was_restored_from_it(made, node, tmp_path, clock):
    backup, _ = made
    assert backed_up.last(node) == backed_up.LastBackup(clock.now, str(backup.path))
    clock.advance(hours=25)
    assert backed_up.is_overdue(node, clock.now)
    found = restore(made, tmp_path, clock).folder
    assert backed_up.is_overdue(replace(node, folder=found), clock.now)
    again = making.make(node, tmp_path / "place", clock.now)
    assert backed_up.last(node) == backed_up.LastBackup(clock.now, str(again.path))
    assert not backed_up.is_overdue(node, clock.now)


def test_a_backup_that_failed_is_not_remembered(node, tmp_path, clock, monkeypatch):
    folders.make_recovery_key(node)

    def fail(*_):
        raise durable.DiskFullError

    monkeypatch.setattr(making, "_write", fail)
    with pytest.raises(durable.DiskFullError):
        making.make(node, tmp_path / "place", clock.now)
    assert backed_up.last(node) is None


@pytest.mark.parametrize(
    ("hours", "age", "overdue"),
    [
        (None, None, False),
        (None, 24, False),
        (None, 25, True),
        (48, 25, False),
        (48, 49, True),
        (48, None, True),
        (0, None, False),
        (0, 1000, False),
    ],
)
def test_a_backup_is_overdue_where_one_was_made_or_is_configured(node, tmp_path, clock, hours, age, overdue):
    if age is not None:
        backed_up.keep(node.folder, tmp_path / "x", clock.now - timedelta(hours=age))
    assert backed_up.is_overdue(replace(node, backup_hours=hours), clock.now) == overdue


def test_a_record_that_cannot_be_read_is_as_old_as_its_file(node, clock):
    (node.folder / backed_up.FILE).write_text("half")
    os.utime(node.folder / backed_up.FILE, (0, 0))
    assert backed_up.is_overdue(node, clock.now)


def named(place, node, clock, days):
    """Finished backups of a node, of each day that is named, counted from now."""
    place.mkdir(exist_ok=True)
    paths = [place / f"{node}-{clock.now - timedelta(days=n):%Y%m%dT%H%M%SZ}.backup.age" for n in days]
    for path in paths:
        path.touch()
    return paths


def test_old_backups_go_and_whatever_else_lies_there_stays(node, tmp_path, clock):
    place = tmp_path / "place"
    young, old = (named(place, node.id, clock, days) for days in (range(30), range(31, 40)))
    others = named(place, "xb-247", clock, [400])
    for name in ("destroyed", f"{node.id}-20200101T000000Z.backup.age.part", f"x{old[0].name}"):
        others.append(place / name)
        others[-1].touch()
    assert sorted(making.prune(node, place, 30, clock.now)) == sorted(old)
    assert {*place.iterdir()} == {*young, *others}


def test_the_latest_backups_stay_however_old_they_are(node, tmp_path, clock, monkeypatch):
    paths = named(tmp_path, node.id, clock, range(100, 110))
    with monkeypatch.context() as stepped:
        stepped.setattr(wall_clock, "step", lambda: wall_clock.Step(clock.now, clock.now))
        assert making.prune(node, tmp_path, 1, clock.now) == []
    assert making.prune(node, tmp_path, 1, clock.now) == paths[making.KEPT_AT_LEAST :]
    assert all(path.exists() for path in paths[: making.KEPT_AT_LEAST])


@pytest.mark.parametrize(
    ("more", "removed"), [([], 0), (["--keep-days", "36500"], 0), (["--keep-days", "1"], 4)]
)
def test_the_command_removes_nothing_that_it_was_not_told_to(node, tmp_path, clock, capsys, more, removed):
    folders.make_recovery_key(node)
    clock.now = datetime.now(UTC)
    paths = named(tmp_path, node.id, clock, range(1000, 1010))
    asked = ["node", "backup", str(node.folder), str(tmp_path)]
    assert main([*asked, *more]) == 0
    gone = [path for path in paths if not path.exists()]
    assert gone == paths[10 - removed :]
    assert capsys.readouterr().out.count("removed: ") == removed
    for days in ("0", "36501", "400000", "1000000", "x"):
        with pytest.raises(SystemExit):
            main([*asked, "--keep-days", days])
    assert gone == [path for path in paths if not path.exists()]


def test_a_backup_that_reads_back_otherwise_is_removed(node, tmp_path, clock, monkeypatch):
    folders.make_recovery_key(node)
    true = durable.sync
    place = tmp_path / "place"

    def flip(descriptor):
        """A disk that keeps another byte than it was given."""
        true(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if ".backup.age" in path.name:
            with path.open("r+b") as written:
                written.seek(200)
                written.write(b"X")

    monkeypatch.setattr(durable, "sync", flip)
    with pytest.raises(making.BackupDamagedError):
        making.make(node, place, clock.now)
    assert list(place.glob("*.backup.age")) == []


def test_a_changed_byte_of_a_backup_is_refused(made, tmp_path, clock):
    path = made[0].path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    with pytest.raises(encryption.EncryptionBrokenError):
        restore(made, tmp_path, clock)
    assert not list((tmp_path / "restored").glob("*")) if (tmp_path / "restored").exists() else True


def _climbing(held):
    entry = tarfile.TarInfo("../escaped")
    return [held[0], (entry, b"x"), *held[1:]]


def _link(held):
    entry = tarfile.TarInfo(held[1][0].name)
    entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return [held[0], (entry, b""), *held[2:]]


def _changed(held):
    return [(entry, bytes(len(data)) if entry.name == "secret" else data) for entry, data in held]


HOSTILE = {
    "more than it says": lambda held: [*held, (tarfile.TarInfo("keys/more.key"), b"x")],
    "less than it says": lambda held: held[:-1],
    "a path that climbs": _climbing,
    "a link": _link,
    "another content": _changed,
    "another order": lambda held: [held[0], *reversed(held[1:])],
    "no description": lambda held: held[1:],
    "a description that is none": lambda held: [(held[0][0], b'{"schema":"comity-backup/9"}'), *held[1:]],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_backup_leaves_nothing(made, tmp_path, clock, kind):
    made[0].path.chmod(0o600)
    rewritten(made, HOSTILE[kind])
    with pytest.raises(form.BackupUnreadableError):
        restore(made, tmp_path, clock)
    assert not (tmp_path / "restored").exists() or not list((tmp_path / "restored").iterdir())
    assert not (tmp_path / "escaped").exists()


@sqlite_only
def test_lacking_and_changed_objects_are_named(made, tmp_path, clock):
    copy = tmp_path / "place" / form.OBJECTS / KEY
    copy.chmod(0o600)
    copy.write_bytes(b"Sealed bytes")
    assert restore(made, tmp_path, clock).lacking == [KEY]
    copy.unlink()
    assert restore(made, tmp_path, clock, "again").lacking == [KEY]


@sqlite_only
def test_the_latest_list_of_destroyed_exhibits_is_applied(made, node, tmp_path, clock):
    later = uuid.uuid4()
    (tmp_path / "place" / "destroyed").write_text(f"{later}\n")
    found = restore(made, tmp_path, clock)
    assert (found.folder / "destroyed").read_text() == f"{later}\n"


def test_a_folder_that_is_taken_is_left_alone(made, tmp_path, clock):
    (tmp_path / "restored").mkdir()
    (tmp_path / "restored" / "mine").write_text("x")
    with pytest.raises(folders.FolderTakenError):
        restore(made, tmp_path, clock)
    assert (tmp_path / "restored" / "mine").read_text() == "x"


@sqlite_only
def test_what_is_written_meanwhile_is_in_the_copy_whole_or_not_at_all(node, tmp_path, clock):
    """An entry written after the moment is not in the copy, and writers do not wait for the copying."""
    with snapshots._moment(lambda: None) as copy:
        entries.append("later", "x", {"what": "later"}, now=clock.now)
        copy(tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy") as database:
        found = database.execute("SELECT kind FROM ledger_entry ORDER BY id").fetchall()
    assert found[-1] != ("later",)


def mark(node, **more):
    """Without ``more`` as an earlier version wrote it, which gave no id."""
    values = {"backup_made_at": "2027-06-12T00:00:00Z", "entries": 1, **more}
    node.restored.write_bytes(canonical.write(values))


def held(tmp_path, size):
    """The checkpoint of this size as a peer holds it."""
    path = tmp_path / f"held-{size}"
    path.write_bytes(Checkpoint.objects.get(size=size).note.encode())
    return path


def test_a_restored_node_signs_nothing(node, clock):
    mark(node)
    entries.append("tested", "x", {"what": "more"}, now=clock.now)
    with pytest.raises(config.NodeRestoredError):
        sequencer.sequence(clock.now)
    node.restored.unlink()
    assert sequencer.sequence(clock.now) is not None


def test_it_is_resumed_when_others_saw_nothing_later(node, tmp_path, clock, official):
    size = sequencer.latest().size
    mark(node)
    assert resuming.resume(node, [held(tmp_path, size)], reason="", now=clock.now) == size
    with pytest.raises(holding.LedgerHeldError):
        sequencer.sequence(clock.now)
    assert not own.settle({}, clock.now), "the peer did not answer yet"
    resuming.release(node, official("administrator"), [], {}, reason="the peer is gone", now=clock.now)
    head = sequencer.sequence(clock.now)
    assert head.size == size + 2


def test_it_is_resumed_with_the_public_key_alone(node, tmp_path, clock, monkeypatch):
    """Whoever compares need not be able to sign: no passphrase is asked for, no token."""

    def refused(_):
        raise AssertionError

    size = sequencer.latest().size
    mark(node)
    monkeypatch.setattr(wrapping, "read", refused)
    keys._read.cache_clear()
    with pytest.raises(AssertionError):
        keys.signer()
    assert resuming.resume(node, [held(tmp_path, size)], reason="", now=clock.now) == size


def handed_out(tmp_path, size, **changes):
    """A checkpoint of a ledger that the backup does not know, as a peer hands it out."""
    origin = checkpoints.origin(config.current().id)
    lost = checkpoints.Checkpoint(**{"origin": origin, "size": size, "root": bytes(32), "after": 0} | changes)
    path = tmp_path / f"lost-{size}"
    path.write_bytes(checkpoints.sign_checkpoint(lost, keys.signer()))
    return path


def test_it_is_not_resumed_when_others_saw_more(node, tmp_path, clock):
    mark(node)
    with pytest.raises(resuming.LedgerBehindError):
        resuming.resume(node, [handed_out(tmp_path, sequencer.latest().size + 5)], reason="", now=clock.now)
    assert node.restored.exists()


def test_it_is_not_resumed_when_others_saw_another_ledger(node, tmp_path, clock):
    mark(node)
    with pytest.raises(resuming.LedgerForkedError):
        resuming.resume(node, [handed_out(tmp_path, sequencer.latest().size)], reason="", now=clock.now)


@pytest.mark.parametrize("more", [5, 0])
def test_where_no_later_backup_is_left_the_loss_is_declared_and_the_node_signs(
    node, tmp_path, clock, official, more
):
    """What ``ledger_behind`` and ``ledger_forked`` name as the next step leads out, and does so for good."""
    size, keeper = sequencer.latest().size, official("administrator")
    lost = handed_out(tmp_path, size + more)
    mark(node)
    given = {"reason": "the disk failed", "now": clock.now}
    with pytest.raises(config.NodeRestoredError):
        resuming.release(node, keeper, [held(tmp_path, size)], {}, **given)  # nothing was lost: resume
    resuming.release(node, keeper, [lost], {}, **given)
    assert not node.restored.exists()
    assert sequencer.sequence(clock.now).size == size + 2
    released = Entry.objects.get(kind="ledger_released")
    assert (released.index, released.content["by"]) == (size + 1, keeper.pk)
    assert [each["size"] for each in released.content["known"]] == [size + more]


def _lost_and_declared(node, tmp_path, clock, keeper):
    """The head that a first restore lost, named by the ledger that goes on; and how long that one is."""
    lost = handed_out(tmp_path, sequencer.latest().size + 50)
    mark(node)
    resuming.release(node, keeper, [lost], {}, reason="the disk failed", now=clock.now)
    return lost, sequencer.sequence(clock.now).size


def test_after_a_second_restore_a_head_declared_lost_is_none_to_compare_with(node, tmp_path, clock, official):
    """A peer that has not accepted the break hands the dead head out, and what it saw since is smaller."""
    keeper, peer = official("administrator"), Authority.objects.get(id="xb-247")
    lost, size = _lost_and_declared(node, tmp_path, clock, keeper)
    mark(node)
    given = {"reason": "", "now": clock.now}
    with pytest.raises(resuming.NothingToCompareError):
        resuming.resume(node, [lost], **given)
    with pytest.raises(resuming.LedgerBehindError):
        resuming.resume(node, [lost, handed_out(tmp_path, size + 5, after=size)], **given)
    with pytest.raises(config.NodeRestoredError):
        resuming.release(node, keeper, [lost], {peer: lost.read_text()}, reason="again", now=clock.now)
    assert resuming.resume(node, [lost, held(tmp_path, size)], **given) == size
    assert not own.settle({peer: lost.read_text()}, clock.now), "the witness shows the dead head alone"
    with pytest.raises(holding.LedgerHeldError):
        sequencer.sequence(clock.now)
    assert own.settle({peer: held(tmp_path, size).read_text()}, clock.now)
    mark(node)  # the head that the last entry names is none that was lost
    assert resuming.resume(node, [held(tmp_path, size)], **given) == size
    assert own.settle({peer: held(tmp_path, size).read_text()}, clock.now)


def test_a_file_may_hold_a_note_of_each_branch(node, tmp_path, clock, official):
    """As a peer hands them out that has not accepted the break: each counts as if it came in its own file."""
    lost, size = _lost_and_declared(node, tmp_path, clock, official("administrator"))
    mark(node)
    both = tmp_path / "both"
    both.write_bytes(lost.read_bytes() + handed_out(tmp_path, size + 5, after=size).read_bytes())
    with pytest.raises(resuming.LedgerBehindError):
        resuming.resume(node, [both], reason="", now=clock.now)
    foreign = handed_out(tmp_path, 1, origin="xb-247.comity/log").read_bytes()
    for more in (foreign, b"text", b"\n"):
        both.write_bytes(held(tmp_path, size).read_bytes() + more)
        with pytest.raises(ComityError):
            resuming.resume(node, [both], reason="", now=clock.now)
    both.write_bytes(lost.read_bytes() + held(tmp_path, size).read_bytes())
    assert resuming.resume(node, [both], reason="", now=clock.now) == size
    compared = Entry.objects.filter(kind="node_restored").latest("pk").content["compared"]
    assert compared == [size, own.is_ours(lost.read_text()).size]


def test_a_reason_answers_for_a_peer_that_has_a_head_declared_lost_alone(node, tmp_path, clock, official):
    lost, size = _lost_and_declared(node, tmp_path, clock, official("administrator"))
    mark(node)
    assert resuming.resume(node, [lost], reason="there is no other peer", now=clock.now) == size


@pytest.mark.parametrize("is_restored", [True, False])
def test_a_break_that_is_not_on_the_disk_leaves_the_ledger_held(
    node, tmp_path, clock, official, monkeypatch, is_restored
):
    keeper, lost = official("administrator"), handed_out(tmp_path, sequencer.latest().size + 5)
    if is_restored:
        mark(node)
    holding.hold(node.folder, holding.BEHIND, clock.now)

    def full(_):
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(BaseDatabaseWrapper, "_commit", full)
        with pytest.raises(OperationalError):
            resuming.release(node, keeper, [lost], {}, reason="x", now=clock.now)
        with pytest.raises(OperationalError):
            own.settle(dict.fromkeys(own.witnesses(), ""), clock.now)
    assert node.restored.exists() == is_restored
    assert holding.held(node.folder).reason == holding.BEHIND
    assert not Entry.objects.filter(kind__in=["ledger_released", "node_restored"])
    with transaction.atomic(), pytest.raises(RuntimeError):  # or the hold went before the commit
        resuming.release(node, keeper, [lost], {}, reason="x", now=clock.now)
    assert holding.held(node.folder).reason == holding.BEHIND


@pytest.mark.parametrize("cut_off_at", ["holding", "mark"])
def test_a_break_that_was_entered_before_a_crash_is_finished_by_the_same_command(
    node, tmp_path, clock, official, monkeypatch, cut_off_at
):
    size, keeper = sequencer.latest().size, official("administrator")
    lost = handed_out(tmp_path, size + 5)
    mark(node, restore="1")
    holding.hold(node.folder, holding.BEHIND, clock.now)
    given = {"reason": "the disk failed", "now": clock.now}

    def dies(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(*((holding, "release") if cut_off_at == "holding" else (Path, "unlink")), dies)
        with pytest.raises(KeyboardInterrupt):
            resuming.release(node, keeper, [lost], {}, **given)
    assert node.restored.exists()
    with pytest.raises(resuming.ReleaseCutOffError) as refused:
        resuming.resume(node, [lost], reason="nobody holds one", now=clock.now)
    assert (refused.value.code, "comity ledger release" in refused.value.advice) == ("node_restored", True)
    assert type(resuming.standing(node)) is resuming.ReleaseCutOffError
    with pytest.raises(NotAuthorisedError):
        resuming.release(node, official("drafter"), [lost], {}, **given)
    assert node.restored.exists()
    resuming.release(node, keeper, [lost], {}, **given)
    assert (node.restored.exists(), holding.held(node.folder)) == (False, None)
    kinds = Entry.objects.filter(kind__in=["node_restored", "ledger_released"]).values_list("kind", flat=True)
    assert sorted(kinds) == ["ledger_released", "node_restored"], "nothing is entered twice"
    assert sequencer.sequence(clock.now).size == size + 2
    assert resuming.standing(node) is None
    mark(node, restore="2")  # the same backup again: a break that was declared after another restore
    assert type(resuming.standing(node)) is config.NodeRestoredError
    with pytest.raises(config.NodeRestoredError):
        resuming.release(node, keeper, [lost], {}, **given)


def test_a_witness_that_answered_finishes_no_release(node, tmp_path, clock, official):
    mark(node, restore="1")
    kept = node.restored.read_bytes()
    resuming.resume(node, [], reason="nobody holds one", now=clock.now)
    assert own.settle(dict.fromkeys(own.witnesses(), ""), clock.now)
    node.restored.write_bytes(kept)  # a power cut brought the mark back
    with pytest.raises(config.NodeRestoredError):
        resuming.release(node, official("administrator"), [], {}, reason="x", now=clock.now)


def test_a_database_that_does_not_answer_hides_no_restore(node, monkeypatch):
    mark(node, restore="1")

    def away(*_, **__):
        raise OperationalError

    monkeypatch.setattr(Entry.objects, "filter", away)
    assert type(resuming.standing(node)) is config.NodeRestoredError


@sqlite_only
def test_each_restore_has_a_mark_of_its_own(made, tmp_path, clock):
    marks = [(restore(made, tmp_path, clock, name).folder / "restored").read_bytes() for name in ("a", "b")]
    assert marks[0] != marks[1]


def test_a_file_that_is_no_checkpoint_of_this_ledger_resumes_nothing(node, tmp_path, clock):
    mark(node)
    foreign = handed_out(tmp_path, 1, origin="xb-247.comity/log")
    (tmp_path / "text").write_bytes(b"\xff")
    (tmp_path / "empty").touch()
    for path in (foreign, tmp_path / "text", tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(ComityError):
            resuming.resume(node, [path], reason="", now=clock.now)
    assert node.restored.exists()


def test_without_a_checkpoint_a_reason_is_needed_and_kept(node, clock):
    mark(node)
    with pytest.raises(resuming.NothingToCompareError):
        resuming.resume(node, [], reason="", now=clock.now)
    resuming.resume(node, [], reason="no peer was known yet", now=clock.now)
    entry = Entry.objects.get(kind="node_restored")
    assert entry.content["reason"] == "no peer was known yet"
    with pytest.raises(resuming.NotRestoredError):
        resuming.resume(node, [], reason="again", now=clock.now)
    holding.release(node.folder)


@pytest.mark.postgresql
@pytest.mark.skipif(
    "postgresql" not in os.environ.get("COMITY_TEST_DATABASE", ""), reason="no PostgreSQL is given"
)
def test_a_database_that_is_not_empty_is_left_alone(made, node):
    with pytest.raises(snapshots.DatabaseTakenError):
        snapshots.put_back(made[0].path)
    assert connection.introspection.table_names()
