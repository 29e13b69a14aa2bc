"""A node's evidence as files in memory: two exhibits, letters of both ways, receipts; all is fictional."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from typing import IO, Any

from comity import canonical
from comity.proofs import merkle
from comity.proofs.checkpoints import Checkpoint, origin, sign_checkpoint
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.receipts import ContainerDigest, ReceiptName, Statement, sign_receipt
from comity.sealing import archive
from comity.sealing.report import Report
from comity.shapes import encode_base64
from tests import bundles, packages

OWN, OTHER = "kz-247", "tm-247"
SENT = "3f6c1f0a-9d3b-4c53-8a44-1c2f7c0b6e01"


class Memory:
    """Files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def names(self) -> list[str]:
        return sorted(self.files)

    def open(self, name: str) -> IO[bytes]:
        return io.BytesIO(self.files[name])


class Node:
    """Grows a ledger in batches, each with its checkpoint, as a node's sequencer does."""

    def __init__(self, id: str) -> None:
        self.authority = packages.authority(id)
        self.contents: list[Any] = []
        self.heads: list[tuple[int, bytes]] = []

    def enter(self, content: Any) -> int:
        self.contents.append(content)
        return len(self.contents) - 1

    def salt(self, index: int) -> bytes:
        return hashlib.sha256(f"{self.authority.id}/{index}".encode()).digest()

    def leaves(self, size: int) -> list[bytes]:
        return [leaf_hash(commit(self.salt(n), self.contents[n])) for n in range(size)]

    def head(self) -> bytes:
        size = len(self.contents)
        if not self.heads or self.heads[-1][0] != size:
            after = self.heads[-1][0] if self.heads else 0
            head = Checkpoint(origin(self.authority.id), size, merkle.root_of(self.leaves(size)), after)
            self.heads.append((size, sign_checkpoint(head, self.authority.log)))
        return self.heads[-1][1]

    def receipt(self, letter: str, name: ReceiptName, container: bytes, to: str) -> str:
        digest = ContainerDigest(sha256=hashlib.sha256(container).hexdigest(), bytes=len(container))
        values = {"receipt": name, "letter": letter, "container": digest, "from": self.authority.id}
        statement = Statement.model_validate(
            values | {"to": to, "at": "2026-11-22T03:13:00Z", "reason": None}
        )
        index = self.enter(statement.content())
        note = self.head()
        size = len(self.contents)
        path = merkle.prove_inclusion(index, size, merkle.subtrees(self.leaves(size)))
        proof = EntryProof(index, self.salt(index), self.contents[index], size, path)
        return sign_receipt(statement, proof, note, self.authority.log).decode()


@cache
def _archive() -> dict[str, bytes]:
    own, other = Node(OWN), Node(OTHER)
    parts = bundles.Parts()
    letter = parts.letter("exhibits/TM-2026-000001-E1/access.log")
    came = bundles.letter_package(
        letter, {"exhibits/TM-2026-000001-E1/access.log": bundles.LOG}, packages.authority(OTHER)
    )
    request = {"schema": "comity-letter/1", "kind": "request", "id": SENT, "from": OWN, "to": OTHER}
    went = bundles.letter_package(request | {"attachments": [], "body": {}}, {}, packages.authority(OWN))
    own.enter({"what": "opened", "case": "KZ-2026-000001"})
    own.enter({"what": "letter_sealed", "letter": SENT, "sha256": _sha256(went), "bytes": len(went)})
    other.enter({"what": "opened", "case": "TM-2026-000001"})
    given = other.receipt(SENT, ReceiptName.DELIVERY, went, OWN)
    own.enter(
        {"what": "receipt_kept", "letter": SENT, "receipt": "DELIVERY", "sha256": _sha256(given.encode())}
    )
    own.head()
    own.enter({"what": "letter_received", "letter": letter["id"], "sha256": _sha256(came)})
    ours = own.receipt(letter["id"], ReceiptName.DELIVERY, came, OTHER)
    segments = [hashlib.sha256(b"segment %d" % n).digest() * 4 for n in range(3)]
    listed = [{"bytes": 64, "sha256": _sha256(each)} for each in segments]
    own.enter({"what": "exhibit_stored", "exhibit": bundles.EXHIBIT, "segments": listed})
    rows = [
        {
            "exhibit": bundles.EXHIBIT,
            "n": record["n"],
            "entry": own.enter(record) if record["by"]["authority"] == OWN else None,
            "record": record,
        }
        for record in parts.records
    ]
    own.head()
    own.enter({"what": "closed", "case": "KZ-2026-000001"})
    own.head()
    receipts = sorted(
        [
            {"letter": SENT, "receipt": "DELIVERY", "by": OTHER, "note": given},
            {"letter": letter["id"], "receipt": "DELIVERY", "by": OWN, "note": ours},
        ],
        key=lambda row: (row["letter"], row["receipt"]),
    )
    entries = [
        {
            "index": n,
            "commitment": commit(own.salt(n), content).hex(),
            "salt": encode_base64(own.salt(n)),
            "content": content,
        }
        for n, content in enumerate(own.contents)
    ]
    placed = [{"exhibit": bundles.EXHIBIT, "position": n} | part for n, part in enumerate(listed)]
    return {
        "log.vkey": own.authority.log.verifier.text.encode() + b"\n",
        "checkpoints.jsonl": lines([{"note": note.decode()} for _, note in own.heads]),
        "entries.jsonl": lines(entries),
        "custody.jsonl": lines(rows),
        "segments.jsonl": lines(placed),
        "receipts.jsonl": lines(receipts),
        f"containers/{SENT}.asice": went,
        f"containers/{letter['id']}.asice": came,
    } | {f"segments/{_sha256(each)}": each for each in segments}


def sound() -> dict[str, bytes]:
    """The files of an archive in which nothing is wrong."""
    return dict(_archive())


def judged(files: dict[str, bytes]) -> Report:
    """The report under the node's own ledger key."""
    key = packages.authority(OWN).log.verifier
    return archive.verify(Memory(files), key, as_of=packages.NOW)


def lines(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical.write(row) + b"\n" for row in rows)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
