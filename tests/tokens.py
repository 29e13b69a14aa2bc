"""A SoftHSM token for the tests: made in a folder, used by a module of the PKCS#11 interface."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
_PIN = "1234"


def made(folder: Path) -> str:
    """A new token; the rest of a URI behind its key's name. The library reads its settings once a process."""
    tool = shutil.which("softhsm2-util")
    if tool is None or not MODULE.exists():
        pytest.skip("SoftHSM is not installed")
    pytest.importorskip("pkcs11")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    (folder / "pin").write_text(_PIN)
    command = [tool, "--init-token", "--free", "--label", "comity", "--pin", _PIN, "--so-pin", "4321"]
    subprocess.run(command, check=True, capture_output=True)
    return f"?module-path={MODULE}&pin-source=file:{folder / 'pin'}"
