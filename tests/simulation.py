"""Two nodes and a bad network, played from a seed on an event heap: no clock, no socket, no thread.

What a node has stored survives its crashes; what it was about to do does not. The network loses,
doubles, delays and so reorders messages. The nodes use ``comity.delivery`` as a real node must:
store first, then answer; answer a repeat with the stored bytes; sign silence oneself.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.delivery.incoming import Accept, Known, Refuse, Repeat, judge_arrival
from comity.delivery.outgoing import Attest, Done, Outgoing, Send, Wait, next_action
from comity.delivery.standing import standing
from comity.proofs.receipts import ReceiptName

START = datetime(2026, 11, 22, 3, 0, 0, tzinfo=UTC)
UNDELIVERED = {None, ReceiptName.SUBMISSION_ACCEPTANCE, ReceiptName.RELAY_REMMD_ACCEPTANCE}


@dataclass(frozen=True)
class Faults:
    """Shares of messages lost and doubled, longest delay (s), crashes of each node in the first two hours."""

    lost: float = 0.3
    doubled: float = 0.2
    delay: float = 90.0
    crashes: int = 6
    outage: float = 600.0


@dataclass
class Sender:
    """What the sending node has stored: its letters in order of generation, and the receipts it holds."""

    letters: dict[str, Outgoing] = field(default_factory=dict)
    envelopes: dict[str, Envelope] = field(default_factory=dict)


@dataclass
class Receiver:
    """What the receiving node has stored; ``effects`` are the changes its case has seen, in order."""

    known: dict[str, Known] = field(default_factory=dict)
    unread: dict[str, Envelope] = field(default_factory=dict)
    receipts: dict[str, list[tuple[ReceiptName, bytes]]] = field(default_factory=dict)
    effects: list[tuple[str, int]] = field(default_factory=list)
    newest: int = 0


class Simulation:
    """One exchange of ``letters`` letters of one case from kz-247 to tm-247."""

    def __init__(self, seed: int, *, letters: int = 3, faults: Faults | None = None) -> None:
        self.random = random.Random(seed)
        self.faults = faults or Faults()
        self.now = START
        self.sender, self.receiver = Sender(), Receiver()
        self.remembers_letters = True
        self.checks_generation = True
        self.keeps_order = True
        self.retries = True
        self.answers: list[tuple[str, ReceiptName, bytes]] = []
        self.trace = sha256()
        self._heap: list[tuple[datetime, int, str, Callable[[], None]]] = []
        self._numbers = count()
        self._down = {"sender": START, "receiver": START}
        for generation in range(1, letters + 1):
            self._write(generation)
        for node in self._down:
            for _ in range(self.faults.crashes):
                self._at(START + timedelta(seconds=self.random.uniform(0, 7200)), node, self._crash(node))
        self._at(START, "sender", self._look_after_letters)
        self._at(START, "receiver", self._look_after_arrivals)

    def run(self, hours: float = 48) -> Simulation:
        """Play every event of the given time."""
        end = START + timedelta(hours=hours)
        while self._heap and self._heap[0][0] <= end:
            self.now, number, node, act = heapq.heappop(self._heap)
            self.trace.update(f"{self.now.isoformat()} {number} {node}\n".encode())
            if self._down.get(node, START) <= self.now:
                act()
        return self

    def standing(self) -> dict[str, ReceiptName | None]:
        """How the sender sees each of its letters."""
        return {letter: standing(row.receipts, row.silences) for letter, row in self.sender.letters.items()}

    # Events. An event at a node that is down is lost, like what was in that node's memory.

    def _at(self, when: datetime, node: str, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (when, next(self._numbers), node, act))

    def _crash(self, node: str) -> Callable[[], None]:
        def crash() -> None:
            up_again = self.now + timedelta(seconds=self.random.uniform(0, self.faults.outage))
            self._down[node] = up_again
            restart = self._look_after_letters if node == "sender" else self._look_after_arrivals
            self._at(up_again, node, restart)

        return crash

    def _network(self, node: str, act: Callable[[], None]) -> None:
        copies = 0 if self.random.random() < self.faults.lost else 1
        copies += self.random.random() < self.faults.doubled
        for _ in range(copies):
            self._at(self.now + timedelta(seconds=self.random.uniform(0.01, self.faults.delay)), node, act)

    # The sender.

    def _write(self, generation: int) -> None:
        letter = f"{generation:08x}-0000-4000-8000-000000000000"
        self.sender.letters[letter] = Outgoing(START)
        self.sender.envelopes[letter] = Envelope.model_validate(
            {
                "schema": "comity-envelope/1",
                "letter": letter,
                "from": "kz-247",
                "to": "tm-247",
                "generation": generation,
                "sha256": sha256(letter.encode()).hexdigest(),
                "bytes": 1000,
                "written_at": canonical.instant_text(START),
                "expires_at": canonical.instant_text(START + timedelta(days=30)),
            }
        )

    def _look_after_letters(self) -> None:
        waiting = False
        for letter, row in list(self.sender.letters.items()):
            if not (waiting and self.keeps_order):
                self._do(letter, row)
            waiting = waiting or self._is_undelivered(letter)
        self._at(self.now + timedelta(seconds=30), "sender", self._look_after_letters)

    def _do(self, letter: str, row: Outgoing) -> None:
        match next_action(row, self.now):
            case Send() if self.retries or row.attempts == 0:
                self.sender.letters[letter] = replace(row, attempts=row.attempts + 1, tried_at=self.now)
                envelope = self.sender.envelopes[letter]
                self._network("receiver", lambda: self._arrive(envelope))
            case Attest(receipt):
                silences = (*row.silences, receipt)
                self.sender.letters[letter] = replace(row, silences=silences)
            case Send() | Wait() | Done():
                pass

    def _keep_receipt(self, letter: str, name: ReceiptName) -> None:
        row = self.sender.letters[letter]
        if name not in row.receipts:
            first = standing((*row.receipts, name)) is name
            at = self.now if first else row.heard_at
            self.sender.letters[letter] = replace(row, receipts=(*row.receipts, name), heard_at=at)

    def _is_undelivered(self, letter: str) -> bool:
        row = self.sender.letters[letter]
        return standing(row.receipts, row.silences) in UNDELIVERED

    # The receiver.

    def _arrive(self, envelope: Envelope) -> None:
        known = self.receiver.known.get(envelope.letter) if self.remembers_letters else None
        verdict = judge_arrival(
            envelope, own_id="tm-247", peer_id="kz-247", known=known, now=self.now, max_bytes=10_000
        )
        match verdict:
            case Accept():
                self.receiver.known[envelope.letter] = Known(envelope.source, envelope.sha256)
                self.receiver.unread[envelope.letter] = envelope
                self._sign(envelope.letter, ReceiptName.RELAY_REMMD_ACCEPTANCE)
            case Refuse(code):
                raise AssertionError(code)
            case Repeat():
                pass
        name, note = self.receiver.receipts[envelope.letter][0]
        self._answer(envelope.letter, name, note)

    def _sign(self, letter: str, name: ReceiptName) -> None:
        note = f"{letter} {name} {self.now.isoformat()}".encode()
        self.receiver.receipts.setdefault(letter, []).append((name, note))

    def _answer(self, letter: str, name: ReceiptName, note: bytes) -> None:
        self.answers.append((letter, name, note))
        self._network("sender", lambda: self._keep_receipt(letter, name))

    def _look_after_arrivals(self) -> None:
        for letter in list(self.receiver.unread):
            self._read(letter)
        for letter, receipts in self.receiver.receipts.items():
            delivered = receipts[-1][0] == ReceiptName.DELIVERY
            if delivered and self.random.random() < 0.2:
                self._sign(letter, ReceiptName.RETRIEVAL)
            for name, note in receipts[1:]:
                self._answer(letter, name, note)
        self._at(self.now + timedelta(seconds=60), "receiver", self._look_after_arrivals)

    def _read(self, letter: str) -> None:
        """The signed letter takes effect and is attested in one transaction, as a node's handler does."""
        envelope = self.receiver.unread.pop(letter)
        if self.checks_generation and envelope.generation <= self.receiver.newest:
            self._sign(letter, ReceiptName.NON_DELIVERY)
            return
        self.receiver.newest = envelope.generation
        self.receiver.effects.append((letter, envelope.generation))
        self._sign(letter, ReceiptName.DELIVERY)
