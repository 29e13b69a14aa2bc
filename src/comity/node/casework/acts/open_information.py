"""Open a case for information that another State did not ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, information, opinions, references, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.models import Case, CaseKind, Side
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.ledger import entries


@transaction.atomic
def open_information(
    official: Official, *, peer: Authority, heading: str, facts: dict[str, Any], now: datetime
) -> Case:
    """Find the legal basis and open a case of this side; what it tells is prepared there, nothing leaves yet.

    Raises NoBasisError where no treaty provides for it, PeerOfAnotherStateError for facts about other States.
    """
    authorise(official, "open_information")
    own = known.own()
    facts = {"as_of": now.date().isoformat(), **facts, "measure": information.MEASURE}
    opinion = opinions.form(facts, now)
    if (facts["requesting_state"], facts["requested_state"]) != (own.state, peer.state):
        route = f"{own.state} → {peer.state}"
        raise PeerOfAnotherStateError(
            requesting=facts["requesting_state"], requested=facts["requested_state"], route=route
        )
    basis = drafts.begin(facts, opinion)
    case = Case.objects.create(
        reference=references.following(own.state, now.year),
        kind=CaseKind.INFORMATION,
        side=Side.REQUESTING,
        peer=peer,
        heading=heading,
        instrument=basis["instrument"],
        facts=basis["facts"],
        opinion=opinion,
        drafter=official,
        opened_at=now,
        changed_at=now,
    )
    assign(official, case, now)
    content = {"what": "information_opened", "case": case.reference, "by": official.pk}
    entry = entries.append("information_opened", case.reference, content, now=now)
    events.note(case, "information_opened", now=now, by=official, entry=entry)
    words.keep(case)
    return case
