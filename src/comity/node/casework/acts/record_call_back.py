"""Record that the other side of a case was called back by a second channel."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import call_backs, events, identities
from comity.node.casework.models import Case, Side
from comity.node.casework.noted import CallBack
from comity.node.casework.standing import NotYetHappenedError, begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

ACT = "record_call_back"


class SpokenWithMissingError(ComityError):
    """Somebody was reached, and it is not said who."""

    code = "spoken_with_missing"
    message = gettext_noop(
        "Who was reached is named, with the post: only then is something confirmed or denied."
    )
    next_step = gettext_noop("Enter whom you spoke with, or record that nobody was reached.")


@transaction.atomic
def record_call_back(
    official: Official,
    case: Case,
    *,
    called_at: datetime,
    means: str,
    contact: str,
    spoken_with: str,
    result: str,
    remark: str,
    now: datetime,
) -> CallBack:
    """Put on record who called whom, when, by which way, and with what result.

    Raises NotYetHappenedError for the future, SpokenWithMissingError, IdentityInTextError.
    """
    case = begin(official, ACT, case, Side(case.side))
    if called_at > now:
        raise NotYetHappenedError
    if result != call_backs.NOT_REACHED and not spoken_with:
        raise SpokenWithMissingError
    said = {"contact": contact, "spoken_with": spoken_with, "remark": remark}
    identities.demand_absent(case, said)
    made = CallBack.objects.create(
        case=case,
        number=case.call_backs.count() + 1,
        called_at=called_at.replace(microsecond=0),
        means=means,
        result=result,
        by=official,
        at=now,
        **said,
    )
    content = {
        "what": ACT,
        "case": case.reference,
        "authority": case.peer_id,
        "called_at": canonical.instant_text(made.called_at),
        "by": official.pk,
    }
    entry = entries.append(ACT, case.reference, content | call_backs.committed(made), now=now)
    events.note(case, f"call_back_{result}", now=now, by=official, entry=entry, means=means)
    return made
