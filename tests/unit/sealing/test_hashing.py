"""Takers beside the reading: each on a thread of its own, each given everything in order."""

from __future__ import annotations

import threading

import pytest

from comity.sealing.hashing import SMALL, update_all


class Meeting:
    """Takes nothing before the other has come: on one thread they would never meet."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self._barrier = barrier
        self.taken = b""

    def update(self, data: memoryview, /) -> None:
        self._barrier.wait()
        self.taken += bytes(data)


class Refusing:
    def update(self, _: memoryview, /) -> None:
        raise ArithmeticError


def test_takers_take_at_the_same_time_and_each_in_order():
    barrier = threading.Barrier(2, timeout=30)
    takers = Meeting(barrier), Meeting(barrier)
    pieces = [bytes([n]) * (SMALL + 1) for n in range(3)]
    update_all(map(memoryview, pieces), *takers)
    assert [taker.taken for taker in takers] == [b"".join(pieces)] * 2


def test_what_one_taker_refuses_is_raised_even_where_the_reading_fails_next():
    def pieces():
        yield memoryview(bytes(SMALL + 1))
        raise ZeroDivisionError

    taker = Meeting(threading.Barrier(1))
    with pytest.raises(ArithmeticError) as refused:
        update_all(pieces(), taker, Refusing())
    assert refused.type is ArithmeticError
    assert len(taker.taken) == SMALL + 1
