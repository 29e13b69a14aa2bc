"""The units of systemd fit the manual: what is written where, what is started again, and who is told."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from comity.cli import TRY_AGAIN, UNUSABLE, parser
from comity.node.durable import EXIT_DISK_BROKEN

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
MANUAL = (ROOT / "docs" / "operating.md").read_text("utf-8")
NODE, BACKUP, TOLD, WATCH = (f"comity{part}.service" for part in ("", "-backup", "-told@", "-watch"))

KNOWS_RESTART_MODE = 254
DROP_IN = f"systemd-{KNOWS_RESTART_MODE}.conf"


def settings(unit: str) -> dict[str, list[str]]:
    """The unit's settings, each with its values in order."""
    text = (DEPLOY / unit).read_text("utf-8").replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE):
        found.setdefault(name, []).append(value.strip())
    return found


def words(unit: str, name: str) -> list[str]:
    return " ".join(settings(unit).get(name, [])).split()


def backup() -> argparse.Namespace:
    """The unit's command as the command line reads it."""
    (command,) = settings(BACKUP)["ExecStart"]
    return parser("node").parse_args(shlex.split(command)[1:])


@pytest.mark.parametrize("unit", [NODE, BACKUP, WATCH])
def test_whoever_keeps_the_node_is_told_of_each_unit_that_fails(unit: str) -> None:
    assert words(unit, "OnFailure") == ["comity-told@%n.service"]
    assert (DEPLOY / TOLD).is_file()


def test_what_ends_by_itself_is_started_again_and_a_refusal_is_not() -> None:
    again = parser("node").parse_args(["node", "run", "x"]).again
    assert {"database_unreachable", "process_keeps_dying"} <= set(again)
    never = set(map(int, words(NODE, "RestartPreventExitStatus")))
    assert never == {UNUSABLE, EXIT_DISK_BROKEN}
    assert TRY_AGAIN not in never
    assert settings(NODE)["Restart"] == ["on-failure"]
    assert settings(NODE)["StartLimitIntervalSec"] == ["0"]  # however long the database is away


def test_a_start_that_is_tried_again_is_not_told_by_newer_systemd_either() -> None:
    """systemd/systemd#33710: since 254 ``OnFailure=`` is for each start that fails, unless it is told so."""
    assert settings(DROP_IN) == {"RestartMode": ["direct"]}
    (to,) = re.findall(rf"^install -D -m 0644 -t (\S+) deploy/{DROP_IN} ", MANUAL, re.MULTILINE)
    assert to == f"/etc/systemd/system/{NODE}.d"
    for unit in (NODE, BACKUP, WATCH):  # whatever else is started again needs it too
        assert ("Restart" in settings(unit)) == (unit == NODE)


def test_the_node_may_write_to_the_second_place_of_the_manual() -> None:
    places = {Path(each) for each in re.findall(r'destroyed_copy = "([^"]+)"', MANUAL)}
    writable = {each.removeprefix("-") for each in words(NODE, "ReadWritePaths")}
    assert places
    assert {str(each.parent) for each in places} <= writable
    mounts = {f"{str(each.parent).strip('/').replace('/', '-')}.mount" for each in places}
    assert mounts <= set(words(NODE, "After")) & set(words(NODE, "Wants"))
    assert words(NODE, "ProtectSystem") == ["strict"]  # or nothing above would say anything


def test_a_backup_wants_its_place_mounted() -> None:
    place = str(backup().place)
    assert place in words(BACKUP, "RequiresMountsFor")
    assert place in words(BACKUP, "ReadWritePaths")
    # outside the sandbox, in which each writable place is a mount of its own
    assert settings(BACKUP)["ExecStartPre"] == [f"+/usr/bin/mountpoint --quiet {place}"]


def test_old_backups_go_after_as_many_days_as_the_manual_says() -> None:
    assert {str(backup().keep_days)} == set(re.findall(r"--keep-days (\d+)", MANUAL))


def test_the_watch_asks_where_the_manual_lets_the_node_answer() -> None:
    (listen,) = set(re.findall(r'health_listen = "([^"]+)"', MANUAL))
    assert settings(WATCH)["ExecStart"][0].endswith(f" http://{listen}/health")


def test_what_is_told_names_the_unit_and_its_state(tmp_path: Path) -> None:
    """The command as systemd makes it (specifiers, then its quoting), with programs that write down."""
    for name, does in (("systemctl", 'echo "state of $4"; exit 3'), ("sendmail", f"cat > {tmp_path}/sent")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    text = settings(TOLD)["ExecStart"][0]
    for specifier, value in {"%i": "comity.service", "%H": "node-1", "%%": "%"}.items():
        text = text.replace(specifier, value)
    command = [each.replace("/usr/sbin/sendmail", str(tmp_path / "sendmail")) for each in shlex.split(text)]
    (to,) = settings(TOLD)["Environment"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "TO": to.removeprefix("TO=")}
    subprocess.run(command, env=environment, check=True)
    head, _, body = (tmp_path / "sent").read_text().partition("\n\n")
    assert head.splitlines() == ["To: duty@ministry.example", "Subject: comity.service failed on node-1"]
    assert body == "state of comity.service\n"


@pytest.mark.foreign
@pytest.mark.parametrize("unit", [NODE, BACKUP, TOLD, WATCH, "comity-backup.timer", "comity-watch.timer"])
def test_systemd_reads_every_line_of_a_unit(unit: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    folder = Path(shutil.copytree(DEPLOY, tmp_path / "deploy"))
    for path in folder.glob("comity*"):  # systemd-analyze asks that the programs are there
        path.write_text(re.sub(r"(ExecStart\w*=\+?)/\S+", r"\1/bin/true", path.read_text("utf-8")), "utf-8")
    version = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.split()[1]) >= KNOWS_RESTART_MODE:
        (folder / f"{NODE}.d").mkdir()
        (folder / DROP_IN).rename(folder / f"{NODE}.d" / DROP_IN)
    name = unit.replace("@.", "@comity.service.")
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{folder}:"}
    command = ["systemd-analyze", "verify", name]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Each library of a locked file: its version and its hashes."""
    text = (ROOT / "requirements" / name).read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    found = [re.match(r"([a-z0-9-]+)==([^\s;]+)", block) for block in blocks]
    hashes = (frozenset(re.findall(r"sha256:[0-9a-f]{64}", block)) for block in blocks)
    return {each[1]: (each[2], these) for each, these in zip(found, hashes, strict=True) if each}


def test_what_keys_in_a_token_need_is_locked_as_it_is_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extra = {re.split(r"[^a-z0-9-]", each)[0] for each in project["optional-dependencies"]["pkcs11"]}
    locked, runtime, develop = (pins(f"{name}.txt") for name in ("pkcs11", "runtime", "develop"))
    assert extra <= set(locked)
    assert not extra & set(runtime)
    for name, pin in locked.items():
        assert pin[1]
        assert pin == develop[name] == runtime.get(name, pin)
    assert "requirements/pkcs11.txt" in MANUAL
