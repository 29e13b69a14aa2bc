"""The demonstration's processes: started, watched, started again when they die, stopped together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from comity.terms import ComityError, gettext_noop

_STOP_SECONDS = 15


class ProcessKeepsDyingError(ComityError):
    """A process ended again and again although it was started anew."""

    code = "process_keeps_dying"
    message = gettext_noop("The {name} process ends again and again.")
    next_step = gettext_noop("Read {log}.")


class Process:
    """One process in a group of its own, with its log; dead ones are started again by ``keep_alive``."""

    def __init__(self, name: str, command: Sequence[str], log: Path) -> None:
        self.name, self.command, self.log = name, list(command), log
        self.starts: list[float] = []
        self.running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; raise ProcessKeepsDyingError at the twentieth start within a minute."""
        now = time.monotonic()
        self.starts = [at for at in self.starts if at > now - 60] + [now]
        if len(self.starts) >= 20:
            raise ProcessKeepsDyingError(name=self.name, log=self.log)
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def keep_alive(self) -> None:
        """Start it again if it has died."""
        if self.running is None or self.running.poll() is not None:
            self.start()

    def ask_to_stop(self) -> None:
        """Ask it to end, without waiting."""
        if self.running is not None:
            self.running.terminate()

    def stop(self) -> None:
        """Ask it to end, wait, then end its group."""
        if self.running is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = None


class DriverDiedError(ComityError):
    """The process in which the officials' acts are done ended in the middle of one."""

    code = "driver_died"
    message = gettext_noop("The process that acts for the officials of {name} ended.")
    next_step = gettext_noop("It is started again; acts are whole or not done at all.")


class Driver:
    """A process inside one node's settings that does officials' acts, one request at a time."""

    def __init__(self, name: str, folder: Path, log: Path) -> None:
        self.name, self.folder, self.log = name, folder, log
        self.running: subprocess.Popen[str] | None = None

    def ask(self, deed: str, **arguments: Any) -> dict[str, Any]:
        """Have a deed done; raise DriverDiedError when the process ends before it answers."""
        process = self._process()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"deed": deed, "arguments": arguments}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.stop()
            raise DriverDiedError(name=self.name)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def stop(self) -> None:
        """End it; nothing it did can be half done."""
        if self.running is not None:
            self.running.kill()
            self.running.communicate()
            self.running = None

    def _process(self) -> subprocess.Popen[str]:
        if self.running is None:
            with self.log.open("ab") as log:
                self.running = subprocess.Popen(
                    [sys.executable, "-m", "comity.demonstration.driver", str(self.folder)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
        return self.running
