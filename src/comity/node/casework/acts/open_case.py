"""Open a case on the requesting side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, opinions, references, statuses, versions, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.keep_template import draft_from_template
from comity.node.casework.models import Case, Origin, Preparation, Side
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class PeerOfAnotherStateError(ComityError):
    """The facts speak of other States than the two whose authorities would exchange the letters."""

    code = "peer_of_another_state"
    message = gettext_noop(
        "The facts are about {requesting} and {requested}, but the letter would go {route}."
    )
    next_step = gettext_noop("Choose an authority of the State that is asked.")


@transaction.atomic
def open_case(
    official: Official,
    *,
    peer: Authority,
    heading: str,
    facts: dict[str, Any],
    template: int | None = None,
    now: datetime,
) -> Case:
    """Find the legal basis of the facts and begin a draft on it.

    ``facts`` have the form that ``comity advise`` reads; ``template`` is one of the organisation's, whose
    texts begin the draft (TemplateUnknownError, TemplateUnfitError for another measure or treaty). Raises
    NoBasisError when no treaty on record applies, and the reasoning room's errors for facts it cannot read.
    """
    authorise(official, "open_case")
    own = known.own()
    facts = {"as_of": now.date().isoformat(), **facts}  # facts that name no day are of today
    opinion = opinions.form(facts, now)
    if (facts["requesting_state"], facts["requested_state"]) != (own.state, peer.state):
        raise PeerOfAnotherStateError(
            requesting=facts["requesting_state"],
            requested=facts["requested_state"],
            route=f"{own.state} → {peer.state}",
        )
    draft = drafts.begin(facts, opinion)
    case = Case.objects.create(
        reference=references.following(own.state, now.year),
        side=Side.REQUESTING,
        peer=peer,
        heading=heading,
        instrument=draft["instrument"],
        facts=facts,
        opinion=opinion,
        draft=draft,
        preparation=Preparation.DRAFT,
        desired=statuses.desired_by(facts["measure"]),
        urgent=draft["urgent"],
        drafter=official,
        opened_at=now,
        changed_at=now,
    )
    assign(official, case, now)
    words.keep(case)
    versions.keep(case, official, now=now, origin=Origin.BEGUN)
    content = {"what": "case_opened", "case": case.reference, "by": official.pk}
    entry = entries.append("case_opened", case.reference, content, now=now)
    events.note(case, "case_opened", now=now, by=official, entry=entry)
    return case if template is None else draft_from_template(official, case, template, now=now)
