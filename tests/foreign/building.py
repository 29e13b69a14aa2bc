"""Programs of Go that judge us, built from the modules pinned beside this file."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def go_program(module: str, package: str, program: Path, what: str) -> Path:
    """Build a package of the module in that folder; skips, saying why, where ``what`` cannot be had."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    built = subprocess.run(
        [go, "build", "-o", str(program), package],
        cwd=Path(__file__).parent / module,
        env=os.environ | {"GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"{what} cannot be had here: {built.stderr.strip()[-200:]}")
    return program
