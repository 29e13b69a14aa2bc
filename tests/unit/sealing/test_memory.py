"""Memory does not grow with what is sealed, verified and taken out: measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

MIB, LIMIT = 512, 150
"""Size of the evidence, and what a process may hold at most."""
CODE = """
import io, sys
from pathlib import Path
from tests import packages
from comity.sealing import opening, writing
from comity.sealing.sources import PackageFile
from comity.sealing.verification import examined

folder, whole = Path(sys.argv[1]), sys.argv[2] == "whole"
evidence, package, signer = folder / "evidence.img", folder / "p.asice.age", packages.authority()

def opened():
    return io.BytesIO(evidence.read_bytes()) if whole else evidence.open("rb")

file = PackageFile("evidence.img", "application/octet-stream", opened)
writing.seal(package, [file], about={}, signer=signer, now=packages.NOW, recipients=[signer.recipient])
if not whole:
    known = {"trust": packages.anchors(), "identities": [signer.identity], "as_of": packages.NOW}
    with examined(package, **known) as case:
        assert case.report.verdict == "passed"
        opening.take_out(case, folder / "out")
    assert (folder / "out" / "evidence.img").stat().st_size == evidence.stat().st_size
status = Path("/proc/self/status").read_text()
print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    """A folder with a file of so many MiB that takes no room."""
    with (tmp_path / "evidence.img").open("wb") as file:
        file.truncate(MIB << 20)
    return tmp_path


def held(folder: Path, how: str) -> int:
    """MiB that the process held at most."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(folder), how], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
def test_sealing_verifying_and_opening_hold_little_whatever_the_size(evidence):
    assert held(evidence, "streamed") < LIMIT


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's peak")
def test_who_reads_a_file_whole_is_noticed(evidence):
    assert held(evidence, "whole") > LIMIT
