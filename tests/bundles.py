"""A small court bundle: one exhibit that tm-247 sent to kz-247 in a letter; all is fictional."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

from comity import canonical
from comity.proofs import merkle
from comity.proofs.checkpoints import Checkpoint, origin, sign_checkpoint
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.receipts import ContainerDigest, ReceiptName, Statement, sign_receipt
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile, in_memory
from comity.shapes import encode_base64
from tests import packages, samples

NOW = packages.NOW
LOG = b"2026-11-20T22:01:07Z 192.0.2.7 sign-in\n" * 9
EXHIBIT = samples.EXHIBIT_ID
LETTER_ID = "9a1de7f2-64a5-4c8f-b6d3-0e5c3b7a2d10"


def letter_package(
    letter: dict[str, Any], attachments: dict[str, bytes], signer: Authority, **changes: Any
) -> bytes:
    """A sealed letter with its three readable forms."""
    files = [in_memory("letter.json", "application/json", canonical.write(letter))]
    files += [in_memory(f"letter.{code}.pdf", "application/pdf", b"%PDF-") for code in ("en", "kk", "ru")]
    files += [in_memory(name, "text/plain", data) for name, data in attachments.items()]
    return packages.sealed(files, kind=Kind.LETTER, signer=signer, about={"letter": letter["id"]}, **changes)


def custody(chain: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Custody records: acts with the authority that did each."""
    records: list[dict[str, Any]] = []
    for n, (act, by) in enumerate(chain, start=1):
        before = hashlib.sha256(canonical.write(records[-1])).hexdigest() if records else None
        records.append(
            {
                "schema": "comity-custody/1",
                "exhibit": EXHIBIT,
                "n": n,
                "act": act,
                "at": "2026-11-22T03:12:00Z",
                "by": {"name": f"Custodian of {by}", "post": "Custodian", "authority": by},
                "sha256": hashlib.sha256(LOG).hexdigest(),
                "bytes": len(LOG),
                "note": "",
                "previous": before,
            }
        )
    return records


class Ledger:
    """An authority's ledger in memory."""

    def __init__(self, keeper: Authority, contents: list[Any]) -> None:
        self.keeper, self.contents = keeper, contents
        self.salts = [hashlib.sha256(b"%d" % n).digest() for n in range(len(contents))]
        leaves = [leaf_hash(commit(s, c)) for s, c in zip(self.salts, contents, strict=True)]
        self.subtree = merkle.subtrees(leaves)
        head = Checkpoint(origin(keeper.id), len(contents), merkle.root_of(leaves))
        self.note = sign_checkpoint(head, keeper.log)

    def proof(self, index: int) -> EntryProof:
        size = len(self.contents)
        path = merkle.prove_inclusion(index, size, self.subtree)
        return EntryProof(index, self.salts[index], self.contents[index], size, path)

    def proofs(self) -> list[dict[str, Any]]:
        return [
            {
                "what": "custody",
                "index": each.index,
                "salt": encode_base64(each.salt),
                "content": each.content,
                "size": each.size,
                "path": [step.hex() for step in each.path],
            }
            for each in map(self.proof, range(len(self.contents)))
        ]


@dataclass
class Parts:
    """What the bundle is made of; a test changes one thing before it is sealed."""

    records: list[dict[str, Any]] = field(
        default_factory=lambda: custody(
            [
                ("received", "tm-247"),
                ("sent", "tm-247"),
                ("received_abroad", "kz-247"),
                ("exported", "kz-247"),
            ]
        )
    )
    told: int = 2
    letter_changes: dict[str, Any] = field(default_factory=dict)
    letter_signer: str = "tm-247"
    receipt: ReceiptName = ReceiptName.DELIVERY
    receipt_signer: str = "kz-247"
    ledgered: int | None = None
    ledger_keeper: str = "kz-247"
    replaced: dict[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    tells: list[dict[str, Any]] = field(default_factory=list)
    """What tm-247 tells of its custody besides ``records``."""

    def files(self) -> dict[str, bytes]:
        name = "exhibits/TM-2026-000001-E1/access.log"
        letter = self.letter(name)
        inner = letter_package(letter, {name: LOG}, packages.authority(self.letter_signer))
        own = [record for record in self.records if record["by"]["authority"] == "kz-247"]
        ledger = Ledger(packages.authority(self.ledger_keeper), [{"what": "start"}, *own][: self.ledgered])
        files = {
            name: LOG,
            f"letters/{letter['id']}.asice": inner,
            f"receipts/{letter['id']}.{self.receipt}.note": self._receipt(letter["id"], inner),
            f"custody/{EXHIBIT}.json": canonical.write(self.records),
            "ledger/checkpoint.note": ledger.note,
            "ledger/proofs.json": canonical.write(ledger.proofs()),
            "report.en.pdf": b"%PDF-",
            "case.json": b"{}",
        }
        files |= self.replaced
        return {name: data for name, data in files.items() if name not in self.left_out}

    def letter(self, name: str) -> dict[str, Any]:
        attachment = {
            "name": name,
            "media_type": "text/plain",
            "bytes": len(LOG),
            "sha256": hashlib.sha256(LOG).hexdigest(),
            "exhibit": EXHIBIT,
        }
        return {
            "schema": "comity-letter/1",
            "kind": "result",
            "id": LETTER_ID,
            "from": "tm-247",
            "to": "kz-247",
            "attachments": [attachment],
            "body": {"custody": [*self.records[: self.told], *self.tells]},
        } | self.letter_changes

    def _receipt(self, letter_id: str, container: bytes) -> bytes:
        signer = packages.authority(self.receipt_signer)
        statement = Statement.model_validate(
            {
                "receipt": self.receipt,
                "letter": letter_id,
                "container": ContainerDigest(
                    sha256=hashlib.sha256(container).hexdigest(), bytes=len(container)
                ),
                "from": self.receipt_signer,
                "to": "tm-247" if self.receipt_signer == "kz-247" else "kz-247",
                "at": "2026-11-22T03:13:00Z",
                "reason": None,
            }
        )
        ledger = Ledger(signer, [{"what": "start"}, statement.content()])
        return sign_receipt(statement, ledger.proof(1), ledger.note, signer.log)

    def sealed(self) -> bytes:
        files = [
            PackageFile(name, "application/octet-stream", lambda data=data: io.BytesIO(data))  # type: ignore[misc]
            for name, data in self.files().items()
        ]
        return packages.sealed(files, kind=Kind.COURT_BUNDLE, about={"case": "KZ-2026-000001"})


def judged(data: bytes) -> Any:
    """The report under trust in both authorities."""
    both = packages.anchors(packages.key_folder(), packages.key_folder("tm-247"))
    return packages.judged(data, trust=both)
