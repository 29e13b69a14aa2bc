"""Sign a request: a second person decides, the letter is frozen and leaves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import second_person
from comity.node.accounts.models import Official
from comity.node.casework import (
    correspondence,
    drafts,
    emergencies,
    enclosures,
    events,
    languages,
    markings,
    oral,
    safe_conducts,
    writing,
)
from comity.node.casework.acts.approve_draft import demand_approval
from comity.node.casework.dialogue.answers import unanswered
from comity.node.casework.models import Case, Item, Preparation, Side
from comity.node.casework.signatories import demand_rank
from comity.node.casework.standing import begin, demand_preparation
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits import release
from comity.node.ledger import entries


@transaction.atomic
def sign_request(official: Official, case: Case, *, now: datetime) -> Letter:
    """Sign the reviewed draft. Raises FourEyesError for the drafter (and, where review is required, for the
    approver), ApprovalMissingError, SignatoryRankError, DraftIncompleteError as at review.
    """
    case = begin(official, "sign_request", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.IN_REVIEW})
    second_person(case.drafter, official)
    demand_approval(case, official)
    demand_rank(case, official)
    drafts.demand_complete(case)
    files = enclosures.waiting(case)
    markings.demand_no_secret(case, [each.pk for each in files])
    languages.demand_translated(case)
    safe_conducts.demand_none_touched(official, case, now)
    draft: dict[str, Any] = case.draft  # type: ignore[assignment]  # demand_complete has read it
    people = [
        writing.person("drafter", case.drafter, case.changed_at),  # type: ignore[arg-type]
        *([writing.person("approver", case.approver, case.approved_at)] if case.approver else []),  # type: ignore[arg-type]
        *writing.signatory(official, "sign_request", now),
    ]
    told = unanswered(case, Direction.IN, {"preservation_expiring"})
    answers = correspondence.answering(case, "registration", "preservation_done")
    answers += [str(letter.id) for letter in told]
    kind, body = oral.to_write(case, draft)
    letter = writing.write(
        case,
        kind,
        body,
        people,
        answers=answers,
        attachments=[release.announce(each) for each in files],
        now=now,
    )
    oral.confirm(case, letter, now)
    emergencies.on_request(case, letter.pk, body, asked_at=now, written_at=now)
    release.send(files, letter.id, official=official, to=str(case.peer), now=now)
    case.enclosures.filter(letter=None).update(letter=letter.id)
    _lay_down_items(case, draft["items"])
    case.preparation, case.changed_at = Preparation.SIGNED, now
    case.approver, case.approved_at = None, None
    case.save()
    content = {
        "what": "request_signed",
        "case": case.reference,
        "letter": str(letter.id),
        "generation": letter.generation,
        "by": official.pk,
    }
    entry = entries.append("request_signed", case.reference, content, now=now)
    events.note(
        case,
        "request_signed",
        now=now,
        by=official,
        letter=letter.id,
        entry=entry,
        generation=letter.generation,
    )
    return letter


def _lay_down_items(case: Case, items: list[dict[str, Any]]) -> None:
    """The items as asked; their actual status stays what the other side last said."""
    for item in items:
        Item.objects.update_or_create(case=case, number=item["number"], defaults=item_values(item))


def item_values(item: dict[str, Any]) -> dict[str, Any]:
    """An item of a request as its row has it, without its actual status."""
    begin_at, end_at = (item["period"] or {}).get("from"), (item["period"] or {}).get("to")
    return {
        "measure": item["measure"],
        "identifier_type": item["identifier"]["type"],
        "identifier_value": item["identifier"]["value"],
        "data_kinds": item["data_kinds"],
        "period_from": canonical.read_instant(begin_at) if begin_at else None,
        "period_to": canonical.read_instant(end_at) if end_at else None,
        "description": item["description"],
        "particulars": item.get("service") or item.get("appearance") or {},
        "desired": item["desired"],
    }
