"""What a node does while faults happen: letters both ways, receipts, its ledger, cosigning, evidence.

One process, the node's own functions; its peer is played, with keys of its own and a memory that lasts.
"""

from __future__ import annotations

import hashlib
import io
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.db import transaction
from tests.faults.clock import Clock
from tests.faults.disk import Disk
from tests.faults.founding import NOW, PEER, PLACE
from tests.faults.world import World
from tests.node.exchange.conftest import Peer, letter

from comity.delivery import several
from comity.delivery.envelope import Envelope, read_envelope, write_envelope
from comity.node import config, worker
from comity.node.accounts.models import Official
from comity.node.backups import making
from comity.node.directory import known
from comity.node.exchange import (
    arrivals,
    calling,
    incoming,
    keeping,
    opening,
    outgoing,
    peer_client,
    sealing,
    transport,
    witnessing,
    workspace,
)
from comity.node.exchange.models import Letter
from comity.node.exhibits import intake
from comity.node.jobs import Alone, outbox, running
from comity.node.ledger import entries, sequencer, wall_clock
from comity.node.witnesses import cosigning
from comity.proofs import checkpoints, cosignatures, merkle
from comity.proofs.receipts import ReceiptName, open_receipt
from comity.proofs.witnessing import Submission
from comity.terms import ComityError

OWNER = "rig"
ACTED = "acted"
TOGETHER = 3
"""Letters that go together."""
EXHIBIT = 300_000
"""Bytes of the evidence that is taken in."""


