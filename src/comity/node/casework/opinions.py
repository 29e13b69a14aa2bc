"""What the law says of a case: the engine's opinion on its facts, as this State's data have it, and what
casework reads from an opinion. Every figure and citation in an act comes from here.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from comity import treaties
from comity.node import config
from comity.reasoning import advise, read
from comity.terms import ComityError, Outcome, gettext_noop

Opinion = dict[str, Any]
ONLY_TO_POSTPONE = frozenset({"ongoing_proceedings"})
"""Grounds that let a State postpone execution and never refuse it."""


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
    own = {"as_of": now.date().isoformat(), **_with_own_status(facts)}
    return advise(read(own, library()), library()).as_dict()


def as_known_here(body: dict[str, Any]) -> dict[str, Any]:
    """A request's body with treaty status as this node has it, for the check of a draft."""
    return {**body, "facts": _with_own_status(body["facts"])}


def _with_own_status(facts: dict[str, Any]) -> dict[str, Any]:
    own = {key: value for key, value in facts.items() if key != "status"}
    assumed = config.current().assumptions
    return {**own, "status": assumed} if assumed else own


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
    return [
        each
        for each in opinion["grounds"]
        if each["outcome"] != "does_not_apply" and each.get("id") not in ONLY_TO_POSTPONE
    ]


def limits(opinion: Opinion) -> list[dict[str, Any]]:
    """Limits that bind the requesting side in its use of a result."""
    return [each for each in opinion["limits"] if each["of"] == "requesting"]


def applies(finding: dict[str, Any]) -> bool:
    """Whether a finding is certain: one that hangs on an unknown fact is for an official to choose."""
    return bool(finding.get("outcome", Outcome.APPLIES) == Outcome.APPLIES)
