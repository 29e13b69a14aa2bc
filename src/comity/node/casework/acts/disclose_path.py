"""Disclose the path of a communication that passed a provider in another State, or say why it is withheld."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import limits, opinions
from comity.node.casework.dialogue import path
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def disclose_path(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    providers: Collection[path.Provider],
    now: datetime,
) -> Letter:
    """Disclose enough traffic data to identify each provider of another State and the path, in its order.

    The limits of the treaty travel with it. Raises RuleMissingError where no provision asks for it.
    """
    case, spoken_of = begin_turn(official, "disclose_path", case, items)
    path.demanded(case, now)
    travelling = limits.travelling(case)
    body = {"text": text, "path": [_told(each) for each in providers], "withheld": None}
    letter = say(official, "disclose_path", case, spoken_of, body, limits=travelling, now=now)
    limits.lay_down(case, travelling, letter.id, now)
    return letter


@transaction.atomic
def withhold_path(
    official: Official, case: Case, items: Collection[int], *, text: str, ground: str, now: datetime
) -> Letter:
    """Tell that a provider of another State took part and that the path is withheld, on a permitted ground.

    Raises GroundNotPermittedError, and DutiesUnmetError naming what the law asks before a refusal.
    """
    case, spoken_of = begin_turn(official, "withhold_path", case, items)
    path.demanded(case, now)
    opinions.demand_ground(path.opinion(case, now), opinions.REFUSE, ground)
    body = {"text": text, "path": [], "withheld": {"cite": ground}}
    return say(official, "withhold_path", case, spoken_of, body, now=now)


def _told(provider: path.Provider) -> dict[str, Any]:
    begin, end = provider.period
    period = (
        {"from": canonical.instant_text(begin), "to": canonical.instant_text(end)} if begin and end else None
    )
    return {
        "state": provider.state,
        "provider": provider.name,
        "identifier": provider.identifier,
        "period": period,
    }
