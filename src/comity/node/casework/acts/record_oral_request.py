"""Record that a request was made orally, or by technical means, before its letter is signed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import drafts, identities, oral, running, versions
from comity.node.casework.acts.save_draft import take
from comity.node.casework.models import Case, CaseKind, OralRequest, Preparation, Side
from comity.node.casework.standing import NotNowError, begin, demand_preparation


@transaction.atomic
def record_oral_request(official: Official, case: Case, said: oral.Said, *, now: datetime) -> OralRequest:
    """Note the request that was made to the other side; its confirmation in writing is due from then on.

    What is drafted becomes the confirmation. Raises FormNotAdmittedError, AgreementUnstatedError and
    MadeAheadError; NotNowError once the case has sent a letter, or while an oral request waits in it.
    """
    case = begin(official, "record_oral_request", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    if case.kind != CaseKind.REQUEST or case.sent_generation or oral.awaiting(case):
        raise NotNowError(case=case.reference, standing=case.preparation)
    oral.demand_made(said, now)
    identities.demand_absent(case, [said.asked, said.urgency, said.agreed])
    opinion, rule = oral.admitted(case.facts, said.agreed, now)
    facts = oral.stated(case.facts, said.agreed)
    take(official, case, {**drafts.of(case), **_resting_on(facts, opinion)}, now=now)
    case.facts, case.opinion, case.instrument = facts, opinion, opinion["recommended"]
    case.changed_at = now
    case.save()
    versions.keep(case, official, now=now)
    noted = oral.note(official, case, said, rule, drafts.of(case)["items"], now)
    running.on_oral_request(case, noted.cite, noted.made_at)
    return noted


def _resting_on(facts: dict[str, object], opinion: dict[str, object]) -> dict[str, object]:
    """What of a draft follows from the facts, as they now stand."""
    begun = drafts.begin(facts, opinion)
    return {key: begun[key] for key in (*drafts.DECIDED_BY_FACTS, "urgent")}
