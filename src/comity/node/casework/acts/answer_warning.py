"""Answer a warning about an emergency: what was found out, why the request is genuine all the same."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import emergencies, events, identities, suspicion
from comity.node.casework.averting import WarningAnswer
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

ACT = "answer_warning"


class WarningGoneError(ComityError):
    """The warning was answered already, or rests on something that is no longer so."""

    code = "warning_gone"
    message = gettext_noop("This warning does not wait for an answer any more.")
    next_step = gettext_noop("Look at the page of the emergency as it is now.")


@transaction.atomic
def answer_warning(official: Official, case: Case, mark: str, *, text: str, now: datetime) -> WarningAnswer:
    """Put an official's answer on record; it holds for this request and for what the warning rests on.

    Raises NoEmergencyError, EmergencyOverError, WarningGoneError, IdentityInTextError.
    """
    case = begin(official, ACT, case, Side.REQUESTED)
    row = emergencies.demand(case)
    found = next((each for each in suspicion.unanswered(row, now) if each.mark == mark), None)
    if found is None:
        raise WarningGoneError
    identities.demand_absent(case, text)
    made = WarningAnswer.objects.create(
        emergency=row, request=row.request, mark=mark, text=text, by=official, at=now
    )
    content = {
        "what": "warning_answered",
        "case": case.reference,
        "request": str(row.request) if row.request else None,
        "warning": mark,
        "text": text,
        "by": official.pk,
    }
    entry = entries.append("warning_answered", case.reference, content, now=now)
    events.note(case, "warning_answered", now=now, by=official, entry=entry, warning=found.code)
    return made
