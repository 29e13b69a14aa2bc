"""``make soak`` plays every rig that has a target, each by that target, and says how each ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.faults.soak import RIGS

ROOT = Path(__file__).resolve().parents[2]
IN_PLACE_OF_MAKE = """
import subprocess, sys, time
name = sys.argv[-1]
if name == "soak-power-disk":
    print("not played: loop devices are not there")
    sys.exit()
if name in ("soak-versions", "soak-forks"):
    sys.exit(subprocess.call([sys.executable, "-m", "pytest", *FLAGS, f"{FOLDER}/test_{name[5:]}.py"]))
print(f"{name} plays", flush=True)
try:
    time.sleep(60 if name == "soak-power" else 0)
except KeyboardInterrupt:
    print("stopped early", flush=True)
    sys.exit(1)
print("nothing lost")
sys.exit(name == "soak-disk")
"""

IN_PLACE_OF_TESTS = """
import pytest
pytestmark = pytest.mark.long
def test_one(): pytest.skip("no history is at hand")
def test_other(): {other}
"""


def test_every_target_is_played_and_described() -> None:
    makefile, described = (ROOT / "Makefile").read_text(), (ROOT / "docs" / "reliability.md").read_text()
    targets = set(re.findall(r"^soak-([a-z-]+):", makefile, re.MULTILINE))
    assert targets - {"package"} == set(RIGS), "what seals 50 GiB makes nothing fail"
    assert [name for name in RIGS if f"`make soak-{name}`" not in described] == []


Soak = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def soak(tmp_path: Path) -> Soak:
    """``make soak`` of these rigs, each played by a stand-in."""
    found = re.search(
        r"^soak-versions:.*\n.* -m pytest (.+) tests/", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    assert found
    flags = ["-c", os.devnull, "-p", "no:cacheprovider", *found[1].split()]
    fake = tmp_path / "make.py"
    fake.write_text(f"FLAGS, FOLDER = {flags}, {str(tmp_path)!r}\n{IN_PLACE_OF_MAKE}")
    for name, other in (("versions", 'pytest.skip("no history is at hand")'), ("forks", "pass")):
        (tmp_path / f"test_{name}.py").write_text(IN_PLACE_OF_TESTS.format(other=other))
    environment = os.environ | {"MAKE": f"{sys.executable} {fake}", "PYTHONPATH": str(ROOT)}

    def play(*names: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.faults.soak", *names]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)

    return play


def test_a_rig_that_is_stopped_or_fails_does_not_end_the_others(soak: Soak) -> None:
    playing = soak("power", "disk", "clock")
    assert playing.stdout is not None
    while "soak-power plays" not in playing.stdout.readline():
        pass
    playing.send_signal(signal.SIGINT)
    ended = [line.split()[:2] for line in playing.communicate(timeout=150)[0].splitlines()[-3:]]
    assert ended == [["power", "stopped"], ["disk", "FAILED"], ["clock", "passed"]]
    assert playing.returncode == 1


def test_a_rig_that_played_nothing_has_not_passed(soak: Soak) -> None:
    playing = soak("power-disk", "versions", "forks")
    said = [line.split(maxsplit=1) for line in playing.communicate(timeout=60)[0].splitlines()[-3:]]
    assert said[:2] == [
        ["power-disk", "not played: loop devices are not there"],
        ["versions", "not played: no history is at hand"],
    ]
    assert said[2][1].startswith("passed"), "one of its tests was played"
    assert playing.returncode == 1
