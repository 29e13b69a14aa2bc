"""A node folder for the tests, made before Django reads its settings (loaded with ``-p tests.environment``).

``COMITY_TEST_DATABASE`` (a ``postgresql://`` address) makes the same tests run on PostgreSQL.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path


def make_folder() -> Path:
    """A folder with settings and a secret; keys are made by the fixture that needs them.

    The machine's clock counts as believed, whatever times the tests write into the ledger.
    """
    folder = Path(tempfile.mkdtemp(prefix="comity-test-node-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "secret").write_text("only-for-tests", encoding="ascii")
    (folder / "node.toml").write_text(
        'id = "xa-247"\nstate = "XA"\nname = "Point of contact of State XA"\n'
        'second_factor = "optional"\nstep_up = "offered"\ndemonstration = true\n'
        f'database = "{os.environ.get("COMITY_TEST_DATABASE", "sqlite")}"\n',
        encoding="utf-8",
    )
    (folder / "run").mkdir()
    running = time.clock_gettime(time.CLOCK_BOOTTIME)
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    believed = {"boot": boot, "wall": datetime.now(UTC).isoformat(), "running": repr(running)}
    (folder / "run" / "clock").write_text(json.dumps(believed), encoding="ascii")
    return folder


if "COMITY_NODE" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:  # each worker has its own node
    os.environ["COMITY_NODE"] = str(make_folder())
