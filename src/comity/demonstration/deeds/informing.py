"""Information that nobody asked for: prepared by one, signed by another, tied to a case where it arrives."""

from __future__ import annotations

from datetime import datetime

from comity.demonstration import cast
from comity.demonstration.deeds.preparing_letters import sign_prepared
from comity.demonstration.deeds.telling import WAITING, Told, deed, expect, label, official, the_case
from comity.node.casework import information
from comity.node.casework.acts.open_information import open_information
from comity.node.casework.acts.register_information import register_information, tie_information
from comity.node.casework.models import Case, CaseKind, Event
from comity.node.directory import known

DRAFTER, SIGNATORY, DUTY_OFFICER = "aigerim", "daniyar", "maral"


@deed
def inform_without_request(now: datetime) -> Told:
    """What the evidence shows of another victim is passed on with a restriction that binds its receiver."""
    told = cast.case()["information"]
    case = _informed()
    if case is None:
        facts = {key: value for key, value in cast.case()["facts"].items() if key in _KEPT}
        peer = known.find(cast.node("tm")["id"])
        case = open_information(official(DRAFTER), peer=peer, heading=told["subject"], facts=facts, now=now)
    if information.is_unsent(case):
        filled_in = {"heading": told["subject"], "text": told["text"], "restrictions": "confidential"}
        filled_in["words"] = told["restriction"]
        sign_prepared(DRAFTER, SIGNATORY, case, information.ACT, filled_in, now)
    limit = case.limits.get()
    return Told(
        True, [f"information sent that nobody asked for; it is confidential there ({label(limit.cite)})"]
    )


@deed
def take_the_information(now: datetime) -> Told:
    """It gets a number of its own, no letter answers it, and it is tied to the case it belongs to."""
    case, other = _informed(), the_case()
    if case is None or other is None:
        return WAITING
    officer = official(DUTY_OFFICER)
    if not case.registered_generation:
        register_information(officer, case, now=now)
    if not Event.objects.filter(case=case, kind="information_tied").exists():
        tie_information(officer, case, other, now=now)
    expect(case.limits.filter(limit="confidential").exists(), "the restriction came with the information")
    return Told(True, [f"registered as {case.reference} and tied to {other.reference}"])


_KEPT = ("requesting_state", "requested_state", "offences", "electronic_evidence")


def _informed() -> Case | None:
    return Case.objects.filter(kind=CaseKind.INFORMATION).first()
