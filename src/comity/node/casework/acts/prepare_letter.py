"""Prepare a letter that decides for another official's signature, or return a prepared one with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, information, preparing
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Prepared
from comity.node.ledger import entries


@transaction.atomic
def prepare_letter(
    official: Official, case: Case, act: str, entered: list[list[str]], *, now: datetime
) -> Prepared:
    """Keep what was filled in for an act of ``preparing.DECIDING`` until another official signs it.

    ``entered`` are the names and values of its form. Nothing is decided and nobody is told.
    """
    case = _begin(official, case)
    if act == information.ACT:
        information.demand_unprepared(case)
    made = Prepared.objects.create(
        case=case,
        act=act,
        entered=entered,
        by=official,
        at=now,
        sent=case.sent_generation,
        received=case.received_generation,
    )
    _remember("letter_prepared", official, case, made, now)
    return made


@transaction.atomic
def return_prepared(
    official: Official, case: Case, prepared: Prepared, *, reason: str, now: datetime
) -> None:
    """Give a prepared letter back: it is not signed. Whoever prepared it may take it back so too."""
    case = _begin(official, case)
    prepared = case.prepared.select_for_update().get(pk=prepared.pk)
    preparing.demand_open(prepared)
    prepared.returned_by, prepared.returned_at, prepared.reason = official, now, reason
    prepared.save(update_fields=["returned_by", "returned_at", "reason"])
    _remember("letter_returned", official, case, prepared, now, reason=reason)


def _begin(official: Official, case: Case) -> Case:
    authorise(official, "prepare_letter")
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    return locked


def _remember(
    what: str, official: Official, case: Case, prepared: Prepared, now: datetime, **said: Any
) -> None:
    content = {"what": what, "case": case.reference, "act": prepared.act, "by": official.pk}
    entry = entries.append(what, case.reference, content, now=now)
    events.note(case, what, now=now, by=official, entry=entry, **said)
