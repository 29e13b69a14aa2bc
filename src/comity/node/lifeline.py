"""A node's processes end with the one that started them, however that one ends."""

from __future__ import annotations

import os
import threading
import time

_EVERY = 0.1


class Flag:
    """Something that a signal says, once and for good.

    A plain attribute, because a signal's handler must take no lock: ``threading.Event.set`` takes the one
    that ``wait`` may be holding in the very thread that the handler interrupts, and both then wait for ever.
    """

    raised = False

    def raise_it(self, *_: object) -> None:
        """The handler."""
        self.raised = True


def follow_parent() -> None:
    """End this process at once when its parent is gone (even by SIGKILL). Everything kept is on disk."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="lifeline").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_EVERY)
    os._exit(0)
