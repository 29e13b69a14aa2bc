"""Prepare information that another State did not ask for: its case, its words, for another's signature."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, identities, information, opinions, references, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.acts.prepare_letter import prepare_letter
from comity.node.casework.models import Case, CaseKind, Prepared, Side
from comity.node.casework.standing import begin
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.ledger import entries


@transaction.atomic
def open_information(
    official: Official,
    *,
    peer: Authority,
    facts: dict[str, Any],
    now: datetime,
    **said: Any,
) -> Prepared:
    """Find the legal basis, open a case of this side and prepare what it tells; nothing leaves yet.

    ``said`` as ``prepare_information`` takes it. Raises NoBasisError where no treaty
    provides for it, RuleMissingError for a restriction that no provision lets bind, PeerOfAnotherStateError
    for facts about another State.
    """
    authorise(official, "open_information")
    own = known.own()
    facts = {"as_of": now.date().isoformat(), **facts, "measure": information.MEASURE}
    if (facts["requesting_state"], facts["requested_state"]) != (own.state, peer.state):
        route = f"{own.state} → {peer.state}"
        raise PeerOfAnotherStateError(
            requesting=facts["requesting_state"], requested=facts["requested_state"], route=route
        )
    opinion = opinions.form(facts, now)
    basis = drafts.begin(facts, opinion)
    case = Case.objects.create(
        reference=references.following(own.state, now.year),
        kind=CaseKind.INFORMATION,
        side=Side.REQUESTING,
        peer=peer,
        heading=said["subject"],
        instrument=basis["instrument"],
        facts=basis["facts"],
        opinion=opinion,
        confidential="confidential" in said["restrictions"],
        drafter=official,
        opened_at=now,
        changed_at=now,
    )
    assign(official, case, now)
    content = {"what": "information_opened", "case": case.reference, "by": official.pk}
    entry = entries.append("information_opened", case.reference, content, now=now)
    events.note(case, "information_opened", now=now, by=official, entry=entry)
    return prepare_information(official, case, **said, now=now)


@transaction.atomic
def prepare_information(
    official: Official,
    case: Case,
    *,
    subject: str,
    text: str,
    restrictions: Collection[str],
    restricting: str,
    now: datetime,
) -> Prepared:
    """Prepare what the information says, the first time or after it came back; whoever did is its drafter.

    ``restrictions`` are kinds of limit, ``restricting`` their words. Raises NotNowError once it is sent or
    while one waits for its signature.
    """
    case = begin(official, "open_information", case, Side.REQUESTING)
    information.demand_unprepared(case)
    information.limits(case.opinion or {}, dict.fromkeys(restrictions, restricting))
    identities.demand_absent(case, [subject, text, restricting])
    case.heading, case.drafter, case.changed_at = subject, official, now
    case.save(update_fields=["heading", "drafter", "changed_at"])
    words.keep(case)
    entered = information.entered(subject, text, restrictions, restricting)
    return prepare_letter(official, case, information.ACT, entered, now=now)
