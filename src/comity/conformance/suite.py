"""The whole examination of a node: every step in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from comity.conformance import (
    bounding,
    bringing,
    connecting,
    drilling,
    dripping,
    envelopes,
    filling,
    handing,
    opening,
    parting,
    posting,
    sending,
    together,
    waiting,
    witnessing,
)
from comity.conformance.listener import Inbox, listening
from comity.conformance.material import Material
from comity.conformance.peer import Peer
from comity.conformance.steps import Found, Step, carried_out
from comity.conformance.tester import Tester, load, load_second, place
from comity.conformance.trial import Stated, Trial
from comity.conformance.wire import Line
from comity.directory.cards import Card

Begun = tuple[Line, Tester, Card, Inbox, datetime, float, Material]
STEPS: Sequence[Step] = [
    step
    for room in (
        connecting,
        envelopes,
        handing,
        dripping,
        posting,
        together,
        opening,
        bringing,
        sending,
        drilling,
        bounding,
        witnessing,
        parting,
        waiting,
        filling,
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
    second_listen: tuple[str, int] | None = None,
    letters: float = 0,
    stated: Stated | None = None,
) -> Iterator[Trial]:
    """Everything that steps need; the tester listens at ``listen``, else at the address on its card, and as
    the second peer at ``second_listen``. The node's own letters are waited for ``letters`` seconds (0: not at
    all); ``stated`` is what its operator set it to.

    Raises NodeUnreachableError where nothing answers at ``url``, and the errors of ``tester.load``.
    """
    tester, second = load(folder), load_second(folder)
    Line.to(place(url), tester, node, patience).reach()
    with ExitStack() as stack:

        def begun(one: Tester, at: tuple[str, int] | None) -> Begun:
            one.save()
            stack.callback(one.save)
            line = Line.to(place(url), one, node, patience)
            inbox = stack.enter_context(listening(one, node, at or place(one.card.peer_url)))
            return line, one, node, inbox, now, patience, Material(one, node, now)

        other = Peer(*begun(second, second_listen)) if second is not None else None
        stated = stated or Stated()
        yield Trial(*begun(tester, listen), letters=letters, stated=stated, second=other)


def examine(begun: Trial, told: Callable[[Found], None], steps: Sequence[Step]) -> list[Found]:
    """Carry out the steps; each is told as soon as it is found."""
    found = []
    for each in carried_out(steps, begun):
        told(each)
        found.append(each)
    return found
