"""Every rig of docs/reliability.md in its long form, one after the other (``make soak``).

``python -m tests.faults.soak [NAME…]``, a name without its ``soak-``. Ctrl-C ends the rig that plays, which
says what it found so far, and begins the next; twice within two seconds it ends all of them.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

RIGS = {
    "forks": "ledgers rewritten, everything sent again",
    "clock": "a clock that is set",
    "simulation": "five nodes, one of them dishonest",
    "disk": "full and failing disks",
    "kills": "kills at any call",
    "power": "power cuts",
    "power-disk": "power cuts of a real file system",
    "partitions": "lines that break",
    "versions": "the release before beside this one",
    "load": "a peer that floods",
}
"""The targets of the Makefile, the short ones first."""
TWICE = 2.0
"""Seconds within which a second Ctrl-C ends all."""
PASSED, FAILED, STOPPED, LEFT_OUT, NOT_PLAYED = "passed", "FAILED", "stopped", "not begun", "not played"
_WHY_NOT = re.compile(r"(?:not played|SKIPPED \[[0-9]+\] [^ ]+): (.+)")
"""What a rig says that cannot be played here: ``tests.faults.rig`` last, pytest before its last line."""
_ALL_SKIPPED = re.compile(r"[0-9]+ skipped\b.* in .*")
"""The last line of pytest that counts no test as passed: it counts those first."""


@dataclass
class Ran:
    """How a rig ended, after how many seconds, and its last line."""

    name: str
    ended: str = LEFT_OUT
    seconds: float = 0.0
    said: str = ""
    why_not: str = ""

    def hear(self, line: str) -> None:
        """Keep the last line, and why nothing is played."""
        self.said = line.strip() or self.said
        if found := _WHY_NOT.fullmatch(self.said):
            self.why_not = found[1]

    def judge(self, status: int) -> str:
        """How a rig ended that nobody stopped; one that played nothing ends with 0 and has not passed."""
        if status:
            return FAILED
        nothing = _WHY_NOT.fullmatch(self.said) or _ALL_SKIPPED.fullmatch(self.said)
        return NOT_PLAYED if nothing else PASSED

    def __str__(self) -> str:
        """A line of the summary."""
        if self.ended == NOT_PLAYED:
            return f"{self.name:12} {NOT_PLAYED}: {self.why_not or self.said}"
        return f"{self.name:12} {self.ended:10} {self.seconds:7.0f} s  {self.said}".rstrip()


def play(ran: Ran) -> bool:
    """Run a rig to its end, or until it is stopped; False when all of them are to end."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [*os.environ.get("MAKE", "make").split(), "--no-print-directory", f"soak-{ran.name}"]
    began, stopped_at = time.monotonic(), 0.0
    # a session of its own: Ctrl-C comes here alone, and is handed on once
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True
    ) as rig:
        assert rig.stdout is not None
        while True:
            try:
                for line in rig.stdout:
                    sys.stdout.write(line)
                    sys.stdout.flush()
                    ran.hear(line)
                status = rig.wait()
                break
            except KeyboardInterrupt:
                if stopped_at and time.monotonic() - stopped_at < TWICE:
                    os.killpg(rig.pid, signal.SIGTERM)
                    ran.ended, ran.seconds = STOPPED, time.monotonic() - began
                    return False
                stopped_at = time.monotonic()
                os.killpg(rig.pid, signal.SIGINT)
    ran.seconds = time.monotonic() - began
    ran.ended = STOPPED if stopped_at else ran.judge(status)
    return True


def main() -> int:
    """Play the rigs that were asked for, and say how each ended; 1 unless every one passed."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's command behind "&" ignores it
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RIGS)} (default: all)")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(RIGS):
        parser.error(f"no rig: {', '.join(sorted(unknown))}")
    all_of_them = [Ran(name) for name in asked.names or RIGS]
    for number, ran in enumerate(all_of_them, 1):
        sys.stdout.write(
            f"\n[{number} of {len(all_of_them)}] {ran.name}: {RIGS[ran.name]} (make soak-{ran.name})\n"
        )
        sys.stdout.flush()
        if not play(ran):
            break
    sys.stdout.write("\n" + "".join(f"{ran}\n" for ran in all_of_them))
    return 0 if all(ran.ended == PASSED for ran in all_of_them) else 1


if __name__ == "__main__":
    raise SystemExit(main())
