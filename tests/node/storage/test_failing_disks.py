"""What a full or failing disk is called, wherever it shows; the node stops where nothing is certain."""

from __future__ import annotations

import errno
import json
import sqlite3
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from comity.cli import main
from comity.node import config, durable, folders, health, heartbeat
from comity.node.api import service
from comity.node.databases import DatabaseFailedError, DatabaseFullError
from comity.node.databases.postgresql import base as postgresql_base
from comity.node.databases.sqlite import base as sqlite_base
from comity.node.jobs import outbox, running
from comity.node.jobs.models import Job
from comity.node.ledger import entries
from comity.node.ledger.models import Entry
from comity.node.pages.middleware import ReaderMiddleware
from comity.node.providers import interface
from comity.sealing import durable as written


def disk_error(number=errno.EIO):
    return OSError(number, "of the disk")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EIO, "disk_failed"),
        (errno.EROFS, "disk_failed"),
    ],
)
def test_what_a_disk_says_has_a_name(number, code):
    with pytest.raises((durable.DiskFullError, durable.DiskFailedError)) as told, durable.disk_told():
        raise disk_error(number)
    assert told.value.code == code
    assert told.value.temporary, "what was being sent is tried again"


def test_an_error_that_is_no_disks_stays_what_it_is():
    with pytest.raises(PermissionError), durable.disk_told():
        raise PermissionError(errno.EACCES, "no")


def test_a_job_is_put_off_under_the_name_of_what_failed(db, clock):
    def fills_up(payload, now):
        raise disk_error(errno.ENOSPC)

    outbox.handler("test.fails", fills_up)
    outbox.ask("test.fails", "one", {}, now=clock.now)
    running.run_one(clock.now, "test")
    assert Job.objects.get(kind="test.fails").last_code == "disk_full"


def test_pages_programs_and_commands_say_it(db, settings, monkeypatch, capsys):
    request = RequestFactory().get("/")
    request.user = SimpleNamespace(is_authenticated=False)
    for each in (service.api, interface.api):
        answer = each.on_exception(request, disk_error())
        assert (answer.status_code, json.loads(answer.content)["code"]) == (503, "disk_failed")
    monkeypatch.setattr("comity.node.pages.middleware.refused", lambda request, error: error.code)
    assert ReaderMiddleware(lambda request: None).process_exception(request, disk_error()) == "disk_failed"
    monkeypatch.setattr(
        "comity.cli.parser",
        lambda *_: SimpleNamespace(parse_args=lambda given: SimpleNamespace(run=fails)),
    )
    assert main(["node"]) == 2
    assert "[disk_failed]" in capsys.readouterr().err


def fails(*_):
    raise disk_error()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own way to be full")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_full_undoes_the_transaction_and_goes_on(clock):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DatabaseFullError) as told, transaction.atomic():
        fill(clock.now)
    assert isinstance(told.value, OperationalError), "Django ends the transaction as it ends others"
    assert told.value.code == "disk_full"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert not Entry.objects.filter(kind="tested").exists()
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    assert Entry.objects.filter(kind="tested").count() == 1


def fill(now):
    for n in range(2000):
        entries.append("tested", "x" * 80, {"what": "tested", "n": n}, now=now)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC])
def test_a_database_that_cannot_be_synced_stops_the_process(code):
    script = textwrap.dedent(f"""
        import sqlite3
        from comity.node.databases.sqlite.base import disk_told
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = {code}
        with disk_told():
            raise error
    """)
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ran.returncode == durable.EXIT_DISK_BROKEN


def test_a_database_whose_disk_refuses_a_write_goes_on():
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    with pytest.raises(DatabaseFailedError), sqlite_base.disk_told():
        raise error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (psycopg.errors.DiskFull("full"), DatabaseFullError),
        (psycopg.errors.IoError("io"), DatabaseFailedError),
        (psycopg.errors.AdminShutdown("bye"), OperationalError),
    ],
)
def test_what_postgresql_says_of_its_disk_has_the_same_names(error, told):
    wrapper = SimpleNamespace(Database=psycopg, errors_occurred=False)
    with pytest.raises(told), postgresql_base._DiskTold(wrapper):
        raise error


def test_a_key_whose_sync_fails_stops_the_process(tmp_path, monkeypatch):
    stopped = []
    monkeypatch.setattr(written.os, "fsync", fails)
    monkeypatch.setattr(durable, "stop", stopped.append)
    with durable.replacing(tmp_path / "key") as out:
        out.write(b"x")
    assert [error.errno for error in stopped] == [errno.EIO]
    assert not (tmp_path / "key").exists()


@pytest.mark.usefixtures("keys")
def test_health_and_the_desk_tell_of_a_full_disk(client, official, monkeypatch):
    node = config.current()
    folders.make_inner(node)
    heartbeat.beat()
    client.force_login(official("duty_officer"))
    assert health._answer("/health", node, timezone.now())[0] == "200 OK"
    assert "no room left" not in client.get("/desk/").content.decode()
    monkeypatch.setattr(durable, "has_room", lambda folder, size=0: False)
    assert health._answer("/health", node, timezone.now()) == ("503 Service Unavailable", b"disk_full\n")
    assert "There is no room left on the node" in client.get("/desk/").content.decode()
    node.heartbeat.unlink()
