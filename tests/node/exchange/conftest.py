"""The peer of the node under test, as a test plays it: it seals, encrypts, signs receipts, reads ours."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from comity import canonical
from comity.delivery import several
from comity.delivery.envelope import Envelope
from comity.node import config
from comity.node.directory import known
from comity.node.exchange import arrivals, calling, outgoing, peer_client, sealing
from comity.node.exchange.models import Letter
from comity.proofs import checkpoints, merkle, receipts
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.receipts import ReceiptName, Statement
from comity.sealing import encryption
from comity.sealing import keys as sealing_keys
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory


@pytest.fixture
def folder_restored(keys: Any, tmp_path: Path) -> Iterator[None]:
    """The key folder is shared by all tests of a process: whoever changes it gives it back as it was."""
    folder, kept = config.current().keys, tmp_path / "kept"
    shutil.copytree(folder, kept)
    yield
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def letter(source: str, target: str, now: datetime, **changes: Any) -> dict[str, Any]:
    """A sound letter of the kind ``registration``."""
    person = {"name": "A. Officer", "post": "Registrar", "at": canonical.instant_text(now)}
    values = {
        "schema": "comity-letter/1",
        "kind": "registration",
        "id": str(uuid.uuid4()),
        "case": {"requesting": "XA-2027-000001", "requested": "XB-2027-000001"},
        "generation": 1,
        "from": source,
        "to": target,
        "written_at": canonical.instant_text(now),
        "expires_at": canonical.instant_text(now + timedelta(days=30)),
        "answers": [str(uuid.uuid4())],
        "people": [{"part": "signatory", **person}],
        "limits": [],
        "attachments": [],
        "body": {
            "reference": "XB-2027-000001",
            "received_at": canonical.instant_text(now),
            "items": [{"number": 1, "actual": "registered"}],
            "deficiencies": [],
        },
    }
    return values | changes


class Peer:
    """xb-247, without a node: what it would send, and what it would answer."""

    def __init__(self, folder: Any) -> None:
        self.keys = sealing_keys.load(folder)
        self.leaves: list[bytes] = []

    def seal(self, document: dict[str, Any], now: datetime, **options: Any) -> bytes:
        """The letter's container, encrypted to xa-247 (or ``recipient``), sealed by the peer or ``keys``.

        ``readable`` forms by name instead of a few bytes; ``beside`` them (name, media type, bytes).
        """
        sealed, out = io.BytesIO(), io.BytesIO()
        data = options.get("data") or canonical.write(document)
        files = [in_memory("letter.json", "application/json", data)]
        readable = {f"letter.{each}.pdf": b"%PDF-1.7 " + each.encode() for each in ("en", "kk", "ru")}
        readable |= options.get("readable", {})
        files += [in_memory(name, "application/pdf", pdf) for name, pdf in readable.items()]
        files += [in_memory(name, media, signed) for name, media, signed in options.get("beside", ())]
        signer, kind = options.get("keys", self.keys), options.get("kind", Kind.LETTER)
        with PlainFlow(sealed) as flow:
            write_container(flow, files, kind=kind, about={}, signer=signer, now=now)
        sealed.seek(0)
        encryption.encrypt(sealed, out, [options.get("recipient", known.own().recipient)])
        return out.getvalue()

    def envelope(self, document: dict[str, Any], container: bytes, **changes: Any) -> Envelope:
        said = {name: document[name] for name in ("from", "to", "generation", "written_at", "expires_at")}
        digest = {"sha256": sha256(container).hexdigest(), "bytes": len(container)}
        return Envelope.model_validate(said | digest | {"letter": document["id"]} | changes)

    def receipt(self, row: Letter, name: ReceiptName, now: datetime, **changes: Any) -> bytes:
        """The peer's signed receipt about one of our letters, from its ledger."""
        row.refresh_from_db()
        values = {
            "receipt": name,
            "letter": str(row.id),
            "container": {"sha256": row.sha256, "bytes": row.bytes},
            "from": "xb-247",
            "to": "xa-247",
            "at": canonical.instant_text(now),
            "reason": None if name.is_positive else {"code": "expired", "text": "too late"},
        }
        statement = Statement.model_validate(values | changes)
        salt, content = bytes(32), statement.content()
        index = self.grow(leaf_hash(commit(salt, content)))
        path = merkle.prove_inclusion(index, index + 1, merkle.subtrees(self.leaves))
        proof = EntryProof(index, salt, content, index + 1, path)
        return receipts.sign_receipt(statement, proof, self.head(), self.keys.log)

    def grow(self, *leaves: bytes) -> int:
        """Append to the peer's ledger; the index of the last leaf."""
        self.leaves += leaves
        return len(self.leaves) - 1

    def head(self, **changes: Any) -> bytes:
        """The peer's signed head over its ledger."""
        values = {"size": len(self.leaves), "root": merkle.root_of(self.leaves)} | changes
        head = checkpoints.Checkpoint(checkpoints.origin("xb-247"), **values)
        return checkpoints.sign_checkpoint(head, self.keys.log)


