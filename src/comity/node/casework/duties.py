"""Duties that a provision ties to an act: the act waits until each is met."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from comity.node.casework.models import Case, CaseKind
from comity.node.pages.wording import Asked, Series, Word
from comity.terms import ComityError, gettext_noop

CONDITIONED = {
    "refuse_execution": "refuse",
    "postpone_execution": "postpone",
    "withhold_path": "refuse",
}
"""Acts that a treaty may condition, by the word its rules use for the occasion."""
BOTH = "both"
_ALSO = {
    CaseKind.REQUEST: {"requesting": "receiving", "requested": "sending"},
    CaseKind.INFORMATION: {"requesting": "sending", "requested": "receiving"},
}
"""A request's answer is received by the side that asked, information by the side that did not."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: what must be done (id of the vocabulary) and which provision asks for it."""

    id: str
    cite: str


class DutiesUnmetError(ComityError):
    """The law still asks for something before this act."""

    code = "duties_unmet"
    message = gettext_noop("Before this act the law asks for: {duties}.")
    next_step = gettext_noop("Do what the cited provisions ask, then repeat the act.")


def tied_to(case: Case, act: str) -> list[Duty]:
    """All duties of this side that the case's opinion asks for before an act.

    What is owed afterwards (a national who is not extradited is prosecuted at home, uncc 37(11)) does not
    hold the act up.
    """
    occasion = CONDITIONED[act]
    opinion = case.opinion or {"duties": []}
    return [
        Duty(each["id"], each["cite"])
        for each in opinion["duties"]
        if each.get("on") == occasion and each.get("before") and each["of"] in (case.side, BOTH)
    ]


def discharged(case: Case, ids: Collection[str]) -> list[Duty]:
    """The duties of this side, among those named, that the case's opinion holds: each a provision."""
    opinion = case.opinion or {"duties": []}
    return [
        Duty(each["id"], each["cite"])
        for each in opinion["duties"]
        if each.get("id") in ids and each["of"] in (case.side, _ALSO[CaseKind(case.kind)][case.side], BOTH)
    ]


def unmet(case: Case, act: str, met: Collection[str] = ()) -> list[Duty]:
    """Duties tied to an act that are not among those met (ids)."""
    return [duty for duty in tied_to(case, act) if duty.id not in met]


def demand(case: Case, act: str, met: Collection[str]) -> None:
    """Raise DutiesUnmetError, naming each with its citation, unless all duties of the act are met."""
    missing = unmet(case, act, met)
    if missing:
        raise DutiesUnmetError(duties=Series(Asked(Word(each.id, "duty"), each.cite) for each in missing))
