"""Permit another use, or passing on, exactly as it was asked: with conditions and an end, or without."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import limits, permissions, uses
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Letter

Conditions = Collection[tuple[str, str]]


@transaction.atomic
def grant_use_permission(
    official: Official,
    case: Case,
    *,
    text: str,
    conditions: Conditions = (),
    until: datetime | None = None,
    proceedings: Collection[str] | None = None,
    letter: str | None = None,
    now: datetime,
) -> Letter:
    """Permit the use that a letter asks for; its conditions bind as limits from now on.

    ``proceedings`` are those of the ones it names that are permitted (None: each of them);
    ProceedingsUnnamedError for none of them or others.
    """
    return _grant(official, "grant_use_permission", case, text, conditions, until, letter, now, proceedings)


@transaction.atomic
def grant_onward_permission(
    official: Official,
    case: Case,
    *,
    text: str,
    conditions: Conditions = (),
    until: datetime | None = None,
    letter: str | None = None,
    now: datetime,
) -> Letter:
    """Authorise passing on, in writing, as a letter asks for it; its conditions bind from now on."""
    return _grant(official, "grant_onward_permission", case, text, conditions, until, letter, now)


def _grant(
    official: Official,
    act: str,
    case: Case,
    text: str,
    conditions: Conditions,
    until: datetime | None,
    letter: str | None,
    now: datetime,
    proceedings: Collection[str] | None = None,
) -> Letter:
    asked = answered_letter(case, act, letter)
    case, spoken_of = begin_turn(official, act, case, item_numbers(asked))
    wanted = permissions.asked_in(read_body(asked))
    if wanted.get("proceedings") and proceedings is not None:
        chosen = [each for each in wanted["proceedings"] if each in proceedings]
        if not chosen or len(chosen) != len(set(proceedings)):
            raise uses.ProceedingsUnnamedError
        wanted["proceedings"] = chosen
    cite = wanted["provisions"][0]
    bound = [{"id": limit, "cite": cite, "text": words} for limit, words in conditions]
    end = canonical.instant_text(until) if until else None
    body = wanted | {"text": text, "conditions": bound, "until": end}
    body |= permissions.said_by(case, Side.REQUESTING)
    granted = say(official, act, case, spoken_of, body, replying=[asked], now=now)
    limits.lay_down(case, bound, granted.id, now)
    return granted
