"""A request that is made by telephone first, and confirmed in writing, on both sides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comity.demonstration import cast
from comity.demonstration.deeds.requesting import written_on
from comity.demonstration.deeds.telling import WAITING, Told, deed, expect, label, official
from comity.node.casework import oral, running
from comity.node.casework.acts.note_oral_request import note_oral_request
from comity.node.casework.acts.open_case import open_case
from comity.node.casework.acts.record_oral_request import record_oral_request
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.acts.tie_confirmation import tie_confirmation
from comity.node.casework.models import Case, OralRequest, Preparation
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter, Stage

DRAFTER, SIGNATORY, DUTY_OFFICER = "aigerim", "daniyar", "maral"


@deed
def ask_by_telephone(now: datetime) -> Told:
    """The mailbox is about to vanish: the other side is called, and what was asked is recorded."""
    told = cast.case()["oral"]
    case = Case.objects.filter(heading=told["heading"]).first()
    if case is None:
        facts = _facts() | {"as_of": now.date().isoformat()}
        peer = known.find(cast.node("tm")["id"])
        case = open_case(official(DRAFTER), peer=peer, heading=told["heading"], facts=facts, now=now)
    if not OralRequest.objects.filter(case=case).exists():
        draft = written_on(case.opinion or {}) | {"items": told["items"]}
        case = save_draft(official(DRAFTER), case, draft, now=now)
        record_oral_request(official(DRAFTER), case, _said("tm", now), now=now)
    made = OralRequest.objects.get(case=case)
    return Told(True, [f"asked by telephone, which the other side agreed to ({label(made.cite)})"])


@deed
def write_down_the_call(now: datetime) -> Told:
    """Who was called writes a minute; execution may begin, and the confirmation in writing is awaited."""
    told = cast.case()["oral"]
    if not OralRequest.objects.exists():
        note_oral_request(
            official(DUTY_OFFICER),
            peer=known.find(cast.node("kz")["id"]),
            heading=told["heading"],
            facts=_facts(),
            said=_said("kz", now, called_back=True, items=told["items"]),
            now=now,
        )
    minute = OralRequest.objects.get()
    return Told(True, [f"the call is written down as {minute.case.reference}"])


@deed
def confirm_in_writing(now: datetime) -> Told:
    """The letter that confirms what was asked is reviewed and signed by a second person."""
    case = OralRequest.objects.get().case
    if case.preparation == Preparation.DRAFT:
        submit_for_review(official(DRAFTER), case, now=now)
        case.refresh_from_db()
    if case.preparation == Preparation.IN_REVIEW:
        sign_request(official(SIGNATORY), case, now=now)
    sent = Letter.objects.filter(case_reference=case.reference, direction=Direction.OUT)
    expect(sent.order_by("generation")[0].kind == _KIND, "it confirms")
    return Told(True, ["confirmed in writing", _clock_met(case)])


@deed
def tie_the_confirmation(now: datetime) -> Told:
    """The letter that arrived is found to confirm the call; it moves into the case of the minute."""
    minute = OralRequest.objects.get().case
    if oral.awaiting(minute):
        arrived = Letter.objects.filter(direction=Direction.IN, kind=_KIND)
        letter = arrived.exclude(stage__in=(Stage.ACCEPTED, Stage.REFUSED)).first()
        if letter is None:
            return WAITING
        came = Case.objects.get(reference=letter.case_reference)
        minute = tie_confirmation(official(DUTY_OFFICER), came, minute, now=now)
    if not minute.registered_generation:
        register_request(official(DUTY_OFFICER), minute, now=now)
    return Told(True, [f"the letter belongs to the call {minute.reference}", _clock_met(minute)])


@deed
def wait_for_the_number(now: datetime) -> Told:
    """The request that was made by telephone has its number there."""
    case = OralRequest.objects.get().case
    if not case.peer_reference:
        return WAITING
    return Told(True, [f"registered there as {case.peer_reference}"])


_KIND = "oral_confirmation"


def _facts() -> dict[str, Any]:
    told = cast.case()
    return {**told["facts"], "measure": told["measure"]}


def _said(other: str, now: datetime, **more: Any) -> oral.Said:
    told = cast.case()["oral"]
    return oral.Said(
        made_at=now,
        means="telephone",
        person_name=told[f"person_{other}"],
        person_post=told[f"post_{other}"],
        asked=told["asked"],
        urgency=told["urgency"],
        agreed=told["agreed"],
        **more,
    )


def _clock_met(case: Case) -> str:
    clock = Clock.objects.get(case_reference=case.reference, kind=running.CONFIRMATION)
    expect(clock.state == ClockState.MET, "the clock of the confirmation is met")
    return f"the confirmation was due at once, and is met ({label(clock.cite)})"
