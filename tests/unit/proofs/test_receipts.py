"""A receipt proves one hop with one file, and nothing that was changed in it goes unnoticed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity import canonical
from comity.proofs import merkle, receipts
from comity.proofs.checkpoints import (
    Checkpoint,
    CheckpointForeignError,
    key_name,
    origin,
    sign_checkpoint,
)
from comity.proofs.entries import EntryProof, EntryProofMalformedError, commit, leaf_hash
from comity.proofs.notes import NoteSignatureWrongError, NoteUnsignedError, Signer, sign
from comity.proofs.receipts import ReceiptName, Statement, open_receipt, sign_receipt, verify_receipt
from comity.shapes import NewerVersionError
from comity.terms import ComityError

SIGNER = Signer.generate(key_name("tm-247"))
SALT = bytes(range(32))
STATEMENT = Statement.model_validate(
    {
        "receipt": "DELIVERY",
        "letter": "0b5c2f0e-7a68-4a5e-9a53-0d6c7c1f2a11",
        "container": {"sha256": "ab" * 32, "bytes": 4096},
        "from": "tm-247",
        "to": "kz-247",
        "at": "2026-11-22T03:12:00Z",
        "reason": None,
    }
)


def receipt(
    statement: Statement = STATEMENT,
    *,
    content: Any = None,
    place: int = 3,
    ledger: str = "tm-247",
    salt: bytes = SALT,
) -> bytes:
    content = statement.content() if content is None else content
    leaves = [leaf_hash(bytes([n]) * 32) for n in range(7)]
    leaves[place] = leaf_hash(commit(salt, content))
    tree = merkle.subtrees(leaves)
    checkpoint = sign_checkpoint(Checkpoint(origin(ledger), 7, merkle.root(7, tree)), SIGNER)
    proof = EntryProof(place, salt, content, 7, merkle.prove_inclusion(place, 7, tree))
    return sign_receipt(statement, proof, checkpoint, SIGNER)


def resigned(note: bytes, change: dict[str, Any]) -> bytes:
    """The note with fields exchanged and signed anew, as a lying but able node would make it."""
    line = note.decode().split("\n")[1]
    return sign(f"comity-receipt/1\n{canonical.write(json.loads(line) | change).decode()}\n", SIGNER)


def test_a_receipt_is_verified_from_its_own_bytes_and_the_signers_key() -> None:
    found, checkpoint = verify_receipt(receipt(), SIGNER.verifier)
    assert found.statement == STATEMENT
    assert checkpoint.size == 7
    assert receipt() == receipt()


def test_the_text_is_two_lines_the_second_canonical() -> None:
    heading, line, empty, _, _ = receipt().decode().split("\n")
    assert (heading, empty) == ("comity-receipt/1", "")
    fields = canonical.read_canonical(line.encode())
    assert set(fields) == {
        "receipt", "letter", "container", "from", "to", "at", "reason", "entry", "checkpoint",
    }  # fmt: skip
    assert set(fields["entry"]) == {"index", "commitment_salt", "content", "size", "path"}


def test_every_flipped_bit_is_found() -> None:
    note = receipt()
    for at in range(len(note)):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises(ComityError):
            verify_receipt(bytes(changed), SIGNER.verifier)


def test_a_receipt_of_another_key_is_refused() -> None:
    with pytest.raises(NoteUnsignedError):
        verify_receipt(receipt(), Signer.generate(key_name("tm-247")).verifier)


def test_a_receipt_that_states_something_else_than_its_entry_is_refused() -> None:
    other = STATEMENT.content() | {"receipt": "RETRIEVAL"}
    with pytest.raises(receipts.ReceiptContradictedError):
        verify_receipt(receipt(content=other), SIGNER.verifier)
    with pytest.raises(receipts.ReceiptContradictedError):
        verify_receipt(resigned(receipt(), {"at": "2026-11-22T03:12:01Z"}), SIGNER.verifier)


def test_an_entry_that_the_checkpoint_does_not_hold_is_refused() -> None:
    foreign = json.loads(receipt(salt=b"\x01" * 32).decode().split("\n")[1])["entry"]
    with pytest.raises(merkle.InclusionUnprovenError):
        verify_receipt(resigned(receipt(), {"entry": foreign}), SIGNER.verifier)


def test_a_proof_of_another_size_than_the_checkpoint_is_refused() -> None:
    entry = json.loads(receipt().decode().split("\n")[1])["entry"]
    with pytest.raises(EntryProofMalformedError):
        verify_receipt(resigned(receipt(), {"entry": entry | {"size": 8}}), SIGNER.verifier)


def test_the_ledger_of_another_authority_does_not_prove_the_receipt() -> None:
    with pytest.raises(CheckpointForeignError):
        verify_receipt(receipt(ledger="kz-247"), SIGNER.verifier)


def test_a_checkpoint_whose_signature_is_wrong_is_refused() -> None:
    checkpoint = json.loads(receipt().decode().split("\n")[1])["checkpoint"]
    with pytest.raises(NoteSignatureWrongError):
        verify_receipt(
            resigned(receipt(), {"checkpoint": checkpoint.replace("\n7\n", "\n8\n")}), SIGNER.verifier
        )


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"receipt": "DELIVERED"},
        {"letter": "1"},
        {"at": "2026-11-22"},
        {"container": {"sha256": "AB" * 32, "bytes": 4096}},
        {"container": {"sha256": "ab" * 32, "bytes": "4096"}},
        {"reason": {"code": "late", "text": "Too late."}},
        {"receipt": "NON_DELIVERY"},
    ],
)
def test_a_receipt_of_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(receipts.ReceiptMalformedError):
        open_receipt(resigned(receipt(), change), SIGNER.verifier)


def test_a_signed_text_with_another_heading_is_no_receipt() -> None:
    for heading, error in (("note/2", receipts.ReceiptMalformedError), ("receipt/2", NewerVersionError)):
        text = receipt().decode().split("\n\n")[0].replace("receipt/1", heading, 1) + "\n"
        with pytest.raises(error):
            open_receipt(sign(text, SIGNER), SIGNER.verifier)


def test_a_negative_receipt_gives_its_reason() -> None:
    refused = STATEMENT.model_validate(
        STATEMENT.as_json()
        | {
            "receipt": "RELAY_REMMD_REJECTION",
            "reason": {"code": "expired", "text": "The letter had expired."},
        }
    )
    found, _ = verify_receipt(receipt(refused), SIGNER.verifier)
    assert found.receipt is ReceiptName.RELAY_REMMD_REJECTION
    assert found.reason is not None
    assert found.reason.code == "expired"


def test_positive_and_negative_names_are_told_apart() -> None:
    assert [name.value for name in ReceiptName if name.is_positive] == [
        "SUBMISSION_ACCEPTANCE",
        "RELAY_REMMD_ACCEPTANCE",
        "DELIVERY",
        "RETRIEVAL",
    ]


def test_a_commitment_hides_its_content_behind_the_salt() -> None:
    assert commit(SALT, {"a": 1}) != commit(b"\x01" * 32, {"a": 1})
    with pytest.raises(EntryProofMalformedError):
        commit(b"short", {"a": 1})
