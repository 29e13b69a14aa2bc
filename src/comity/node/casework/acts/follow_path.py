"""Follow a path into a third State: the draft of a request to preserve what its provider holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.acts.open_case import open_case
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.dialogue import path
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case, Side
from comity.node.casework.running import PRESERVE
from comity.node.casework.standing import begin
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter
from comity.terms import ComityError, gettext_noop

_CARRIED = ("data_kinds", "electronic_evidence", "urgent", "emergency", "coercive", "requesting_state")
"""Facts that are as true of a request to another State; what concerns the State asked before is left out."""


class PathUnknownError(ComityError):
    """No letter of the other side discloses such a part of a path in this case."""

    code = "path_unknown"
    message = gettext_noop("No letter of case {case} names such a provider of a path.")
    next_step = gettext_noop("Open the case again and choose a provider from the path that was disclosed.")


@transaction.atomic
def follow_path(
    official: Official, case: Case, *, letter: str, place: int, peer: Authority, now: datetime
) -> Case:
    """Open a related case with the authority of the State in which the provider is, and begin its draft.

    ``letter`` is the disclosure's id, ``place`` the provider's number in its path, from 1. Facts, items and
    contents are carried over; the draft is reviewed and signed as any other. Raises
    PeerOfAnotherStateError for an authority of another State, NoBasisError where no treaty applies.
    """
    authorise(official, "open_case")
    case = begin(official, "follow_path", case, Side.REQUESTING)
    disclosed, provider = _found(case, letter, place)
    opened = open_case(official, peer=peer, heading=case.heading, facts=_facts(case, provider), now=now)
    opened = save_draft(official, opened, _draft(case, opened, disclosed, provider), now=now)
    for one, other in ((case, opened), (opened, case)):
        events.note(
            one, "path_followed", now=now, by=official, letter=disclosed.id, reference=other.reference
        )
    return opened


def _found(case: Case, letter: str, place: int) -> tuple[Letter, dict[str, Any]]:
    for disclosed, providers in path.received(case):
        if str(disclosed.id) == letter and 1 <= place <= len(providers):
            return disclosed, providers[place - 1]
    raise PathUnknownError(case=case.reference)


def _facts(case: Case, provider: dict[str, Any]) -> dict[str, Any]:
    own = case.facts.get("requesting_state")
    offences = []
    for offence in case.facts.get("offences", []):
        criminal_in = {s: known for s, known in (offence.get("criminal_in") or {}).items() if s == own}
        kept = {key: value for key, value in offence.items() if key != "criminal_in"}
        offences.append({**kept, **({"criminal_in": criminal_in} if criminal_in else {})})
    carried = {key: case.facts[key] for key in _CARRIED if key in case.facts}
    return {**carried, "requested_state": provider["state"], "measure": PRESERVE, "offences": offences}


def _draft(case: Case, opened: Case, disclosed: Letter, provider: dict[str, Any]) -> dict[str, Any]:
    """What the earlier request said, of the fields that this one asks for; its items with the path's time."""
    request = (
        Letter.objects.filter(case_reference=case.reference, direction=Direction.OUT, kind__in=REQUESTS)
        .order_by("-generation")
        .first()
    )
    said, asked = read_body(request), {each["field"] for each in (opened.opinion or {})["contents"]}
    contents = {field: text for field, text in said.get("contents", {}).items() if field in asked}
    if "custodian_or_location" in asked:
        contents["custodian_or_location"] = "\n".join(
            filter(None, (provider["provider"], provider["identifier"]))
        )
    named = set(item_numbers(disclosed))
    items = [
        {
            "identifier": item["identifier"],
            "data_kinds": item["data_kinds"],
            "period": provider["period"] or item["period"],
            "description": item["description"],
        }
        for item in said.get("items", [])
        if item["number"] in named
    ]
    flags = {flag: bool(said.get(flag)) for flag in ("urgent", "confidential", "no_user_notice")}
    return {"contents": contents, "items": items, **flags}
