"""Offer a letter again that the other node did not take in its time, once an official asks for it (WIRE-17).

It stays the same letter in the same container. That its time was over stays attested; a receipt that comes
after all counts before it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from comity.node.exchange.delivering import NOT_TAKEN, may_still_go, offered_until
from comity.node.exchange.models import Letter
from comity.node.exchange.receipts import DELIVER
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

OFFERED = "letter_offered_again"


class NotOfferedAgainError(ComityError):
    """A letter that the other node has or refused, that has expired or was overtaken, or that is offered."""

    code = "not_offered_again"
    message = gettext_noop(
        "Only a letter that the other node did not take in time is offered again, and only until it expires"
        " or a later letter of its case has arrived."
    )
    next_step = gettext_noop("Look at the letter's page; write a new letter if this one cannot go any more.")


def offerable_again(now: datetime) -> QuerySet[Letter]:
    """The letters that may be offered again, whether they are being offered or not."""
    return may_still_go(now).filter(NOT_TAKEN)


def offer_again(letter: Letter, now: datetime, *, by: int) -> Letter:
    """Have a letter offered again, as long as at first; the ledger notes which official asked (``by``).

    Raises NotOfferedAgainError; nothing is changed then.
    """
    with transaction.atomic():
        row = offerable_again(now).select_for_update(of=("self",)).filter(pk=letter.pk).first()
        if row is None or offered_until(row, now):
            raise NotOfferedAgainError
        content = {"what": OFFERED, "letter": str(row.pk), "by": by}
        entries.append(OFFERED, str(row.pk), content, now=now)
        row.asked_again_at, row.attempts, row.tried_at, row.tried_code = now, 0, None, ""
        row.save(update_fields=["asked_again_at", "attempts", "tried_at", "tried_code"])
        outbox.resume(f"{DELIVER}:{row.pk}", now)
    return row
