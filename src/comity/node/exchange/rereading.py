"""Read a letter again that this node did not understand when it came: after an upgrade it may (WIRE-23).

The container lies in the quarantine as it came. Reading again is opening it as on its arrival, with every
proof; where it is understood now, its sender gets the DELIVERY that follows the NON_DELIVERY of that day.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from comity.letters.schema import LetterNotUnderstoodError
from comity.node.exchange.incoming import OPEN
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.shapes import NewerVersionError
from comity.terms import ComityError, gettext_noop

NOT_UNDERSTOOD = (LetterNotUnderstoodError.code, NewerVersionError.code)
"""The codes of refusals that say something of this node's release and nothing against the letter."""


class NotReadAgainError(ComityError):
    """A letter that was understood, or that has expired meanwhile."""

    code = "not_read_again"
    message = gettext_noop("Only a letter that was not understood is read again, and only until it expires.")
    next_step = gettext_noop("Ask its sender for a new letter.")


def readable_again(now: datetime) -> QuerySet[Letter]:
    """The letters in the quarantine that may be read again, the oldest first."""
    refused = Letter.objects.filter(direction=Direction.IN, stage=Stage.REFUSED)
    alive = refused.filter(refusal_code__in=NOT_UNDERSTOOD, expires_at__gt=now)
    return alive.order_by("received_at", "pk")


def read_again(letter: Letter, now: datetime, *, by: int) -> Letter:
    """Have a letter opened again by the worker, and note in the ledger which official asked for it (``by``).

    Raises NotReadAgainError; nothing is changed then.
    """
    with transaction.atomic():
        row = readable_again(now).select_for_update().filter(pk=letter.pk).first()
        if row is None:
            raise NotReadAgainError
        content = {"what": "letter_read_again", "letter": str(row.pk), "code": row.refusal_code, "by": by}
        entries.append("letter_read_again", str(row.pk), content, now=now)
        row.stage, row.stage_at, row.refusal_code = Stage.ACCEPTED, now, ""
        row.save(update_fields=["stage", "stage_at", "refusal_code"])
        outbox.resume(f"{OPEN}:{row.pk}", now)
    return row