@pytest.fixture
def peer(keys: Any) -> Peer:
    return Peer(keys.peer)


class Wire:
    """Stands in for the network: what our node sent, and what the peer answers."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.offered, self.handed, self.receipts = peer, [], [], []
        self.keys: list[bytes] = []
        self.answer: Any = ReceiptName.RELAY_REMMD_ACCEPTANCE
        self.away = self.refuses_receipts = False
        self.at_once = several.MOST
        self.requests = 0
        """How many letters or receipts the peer takes in one request, and how many requests there were."""

    def takes_at_once(self, peer: Any) -> int:
        return self.at_once

    def hand_over_several(self, peer: Any, letters: Any) -> list[bytes]:
        self._reach(peer)
        return [self._taken(envelope, partial(io.BytesIO, container)) for envelope, container in letters]

    def hand_receipts(self, peer: Any, notes: Any) -> list[Any]:
        self._reach(peer)
        self.receipts += notes
        error = peer_client.ReceiptRefusedByPeerError(peer=peer.id) if self.refuses_receipts else None
        return [error for _ in notes]

    def offer(self, peer: Any, envelope: Envelope) -> bytes | int:
        self._reach(peer)
        return 0

    def hand_over(self, peer: Any, envelope: Envelope, container: Any, offset: int, most: int) -> bytes:
        self._reach(peer)
        return self._taken(envelope, container)

    def _taken(self, envelope: Envelope, container: Any) -> bytes:
        self.offered.append(envelope)
        with container() as stream:
            self.handed.append(stream.read())
        if isinstance(self.answer, bytes):
            return self.answer
        row = Letter.objects.get(id=envelope.letter)
        return self.peer.receipt(row, self.answer, canonical.read_instant(envelope.written_at))

    def hand_receipt(self, peer: Any, note: str) -> None:
        self._reach(peer)
        self.receipts.append(note)
        if self.refuses_receipts:
            raise peer_client.ReceiptRefusedByPeerError(peer=peer.id)

    def hand_key(self, peer: Any, note: bytes) -> None:
        self._reach(peer)
        self.keys.append(note)

    def _reach(self, peer: Any) -> None:
        self.requests += 1
        if self.away:
            raise calling.PeerAwayError(peer=peer.id, detail="away")


@pytest.fixture
def wire(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(peer)
    monkeypatch.setattr(calling, "takes_at_once", wire.takes_at_once)
    for name in ("offer", "hand_over", "hand_over_several", "hand_receipt", "hand_receipts", "hand_key"):
        monkeypatch.setattr(peer_client, name, getattr(wire, name))
    return wire


@pytest.fixture
def wired() -> None:
    """Every handler registered, as in a running node."""
    from comity.node import wiring

    wiring.connect()


@pytest.fixture
def frozen(keys: Any, clock: Any, wired: None) -> Letter:
    """A letter that this node has frozen, with its job to seal it."""
    document = letter("xa-247", "xb-247", clock.now)
    return outgoing.freeze(
        document, peer=known.find("xb-247"), case_reference="XA-2027-000001", now=clock.now
    )


@pytest.fixture
def real_pdfs() -> None:
    """Ask for the real readable forms, which cost a second a letter."""


@pytest.fixture(autouse=True)
def short_pdfs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes instead of the readable forms, where a test does not ask for the real ones."""
    if "real_pdfs" not in request.fixturenames:
        monkeypatch.setattr(sealing, "render_letter", lambda *_: b"%PDF-1.7")


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Ids of the letters whose room was asked to act, in order."""
    acted: list[str] = []

    def act(row: Any, document: Any, now: datetime) -> None:
        acted.append(document.id)

    monkeypatch.setattr(arrivals, "_handlers", {"registration": act})
    monkeypatch.setattr(arrivals, "_listeners", [])
    return acted
