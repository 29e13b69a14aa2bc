"""Kills, cuts of the power, failing disks, a clock that is set, at any call that changes the disk.

Nothing is lost. The short form of what ``make soak-kills``, ``soak-power``, ``soak-power-disk``,
``soak-disk`` and ``soak-clock`` play (docs/reliability.md), and their negative controls: with one protection
switched off, the books do not agree.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.faults.controls import CONTROLS
from tests.faults.rig import SEED

ROOT = Path(__file__).resolve().parents[2]
KILLS, CUTS, CUTS_OF_A_DISK, FAILURES, SETTINGS, OF_A_CONTROL = 60, 40, 20, 40, 60, 150

pytestmark = pytest.mark.timeout(600)
Play = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    """Plays a series in one process, which founds its node once and forks from then on."""
    command = [sys.executable, "-m", "tests.faults.rig", "serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_environment()
    ) as rig:
        assert rig.stdin is not None
        assert rig.stdout is not None

        def asked(kind: str, count: int, seed: int = SEED, control: str = "") -> dict[str, Any]:
            line = {"kind": kind, "count": count, "seed": seed, "control": control}
            rig.stdin.write(json.dumps(line) + "\n")
            rig.stdin.flush()
            return json.loads(rig.stdout.readline())

        yield asked
        rig.stdin.close()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMITY_", "DJANGO_"))}
    return kept | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def test_kills_lose_and_double_nothing(play: Play) -> None:
    outcome = play("kills", KILLS)
    assert outcome["faults"] == []
    assert outcome["happened"] == KILLS
    assert {"send", "receive", "receipt", "append", "cosign"} <= outcome["by_deed"].keys()
    assert {"write", "sync", "any"} <= outcome["by_call"].keys()


def test_power_cuts_lose_nothing_and_leave_nothing_torn(play: Play) -> None:
    outcome = play("power", CUTS)
    assert outcome["faults"] == []
    assert outcome["happened"] == CUTS
    assert {"write", "sync", "link"} <= outcome["by_call"].keys()


def test_cuts_of_a_real_file_system_lose_nothing_and_one_that_syncs_nothing_does(play: Play) -> None:
    outcome = play("power-disk", CUTS_OF_A_DISK)
    if outcome["skipped"]:
        pytest.skip(outcome["skipped"])
    assert outcome["faults"] == []
    assert outcome["happened"] == CUTS_OF_A_DISK
    for control in ("files_not_synced", "commits_not_synced"):
        assert play("power-disk", OF_A_CONTROL, control=control)["faults"] != [], control


def test_full_and_failing_disks_are_told_and_nothing_false_is_acknowledged(play: Play) -> None:
    outcome = play("disk", FAILURES)
    assert outcome["faults"] == []
    assert outcome["happened"] == FAILURES
    assert {"disk_full", "disk_failed"} <= outcome["refused"].keys()
    assert outcome["stopped"] > 0, "a sync that fails stops the process"


def test_a_clock_that_is_set_stops_what_would_bear_its_time_and_nothing_is_lost(play: Play) -> None:
    outcome = play("clock", SETTINGS)
    assert outcome["faults"] == []
    assert outcome["happened"] == SETTINGS
    assert outcome["refused"].keys() == {"clock_stepped"}
    assert {"send", "receive", "cosign"} <= outcome["by_deed"].keys()


@pytest.mark.parametrize("control", CONTROLS)
def test_with_a_protection_switched_off_it_shows(play: Play, control: str) -> None:
    outcome = play(CONTROLS[control].kind, OF_A_CONTROL, control=control)
    assert outcome["faults"] != [], (
        f"{outcome['happened']} faults and nothing was lost: the rig proves nothing"
    )
