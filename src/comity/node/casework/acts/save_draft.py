"""Write on the draft of a request, or begin a further request in the same case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, identities, limits, opinions, statuses, versions, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.models import Case, Origin, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation
from comity.node.exchange.models import Direction, Letter
from comity.node.ledger import entries


@transaction.atomic
def save_draft(
    official: Official, case: Case, changes: dict[str, Any], *, now: datetime, typing: bool = False
) -> Case:
    """Keep what was written: ``contents``, ``items``, ``urgent``, ``confidential``, ``no_user_notice``.

    Whoever last wrote on it is its drafter, for the four eyes at signing. What is saved is a version of the
    draft; ``typing`` says that the page saved by itself and its writer goes on.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    take(official, case, drafts.merge(case.draft or {}, changes), now=now)
    versions.keep(case, official, now=now, typing=typing)
    return case


def take(official: Official, case: Case, draft: dict[str, Any], *, now: datetime) -> None:
    """Make this the draft, and this official its drafter; the caller has the case's row locked.

    Who changed nothing has drafted nothing: else another's look through the screens would free the writer
    to sign.
    """
    if draft == case.draft:
        return
    identities.demand_absent(case, draft)
    case.draft = draft
    case.urgent = case.draft["urgent"]
    case.confidential, case.no_user_notice = case.draft["confidential"], case.draft["no_user_notice"]
    case.drafter, case.changed_at = official, now
    case.save()
    assign(official, case, now)
    words.keep(case)


@transaction.atomic
def draft_follow_up(official: Official, case: Case, measure: str, *, now: datetime) -> Case:
    """Begin a further request by another measure (access to what was preserved) on the same facts.

    Items and descriptions are carried over; contents begin anew, because the provisions differ.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.SIGNED, Preparation.SENT})
    return draft_further(official, case, drafts.follow_up_facts(case, measure, now), now=now)


def draft_further(
    official: Official, case: Case, facts: dict[str, Any], *, keeping: Collection[str] = (), now: datetime
) -> Case:
    """Begin a further request on these facts in a locked case; ``keeping`` names what stays besides."""
    before, measure = case.draft or {"items": []}, str(facts["measure"])
    asked = Letter.objects.filter(case_reference=case.reference, kind__in=REQUESTS, direction=Direction.OUT)
    if latest := asked.order_by("-generation").first():
        limits.hold(case, latest.pk, now)
    case.facts = facts
    case.opinion = opinions.form(case.facts, now)
    draft = drafts.begin(case.facts, case.opinion)
    kept = ("items", "confidential", "no_user_notice", "urgent", "language", *keeping)
    carried = {key: before[key] for key in kept if key in before}
    case.draft = drafts.merge(draft, carried)
    case.instrument, case.desired = draft["instrument"], statuses.desired_by(measure)
    case.preparation, case.drafter, case.changed_at = Preparation.DRAFT, official, now
    case.save()
    assign(official, case, now)
    words.keep(case)
    versions.keep(case, official, now=now, origin=Origin.BEGUN)
    content = {"what": "follow_up_drafted", "case": case.reference, "measure": measure, "by": official.pk}
    entry = entries.append("follow_up_drafted", case.reference, content, now=now)
    events.note(case, "follow_up_drafted", now=now, by=official, entry=entry)
    return case
