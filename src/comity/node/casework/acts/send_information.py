"""Send information to another State that did not ask for it: what one prepared, another signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import enclosures, events, information, limits, markings, signing, writing
from comity.node.casework.drafts import basis
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import begin
from comity.node.exchange.models import Letter
from comity.node.exhibits import release
from comity.node.ledger import entries


@transaction.atomic
def send_information(
    official: Official, case: Case, *, subject: str, text: str, restrictions: Mapping[str, str], now: datetime
) -> Letter:
    """Sign the information; its files go along. ``restrictions`` are words by kind of limit.

    Raises StateSecretError for what is so marked, ExhibitClosedError for a privileged file, NotNowError once
    it is sent.
    """
    case = begin(official, information.ACT, case, Side.REQUESTING)
    information.demand_unsent(case)
    signing.demand_two(official, information.ACT, case)
    files = enclosures.waiting(case)
    markings.demand_no_secret(case, [each.pk for each in files])
    conditions = markings.conditions(case, [each.pk for each in files])
    opinion = case.opinion or {}
    asked = information.limits(opinion, {**dict.fromkeys(conditions, ""), **restrictions})
    people = [
        writing.person("drafter", case.drafter, case.changed_at),  # type: ignore[arg-type]  # opening named one
        *writing.signatory(official, information.ACT, now),
    ]
    letter = writing.write(
        case,
        "information",
        {
            "instrument": case.instrument,
            "basis": basis(opinion),
            "facts": case.facts,
            "subject": subject,
            "text": text,
        },
        people,
        limits=asked,
        attachments=[release.announce(each) for each in files],
        now=now,
    )
    release.send(files, letter.id, official=official, to=str(case.peer), now=now)
    case.enclosures.filter(letter=None).update(letter=letter.id)
    limits.lay_down(case, asked, letter.id, now)
    case.heading, case.confidential, case.changed_at = subject, "confidential" in restrictions, now
    case.save()
    content = {
        "what": "information_sent",
        "case": case.reference,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append("information_sent", case.reference, content, now=now)
    events.note(case, "information_sent", now=now, by=official, letter=letter.id, entry=entry)
    return letter
