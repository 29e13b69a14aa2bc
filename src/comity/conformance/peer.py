"""The tester as one peer of the node under test: what it asks, and how it says that a rule does not hold."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from comity import canonical
from comity.conformance.listener import Inbox
from comity.conformance.material import Document, Material
from comity.conformance.tester import Tester
from comity.conformance.wire import Answer, Line, knock
from comity.delivery.incoming import CLOCK_SKEW
from comity.directory.cards import Card
from comity.proofs.notes import Verifier
from comity.proofs.receipts import Receipt, ReceiptName, verify_receipt
from comity.shapes import encode_base64
from comity.terms import ComityError, gettext_noop

LONGEST_WAIT = 30
"""Seconds for which a run leaves the node alone when it asks for that (WIRE-16)."""


class RuleBrokenError(ComityError):
    """The node does otherwise than its clause says."""

    code = "rule_broken"
    message = gettext_noop("Expected was {expected}; found was {found}.")
    next_step = gettext_noop("Compare the node with the clause in docs/spec.")


@dataclass(slots=True)
class Peer:
    """The tester under one card: its line to the node under test, what it makes, what is brought to it."""

    line: Line
    tester: Tester
    node: Card
    inbox: Inbox
    now: datetime
    patience: float
    material: Material

    @property
    def verifier(self) -> Verifier:
        """The key of the node's ledger, as its card has it."""
        return Verifier.parse(self.node.log_key)

    def is_admitted(self) -> bool:
        """Whether the node answers under this card at all."""
        return knock(self.line, self.line.context) is not None

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        """A request and its answer; where the node asks to be left alone for a while (429), once more."""
        answer = self.line.ask(method, path, headers, body)
        if answer.status == 429 and answer.headers.get("retry-after", "").isdecimal():
            time.sleep(min(int(answer.headers["retry-after"]), LONGEST_WAIT))
            answer = self.line.ask(method, path, headers, body)
        return answer

    def offer(self, envelope: Document) -> Answer:
        """Announce a letter."""
        return self.ask("POST", f"/letters/{envelope['letter']}", said(envelope))

    def put(self, envelope: Document, body: bytes, *, part: range | None = None, of: int = 0) -> Answer:
        """Bring a container, or the bytes ``part`` of one of ``of`` bytes."""
        headers = said(envelope)
        if part is not None:
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{of}"
        return self.ask("PUT", f"/letters/{envelope['letter']}", headers, body)

    def put_once(self, envelope: Document, body: bytes) -> Answer:
        """Bring a container; being put off (429) is an answer."""
        return self.line.ask("PUT", f"/letters/{envelope['letter']}", said(envelope), body)

    def settled(self, asked: Callable[[], Answer], *passing: int) -> Answer:
        """The answer once the node has noticed that an earlier connection ended: none of these (503)."""
        end = time.monotonic() + self.patience
        while (answer := asked()).status in (passing or (503,)) and time.monotonic() < end:
            time.sleep(0.05)
        return answer

    def wanted(self, answer: Answer, offset: int = 0) -> None:
        """Demand 202: the container is wanted, from this byte on."""
        demand(
            f"202 from byte {offset}",
            answer.status == 202 and answer.offset == offset,
            f"{answer} from byte {answer.offset}",
        )

    def receipt(self, answer: Answer, name: ReceiptName, envelope: Document, *codes: str) -> bytes:
        """Demand 200 with this receipt about the letter, signed, committed and proved; its bytes."""
        demand(f"200 with {_receipt(name, codes)}", answer.status == 200, str(answer))
        receipt, _ = verify_receipt(answer.body, self.verifier)
        demand_receipt(receipt, name, envelope, codes, self)
        return answer.body

    def accepted(self, envelope: Document, container: bytes) -> bytes:
        """Bring a letter and demand that it is accepted; the receipt's bytes."""
        answer = self.put(envelope, container)
        return self.receipt(answer, ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)


def demand_receipt(
    receipt: Receipt, name: ReceiptName, envelope: Document, codes: tuple[str, ...], peer: Peer
) -> None:
    """Demand that a verified receipt says this of the letter, for one of the reasons (none: it has none)."""
    reason = (receipt.reason.code,) if receipt.reason else ()
    right = receipt.receipt is name and (reason == codes or bool(set(reason) & set(codes)))
    demand(_receipt(name, codes), right, _receipt(receipt.receipt, reason))
    container = (receipt.container.sha256, receipt.container.bytes)
    about = (receipt.letter, *container, receipt.source, receipt.target)
    of = (envelope["letter"], envelope["sha256"], envelope["bytes"], peer.node.id, peer.tester.id)
    demand("a receipt about this letter, container and these two", about == of, str(about))
    at, now = canonical.read_instant(receipt.at), max(peer.now, datetime.now(UTC))
    demand("the time of the event (RECEIPT-3)", peer.now - CLOCK_SKEW <= at <= now + CLOCK_SKEW, receipt.at)


def _receipt(name: ReceiptName, codes: tuple[str, ...]) -> str:
    return f"{name} ({' or '.join(codes)})" if codes else str(name)


def demand(expected: str, holds: bool, found: str) -> None:
    """Raise RuleBrokenError unless something holds."""
    if not holds:
        raise RuleBrokenError(expected=expected, found=found or "nothing")


def demand_problem(answer: Answer, status: int, *codes: str) -> None:
    """Demand an error of this status, in its form, with one of the codes (WIRE-4)."""
    problem = answer.problem
    whole = {"code", "message", "next_step"} <= set(problem) and problem["code"] in codes
    demand(f"{status} {' or '.join(codes)}", answer.status == status and whole, str(answer))


def said(envelope: Document) -> dict[str, str]:
    """The header in which an envelope travels."""
    return header(canonical.write(envelope))


def header(envelope: bytes) -> dict[str, str]:
    """The same of whatever bytes."""
    return {"Comity-Envelope": encode_base64(envelope)}


def without(document: Document, name: str) -> Document:
    """A document without one of its keys."""
    return {key: value for key, value in document.items() if key != name}
