"""Start the demonstration in a folder of its own and follow what it says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_STEP = re.compile(r" ?(\d+)\. ")


class Play:
    """One run of ``python -m comity.demonstration`` with RUN_ONCE=1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {**os.environ, "COMITY_DEMONSTRATION": str(folder), "RUN_ONCE": "1"}
        environment.pop("COMITY_NODE", None)
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "comity.demonstration"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.lines: list[str] = []

    def follow(self, at_step: Callable[[int], None] = lambda number: None) -> int:
        """Read to the end, calling ``at_step`` when a step begins; the exit status."""
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                self.lines.append(line)
                step = _STEP.match(line)
                if step:
                    at_step(int(step[1]))
            return self.process.wait()
        finally:
            self.kill()  # a test that is interrupted leaves nothing running

    @property
    def text(self) -> str:
        """Everything it said."""
        return "".join(self.lines)

    def kill(self) -> None:
        """SIGKILL to the demonstration itself (the nodes have groups of their own)."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
