"""``make soak`` plays every rig that has a target, each by that target, and says how each ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.faults.soak import RIGS

ROOT = Path(__file__).resolve().parents[2]
IN_PLACE_OF_MAKE = """
import sys, time
name = sys.argv[-1]
print(f"{name} plays", flush=True)
try:
    time.sleep(60 if name == "soak-power" else 0)
except KeyboardInterrupt:
    print("stopped early", flush=True)
    sys.exit(1)
print("nothing lost")
sys.exit(name == "soak-disk")
"""


def test_every_target_is_played_and_described() -> None:
    makefile, described = (ROOT / "Makefile").read_text(), (ROOT / "docs" / "reliability.md").read_text()
    targets = set(re.findall(r"^soak-([a-z-]+):", makefile, re.MULTILINE))
    assert targets - {"package"} == set(RIGS), "what seals 50 GiB makes nothing fail"
    assert [name for name in RIGS if f"`make soak-{name}`" not in described] == []


@pytest.fixture
def soak(tmp_path: Path) -> subprocess.Popen[str]:
    fake = tmp_path / "make.py"
    fake.write_text(IN_PLACE_OF_MAKE)
    environment = os.environ | {"MAKE": f"{sys.executable} {fake}", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.faults.soak", "power", "disk", "clock"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def test_a_rig_that_is_stopped_or_fails_does_not_end_the_others(soak: subprocess.Popen[str]) -> None:
    assert soak.stdout is not None
    while "soak-power plays" not in soak.stdout.readline():
        pass
    soak.send_signal(signal.SIGINT)
    ended = [line.split()[:2] for line in soak.communicate(timeout=150)[0].splitlines()[-3:]]
    assert ended == [["power", "stopped"], ["disk", "FAILED"], ["clock", "passed"]]
    assert soak.returncode == 1
