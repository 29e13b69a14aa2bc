"""Receipts: signed notes by which a node attests one hop of a letter, with its ledger's proof.

The note's text is ``comity-receipt/1`` and one line of canonical JSON. What the receipt states is
committed in the ledger of the node that signs it; the entry, its path and the signed checkpoint
travel inside, so that one file proves the hop without any server (RECEIPT-1).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from comity import canonical
from comity.proofs.checkpoints import Checkpoint, open_checkpoint, origin
from comity.proofs.entries import EntryProof
from comity.proofs.notes import Signer, Verifier, open_line, sign_line
from comity.shapes import (
    AuthorityId,
    Base64,
    Instant,
    Line,
    Sha256Hex,
    Shape,
    Size,
    Uuid,
    decode_base64,
    demand_known_version,
    encode_base64,
    first_problem,
)
from comity.terms import ComityError, gettext_noop

HEADING = "comity-receipt/1"


class ReceiptMalformedError(ComityError):
    """A signed text is not a receipt of the known form."""

    code = "receipt_malformed"
    message = gettext_noop("The signed text is not a receipt: {where}: {why}.")
    next_step = gettext_noop("Ask the other side to send its stored receipt again.")


class ReceiptContradictedError(ComityError):
    """A receipt states one thing and its ledger entry another."""

    code = "receipt_contradicted"
    message = gettext_noop("The receipt {name} states something else than the ledger entry it shows.")
    next_step = gettext_noop("Do not rely on the receipt; ask the other side for an explanation.")


class ReceiptName(StrEnum):
    """What a receipt attests: the names of the ETSI REM evidences, as e-CODEX uses them."""

    SUBMISSION_ACCEPTANCE = "SUBMISSION_ACCEPTANCE"
    SUBMISSION_REJECTION = "SUBMISSION_REJECTION"
    RELAY_REMMD_ACCEPTANCE = "RELAY_REMMD_ACCEPTANCE"
    RELAY_REMMD_FAILURE = "RELAY_REMMD_FAILURE"
    RELAY_REMMD_REJECTION = "RELAY_REMMD_REJECTION"
    DELIVERY = "DELIVERY"
    NON_DELIVERY = "NON_DELIVERY"
    RETRIEVAL = "RETRIEVAL"
    NON_RETRIEVAL = "NON_RETRIEVAL"

    @property
    def is_positive(self) -> bool:
        """Whether the hop was made."""
        return self.value.endswith("ACCEPTANCE") or self in {ReceiptName.DELIVERY, ReceiptName.RETRIEVAL}


class ContainerDigest(Shape):
    """The sealed container's bytes, by hash and count."""

    sha256: Sha256Hex
    bytes: Size


class Reason(Shape):
    """Why a hop was not made: a stable code and a sentence."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    text: Line


class Statement(Shape):
    """What a receipt says: ``source`` attests to ``target`` the hop ``receipt`` of one letter."""

    receipt: ReceiptName = Field(strict=False)
    letter: Uuid
    container: ContainerDigest
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    at: Instant
    reason: Reason | None

    @model_validator(mode="after")
    def _has_reason_when_negative(self) -> Self:
        if self.receipt.is_positive == (self.reason is not None):
            detail = "a negative receipt gives its reason, a positive one has none"
            raise ValueError(detail)
        return self

    def content(self) -> dict[str, Any]:
        """What the attesting node commits in its ledger for this receipt."""
        return {"what": "receipt", **self.model_dump(mode="json", by_alias=True, include=_STATED)}


class StatedEntry(Shape):
    """An entry of a ledger as documents state it, with its path (LEDGER-3)."""

    index: Size
    commitment_salt: Base64
    content: dict[str, Any]
    size: Size
    path: list[Sha256Hex] = Field(max_length=64)

    @classmethod
    def of(cls, proof: EntryProof) -> StatedEntry:
        """A proof as it is stated."""
        return cls(
            index=proof.index,
            commitment_salt=encode_base64(proof.salt),
            content=proof.content,
            size=proof.size,
            path=[step.hex() for step in proof.path],
        )

    def proof(self) -> EntryProof:
        """The proof that is stated; whether it holds, ``check`` says."""
        path = [bytes.fromhex(step) for step in self.path]
        return EntryProof(self.index, decode_base64(self.commitment_salt), self.content, self.size, path)


class Receipt(Statement):
    """A statement with the proof that it stands in the ledger of the node that makes it."""

    entry: StatedEntry
    checkpoint: str = Field(max_length=10_000)

    @property
    def statement(self) -> Statement:
        """What the receipt says, without its proof."""
        return Statement.model_validate(self.model_dump(by_alias=True, include=_STATED))


_STATED = set(Statement.model_fields)


def sign_receipt(statement: Statement, proof: EntryProof, checkpoint: bytes, signer: Signer) -> bytes:
    """The receipt as a signed note; ``checkpoint`` is the signed checkpoint that ``proof`` leads to."""
    entry = StatedEntry.of(proof).as_json()
    document = statement.as_json() | {"entry": entry, "checkpoint": checkpoint.decode()}
    return sign_line(HEADING, document, signer)


def open_receipt(note: bytes, verifier: Verifier) -> Receipt:
    """The receipt in a note that ``verifier`` signed; its proof is not yet checked.

    Raises ReceiptMalformedError, or NewerVersionError for a receipt of a later form.
    """
    heading, line = open_line(note, verifier)
    demand_known_version(heading, HEADING)
    if heading != HEADING:
        raise ReceiptMalformedError(where="heading", why=f"it is not {HEADING}")
    try:
        return Receipt.model_validate(canonical.read_canonical(line))
    except ValidationError as error:
        where, why = first_problem(error)
        raise ReceiptMalformedError(where=where, why=why) from None


def verify_receipt(note: bytes, verifier: Verifier) -> tuple[Receipt, Checkpoint]:
    """The receipt and its checkpoint when signature, origin, commitment and inclusion all hold (RECEIPT-2).

    ``verifier`` is the ledger key of the authority that must have attested. Raises an error of the
    rooms ``notes``, ``checkpoints``, ``entries``, ``merkle`` or this one, named after what does not hold.
    """
    receipt = open_receipt(note, verifier)
    checkpoint = open_checkpoint(receipt.checkpoint.encode(), verifier, origin(receipt.source))
    proof = receipt.entry.proof()
    if proof.content != receipt.content():
        raise ReceiptContradictedError(name=receipt.receipt)
    proof.check(checkpoint)
    return receipt, checkpoint
