"""What the law says of a case: the engine's opinion on its facts, as this State's data have it, and what
casework reads from an opinion. Every figure and citation in an act comes from here.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from comity import treaties
from comity.node import config
from comity.reasoning import advise, read_facts
from comity.terms import ComityError, gettext_noop

Opinion = dict[str, Any]


class RuleMissingError(ComityError):
    """The opinion holds no rule of the kind that the act needs."""

    code = "rule_missing"
    message = gettext_noop("The law on record gives no “{rule}” for this request.")
    next_step = gettext_noop("Check the measure and the facts of the case.")


@lru_cache(maxsize=1)
def library() -> treaties.Library:
    """The law on record, read once in a process."""
    return treaties.load()


def form(facts: dict[str, Any], now: datetime) -> Opinion:
    """The opinion on facts today. Treaty status is this node's own, with its assumptions where it has any;
    what a letter's facts say of status is its sender's view and is left out.
    """
    own = {key: value for key, value in facts.items() if key != "status"}
    assumed = config.current().assumptions
    if assumed:
        own["status"] = assumed
    own.setdefault("as_of", now.date().isoformat())
    return advise(read_facts(own), library()).as_dict()


def clock(opinion: Opinion, kind: str) -> dict[str, Any]:
    """The clock of a kind: id, duration, from, cite; raise RuleMissingError without one."""
    for each in opinion["clocks"]:
        if each["id"] == kind:
            return dict(each)
    raise RuleMissingError(rule=kind)


def permitted_grounds(opinion: Opinion) -> list[dict[str, Any]]:
    """Grounds on which execution may be refused: found to apply or not excluded.

    The engine has already left out what a provision bars for every offence of the request.
    """
    return [each for each in opinion["grounds"] if each["outcome"] != "does_not_apply"]


def limits(opinion: Opinion) -> list[dict[str, Any]]:
    """Limits that bind the requesting side in its use of a result."""
    return [each for each in opinion["limits"] if each["of"] == "requesting"]
