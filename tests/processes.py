"""Processes that a test began through others, and that must end."""

from __future__ import annotations

import time
from pathlib import Path


def gone(process: int, *, seconds: int) -> bool:
    """Whether a process ends by then; nobody may be there to ask for its status."""
    for _ in range(10 * seconds):
        try:
            if ") Z " in Path(f"/proc/{process}/stat").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.1)
    return False
