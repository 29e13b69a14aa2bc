"""Hostile packages cost little memory, and nothing of them is written anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from tests import packages
from tests.hostile import make_packages
from tests.hostile.make_packages import CLASSES

MEMORY = 100 << 20
"""Bytes that verifying every hostile package may add to what the process had before."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every hostile package as a file."""
    folder = tmp_path_factory.mktemp("hostile") / "packages"
    make_packages.main(folder)
    return folder


def test_there_are_at_least_forty_classes_of_at_least_forty_kinds():
    codes = Counter(hostile.code for hostile in CLASSES)
    assert len(CLASSES) >= 40
    assert len(codes) >= 40, sorted(codes)
    assert len({hostile.name for hostile in CLASSES}) == len(CLASSES)


_CHILD = """
import json, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from comity.sealing import opening, trust, verification

folder, anchors, out = map(Path, sys.argv[1:])
written = []

def note(event, arguments):
    # Opening for writing: what has no name (O_TMPFILE) is gone with the process.
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & 3:
        if not (hasattr(__import__("os"), "O_TMPFILE") and arguments[2] & 0o20000000):
            written.append(str(arguments[0]))
    elif event in {"os.mkdir", "os.rename", "os.link", "os.symlink", "shutil.copyfile"}:
        written.append(event)

known = trust.load(anchors)
as_of = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
paths = sorted(folder.glob("*.asice"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.addaudithook(note)
passed = []
for path in paths:
    with path.open("rb") as package, verification.examined(
        package, trust=known, identities=None, as_of=as_of
    ) as case:
        if case.report.verdict == "passed":
            passed.append(path.name)
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
print(json.dumps({"packages": len(paths), "passed": passed, "written": written, "grown": grown}))
"""


def test_hostile_packages_need_little_memory_and_write_nothing(written, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(written), str(packages.key_folder()), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    found = json.loads(done.stdout)
    assert found["packages"] == len(CLASSES)
    assert found["passed"] == []
    assert found["written"] == []
    assert found["grown"] < MEMORY
    assert list(tmp_path.iterdir()) == []


def test_opening_a_hostile_package_leaves_nothing_behind(written, tmp_path, monkeypatch, capsys):
    from comity.cli import main

    monkeypatch.chdir(tmp_path)
    anchors = str(packages.key_folder())
    for path in sorted(written.glob("*.asice")):
        arguments = ["open", str(path), "--trust", anchors, "--as-of", "2026-11-22T03:12:00Z", "-o", "out"]
        assert main(arguments) == 1, path.name
    assert list(tmp_path.iterdir()) == []
