"""Write down an oral request of the other side: a case of its own, before anything is in writing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import drafts, emergencies, oral, references, running, statuses, words
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.sign_request import item_values
from comity.node.casework.models import Case, Item, OralRequest, Side
from comity.node.directory import known
from comity.node.directory.models import Authority


@transaction.atomic
def note_oral_request(
    official: Official,
    *,
    peer: Authority,
    heading: str,
    facts: dict[str, Any],
    said: oral.Said,
    now: datetime,
) -> OralRequest:
    """The minute of who asked for what, with its number and the clock of the awaited confirmation.

    Execution may begin, what is urgent first; no letter leaves until the confirmation is tied to the minute.
    Raises FormNotAdmittedError, AgreementUnstatedError, MadeAheadError and ItemsUnnamedError.
    """
    authorise(official, "note_oral_request")
    own = known.own()
    facts = {"as_of": now.date().isoformat(), **facts}
    facts |= {"requesting_state": peer.state, "requested_state": own.state}
    oral.demand_made(said, now)
    if not said.items:
        raise oral.ItemsUnnamedError
    opinion, rule = oral.admitted(facts, said.agreed, now)
    facts = oral.stated(facts, said.agreed)
    asked = drafts.merge(drafts.begin(facts, opinion), {"items": said.items})
    case = Case.objects.create(
        reference=references.following(own.state, now.year),
        side=Side.REQUESTED,
        peer=peer,
        heading=heading,
        instrument=asked["instrument"],
        facts=facts,
        opinion=opinion,
        desired=statuses.desired_by(facts["measure"]),
        urgent=True,
        executing_officer=official,
        opened_at=now,
        changed_at=now,
    )
    for item in asked["items"]:
        Item.objects.create(case=case, number=item["number"], **item_values(item))
    statuses.set_actual(case, case.items.all(), "registered")
    case.save()
    assign(official, case, now)
    words.keep(case)
    noted = oral.note(official, case, said, rule, asked["items"], now)
    running.on_oral_request(case, noted.cite, noted.made_at)
    emergencies.on_request(case, None, asked, asked_at=now, written_at=noted.made_at)
    return noted
