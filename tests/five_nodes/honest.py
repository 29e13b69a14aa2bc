"""A node that keeps the rules of ``comity.delivery`` as a real one must: on disk first, then said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from comity.delivery.envelope import Envelope
from comity.delivery.incoming import Accept, Known, Refuse, Repeat
from comity.delivery.outgoing import Attest, Done, Outgoing, Send, Wait, pause_after
from comity.delivery.standing import standing
from comity.proofs.receipts import ReceiptName
from tests.five_nodes.disk import Disk, Offer, Rules, Thanks, envelope_of
from tests.five_nodes.network import HONEST, START, Head, Network, Note, holds, seal
from tests.five_nodes.watching import Watch

UNDELIVERED = {None, ReceiptName.SUBMISSION_ACCEPTANCE, ReceiptName.RELAY_REMMD_ACCEPTANCE}
ACCEPTANCE, REJECTION = ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.RELAY_REMMD_REJECTION
SPOKEN = {ACCEPTANCE, REJECTION, ReceiptName.DELIVERY, ReceiptName.NON_DELIVERY, ReceiptName.RETRIEVAL}


class Honest:
    """One of the four."""

    def __init__(self, id: str, net: Network, rules: Rules) -> None:
        self.id, self.net, self.rules, self.disk = id, net, rules, Disk()
        self.watch = Watch()
        self.conflicts = self.refused = 0
        self._due: dict[Any, datetime] = {}

    def begin(self) -> None:
        """Go on with what the disk says."""
        disk = self.disk
        self._due = {}
        for letter in disk.written:
            self._look_after(letter)
        for letter in disk.unread:
            self._soon(self._read, letter)
        for letter in disk.unopened:
            self._soon(self._open, letter)
        for letter, name in disk.untold:
            self._push(letter, name, 1)
        self._gossip()

    def receive(self, source: str, message: Any) -> None:
        """Take what a peer sent; who it is, its certificate says."""
        match message:
            case Offer(envelope):
                self._arrive(envelope, source)
            case Note():
                self._keep(message, source)
            case Thanks(letter, name):
                self._on_disk(lambda: self._told(letter, name))
            case Head():
                self._see(message)

    # What is written and sent.

    def write(self, target: str, case: int) -> None:
        """Seal the next letter of the case with this peer."""
        disk, now = self.disk, self.net.now
        generation = len(disk.order.get(target, ())) + 1
        letter = f"{case:04x}{generation:04x}-0000-4000-8000-000000000000"
        disk.written[letter] = Outgoing(now)
        disk.envelopes[letter] = envelope_of(letter, self.id, target, generation, now)
        disk.known[letter] = Known("", disk.envelopes[letter].sha256)
        disk.order.setdefault(target, []).append(letter)
        self._look_after(letter)

    def _look_after(self, letter: str) -> None:
        row, envelope = self.disk.written[letter], self.disk.envelopes[letter]
        if self.rules.in_order and self._waits(letter, envelope.target):
            return
        match self.rules.act(row, self.net.now):
            case Send():
                self._on_disk(lambda: self._offer(letter, envelope, row.attempts))
            case Wait(until):
                self._timer(("letter", letter), until, lambda: self._look_after(letter))
            case Attest(name):
                self._on_disk(lambda: self._attest(letter, name))
            case Done():
                pass

    def _waits(self, letter: str, target: str) -> bool:
        """Letters of one case go in order."""
        order = self.disk.order[target]
        place = order.index(letter)
        return place > 0 and is_undelivered(self.disk.written[order[place - 1]])

    def _offer(self, letter: str, envelope: Envelope, attempts: int) -> list[tuple[str, Any]]:
        row = self.disk.written[letter]
        if row.attempts != attempts:
            return []  # another look at it was faster
        self.disk.written[letter] = replace(row, attempts=row.attempts + 1, tried_at=self.net.now)
        self._look_after(letter)
        return [(envelope.target, Offer(envelope))]

    def _attest(self, letter: str, name: ReceiptName) -> list[tuple[str, Any]]:
        row, envelope = self.disk.written[letter], self.disk.envelopes[letter]
        if isinstance(self.rules.act(row, self.net.now), Attest) and (letter, name) not in self.disk.kept:
            note = self._sign(letter, name, envelope.target, envelope.sha256)
            self._hold(letter, note)
        return []

    def _keep(self, note: Note, source: str) -> None:
        envelope = self.disk.envelopes.get(note.letter)
        genuine = not self.rules.verified or (holds(note) and note.issuer == source and holds(note.head))
        ours = envelope is not None and (note.to, note.container) == (self.id, envelope.sha256)
        if not genuine or not ours or note.name not in SPOKEN or envelope.target != note.issuer:  # type: ignore[union-attr]
            self.refused += 1
            return
        self._see(note.head)
        self._on_disk(lambda: self._stored(note, source))

    def _stored(self, note: Note, source: str) -> list[tuple[str, Any]]:
        first = self.disk.kept.get((note.letter, note.name))
        if first is None:
            self._enter(f"kept {note.letter} {note.name}")
            self._hold(note.letter, note)
        elif first != note:
            self.conflicts += 1
        return [] if note.name in (ACCEPTANCE, REJECTION) else [(source, Thanks(note.letter, note.name))]

    def _hold(self, letter: str, note: Note) -> None:
        row = self.disk.written[letter]
        self.disk.kept[letter, note.name] = note
        if note.issuer == self.id:
            self.disk.written[letter] = replace(row, silences=(*row.silences, note.name))
        else:
            receipts = (*row.receipts, note.name)
            heard = self.net.now if standing(receipts) is note.name else row.heard_at
            self.disk.written[letter] = replace(row, receipts=receipts, heard_at=heard)
        self._look_after(letter)
        order = self.disk.order[self.disk.envelopes[letter].target]
        for following in order[order.index(letter) + 1 :][:1]:
            self._look_after(following)

    # What arrives.

    def _arrive(self, envelope: Envelope, peer: str) -> None:
        if not self.rules.disk_first and self._judge(envelope, peer) == Accept():
            about = (envelope.letter, ACCEPTANCE, peer, envelope.sha256)
            self.net.send(self.id, peer, self._written_note(*about, self._next_head(str(about))))
            self._on_disk(lambda: self._taken(envelope, peer)[:0])
        else:
            self._on_disk(lambda: self._taken(envelope, peer))

    def _judge(self, envelope: Envelope, peer: str) -> Accept | Repeat | Refuse:
        known, now = self.disk.known.get(envelope.letter), self.net.now
        return self.rules.judge(
            envelope, own_id=self.id, peer_id=peer, known=known, now=now, max_bytes=10_000
        )

    def _taken(self, envelope: Envelope, peer: str) -> list[tuple[str, Any]]:
        letter, disk, name = envelope.letter, self.disk, ACCEPTANCE
        match self._judge(envelope, peer):
            case Accept():
                disk.known[letter] = Known(peer, envelope.sha256)
                disk.arrived[letter] = envelope
                disk.unread[letter] = None
                self._soon(self._read, letter)
            case Refuse():
                name = REJECTION
            case Repeat():
                pass
        return [(peer, self._sign(letter, name, peer, envelope.sha256))]

    def _read(self, letter: str) -> list[tuple[str, Any]]:
        """The letter takes effect and is attested in one transaction, as a node's handler does."""
        disk, envelope = self.disk, self.disk.arrived[letter]
        if letter not in disk.unread:
            return []
        del disk.unread[letter]
        name = ReceiptName.NON_DELIVERY
        if envelope.generation > disk.newest.get(envelope.source, 0) or not self.rules.newest_only:
            disk.newest[envelope.source] = envelope.generation
            disk.effects.append((envelope.source, letter, envelope.generation))
            disk.unopened[letter] = None
            name = ReceiptName.DELIVERY
            self._soon(self._open, letter)
        return self._tell(letter, name)

    def _open(self, letter: str) -> list[tuple[str, Any]]:
        if letter not in self.disk.unopened:
            return []
        del self.disk.unopened[letter]
        return self._tell(letter, ReceiptName.RETRIEVAL)

    def _tell(self, letter: str, name: ReceiptName) -> list[tuple[str, Any]]:
        envelope = self.disk.arrived[letter]
        note = self._sign(letter, name, envelope.source, envelope.sha256)
        self.disk.untold[letter, name] = note
        self._push(letter, name, 1)
        return []

    def _told(self, letter: str, name: ReceiptName) -> list[tuple[str, Any]]:
        self.disk.untold.pop((letter, name), None)
        return []

    def _push(self, letter: str, name: ReceiptName, attempt: int) -> None:
        """Send a receipt until its reader has said that it came."""
        note = self.disk.untold.get((letter, name))
        if note is None:
            return
        self.net.send(self.id, note.to, note)
        until = self.net.now + pause_after(attempt)
        self._timer(("tell", letter, name), until, lambda: self._push(letter, name, attempt + 1))

    # The log and its heads.

    def _sign(self, letter: str, name: ReceiptName, to: str, container: str) -> Note:
        """What is signed once is stored, and given again."""
        key = (letter, to, container, name)
        stored = self.disk.signed.get(key)
        if stored is None or not self.rules.stored_receipt:
            head = self._next_head(str((letter, name, to, container)))
            self._enter(str((letter, name, to, container)))
            self.disk.head = self.disk.size
            stored = self.disk.signed[key] = self._written_note(letter, name, to, container, head)
        return stored

    def _written_note(self, letter: str, name: ReceiptName, to: str, container: str, head: Head) -> Note:
        note = Note(self.id, to, letter, name, container, self.net.now, head)
        return note._replace(seal=seal(note, self.id))

    def _next_head(self, entry: str) -> Head:
        head = Head(self.id, self.disk.size + 1, _root(self.disk.root, entry), self.disk.head)
        return head._replace(seal=seal(head, self.id))

    def _enter(self, entry: str) -> None:
        self.disk.size, self.disk.root = self.disk.size + 1, _root(self.disk.root, entry)

    def _see(self, head: Head) -> None:
        if holds(head):
            self.watch.see(head)
        else:
            self.refused += 1

    def _gossip(self) -> None:
        other = self.net.chance.choice([node for node in HONEST if node != self.id])
        for issuer, sizes in self.watch.sizes.items():
            for size in (sizes[-1], self.net.chance.choice(sizes)):
                self.net.send(self.id, other, self.watch.heads[issuer][size])
        if self.net.now < START + timedelta(hours=2 * self.net.faults.hours):
            self.net.later(self.id, 600, self._gossip)

    # The disk and the node's own clock.

    def _on_disk(self, body: Callable[[], list[tuple[str, Any]]]) -> None:
        """A transaction: all of it is on disk after a while, or nothing; only then something is said."""
        self.net.later(
            self.id, self.net.chance.uniform(0.001, self.net.faults.disk), lambda: self._commit(body)
        )

    def _commit(self, body: Callable[[], list[tuple[str, Any]]]) -> None:
        messages = body()
        if self.net.chance.random() < self.net.faults.died and self.net.now < self._calm:
            self.net.crash(self.id)
            return
        for target, message in messages:
            self.net.send(self.id, target, message)

    @property
    def _calm(self) -> datetime:
        return START + timedelta(hours=self.net.faults.hours)

    def _soon(self, act: Callable[[str], list[tuple[str, Any]]], letter: str) -> None:
        self.net.later(self.id, self.net.chance.uniform(1, 300), lambda: self._on_disk(lambda: act(letter)))

    def _timer(self, key: Any, until: datetime, act: Callable[[], None]) -> None:
        if self._due.get(key) == until:
            return
        self._due[key] = until

        def fire() -> None:
            if self._due.get(key) == until:
                del self._due[key]
                act()

        self.net.later(self.id, max(0.0, (until - self.net.now).total_seconds()), fire)


def letters_of(node: Honest) -> Iterator[tuple[str, Envelope, Outgoing]]:
    """What a node wrote."""
    for letter, row in node.disk.written.items():
        yield letter, node.disk.envelopes[letter], row


def is_undelivered(row: Outgoing) -> bool:
    """Whether neither the peer's word nor an attested silence says what became of it."""
    reached = standing(row.receipts, row.silences)
    return reached in UNDELIVERED and ReceiptName.NON_DELIVERY not in row.silences


def _root(before: bytes, entry: str) -> bytes:
    return sha256(before + entry.encode()).digest()
