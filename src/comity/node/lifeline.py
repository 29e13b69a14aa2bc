"""A node's processes end with the one that started them, however that one ends."""

from __future__ import annotations

import os
import threading
import time

_EVERY = 0.1


def follow_parent() -> None:
    """End this process at once when its parent is gone (even by SIGKILL). Everything kept is on disk."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="lifeline").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(0)
