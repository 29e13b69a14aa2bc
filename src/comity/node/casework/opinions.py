"""What the law says of a case: the engine's opinion on its facts, as this State's data have it, and what
casework reads from an opinion. Every figure and citation in an act comes from here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any

from comity import treaties
from comity.node import config
from comity.reasoning import advise, read
from comity.terms import ComityError, Outcome, gettext_noop

Opinion = dict[str, Any]
EXTEND, PRESERVE, DISCLOSE_PATH, ASK_MORE = "extend", "preserve", "disclose_path", "supplement_asked"
"""Occasions of powers and duties, in the words of their rules."""
REFUSE, POSTPONE = "refuse", "postpone"
"""What a ground lets a State do, in the words of its rule."""
PERSONAL_DATA = "personal_data_conditions"
"""The limit that conditions on personal data set."""
BINDING = "use"
"""The occasion of the duty to keep to accepted conditions."""


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


class GroundNotPermittedError(ComityError):
    """The treaty does not permit this on that ground here."""

    code = "ground_not_permitted"
    message = gettext_noop("“{ground}” is not among the grounds that the law permits for this here.")
    next_step = gettext_noop("Choose one of the permitted grounds, or execute the request.")


class FieldNotAskedError(ComityError):
    """No provision asks for the field in this request."""

    code = "field_not_asked"
    message = gettext_noop("No provision on record asks for “{field}” in this request.")
    next_step = gettext_noop("Ask for it in words, or choose a field that the law asks for.")


def demand_ground(opinion: Opinion, to: str, ground: str) -> None:
    """Raise GroundNotPermittedError unless the ground (a citation) lets a State refuse, or postpone."""
    if ground not in {each["cite"] for each in permitted_grounds(opinion, to)}:
        raise GroundNotPermittedError(ground=ground)


def demanded(opinion: Opinion, fields: Collection[str]) -> list[dict[str, str]]:
    """Contents of a request that the law asks for, each once with its provision; FieldNotAskedError."""
    cites = {each["field"]: each["cite"] for each in reversed(opinion.get("contents", []))}
    for field in fields:
        if field not in cites:
            raise FieldNotAskedError(field=field)
    return [{"field": field, "cite": cites[field]} for field in dict.fromkeys(fields)]


def conditions_bind(opinion: Opinion) -> str | None:
    """The provision by which accepted conditions bind the requesting side, if there is one."""
    duties = opinion.get("duties", [])
    binding = (each for each in duties if each.get("on") == BINDING and not each.get("id"))
    return next((str(each["cite"]) for each in binding if each["of"] == "requesting"), None)


def binding_conditions(opinion: Opinion) -> str:
    """The provision by which accepted conditions bind; raise RuleMissingError without one."""
    cite = conditions_bind(opinion)
    if cite is None:
        raise RuleMissingError(rule="conditions")
    return cite


def power_for(opinion: Opinion, on: str, of: str) -> str | None:
    """The provision that lets a side do this, if there is one that is not excluded."""
    powers = (each for each in opinion.get("powers", []) if each.get("on") == on and each["of"] == of)
    return next((str(each["cite"]) for each in powers if each["outcome"] != Outcome.DOES_NOT_APPLY), None)


def power(opinion: Opinion, on: str, of: str) -> str:
    """The provision that lets a side do this; raise RuleMissingError without one."""
    cite = power_for(opinion, on, of)
    if cite is None:
        raise RuleMissingError(rule=on)
    return cite


def duty_on(opinion: Opinion, on: str, id: str, of: str) -> str | None:
    """The provision that makes it a side's duty on an occasion, if there is one that is not excluded."""
    found = (
        each
        for each in opinion.get("duties", [])
        if (each.get("on"), each.get("id"), each["of"]) == (on, id, of)
    )
    return next((str(each["cite"]) for each in found if each.get("outcome") != Outcome.DOES_NOT_APPLY), None)


_CONSULTED = {
    "refusal": "consult_before_refusal",
    "postponement": "consult_before_postponement",
    "costs": "consult_on_costs",
}
"""What one consults about, and the duty that asks for it."""
PARALLEL = "parallel_proceedings"


def consulted_under(opinion: Opinion, instrument: str, about: str) -> str | None:
    """The provision that asks States to consult about this, if there is one.

    Proceedings that run in parallel are no matter of the request's own measure: the rule on them is asked
    of the instrument.
    """
    if about == PARALLEL:
        rules = library().rules(instrument) if instrument in library().instruments else ()
        found = (rule for rule in rules if rule.kind == "duty" and rule.on == PARALLEL)
        return next((str(rule.citation) for rule in found), None)
    if about == "safe_conduct":
        return next((str(each["cite"]) for each in opinion.get("clocks", []) if each["id"] == about), None)
    wanted = _CONSULTED.get(about)
    duties = (each for each in opinion.get("duties", []) if wanted and each.get("id") == wanted)
    return next((str(each["cite"]) for each in duties), None)


def permitting(opinion: Opinion, instrument: str, measure: str) -> str | None:
    """The provision that permits a measure of its own, in the basis or in what governs the procedure."""
    for each in (instrument, str(opinion.get("procedure") or "")):
        rules = library().rules(each) if each in library().instruments else ()
        found = (rule for rule in rules if rule.kind == "power" and rule.measures == (measure,))
        cite = next((str(rule.citation) for rule in found), None)
        if cite:
            return cite
    return None


def condition_rests_on(opinion: Opinion, limit: str) -> str:
    """The provision by which an accepted condition of a kind binds; raise RuleMissingError without one.

    A condition on personal data rests on the provision that lets a State set it; every other one on the duty
    to keep to accepted conditions.
    """
    return personal_data_conditions(opinion) if limit == PERSONAL_DATA else binding_conditions(opinion)


def personal_data_conditions(opinion: Opinion) -> str:
    """The provision by which conditions may be set for personal data, else that on conditions at large."""
    found = opinion.get("limits", [])
    of_kind = (each for each in found if each["id"] == PERSONAL_DATA)
    cites = [str(each["cite"]) for each in of_kind if each.get("outcome") != Outcome.DOES_NOT_APPLY]
    return cites[0] if cites else binding_conditions(opinion)


def may_set_conditions(opinion: Opinion) -> bool:
    """Whether any provision lets conditions bind."""
    try:
        personal_data_conditions(opinion)
    except RuleMissingError:
        return False
    return True


def permitted_grounds(opinion: Opinion, to: str = REFUSE) -> list[dict[str, Any]]:
    """Grounds on which execution may be refused, or postponed: found to apply or not excluded.

    The engine has already left out what a provision bars for every offence of the request.
    """
    return [
        each
        for each in opinion.get("grounds", [])
        if each["outcome"] != "does_not_apply" and each.get("on", REFUSE) == to
    ]


def form_asked(opinion: Opinion, form: str) -> dict[str, Any] | None:
    """What the law says of a form of the letter, a certain finding first; None where it says nothing."""
    found = [each for each in opinion.get("forms", []) if each["id"] == form]
    return min(found, key=lambda each: not applies(each), default=None)


def limits(opinion: Opinion) -> list[dict[str, Any]]:
    """Limits that bind the requesting side in its use of a result."""
    return [each for each in opinion["limits"] if each["of"] == "requesting"]


def applies(finding: dict[str, Any]) -> bool:
    """Whether a finding is certain: one that hangs on an unknown fact is for an official to choose."""
    return bool(finding.get("outcome", Outcome.APPLIES) == Outcome.APPLIES)
