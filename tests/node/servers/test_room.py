"""A request is answered without mapping memory at each call that crosses the end of a chunk of the stack."""

from __future__ import annotations

import queue
import resource
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from comity.node import worker
from comity.node.servers import Server


def deep(depth: int) -> int:
    return deep(depth - 1) + 1 if depth else 0


def application(environ: Any, start_response: Any) -> list[bytes]:
    """Calls at every depth, as a page does, a hundred times each."""
    for depth in range(300):
        for _ in range(100):
            call(depth)
    return []


def call(depth: int) -> Any:
    return list(map(deep, (depth,)))


def faults(answer: Callable[..., Any], *given: Any, begin: Callable[..., None] | None = None) -> int:
    """How often a thread of its own meets memory that was not there."""
    counted: queue.SimpleQueue[int] = queue.SimpleQueue()

    def count() -> None:
        before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
        answer(*given)
        counted.put(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before)

    if begin is None:
        threading.Thread(target=count).start()
    else:
        begin("counting", count)
    return counted.get(timeout=60)


def test_with_room_memory_is_met_once() -> None:
    assert faults(Server(lambda: application, {}).load(), {}, None) < 1_000


def test_a_worker_s_threads_have_room() -> None:
    assert faults(application, {}, None, begin=worker._begin) < 1_000


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the interpreter keeps a chunk")
def test_without_room_it_is_met_again_and_again() -> None:
    assert faults(application, {}, None) > 10_000
