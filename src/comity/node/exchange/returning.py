"""What a peer had from this node and lost in a restore, so that it can be packed for it again.

Receives a peer and a span of time; returns the letters that the peer attested to have, and the notes that
this node gave it about its own letters: the stored bytes. A peer that lost nothing answers as before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from comity.delivery import consignment as form
from comity.node import config
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Receipt, Rejection, Stage
from comity.terms import ComityError, gettext_noop

_THERE = (Stage.RELAYED, Stage.DELIVERED, Stage.RETRIEVED)
"""Where a letter stands that the peer has: one that it refused is not brought before it a second time."""


class TooMuchForOneError(ComityError):
    """More letters or receipts lie in the span than one consignment holds."""

    code = "too_much_for_one_consignment"
    message = gettext_noop("{letters} letters and {receipts} receipts are more than one consignment holds.")
    next_step = gettext_noop("Name a shorter time, and pack one consignment after the other.")


@dataclass(frozen=True, slots=True)
class Span:
    """From when (included) until when (excluded) by the times of the receipts."""

    since: datetime
    until: datetime


def had(peer: Authority, span: Span, now: datetime) -> tuple[list[Letter], list[tuple[uuid.UUID, str]]]:
    """The letters that the peer attested within the span and that it can still take in; the notes that this
    node gave it then, each with its letter. Raises TooMuchForOneError.

    Left out is a letter that has expired, which would be refused (it is handed out as a file), and one whose
    container was erased.
    """
    within = {"at__gte": span.since, "at__lt": span.until}
    attested = Receipt.objects.filter(**within, issued_by=peer.id, letter__peer=peer).values("letter")
    there = Letter.objects.filter(pk__in=attested, direction=Direction.OUT, stage__in=_THERE)
    kept = there.filter(expires_at__gt=now).exclude(container="").order_by("case_reference", "generation")
    ours = {"issued_by": config.current().id, "letter__peer": peer, "letter__direction": Direction.IN}
    notes = list(Receipt.objects.filter(**within, **ours).order_by("at").values_list("letter", "note"))
    notes += Rejection.objects.filter(**within, peer=peer).order_by("at").values_list("letter", "note")
    if len(kept) > form.MOST_LETTERS or len(notes) > form.MOST_RECEIPTS:
        raise TooMuchForOneError(letters=len(kept), receipts=len(notes))
    return list(kept), notes
