"""Ask to use what was received for another purpose than the one stated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import limits, uses
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Purpose
from comity.node.exchange.models import Letter


@transaction.atomic
def ask_use_permission(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    purpose: str,
    use: str,
    proceedings: Collection[str] = (),
    exhibits: Collection[str] = (),
    now: datetime,
) -> Letter:
    """Ask for exactly this use; ``text`` gives the reasons, ``exhibits`` (ids) narrow it to some of them.

    ``proceedings`` names each of the other proceedings. The letter cites what bars the use;
    PermissionNotNeededError where nothing does, ProceedingsUnnamedError for proceedings without a name.
    """
    case, spoken_of = begin_turn(official, "ask_use_permission", case, items)
    other = purpose == Purpose.OTHER_PROCEEDINGS
    named = list(dict.fromkeys(proceedings)) if other else []
    if other and not named:
        raise uses.ProceedingsUnnamedError
    body = {"purpose": purpose} | asking(case, purpose, use, text, exhibits)
    if named:
        body["proceedings"] = named
    return say(official, "ask_use_permission", case, spoken_of, body, now=now)


def asking(case: Case, purpose: str, use: str, text: str, exhibits: Collection[str]) -> dict[str, object]:
    """What every letter that asks for another use says; PermissionNotNeededError, ExhibitNotReceivedError."""
    barring = limits.barring(case, purpose)
    if not barring:
        raise uses.PermissionNotNeededError
    return {
        "text": text,
        "use": use,
        "exhibits": [str(each.pk) for each in uses.exhibits_of(case, exhibits)],
        "provisions": list(dict.fromkeys(each.cite for each in barring)),
    }
