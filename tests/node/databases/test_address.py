"""The address of a PostgreSQL server holds as libpq reads it: what it asks of TLS is not lost on the way."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest

from comity.node.backups import snapshots
from comity.node.config import DatabaseAddressUnusableError
from comity.node.settings import database

SAFE = "postgresql://comity:pa%40ss@db.example:5433/node?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem"


def test_what_stands_behind_the_question_mark_reaches_the_driver() -> None:
    made = database(SAFE)
    assert made["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/etc/ssl/db.pem"}
    parts = {name: made[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert parts == {
        "NAME": "node",
        "USER": "comity",
        "PASSWORD": "pa@ss",
        "HOST": "db.example",
        "PORT": "5433",
    }


def test_a_server_of_this_machine_is_reached_by_its_socket() -> None:
    made = database("postgresql:///comity")
    assert [made[name] for name in ("NAME", "USER", "HOST", "PORT")] == ["comity", "", "", ""]
    for host in ("/run/postgresql", "@comity", "/run/postgresql@16"):
        assert database(f"postgresql:///comity?host={host}")["HOST"] == host


def test_several_servers_are_named_with_commas() -> None:
    made = database("postgresql://comity@one.example:5433,two.example,[::1]:5434/node")
    assert (made["HOST"], made["PORT"]) == ("one.example,two.example,::1", "5433,,5434")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://db.example/node?sslmod=verify-full",
        "postgresql://db.example",
        "postgresql://[::1/node",
        "postgresql://comity:Secret%word@db.example/node",
        "postgresql://comity:Secret%25word@[db.example/node",
        "postgresql://db.example/node?sslpassword=Secret",
        "postgresql://comity:p@Secret@db.example/node",
        "postgresql://comity:p@Secret:word/x@db.example/node",
        "postgresql://comity:p@Secret@db.example,db2.example:5433/node",
        "postgresql://comity:Secret/word@db.example/node",
        "postgresql://comity:1234/Secret@db.example/node",
        "postgresql://comity:p@1/Secret@db.example/node",
        "postgresql://comity:p@/x?host=Secret@db.example/node",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_never_quoted(address: str) -> None:
    with pytest.raises(DatabaseAddressUnusableError) as told:
        database(address)
    said = "".join(traceback.format_exception(told.value))
    assert "Secret" not in said
    assert "db.example" not in said


def test_the_tools_of_backups_are_told_the_same_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(
        f'#!/bin/sh\nprintf "%s" "$*" > {tmp_path}/words\nprintf "%s" "$PGPASSWORD" > {tmp_path}/password\n'
    )
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(snapshots, "connection", SimpleNamespace(settings_dict=database(SAFE)))
    snapshots._run("pg_dump", "--format=custom")
    words = (tmp_path / "words").read_text()
    for part in ("sslmode=verify-full", "sslrootcert=/etc/ssl/db.pem", "host=db.example", "dbname=node"):
        assert part in words
    assert "pa@ss" not in words
    assert (tmp_path / "password").read_text() == "pa@ss"
