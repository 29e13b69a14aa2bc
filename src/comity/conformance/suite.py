"""The whole examination of a node: every step in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from comity.conformance import (
    bounding,
    bringing,
    connecting,
    drilling,
    envelopes,
    handing,
    opening,
    posting,
    sending,
    witnessing,
)
from comity.conformance.listener import listening
from comity.conformance.material import Material
from comity.conformance.steps import Found, Step, carried_out
from comity.conformance.tester import load, place
from comity.conformance.trial import Trial
from comity.conformance.wire import Line
from comity.directory.cards import Card

STEPS: Sequence[Step] = [
    step
    for room in (
        connecting,
        envelopes,
        handing,
        posting,
        opening,
        bringing,
        sending,
        drilling,
        bounding,
        witnessing,
    )
    for step in room.GROUP.steps
]


@contextmanager
def trial(
    url: str,
    folder: Path,
    node: Card,
    *,
    now: datetime,
    patience: float,
    listen: tuple[str, int] | None = None,
    letters: float = 0,
) -> Iterator[Trial]:
    """Everything that steps need; the tester listens at ``listen``, else at the address on its card.
    The node's own letters are waited for ``letters`` seconds (0: not at all).

    Raises NodeUnreachableError where nothing answers at ``url``, and the errors of ``tester.load``.
    """
    tester = load(folder)
    line = Line.to(place(url), tester, node, patience)
    line.reach()
    tester.save()
    with listening(tester, node, listen or place(tester.card.peer_url)) as inbox:
        material = Material(tester, node, now)
        try:
            yield Trial(line, tester, node, inbox, now, patience, material, letters=letters)
        finally:
            tester.save()


def examine(begun: Trial, told: Callable[[Found], None], steps: Sequence[Step]) -> list[Found]:
    """Carry out the steps; each is told as soon as it is found."""
    found = []
    for each in carried_out(steps, begun):
        told(each)
        found.append(each)
    return found
