"""Acknowledge what came in: an official has seen a letter and takes it on. No letter leaves by it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.entitlement import letter_case
from comity.node.desk.models import Acknowledgement
from comity.node.exchange.models import Direction, Letter
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class AlreadyAcknowledgedError(ComityError):
    """Somebody has taken the letter on already."""

    code = "already_acknowledged"
    message = gettext_noop("{name} has taken this on already.")
    next_step = gettext_noop("Speak with them, or go on to what nobody has taken yet.")


@transaction.atomic
def acknowledge(official: Official, letter: Letter, *, now: datetime) -> Acknowledgement:
    """Record that the official has seen an incoming letter of a case and takes it on.

    Raises NothingThereError for a letter that is not open to the official or of no case, and
    AlreadyAcknowledgedError.
    """
    authorise(official, "acknowledge")
    case = letter_case(official, letter)
    if case is None or letter.direction != Direction.IN:
        raise NothingThereError(name=str(letter.pk))
    try:
        with transaction.atomic():
            made = Acknowledgement.objects.create(letter=letter.pk, case=case, by=official, at=now)
    except IntegrityError as error:
        first = Acknowledgement.objects.select_related("by").get(letter=letter.pk)
        raise AlreadyAcknowledgedError(name=str(first.by)) from error
    content = {"what": "letter_acknowledged", "letter": str(letter.pk), "by": official.pk}
    entry = entries.append("letter_acknowledged", case.reference, content, now=now)
    events.note(case, "letter_acknowledged", now=now, by=official, letter=letter.pk, entry=entry)
    return made
