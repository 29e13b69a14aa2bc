"""Proofs that end over the API: which letters are due, and the sealing again of one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.casework import proving
from comity.node.casework.acts.renew_proof import renew_proof
from comity.node.exhibits.proof_rows import LetterProof

router = Router()


class ProofOut(Schema):
    """A letter's newest container: until when it proves itself, and whether it is being sealed again.

    ``erased``: the container was erased, and this is about what remains of it.
    """

    letter: UUID
    case: str
    ends: datetime | None
    being_sealed: bool
    erased: bool
    code: str


@router.get("/proofs", response={200: list[ProofOut], FAILURES: Failure})
def proofs(request: HttpRequest) -> list[dict[str, Any]]:
    """The letters whose proof ends within a year or has ended, the first to end first."""
    official = official_of(request)
    authorise(official, "renew_proof")
    return [_proof(each) for each in proving.due(official, timezone.now())]


@router.post("/letters/{letter}/renewal", response={202: ProofOut, FAILURES: Failure})
def renewal(request: HttpRequest, letter: UUID) -> Status[dict[str, Any]]:
    """Have a letter's container sealed again, or what remains of it."""
    official = official_of(request)
    authorise(official, "renew_proof")
    found = proving.letter(official, letter)
    if found is None:
        raise NothingThereError(name=str(letter))
    return Status(202, _proof(renew_proof(official, found, now=timezone.now())))


def _proof(found: LetterProof) -> dict[str, Any]:
    return {
        "letter": found.letter_id,
        "case": found.letter.case_reference,
        "ends": found.ends,
        "erased": not found.letter.container,
        "being_sealed": found.asked_by_id is not None,
        "code": found.code,
    }
