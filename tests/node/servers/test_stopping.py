"""What a signal says is heard whatever the process was doing when it came."""

from __future__ import annotations

import threading
from collections.abc import Callable

from comity.node.lifeline import Flag


def returns(call: Callable[[], object]) -> bool:
    """Whether a call comes back."""
    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    caller.join(0.5)
    return not caller.is_alive()


def test_a_handler_comes_back_in_the_middle_of_a_wait() -> None:
    flag = Flag()
    assert not flag.raised
    assert returns(flag.raise_it)
    assert flag.raised


def test_an_event_would_wait_for_the_wait_it_interrupted() -> None:
    """Negative control: the lock that ``Event.wait`` holds around its sleep is the one that ``set`` takes."""
    event = threading.Event()
    with event._cond:  # as in the steps of wait() before and after the sleep
        assert not returns(event.set)
