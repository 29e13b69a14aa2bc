"""Time and messages: an event heap, and a network that loses, doubles, delays, reorders and cuts."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple, Protocol

from comity.proofs.receipts import ReceiptName

START = datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC)
HONEST = ("xa-247", "xb-247", "xc-247", "xd-247")
DISHONEST = "xe-247"
NODES = (*HONEST, DISHONEST)


class Head(NamedTuple):
    """A signed head of a node's log; ``after`` is the size of the head that it signed before."""

    issuer: str
    size: int
    root: bytes
    after: int
    seal: str = ""


class Note(NamedTuple):
    """A signed receipt: what its issuer attests of a letter, and the head that proves it."""

    issuer: str
    to: str
    letter: str
    name: ReceiptName
    container: str
    at: datetime
    head: Head
    seal: str = ""


def seal(signed: Note | Head, by: str) -> str:
    """A signature as good as the simulation needs: nobody here knows another's key."""
    return sha256(f"key of {by} {signed._replace(seal='')}".encode()).hexdigest()


def holds(signed: Note | Head) -> bool:
    """Whether its issuer signed it."""
    return signed.seal == seal(signed, signed.issuer)


@dataclass(frozen=True)
class Faults:
    """Shares of messages lost and doubled, longest delay (s); crashes of each node and cuts in ``hours``.

    A transaction takes up to ``disk`` seconds to be on disk; with ``died`` a node dies right after it, before
    it has said anything. Of one pair of nodes the way back is cut for longer than any receipt may take.
    """

    lost: float = 0.2
    doubled: float = 0.2
    delay: float = 60.0
    crashes: int = 10
    outage: float = 600.0
    cuts: int = 12
    cut: float = 1800.0
    hours: float = 6.0
    disk: float = 3.0
    died: float = 0.01


class Node(Protocol):
    """Who takes part."""

    id: str

    def receive(self, source: str, message: Any) -> None:
        """Take a message from whoever the connection's certificate names."""

    def begin(self) -> None:
        """Take up the work, with nothing but what is on disk."""


class Cut(NamedTuple):
    """From when until when nothing goes from the one group of nodes to the other."""

    begins: datetime
    ends: datetime
    source: tuple[str, ...]
    target: tuple[str, ...]


class Network:
    """What happens, in which order. Every choice is the seed's; ``trace`` is the hash of all of it."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self.chance, self.faults, self.now = random.Random(seed), faults, START
        self.nodes: dict[str, Node] = {}
        self.delivered = 0
        self.trace = sha256()
        self.notes: dict[tuple[str, ...], set[Note]] = {}
        self._heap: list[tuple[datetime, int, str, int, Callable[[], None]]] = []
        self._numbers = count()
        self._down = dict.fromkeys(NODES, START)
        self._lives = dict.fromkeys(NODES, 0)
        a, b = self.chance.sample(HONEST, 2)
        self.cut_off = (a, b)
        self._cuts = [Cut(START, START + timedelta(hours=26), (b,), (a,))] + [
            self._short_cut() for _ in range(faults.cuts)
        ]
        for node in NODES:
            for _ in range(faults.crashes):
                when = START + timedelta(hours=self.chance.uniform(0, faults.hours))
                self._push(when, node, -1, lambda node=node: self.crash(node))

    def play(self, hours: float) -> None:
        """Let everything happen until then."""
        end, heap, trace = START + timedelta(hours=hours), self._heap, self.trace
        for node in self.nodes.values():
            node.begin()
        while heap and heap[0][0] <= end:
            self.now, number, node, life, act = heapq.heappop(heap)
            trace.update(
                b"%d %d %s\n" % (number, (self.now - START) // timedelta(microseconds=1), node.encode())
            )
            if life < 0 or (life == self._lives[node] and self._down[node] <= self.now):
                act()

    def happens(self, when: datetime, node: str, act: Callable[[], None]) -> None:
        """What comes from outside at a given time; a node that is down has it done once it is up."""

        def once_up() -> None:
            if self._down[node] > self.now:
                self._push(self._down[node], node, -1, once_up)
            else:
                act()

        self._push(when, node, -1, once_up)

    def later(self, node: str, seconds: float, act: Callable[[], None]) -> None:
        """What a node means to do: forgotten when it dies before."""
        self._push(self.now + timedelta(seconds=seconds), node, self._lives[node], act)

    def crash(self, node: str) -> None:
        """The node loses what is not on its disk, and comes back after a while."""
        self._lives[node] += 1
        away = timedelta(seconds=self.chance.uniform(0, self.faults.outage))
        self._down[node] = max(self._down[node], self.now + away)
        self._push(self._down[node], node, self._lives[node], self.nodes[node].begin)

    def send(self, source: str, target: str, message: Any) -> None:
        """Hand a message to the network, which brings it never, once or twice."""
        if isinstance(message, Note):
            key = (message.issuer, message.to, message.letter, message.name, message.container)
            if source == message.issuer:
                self.notes.setdefault(key, set()).add(message)
        chance, faults = self.chance, self.faults
        copies = (chance.random() >= faults.lost) + (chance.random() < faults.doubled)
        for _ in range(copies):
            when = self.now + timedelta(seconds=chance.uniform(0.01, faults.delay))
            self._push(when, target, -1, lambda: self._arrive(source, target, message))

    def _arrive(self, source: str, target: str, message: Any) -> None:
        now = self.now
        if self._down[target] > now:
            return
        if any(
            cut.begins <= now < cut.ends and source in cut.source and target in cut.target
            for cut in self._cuts
        ):
            return
        self.delivered += 1
        self.nodes[target].receive(source, message)

    def _push(self, when: datetime, node: str, life: int, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (when, next(self._numbers), node, life, act))

    def _short_cut(self) -> Cut:
        chance = self.chance
        begins = START + timedelta(hours=chance.uniform(0, self.faults.hours))
        apart = tuple(chance.sample(NODES, chance.randint(1, 4)))
        rest = tuple(node for node in NODES if node not in apart)
        both = (NODES, NODES) if chance.random() < 0.1 else (apart, rest)
        ends = begins + timedelta(seconds=chance.uniform(60, self.faults.cut))
        return Cut(begins, ends, *(both if chance.random() < 0.5 else reversed(both)))