class Deeds:
    """One process's part of the play."""

    def __init__(
        self, base: Path, disk: Disk, world: World, tell: Callable[[dict[str, Any]], None], seed: int
    ) -> None:
        self.base, self.disk, self.world, self.tell = base, disk, world, tell
        self.chance = random.Random(seed)
        self.receipt_early = self.repeating = False
        self.clock = Clock(lambda: self.right)
        disk.set_clock = self.clock.set
        self.ask_time: Callable[[], datetime] = wall_clock.now
        self.peer = Peer(base / PEER)
        self.peer.leaves = [bytes.fromhex(leaf) for leaf in world.leaves]
        self._join()

    def do(self, name: str) -> None:
        """Do one deed, with what must have happened before it."""
        getattr(self, f"_{name}")()

    @property
    def right(self) -> datetime:
        """The time of the play, which is the peer's: it moves when something is waited for."""
        return NOW + timedelta(minutes=self.world.minutes)

    @property
    def now(self) -> datetime:
        """The time by which the node acts: asked for as its endpoints and its worker ask for it."""
        return self.ask_time()

    def recover(self) -> None:
        """What a worker does first; then the peer says again what was not acknowledged; all work is done."""
        with self._deed("recover"):
            workspace.sweep()
            transport.settle()
            running.take_back(OWNER)
            for name in list(self.world.of("arrival")):
                if name not in self.world.of("answer"):
                    self._offer(name)
            for name in list(self.world.of("given")):
                if name not in self.world.of("kept"):
                    self._give(name)
            self._work()
            sequencer.sequence_if_free(self.now)

    # The deeds. What waits afterwards is done by the next process.

    def _send(self) -> None:
        with self._deed("send"):
            for _ in range(TOGETHER):
                self._freeze()
            self._work()

    def _receive(self) -> None:
        name = self._written_by_peer()
        with self._deed("receive"):
            self._offer(name)

    def _receive_several(self) -> None:
        names = self._several_written_by_peer()
        with self._deed("receive_several"):
            self._bring(names)

    def _open(self) -> None:
        self._bring(self._several_written_by_peer())
        with self._deed("open"):
            self._work()

    def _receipt(self) -> None:
        self._offer(self._written_by_peer())
        self._freeze()
        with self._deed("receipt"):
            self._work()
            sent = [each for each in self.world.of("frozen") if each in self.world.of("handed")]
            self._give_at_once([self._receipt_of(name, ReceiptName.DELIVERY) for name in sent])

    def _append(self) -> None:
        with self._deed("append"):
            for _ in range(3):
                name = self._id()
                with transaction.atomic():
                    entry = entries.append("tested", name, {"what": "tested", "n": name}, now=self.now)
                self._fact("entry", name, bytes(entry.commitment).hex())
            checkpoint = sequencer.sequence(self.now)
            assert checkpoint is not None
            self._seen(checkpoint.note)

    def _cosign(self) -> None:
        old = max(map(int, self.world.of("cosigned")), default=0)
        while len(self.peer.leaves) < old + 3:
            self._grow(merkle.leaf_hash(self._id().encode()))
        with self._deed("cosign"):
            answer = self._submit(old)
            if answer.status == HTTPStatus.CONFLICT:  # a fault swallowed what it answered before
                old = int(answer.body)
                self._fact("cosigned", str(old), merkle.root_of(self.peer.leaves[:old]).hex())
                answer = self._submit(old)
            if answer.status == HTTPStatus.OK:
                size = len(self.peer.leaves)
                self._fact("cosigned", str(size), merkle.root_of(self.peer.leaves).hex())
            else:
                self._wrong(f"a head was answered with {answer.status}")

    def _submit(self, old: int) -> cosigning.Answer:
        tree = merkle.subtrees(self.peer.leaves)
        path = merkle.prove_consistency(old, len(self.peer.leaves), tree)
        return cosigning.add_checkpoint(Submission(old, tuple(path), self.peer.head()).as_bytes(), self.now)

    def _ask(self) -> None:
        entries.append("noted", "x", {"what": "noted"}, now=self.now)
        sequencer.sequence(self.now)
        with self._deed("ask"):
            witnessing.ask({"witness": PEER}, self.now)

    def _take_in(self) -> None:
        name, data = self._id(), self.chance.randbytes(EXHIBIT)
        described = intake.Description(
            "XA-2027-000001", 1, "evidence.bin", "application/octet-stream", "source"
        )
        with self._deed("take_in"):
            official = Official.objects.get()
            exhibit = intake.take_in(
                official, io.BytesIO(data), described, now=self.now, exhibit_id=uuid.UUID(name)
            )
            self._fact("exhibit", name, exhibit.sha256)
            if exhibit.sha256 != hashlib.sha256(data).hexdigest():
                self._wrong("evidence was stored otherwise")

    def _rotate(self) -> None:
        with self._deed("rotate"):
            self._fact("rotated", str(transport.rotate(self.now).number), True)

    def _backup(self) -> None:
        self.tell({"minutes": 1})
        with self._deed("backup"):
            made = making.make(config.current(), self.base / PLACE, self.now)
            self._fact("backup", made.path.name, hashlib.sha256(made.path.read_bytes()).hexdigest())

    # What the deeds share.

    def _freeze(self) -> None:
        document = letter("xa-247", PEER, self.now, id=self._id())
        with transaction.atomic():
            row = outgoing.freeze(
                document, peer=known.find(PEER), case_reference=f"XA-{document['id'][:8]}", now=self.now
            )
        self._fact("frozen", document["id"], hashlib.sha256(bytes(row.canonical or b"")).hexdigest())

    def _several_written_by_peer(self) -> list[str]:
        return [self._written_by_peer() for _ in range(TOGETHER)]

    def _written_by_peer(self) -> str:
        """A letter in the peer's outbox, sealed to us."""
        document = letter(PEER, "xa-247", self.right, id=self._id())
        container = self.peer.seal(document, self.right)
        outside = self.base.with_name("outside")
        outside.mkdir(exist_ok=True)
        (outside / document["id"]).write_bytes(container)
        envelope = write_envelope(self.peer.envelope(document, container)).decode()
        self._fact("arrival", document["id"], envelope)
        return str(document["id"])

    def _offer(self, name: str) -> None:
        envelope, container = self._brought(name)
        with self._early():
            self._answered(name, incoming.accept(io.BytesIO(container), envelope, known.find(PEER), self.now))

    def _bring(self, names: list[str]) -> None:
        """Several letters in one request."""
        with self._early():
            brought = [self._brought(name) for name in names]
            answers = incoming.accept_several(brought, known.find(PEER), self.now)
            for name, answer in zip(names, answers, strict=True):
                if not isinstance(answer, ComityError):
                    self._answered(name, answer)
        for answer in answers:
            if isinstance(answer, ComityError):
                raise answer

    def _brought(self, name: str) -> tuple[Envelope, bytes]:
        envelope = read_envelope(self.world.of("arrival")[name].encode())
        return envelope, (self.base.with_name("outside") / name).read_bytes()

    def _early(self) -> AbstractContextManager[Any]:
        """The negative control: what is answered before it is committed."""
        return transaction.atomic() if self.receipt_early else nullcontext()

    def _answered(self, name: str, note: bytes | int) -> None:
        assert isinstance(note, bytes)
        self._fact("answer", name, note.decode())
        self._seen(open_receipt(note, self._own_key()).checkpoint)

    def _give(self, name: str) -> None:
        """The peer hands over a receipt of its own."""
        keeping.keep(self.world.of("given")[name].encode(), known.find(PEER), self.now)
        self._fact("kept", name, True)

    def _give_at_once(self, given: list[str]) -> None:
        """The same of several in one request."""
        for start in range(0, len(given), several.MOST):
            some = given[start : start + several.MOST]
            notes = [(None, self.world.of("given")[each].encode()) for each in some]
            for which, kept in zip(
                some, keeping.keep_several(notes, known.find(PEER), self.now), strict=True
            ):
                if isinstance(kept, ComityError):
                    raise kept
                self._fact("kept", which, True)

    def _receipt_of(self, name: str, what: ReceiptName) -> str:
        """The peer's receipt about a letter of ours: signed once, the same bytes whenever it is sent."""
        which = f"{name}:{what.value}"
        if which not in self.world.of("given"):
            before = len(self.peer.leaves)
            note = self.peer.receipt(Letter.objects.get(id=name), what, self.right)
            for leaf in self.peer.leaves[before:]:
                self.tell({"leaf": leaf.hex()})
            self._fact("given", which, note.decode())
        return which

    def _grow(self, leaf: bytes) -> None:
        self.peer.grow(leaf)
        self.tell({"leaf": leaf.hex()})

    def _work(self) -> None:
        """Every job that is due, as many together as a worker takes, and those that wait to try again."""
        for _ in range(3):
            while any(self._some(aside) for aside in (False, True)):
                pass
            if not outbox.Job.objects.filter(state="waiting").exists():
                return
            self.tell({"minutes": 1})

    def _some(self, aside: bool) -> int:
        return running.run_some(lambda: self.now, OWNER, most=worker.TOGETHER, aside=aside)

    def _seen(self, note: str) -> None:
        """A head of our ledger left the node."""
        text, _, _ = note.partition("\n\n")
        size = text.split("\n")[1]
        self._fact("head", size, text)

    def _own_key(self) -> Any:
        from comity.node.ledger import keys

        return keys.signer().verifier

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def _fact(self, kind: str, name: str, value: Any) -> None:
        self.tell({"fact": kind, "name": name, "value": value})

    def _wrong(self, what: str) -> None:
        self.tell({"wrong": what})

    @contextmanager
    def _deed(self, name: str) -> Iterator[None]:
        before, self.disk.deed = self.disk.deed, name
        try:
            self.disk.begin()
            yield
        finally:
            self.disk.deed = before

    # The peer at the other end of the wire.

    def _join(self) -> None:
        for name in (
            "offer",
            "hand_over",
            "hand_over_several",
            "hand_receipt",
            "hand_receipts",
            "hand_key",
            "submit_head",
            "known_head",
        ):
            setattr(peer_client, name, getattr(self, f"_peer_{name}"))
        calling.takes_at_once = lambda peer: several.MOST
        sealing.readable_form = lambda *_: b"%PDF-1.7"  # type: ignore[assignment]  # rendering keeps nothing
        arrivals._handlers = {"registration": self._act}  # type: ignore[attr-defined]
        arrivals._listeners = []  # type: ignore[attr-defined]

    def repeat_carelessly(self) -> None:
        """A negative control: the effect of a letter stands apart from the note that it was opened."""
        self.repeating = True

        def open_and_act(payload: dict[str, Any], now: datetime) -> None:
            opening.open_arrival(payload, now)
            entries.append(ACTED, payload["letter"], {"what": ACTED}, now=now)

        outbox.handler(incoming.OPEN, open_and_act)
        outbox.handler_of_several(incoming.OPEN, lambda payloads, now: [Alone() for _ in payloads])

    def _act(self, row: Any, document: Any, now: datetime) -> None:
        if not self.repeating:
            entries.append(ACTED, document.id, {"what": ACTED}, now=now)

    def _peer_offer(self, peer: Any, envelope: Envelope) -> bytes | int:
        given = self.world.of("given").get(f"{envelope.letter}:{ReceiptName.RELAY_REMMD_ACCEPTANCE.value}")
        return given.encode() if given else 0

    def _peer_hand_over(self, peer: Any, envelope: Envelope, container: Any, offset: int, most: int) -> bytes:
        with container() as stream:
            self._fact("handed", envelope.letter, hashlib.sha256(stream.read()).hexdigest())
        which = self._receipt_of(envelope.letter, ReceiptName.RELAY_REMMD_ACCEPTANCE)
        return str(self.world.of("given")[which]).encode()

    def _peer_hand_over_several(self, peer: Any, letters: Any) -> list[bytes]:
        return [
            self._peer_hand_over(peer, envelope, lambda held=container: io.BytesIO(held), 0, len(container))
            for envelope, container in letters
        ]

    def _peer_hand_receipts(self, peer: Any, notes: Any) -> list[None]:
        return [self._peer_hand_receipt(peer, note) for note in notes]

    def _peer_hand_receipt(self, peer: Any, note: str) -> None:
        statement = open_receipt(note.encode(), self._own_key())
        self._fact("taken", f"{statement.statement.letter}:{statement.receipt.value}", note)
        self._seen(statement.checkpoint)

    def _peer_hand_key(self, peer: Any, note: bytes) -> None:
        self._fact("key", hashlib.sha256(note).hexdigest(), True)

    def _peer_submit_head(self, witness: Any, body: bytes) -> bytes | int:
        submission = Submission.parse(body)
        text = submission.note.decode().partition("\n\n")[0]
        self._seen(submission.note.decode())
        sizes = [int(each) for each in self.world.of("witnessed")]
        known_size = max(sizes, default=0)
        if submission.old_size != known_size:
            return known_size
        head = checkpoints.Checkpoint.parse(text + "\n")
        if sizes:
            root = bytes.fromhex(self.world.of("witnessed")[str(known_size)])
            merkle.check_consistency(known_size, root, head.size, head.root, submission.path)
        self._fact("witnessed", str(head.size), head.root.hex())
        return cosignatures.cosign(text + "\n", self.peer.keys.log, self.right).encode()

    def _peer_known_head(self, witness: Any, authority: str) -> str:
        return ""
