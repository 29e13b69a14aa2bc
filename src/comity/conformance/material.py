"""What the tester sends: letters, their containers, envelopes, and a receipt of its own."""

from __future__ import annotations

import io
import json
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from comity import canonical
from comity.conformance.tester import Tester
from comity.delivery.envelope import LIFETIME
from comity.directory.cards import Card
from comity.letters.rendering import Correspondent, Names, render_letter
from comity.letters.schema import read_value
from comity.proofs import merkle, receipts
from comity.proofs.entries import EntryProof, commit, leaf_hash
from comity.proofs.notes import Signer
from comity.proofs.receipts import ReceiptName, Statement
from comity.sealing import encryption, keys
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory

LANGUAGES = ("en", "kk", "ru")
REQUEST = Path(__file__).with_name("request.json")
"""The body of a sound request, but for the two States."""
_OF_RUN = 100
"""Numbers of cases that one run may use: a later run begins no case that is known already."""

Document = dict[str, Any]


def _form(language: str) -> str:
    """The name of a readable form (LETTER-7)."""
    return f"letter.{language}.pdf"


SHORT: dict[str, bytes] = {_form(each): b"%PDF-1.7\n%%EOF\n" for each in LANGUAGES}


class Material:
    """Makes what one run sends to one node."""

    def __init__(self, tester: Tester, node: Card, now: datetime) -> None:
        self.tester, self.node, self.now = tester, node, now
        self._cases = tester.run * _OF_RUN % 10**6
        self._case_of: dict[str, Document] = {}
        self._attesting = threading.Lock()

    def request(self, **changes: Any) -> Document:
        """A sound request in a case of its own, with some parts changed."""
        self._cases += 1
        at = canonical.instant_text(self.now)
        body = json.loads(REQUEST.read_text("utf-8"))
        states = {"requesting_state": self.tester.card.state, "requested_state": self.node.state}
        body["facts"] |= states
        values = {
            "schema": "comity-letter/1",
            "kind": "request",
            "id": str(uuid.uuid4()),
            "case": {
                "requesting": f"{self.tester.card.state}-{self.now.year}-{self._cases:06}",
                "requested": None,
            },
            "generation": 1,
            "from": self.tester.id,
            "to": self.node.id,
            "written_at": at,
            "expires_at": canonical.instant_text(self.now + LIFETIME - timedelta(days=1)),
            "answers": [],
            "people": [
                {"part": "drafter", "name": "Conformance suite", "post": "Drafter", "at": at},
                {"part": "signatory", "name": "Its operator", "post": "Signatory", "at": at},
            ],
            "limits": [],
            "attachments": [],
            "body": body,
        }
        made: Document = {**values, **changes}
        self._case_of[made["id"]] = made["case"]
        return made

    def case_of(self, letter: str) -> Document:
        """The numbers of the case to which a letter belongs."""
        return dict(self._case_of[letter])

    def envelope(self, document: Mapping[str, Any], container: bytes, **changes: Any) -> Document:
        """The envelope of a letter with this container, with some parts changed."""
        said = {name: document[name] for name in ("from", "to", "generation", "written_at", "expires_at")}
        digest = {"sha256": sha256(container).hexdigest(), "bytes": len(container)}
        return {"schema": "comity-envelope/1", "letter": document["id"]} | said | digest | changes

    def container(
        self,
        document: Document,
        *,
        signer: keys.Authority | None = None,
        recipient: str = "",
        kind: Kind = Kind.LETTER,
        forms: Mapping[str, bytes] = SHORT,
        written: Callable[[Document], bytes] = canonical.write,
        spoil: Callable[[bytes], bytes] = bytes,
    ) -> bytes:
        """The letter sealed by the tester (or ``signer``) and encrypted to the node (or ``recipient``).

        ``forms`` are its readable forms: short ones where it is refused for something else and kept.
        ``written`` gives the bytes of letter.json; ``spoil`` changes the container before it is encrypted.
        """
        files = [in_memory("letter.json", "application/json", written(document))]
        files += [in_memory(name, "application/pdf", data) for name, data in forms.items()]
        sealed, out = io.BytesIO(), io.BytesIO()
        with PlainFlow(sealed) as flow:
            who = signer or self.tester.keys
            write_container(flow, files, kind=kind, about={}, signer=who, now=self.now)
        to = recipient or self.node.recipient
        encryption.encrypt(io.BytesIO(spoil(sealed.getvalue())), out, [to])
        return out.getvalue()

    def readable(self, document: Document) -> dict[str, bytes]:
        """The readable forms of a sound letter (LETTER-7)."""
        letter, sides = read_value(document), (self.tester.card, self.node)
        names = Names({card.id: Correspondent(card.names.get("en", ""), card.state) for card in sides})
        return {_form(each): render_letter(letter, each, names) for each in LANGUAGES}

    def receipt(self, document: Document, container: bytes, signer: Signer | None = None) -> bytes:
        """A receipt DELIVERY of a letter that the node is said to have sent, from the tester's ledger."""
        envelope = {
            "letter": document["id"],
            "sha256": sha256(container).hexdigest(),
            "bytes": len(container),
        }
        return self.attest(envelope, ReceiptName.DELIVERY, signer)

    def attest(self, envelope: Document, name: ReceiptName, signer: Signer | None = None) -> bytes:
        """The tester's receipt of this name about the letter of an envelope."""
        statement = Statement.model_validate(
            {
                "receipt": name,
                "letter": envelope["letter"],
                "container": {part: envelope[part] for part in ("sha256", "bytes")},
                "from": self.tester.id,
                "to": self.node.id,
                "at": canonical.instant_text(datetime.now(UTC)),
                "reason": None,
            }
        )
        ledger, salt, content = self.tester.ledger, os.urandom(merkle.HASH_BYTES), statement.content()
        with self._attesting:  # one head after the other
            index = ledger.grow(leaf_hash(commit(salt, content)))
            proof = EntryProof(index, salt, content, len(ledger.leaves), ledger.included(index))
            return receipts.sign_receipt(statement, proof, ledger.head(), signer or self.tester.keys.log)
