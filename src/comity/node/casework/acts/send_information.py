"""Send information to another State that did not ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, information, limits, opinions, references, words, writing
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.models import Case, CaseKind, Side
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange.models import Letter
from comity.node.ledger import entries


@transaction.atomic
def send_information(
    official: Official,
    *,
    peer: Authority,
    subject: str,
    text: str,
    facts: dict[str, Any],
    restrictions: Mapping[str, str],
    now: datetime,
) -> Letter:
    """Find the legal basis, open a case of this side and send; ``restrictions`` are words by kind of limit.

    Raises NoBasisError where no treaty provides for it, RuleMissingError for a restriction that no
    provision lets bind, PeerOfAnotherStateError for facts about another State.
    """
    authorise(official, "send_information")
    own = known.own()
    facts = {"as_of": now.date().isoformat(), **facts, "measure": information.MEASURE}
    if (facts["requesting_state"], facts["requested_state"]) != (own.state, peer.state):
        route = f"{own.state} → {peer.state}"
        raise PeerOfAnotherStateError(
            requesting=facts["requesting_state"], requested=facts["requested_state"], route=route
        )
    opinion = opinions.form(facts, now)
    basis = drafts.begin(facts, opinion)
    asked = information.limits(opinion, restrictions)
    case = Case.objects.create(
        reference=references.following(own.state, now.year),
        kind=CaseKind.INFORMATION,
        side=Side.REQUESTING,
        peer=peer,
        heading=subject,
        instrument=basis["instrument"],
        facts=basis["facts"],
        opinion=opinion,
        confidential="confidential" in restrictions,
        drafter=official,
        opened_at=now,
        changed_at=now,
    )
    assign(official, case, now)
    body = {key: basis[key] for key in ("instrument", "basis", "facts")} | {"subject": subject, "text": text}
    person = writing.person("signatory", official, now)
    letter = writing.write(case, "information", body, [person], limits=asked, now=now)
    limits.lay_down(case, asked, letter.id, now)
    case.save()
    words.keep(case)
    content = {
        "what": "information_sent",
        "case": case.reference,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append("information_sent", case.reference, content, now=now)
    events.note(case, "information_sent", now=now, by=official, letter=letter.id, entry=entry)
    return letter
