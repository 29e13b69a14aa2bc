"""A node that forges, replays, squats, re-addresses, equivocates and keeps silent, as the seed says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from comity.delivery.envelope import Envelope
from comity.proofs.receipts import ReceiptName
from tests.five_nodes.disk import Offer, Thanks, envelope_of
from tests.five_nodes.honest import Honest
from tests.five_nodes.network import DISHONEST, HONEST, START, Head, Network, Note, seal


@dataclass
class Dishonest:
    """It keeps what it is sent, and may look at every disk for what to forge; it knows no other's key."""

    net: Network
    id: str = DISHONEST
    letters: list[Envelope] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    own: dict[str, Envelope] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def begin(self) -> None:
        """Do one misdeed after the other for as long as the others write."""
        misdeeds: tuple[Callable[[str], None], ...] = (
            self._write,
            self._write,
            self._write_stale,
            self._write_twice_under_one_id,
            self._offer_a_letter_of_another,
            self._offer_a_letter_for_another,
            self._write_under_another_name,
            self._take_an_id,
            self._write_out_of_time,
            self._forge_a_receipt,
            self._show_a_receipt_of_another,
            self._change_a_receipt,
            self._show_another_ledger,
        )
        self.net.chance.choice(misdeeds)(self.net.chance.choice(HONEST))
        if self.net.now < START + timedelta(hours=self.net.faults.hours):
            self.net.later(self.id, self.net.chance.uniform(1, 60), self.begin)

    def receive(self, source: str, message: Any) -> None:
        """Keep it; answer a letter truly, falsely, twice or not at all."""
        if isinstance(message, Note):
            self.notes.append(message)
            if self.net.chance.random() < 0.5:
                self.net.send(self.id, source, Thanks(message.letter, message.name))
        if not isinstance(message, Offer):
            return
        self.letters.append(message.envelope)
        for _ in range(self.net.chance.randint(0, 2)):
            name = self.net.chance.choice(tuple(ReceiptName))
            note = self._note(source, message.envelope.letter, name, message.envelope.sha256)
            self.net.send(self.id, source, note)

    # Letters.

    def _write(self, to: str) -> None:
        self.generations[to] = self.generations.get(to, 0) + 1
        self._offer(to, self._envelope(to, self.generations[to]))

    def _write_stale(self, to: str) -> None:
        self._offer(to, self._envelope(to, self.net.chance.randint(1, max(1, self.generations.get(to, 1)))))

    def _write_twice_under_one_id(self, to: str) -> None:
        mine = [envelope for envelope in self.own.values() if envelope.target == to]
        if mine:
            other = sha256(str(self.count).encode()).hexdigest()
            self._offer(to, self.net.chance.choice(mine).model_copy(update={"sha256": other}))

    def _offer_a_letter_of_another(self, to: str) -> None:
        """As it is, with its true sender and its true recipient."""
        if found := self._of_somebody(to):
            self._offer(to, found)

    def _offer_a_letter_for_another(self, to: str) -> None:
        """A letter of its own that names another recipient."""
        other = self.net.chance.choice([node for node in HONEST if node != to])
        self._offer(to, self._envelope(other, 10**6))

    def _write_under_another_name(self, to: str) -> None:
        other = self.net.chance.choice([node for node in HONEST if node != to])
        self._offer(to, self._envelope(to, 10**6).model_copy(update={"source": other}))

    def _take_an_id(self, to: str) -> None:
        """The id of a letter that is there, or that the other wrote, under its own name."""
        if found := self._of_somebody(to):
            self._offer(to, found.model_copy(update={"source": self.id, "target": to}))

    def _write_out_of_time(self, to: str) -> None:
        change = self.net.chance.choice(
            [
                {"written_at": "2027-11-22T03:00:00Z", "expires_at": "2027-11-23T03:00:00Z"},
                {"written_at": "2026-10-01T03:00:00Z", "expires_at": "2026-11-01T03:00:00Z"},
                {"expires_at": "2030-01-01T00:00:00Z"},
                {"bytes": 10**9},
            ]
        )
        self._offer(to, self._envelope(to, 10**6).model_copy(update=change))

    # Receipts and heads.

    def _forge_a_receipt(self, to: str) -> None:
        """Another's receipt about a letter of the victim, under a seal of its own."""
        if found := self._sent_by(to):
            note = self._note(to, found.letter, self.net.chance.choice(tuple(ReceiptName)), found.sha256)
            issuer = self.net.chance.choice((found.target, self.id))
            head = note.head._replace(issuer=issuer)
            forged = note._replace(issuer=issuer, head=head)
            self.net.send(self.id, to, forged._replace(seal=seal(forged, self.id)))

    def _show_a_receipt_of_another(self, to: str) -> None:
        if self.notes:
            self.net.send(self.id, to, self.net.chance.choice(self.notes))

    def _change_a_receipt(self, to: str) -> None:
        if self.notes and (found := self._sent_by(to)):
            note = self.net.chance.choice(self.notes)._replace(
                to=to, letter=found.letter, container=found.sha256
            )
            self.net.send(self.id, to, note)

    def _show_another_ledger(self, to: str) -> None:
        """Each victim is shown a ledger of its own."""
        self.net.send(self.id, to, self._head(to))

    # What they are made of.

    def _envelope(self, to: str, generation: int) -> Envelope:
        self.count += 1
        letter = f"eeee0000-0000-4000-8000-{self.count:012x}"
        made = envelope_of(letter, self.id, to, generation, self.net.now)
        self.own[letter] = made
        return made

    def _offer(self, to: str, envelope: Envelope) -> None:
        self.net.send(self.id, to, Offer(envelope))

    def _note(self, to: str, letter: str, name: ReceiptName, container: str) -> Note:
        note = Note(self.id, to, letter, name, container, self.net.now, self._head(to))
        return note._replace(seal=seal(note, self.id))

    def _head(self, to: str) -> Head:
        size = (self.net.now - START) // timedelta(minutes=5)
        root = sha256(f"ledger of {self.id} for {to} at {size}".encode()).digest()
        head = Head(self.id, size + 1, root, size)
        return head._replace(seal=seal(head, self.id))

    def _victim(self, node: str) -> Honest:
        found = self.net.nodes[node]
        assert isinstance(found, Honest)
        return found

    def _of_somebody(self, to: str) -> Envelope | None:
        there = list(self._victim(to).disk.arrived.values()) + list(self._victim(to).disk.envelopes.values())
        return self.net.chance.choice(there) if there else None

    def _sent_by(self, node: str) -> Envelope | None:
        sent = list(self._victim(node).disk.envelopes.values())
        return self.net.chance.choice(sent) if sent else None
