"""``node check``, ``node doctor`` and ``node run`` where the database is damaged, without tables or away."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.db.backends.base import base
from tests.node.servers.conftest import PATIENCE, Node, comity, environment, free_port

from comity.node.api.models import Token
from comity.node.databases import troubles
from comity.node.findings import Finding, Look, taken

PAGE = 4096
OF_FILES = {"disk space", "permissions", "people's address", "worker", "backups", "disk encryption"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    node = Node(tmp_path_factory.mktemp("made") / "xa", "XA")
    node.make()
    with sqlite3.connect(node.folder / "node.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return node.folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "xa"))


def asked(command: str, folder: Path) -> tuple[int, dict[str, set[str | None]]]:
    """The exit status, and the codes of each subject; None where it is well."""
    ran = comity("node", command, folder, "--json", check=False)
    assert "Traceback" not in ran.stderr, ran.stderr
    found: dict[str, set[str | None]] = {}
    for each in json.loads(ran.stdout):
        assert each["text"]
        found.setdefault(each["subject"], set()).add(each["code"])
    return ran.returncode, found


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """``node run`` of a node that must not run: it ends by itself, or the test fails."""
    command = [sys.executable, "-m", "comity.cli", "node", "run", str(folder)]
    return subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=False, timeout=PATIENCE
    )


def overwrite(path: Path, pages: list[int]) -> None:
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(b"\xaa" * PAGE)


def test_one_damaged_table_hides_nothing_of_the_others(folder: Path) -> None:
    path = folder / "node.sqlite3"
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA page_size").fetchone() == (PAGE,)
        roots = database.execute("SELECT rootpage FROM sqlite_master WHERE tbl_name = 'jobs_job'").fetchall()
    database.close()
    overwrite(path, [root for (root,) in roots])
    status, found = asked("check", folder)
    assert (status, found["database"], found["jobs"]) == (1, {"database_broken"}, {"database_broken"})
    assert [found[each] for each in ("database form", "ledger", "letters", "store")] == [{None}] * 4


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_database_in_ruins_leaves_what_lies_in_files(folder: Path, command: str) -> None:
    path = folder / "node.sqlite3"
    overwrite(path, list(range(3, path.stat().st_size // PAGE, 2)))
    status, found = asked(command, folder)
    assert (status, found["database"]) == (1, {"database_broken"})
    assert found["transport key" if command == "doctor" else "ledger"] == {"database_broken"}
    assert (OF_FILES if command == "doctor" else {"store"}) <= set(found)
    said = comity("node", command, folder, check=False)
    assert (said.returncode, said.stdout.count("\n")) == (1, sum(map(len, found.values())))


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_lost_database_is_named_and_none_is_made_in_its_place(folder: Path, command: str) -> None:
    (folder / "node.sqlite3").unlink()
    status, found = asked(command, folder)
    assert (status, found["database"]) == (1, {"database_unreachable"})
    assert not (folder / "node.sqlite3").exists()


def test_a_database_without_tables_is_named(folder: Path) -> None:
    (folder / "node.sqlite3").write_bytes(b"")
    status, found = asked("check", folder)
    assert (status, found["database"], found["store"]) == (1, {None}, {None})
    assert found["database form"] == {"database_empty"}
    for subject in ("ledger", "witnesses", "letters", "jobs", "directory"):
        assert found[subject] == {"database_outdated"}


@pytest.mark.parametrize(
    ("left", "status", "code"), [(None, 75, "database_unreachable"), (b"", 2, "database_empty")]
)
def test_a_node_that_lost_its_database_begins_no_second_ledger(
    folder: Path, left: bytes | None, status: int, code: str
) -> None:
    path = folder / "node.sqlite3"
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    ran = run(folder)
    assert (ran.returncode, f"[{code}]" in ran.stderr) == (status, True), ran.stderr
    assert comity("node", "upgrade", folder, "--backup", folder.parent, check=False).returncode == 2
    ran = run(folder)  # though the command before made the file
    assert (ran.returncode, "[database_empty]" in ran.stderr) == (2, True), ran.stderr


def move_away(folder: Path) -> None:
    """Let node.toml name a PostgreSQL server that is not there."""
    settings = folder / "node.toml"
    address = f"postgresql://comity@127.0.0.1:{free_port()}/comity"
    settings.write_text(
        settings.read_text("utf-8").replace('database = "sqlite"', f'database = "{address}"'), "utf-8"
    )


def test_a_server_that_is_away_ends_nothing_for_good(folder: Path) -> None:
    move_away(folder)
    status, found = asked("check", folder)
    assert (status, found["database"], found["store"]) == (1, {"database_unreachable"}, {None})
    assert asked("doctor", folder)[1]["database"] == {"database_unreachable"}
    ran = run(folder)
    assert (ran.returncode, "[database_unreachable]" in ran.stderr) == (75, True), ran.stderr
    ran = comity("node", "upgrade", folder, "--backup", folder.parent, check=False)  # scripts know 2
    assert (ran.returncode, "[database_unreachable]" in ran.stderr) == (2, True), ran.stderr


def test_a_damaged_database_ends_the_node_for_good(folder: Path) -> None:
    overwrite(folder / "node.sqlite3", list(range(1, 40)))
    ran = run(folder)
    assert (ran.returncode, "[database_broken]" in ran.stderr) == (2, True), ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.django_db(transaction=True)
def test_what_django_says_of_a_version_is_known_on_either_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.features, "minimum_database_version", (99,))
    monkeypatch.setattr(base, "RAN_DB_VERSION_CHECK", set())
    connection.close()
    try:
        with pytest.raises(NotSupportedError) as found:
            troubles.demand_there()
    finally:
        connection.close()
    told = troubles.told(found.value)
    assert isinstance(told, troubles.DatabaseTooOldError)
    assert "99 or later is required (found " in str(told)


A_LATER_DJANGO = """
import sys
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.backends.sqlite3.features import DatabaseFeatures
from comity.cli import main
DatabaseFeatures.minimum_database_version = (99, 9)
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("command", "status"), [("run", 2), ("check", 1), ("doctor", 1)])
def test_a_database_that_is_too_old_ends_the_node_for_good(folder: Path, command: str, status: int) -> None:
    """Django asks a later version than the one that is there, as after an upgrade of the packages alone."""
    words = [sys.executable, "-c", A_LATER_DJANGO, "node", command, str(folder)]
    ran = subprocess.run(
        words, env=environment(), capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    said = ran.stderr if command == "run" else ran.stdout
    assert (ran.returncode, "database_too_old" in said) == (status, True), ran.stderr
    assert f"SQLite 99.9 or later is required (found {sqlite3.sqlite_version})" in said
    assert "Traceback" not in ran.stderr
    assert "database_broken" not in said


def test_a_folder_without_its_secret_is_a_sentence(folder: Path) -> None:
    (folder / "secret").unlink()
    ran = comity("node", "check", folder, check=False)
    assert (ran.returncode, "[node_folder_unusable]" in ran.stderr) == (2, True), ran.stderr


def test_check_needs_no_passphrase_and_what_signs_does(folder: Path, tmp_path: Path) -> None:
    for path in (*(folder / "keys").glob("*.key"), *(folder / "keys").glob("*.identity")):
        path.write_bytes(b"age-encryption.org/v1\n")  # whoever opens one ends in an error
    assert asked("check", folder)[0] == 0
    assert comity("ledger", "verify", folder).returncode == 0
    assert comity("ledger", "export", folder, "-o", tmp_path / "ledger").returncode == 0
    assert comity("key", "renew", folder, "--key", "seal", check=False).returncode == 2


def sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.IntegrityError()
    error.sqlite_errorcode = code
    return error


def caused(error: DatabaseError, cause: Exception) -> DatabaseError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (caused(ProgrammingError("x"), psycopg.errors.UndefinedTable()), "database_outdated"),
        (caused(ProgrammingError("x"), psycopg.errors.UndefinedColumn()), "database_outdated"),
        (caused(ProgrammingError("x"), psycopg.errors.InsufficientPrivilege()), "database_unreachable"),
        (caused(DatabaseError("x"), psycopg.errors.DataCorrupted()), "database_broken"),
        (caused(DatabaseError("x"), psycopg.errors.IndexCorrupted()), "database_broken"),
        (caused(OperationalError("x"), psycopg.errors.IoError()), "database_broken"),
        (caused(OperationalError("x"), psycopg.errors.CannotConnectNow()), "database_unreachable"),
        (caused(OperationalError("x"), psycopg.OperationalError()), "database_unreachable"),
        (DatabaseError(), "database_broken"),
        (caused(IntegrityError("x"), psycopg.errors.UniqueViolation()), None),
        (caused(IntegrityError("x"), sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE)), None),
        (caused(DataError("x"), psycopg.errors.StringDataRightTruncation()), None),
        (caused(DataError("x"), psycopg.DataError()), None),
        (caused(ProgrammingError("x"), psycopg.errors.SyntaxError()), None),
        (caused(ProgrammingError("x"), sqlite3.ProgrammingError()), None),
        (NotSupportedError("PostgreSQL 14 or later is required (found 12.9)."), "database_too_old"),
        (NotSupportedError("DISTINCT ON fields is not supported by this database backend"), None),
        (caused(NotSupportedError("x"), psycopg.errors.FeatureNotSupported()), None),
    ],
)
def test_errors_are_told_by_their_state_and_a_wrong_value_is_no_damage(
    error: DatabaseError, code: str | None
) -> None:
    told = troubles.told(error)
    assert (told and told.code) == code


