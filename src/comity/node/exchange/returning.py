"""What a peer had from this node and lost in a restore, so that it can be packed for it again.

Receives a peer and a span of time; returns the letters that the peer attested to have, and the notes that
this node gave it about its own letters: the stored bytes. A peer that lost nothing answers as before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from comity.delivery import consignment as form
from comity.node import config
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Receipt, Rejection, Stage
from comity.node.exchange.receipts import TIMED_OUT
from comity.terms import ComityError, gettext_noop


class TooMuchForOneError(ComityError):
    """More letters or receipts lie in the span than one consignment holds."""

    code = "too_much_for_one_consignment"
    message = gettext_noop("{letters} letters and {receipts} receipts are more than one consignment holds.")
    next_step = gettext_noop("Name a shorter time, and pack one consignment after the other.")


class SpanBackwardsError(ComityError):
    """A span of time whose end lies before its beginning."""

    code = "span_backwards"
    message = gettext_noop("The time ends before it begins.")
    next_step = gettext_noop("Name the moment of the backup as the beginning, and a later one as the end.")


@dataclass(frozen=True, slots=True)
class Span:
    """From when (included) until when (excluded) by the times of the receipts.

    Raise SpanBackwardsError when it ends before it begins.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise SpanBackwardsError


def had(peer: Authority, span: Span, now: datetime) -> tuple[list[Letter], list[tuple[uuid.UUID, str]]]:
    """The letters that the peer attested to have within the span and that it can still take in; the notes
    that this node gave it then, each with its letter. Raises TooMuchForOneError. Clause COURIER-5.

    A letter that has expired would be refused, so it is left out: it is handed out as a file. So is one that
    the peer refused, which must not take effect after all, and one whose container was erased.
    """
    within = {"at__gte": span.since, "at__lt": span.until}
    attested = Receipt.objects.filter(**within, issued_by=peer.id, letter__peer=peer).values("letter")
    letters = Letter.objects.filter(pk__in=attested, direction=Direction.OUT, expires_at__gt=now)
    refused = Q(stage=Stage.FAILED) & ~Q(refusal_code=TIMED_OUT)
    kept = letters.exclude(refused).exclude(travelling="").exclude(container="")
    ours = {"issued_by": config.current().id, "letter__peer": peer, "letter__direction": Direction.IN}
    issued = Receipt.objects.filter(**within, **ours).order_by("at").values_list("letter", "note")
    rejected = Rejection.objects.filter(**within, peer=peer).order_by("at").values_list("letter", "note")
    counts = kept.count(), issued.count() + rejected.count()
    if counts[0] > form.MOST_LETTERS or counts[1] > form.MOST_RECEIPTS:
        raise TooMuchForOneError(letters=counts[0], receipts=counts[1])
    return list(kept.order_by("case_reference", "generation")), [*issued, *rejected]
