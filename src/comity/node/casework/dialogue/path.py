"""The path of a preserved communication through other States: when it is owed, and what came of it here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.node.casework import opinions
from comity.node.casework.dialogue import answers, keeping
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Direction, Letter

DISCLOSE = "disclose_traffic_data"
"""The measure of the disclosure, whose rules name the grounds on which it may be withheld."""
OWED = "expedite"
"""The duty on the occasion, as the law's vocabulary names it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that took part: its State, its name, what identifies it, and the time of transmission."""

    state: str
    name: str
    identifier: str = ""
    period: tuple[datetime | None, datetime | None] = (None, None)


def provision(case: Case, now: datetime) -> str | None:
    """The provision that asks for the disclosure here, if one does."""
    asked = keeping.of_preservation(case, now)
    return opinions.duty_on(asked, opinions.DISCLOSE_PATH, OWED, Side.REQUESTED)


def demanded(case: Case, now: datetime) -> str:
    """The provision that asks for it; raise RuleMissingError without one."""
    cite = provision(case, now)
    if cite is None:
        raise opinions.RuleMissingError(rule=opinions.DISCLOSE_PATH)
    return cite


def opinion(case: Case, now: datetime) -> opinions.Opinion:
    """The opinion on the disclosure, which has grounds of its own."""
    return opinions.form({**case.facts, "measure": DISCLOSE}, now)


def grounds(case: Case, now: datetime) -> list[dict[str, Any]]:
    """The grounds on which it may be withheld: those alone that the provision on the disclosure names."""
    return opinions.permitted_grounds(opinion(case, now))


def received(case: Case) -> list[tuple[Letter, list[dict[str, Any]]]]:
    """The letters of the other side that disclosed a path, each with the providers it names."""
    told = [
        letter
        for letter in answers.of_case(case)
        if letter.kind == "path_disclosure" and letter.direction == Direction.IN
    ]
    found = [(letter, read_body(letter).get("path", [])) for letter in told]
    return [(letter, providers) for letter, providers in found if providers]
