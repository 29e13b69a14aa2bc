"""Room on the interpreter's stack for what calls deeply.

CPython 3.11 maps and unmaps a chunk of 16 KiB whenever a call crosses the end of one, hundreds of times for
each page that is drawn or letter that is opened: a fifth of the processor time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_room(run: Callable[..., Any], *given: Any) -> Any:
    """Run it in a chunk of 1 MiB of the thread's stack, half of it free."""
    return run(*given)


with_room.__code__ = with_room.__code__.replace(co_stacksize=70_000)