def test_what_was_found_stands_though_a_look_fails() -> None:
    def half() -> Any:
        yield Finding("one", "well")
        message = "words of a letter"
        raise ValueError(message)

    def unreadable() -> Finding:
        return Finding("file", Path("/nowhere/at-all").read_text("utf-8"))

    def unfit() -> Finding:
        message = "words of a letter"
        raise IntegrityError(message)

    well = Look("two", lambda: Finding("two", "well"))
    found = list(taken([Look("one", half), Look("file", unreadable), Look("value", unfit), well]))
    assert [(each.subject, each.code) for each in found] == [
        ("one", None),
        ("one", "look_failed"),
        ("file", "file_unreadable"),
        ("value", "look_failed"),
        ("two", None),
    ]
    assert not [each for each in found if "words of a letter" in each.text]


@pytest.mark.parametrize(("letters", "is_taken"), [(0, False), (1, True), (100, True), (101, False)])
def test_a_label_that_the_database_does_not_keep_is_wrong_use(
    folder: Path, letters: int, is_taken: bool
) -> None:
    asked = ["node", "person", "token", str(folder), "--username", "nobody", "--label", "x" * letters]
    ran = comity(*asked, check=False)
    assert "[person_unknown]" in ran.stderr if is_taken else "argument --label" in ran.stderr
    assert Token._meta.get_field("label").max_length == 100


def test_a_database_that_is_away_is_asked_once() -> None:
    tried: list[int] = []

    def away() -> Finding:
        tried.append(1)
        raise OperationalError

    looks = [Look("one", away), Look("two", away), Look("file", lambda: Finding("file", "well"), False)]
    found = [(each.subject, each.code) for each in taken(looks)]
    assert found == [("one", "database_unreachable"), ("two", "database_unreachable"), ("file", None)]
    assert tried == [1]
