"""Record that a person was told that the other State asks them to come, and what they answered freely."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import events, identities
from comity.node.casework.attending import Invitation
from comity.node.casework.executing import demand_executed_here
from comity.node.casework.models import Case, Side
from comity.node.casework.serving import APPEAR
from comity.node.casework.standing import NotYetHappenedError, begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class NotFreelyAnsweredError(ComityError):
    """The person was not told that coming is of their own will alone."""

    code = "not_freely_answered"
    message = gettext_noop("An answer counts only if the person knew that nobody may make them come.")
    next_step = gettext_noop("Tell the person that a refusal has no consequence, then record the answer.")


@transaction.atomic
def record_invitation(
    official: Official,
    case: Case,
    number: int,
    *,
    informed_at: datetime,
    informed_by: str,
    freely: bool,
    answer: str = "",
    answered_at: datetime | None = None,
    note: str = "",
    now: datetime,
) -> Invitation:
    """Record that the person of item ``number`` was told, by an official of post ``informed_by``.

    ``answer`` is ``consents``, ``declines`` or empty while there is none; ``freely`` that they were told that
    a refusal has no consequence. A later record takes the place of an earlier one: whoever consented may
    think better of it. Raises NotFreelyAnsweredError, NotYetHappenedError.
    """
    case = begin(official, "record_invitation", case, Side.REQUESTED)
    item = demand_executed_here(case, number, APPEAR, now)
    answered_at = (answered_at or informed_at) if answer else None
    if informed_at > now or (answered_at is not None and not informed_at <= answered_at <= now):
        raise NotYetHappenedError
    if not freely:
        raise NotFreelyAnsweredError
    said = {"informed_by": informed_by, "note": note}
    identities.demand_absent(case, said)
    made = Invitation.objects.create(
        item=item,
        informed_at=informed_at.replace(microsecond=0),
        freely=freely,
        answer=answer,
        answered_at=answered_at.replace(microsecond=0) if answered_at else None,
        by=official,
        at=now,
        **said,
    )
    content = {
        "what": "invitation_recorded",
        "case": case.reference,
        "item": number,
        "informed_at": canonical.instant_text(made.informed_at),
        "answer": answer,
        "by": official.pk,
    }
    entry = entries.append("invitation_recorded", case.reference, content, now=now)
    events.note(case, "invitation_recorded", now=now, by=official, entry=entry, item=number)
    return made
