"""The node's own tests once more, on a PostgreSQL server that this test starts and stops.

Left out is what cannot reach a database (tests/node/conftest.py), and what asks nothing of one that SQLite
does not answer already: fuzzing, the walk over every operation for each role, servers and commands in folders
of their own, what asks an independent tool, what drives a browser and what plays the story. The pages, the
API, the store, backups and the rest of casework join in the long run; the ordinary one has the life of a
request on both sides, its drafts, its clocks, who may see it and how it is found. A test of its own backs a
node up and restores it.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest
from tests.node.servers.conftest import comity

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ("tests/node/fuzzing", "tests/node/api/test_access_matrix.py", "tests/node/servers")
LONG_ONLY = ("tests/node/pages", "tests/node/api", "tests/node/backups", "tests/node/storage")
CASEWORK = ("requesting", "requested", "drafting", "outcomes", "clocks_of_the_law", "access", "finding")
APART = "not story and not browser and not foreign and not elsewhere"
NOT_DURABLE = " ".join(
    f"-c {each}"
    for each in (
        *("fsync=off", "synchronous_commit=off", "full_page_writes=off"),
        *("wal_level=minimal", "max_wal_senders=0", "jit=off"),
    )
)
"""What these tests ask of the server is its answers, not that they outlive it."""
PROGRAMS = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def _as_its_user(*command: object) -> list[str]:
    """PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    return ["runuser", "-u", "postgres", "--", *words] if os.geteuid() == 0 else words


def _reason_to_skip() -> str | None:
    if PROGRAMS is None:
        return "no PostgreSQL server is installed (/usr/lib/postgresql)"
    if os.geteuid() == 0 and not any(user.pw_name == "postgres" for user in pwd.getpwall()):
        return "there is no user postgres to run the server as"
    return None


def _ordinary() -> tuple[str, ...]:
    """What the ordinary run leaves out."""
    casework = sorted((ROOT / "tests" / "node" / "casework").glob("test_*.py"))
    kept = {f"test_{name}.py" for name in CASEWORK}
    assert kept <= {path.name for path in casework}
    return (
        *LEFT_OUT,
        *LONG_ONLY,
        *(str(path.relative_to(ROOT)) for path in casework if path.name not in kept),
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an empty database on a server that lives as long as this module's tests."""
    reason = _reason_to_skip()
    if reason is not None:
        pytest.skip(reason)
    assert PROGRAMS is not None
    folder = Path(tempfile.mkdtemp(prefix="comity-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    data = folder / "data"
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    run = {"check": True, "cwd": "/", "stdout": subprocess.DEVNULL}
    initialise = (PROGRAMS / "initdb", "-A", "trust", "-E", "UTF8", "--no-sync", "-D", data)
    subprocess.run(_as_its_user(*initialise), **run)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {NOT_DURABLE}"
    control = PROGRAMS / "pg_ctl"
    subprocess.run(
        _as_its_user(control, "-D", data, "-o", options, "-l", folder / "log", "-w", "start"), **run
    )
    try:
        yield f"postgresql://{user}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(_as_its_user(control, "-D", data, "-m", "immediate", "stop"), **run)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.foreign
@pytest.mark.postgresql
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("left_out", [_ordinary(), pytest.param(LEFT_OUT, marks=pytest.mark.long)])
def test_the_node_keeps_its_promises_on_postgresql(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], left_out: tuple[str, ...]
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    environment |= {"COMITY_TEST_DATABASE": server}
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "tests/node", "-q", "-x", "-n", "2"]
    command += [f"--ignore={path}" for path in left_out]
    command += ["-m", APART, f"--junitxml={report}"]
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=2380, check=False
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    spent = seconds_by_folder(report)
    there = {path.parent.name for path in (ROOT / "tests" / "node").rglob("test_*.py")}
    assert set(spent) == there - {Path(path).name for path in left_out}
    with capsys.disabled():
        told = ", ".join(f"{name} {spent[name]:.0f} s" for name in sorted(spent))
        sys.stdout.write(f"\non PostgreSQL: {told}\n")


@pytest.mark.long
@pytest.mark.foreign
@pytest.mark.postgresql
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("kind", "control"),
    [("kills", ""), ("power", ""), ("kills", "receipt_before_commit"), ("power", "files_not_synced")],
)
def test_kills_and_power_cuts_of_a_node_on_postgresql_lose_nothing(
    server: str, kind: str, control: str
) -> None:
    """Rows and objects together; the server's own disk is not harmed (docs/reliability.md)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    environment |= {"COMITY_TEST_DATABASE": server, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    command = [sys.executable, "-m", "tests.faults.rig", kind, "--count", "50"]
    command += ["--control", control] if control else []
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    outcome = json.loads(ran.stdout)
    assert bool(outcome["faults"]) == bool(control), outcome
    assert "commit" in outcome["by_call"] or control


@pytest.mark.foreign
@pytest.mark.postgresql
def test_a_server_without_tls_is_refused_where_the_address_asks_for_it(server: str, tmp_path: Path) -> None:
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute("CREATE DATABASE asked")
    address = f"{server.rpartition('/')[0]}/asked"
    make = ("node", "init", tmp_path / "kz", "--state", "KZ", "--name", "X", "--database")
    refused = comity(*make, f"{address}?sslmode=verify-full", check=False)
    assert "[database_unreachable]" in refused.stderr
    assert not (tmp_path / "kz").exists()
    mistaken = comity(*make, f"{address}?sslmod=verify-full", check=False)
    assert "[database_address_unusable]" in mistaken.stderr
    comity(*make, f"{address}?sslmode=prefer")


@pytest.mark.foreign
@pytest.mark.postgresql
def test_a_node_on_postgresql_is_backed_up_and_restored(server: str, tmp_path: Path) -> None:
    base, node, place, key = server.rpartition("/")[0], tmp_path / "kz", tmp_path / "place", tmp_path / "key"
    restore = ("node", "restore", "--key", key, "--to", tmp_path / "again")
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute("CREATE DATABASE kept")
        said = comity(
            "node", "init", node, "--state", "KZ", "--name", "X", "--database", f"{base}/kept"
        ).stdout
        key.write_text(next(word for word in said.split() if word.startswith("AGE-SECRET-KEY-")))
        comity("node", "backup", node, place)
        (backup,) = place.glob("*.backup.age")
        taken = comity(*restore, backup, check=False)
        assert "[database_taken]" in taken.stderr
        administrator.execute("DROP DATABASE kept")
        administrator.execute("CREATE DATABASE kept")
    comity(*restore, backup)
    comity("node", "resume", tmp_path / "again", "--nobody-holds-one", "no peer was known")
    found = json.loads(comity("node", "check", tmp_path / "again", "--json", check=False).stdout)
    assert [each["code"] for each in found if each["code"]] == ["ledger_held"], (
        "until its witnesses are asked"
    )


def seconds_by_folder(report: Path) -> dict[str, float]:
    """How long the tests of each folder of tests/node took together."""
    spent: dict[str, float] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        folder = case.attrib["classname"].split(".")[2]
        spent[folder] = spent.get(folder, 0.0) + float(case.attrib["time"])
    return spent
