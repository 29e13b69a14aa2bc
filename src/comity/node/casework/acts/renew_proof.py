"""Have a letter's container sealed again before its proof ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.entitlement import letter_case
from comity.node.exchange.models import Letter
from comity.node.exhibits import renewals
from comity.node.exhibits.proof_rows import LetterProof


@transaction.atomic
def renew_proof(official: Official, letter: Letter, *, now: datetime) -> LetterProof:
    """Queue it; NotDueError earlier than a year before the end, and after it. Custody says who asked."""
    authorise(official, "renew_proof")
    case = letter_case(official, letter)
    proof = renewals.ask(official, letter, now=now)
    if case is not None:
        events.note(case, "renewal_asked", now=now, by=official, letter=letter.pk)
    return proof
