"""Put on record that the other side was consulted and did not answer by the day it was asked to."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.dialogue import answers
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case
from comity.node.ledger import entries
from comity.node.ledger.models import Entry
from comity.terms import ComityError, gettext_noop


class AnswerStillPossibleError(ComityError):
    """No consultation of this side is both past its day and unanswered."""

    code = "answer_still_possible"
    message = gettext_noop(
        "No consultation of case {case} that the other side has is past its day without an answer."
    )
    next_step = gettext_noop("Wait for the answer, or consult and name a reasonable day for it.")


@transaction.atomic
def note_no_answer(official: Official, case: Case, *, letter: str, now: datetime) -> Entry:
    """Record that the consultation (a letter's id) stayed without an answer; nothing leaves.

    The law asks to consult before the decision and not to agree: with this on record the duty is met for the
    items of the letter. Raises AnswerStillPossibleError while its day has not passed, for a letter that did
    not reach the other side, that was answered, or that is on record already.
    """
    authorise(official, "note_no_answer")
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    found = next((each for each in answers.overdue(case, now) if str(each.pk) == letter), None)
    if found is None:
        raise AnswerStillPossibleError(case=case.reference)
    day, items = read_body(found)["reply_by"], item_numbers(found)
    content = {
        "what": answers.UNANSWERED,
        "case": case.reference,
        "letter": letter,
        "items": items,
        "reply_by": day,
        "by": official.pk,
    }
    entry = entries.append(answers.UNANSWERED, case.reference, content, now=now)
    told = ", ".join(str(number) for number in items)
    events.note(
        case, answers.UNANSWERED, now=now, by=official, letter=found.pk, entry=entry, items=told, until=day
    )
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    return entry
