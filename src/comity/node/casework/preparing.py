"""Letters that bind are prepared by one official and signed by another. Decision 11 says why."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import QueryDict

from comity.node.accounts.authority import second_person
from comity.node.accounts.models import Official
from comity.node.casework.models import Case, Prepared
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop

DECIDING: dict[str, str] = {
    "refuse_execution": "refusal",
    "postpone_execution": "postponement",
    "withdraw_request": "withdrawal",
    "offer_conditions": "conditions_offered",
    "accept_conditions": "conditions_accepted",
    "grant_use_permission": "use_permission_granted",
    "grant_onward_permission": "onward_permission_granted",
    "give_supplement": "supplement",
    "decline_conditions": "conditions_declined",
    "grant_extension": "extension_granted",
    "decline_extension": "extension_declined",
    "decide_on_preservation": "preservation_decision",
    "disclose_path": "path_disclosure",
    "tell_whereabouts": "result",
    "withhold_path": "path_disclosure",
    "decline_use_permission": "use_permission_declined",
    "decline_onward_permission": "onward_permission_declined",
    "grant_presence": "presence_granted",
    "decline_presence": "presence_declined",
    "agree_to_hearing": "hearing_agreed",
    "send_information": "information",
}
"""The acts for which one prepares and another signs, each with its letter.

A request and a result of execution have two steps of their own. Every other letter tells, asks or talks, and
binds nobody.
"""
CARRYING = frozenset({"send_information"})
"""Those whose letter carries the files that wait in the case: whoever chose one does not sign."""
DECIDING_LETTERS = frozenset(DECIDING.values()) - {"result"}
"""Kinds that are never written without having been prepared; of a result the act itself asks for the two."""


class NotPreparedError(ComityError):
    """A letter that decides was to be signed without having been prepared by another."""

    code = "not_prepared"
    message = gettext_noop("This letter is prepared by one official and signed by another.")
    next_step = gettext_noop("Prepare it; another official then finds it on the page of the case.")


class PreparedGoneError(ComityError):
    """A prepared letter was signed or returned already."""

    code = "prepared_gone"
    message = gettext_noop("This prepared letter was signed or returned already.")
    next_step = gettext_noop("Look at the page of the case for how it ended.")


class PreparedStaleError(ComityError):
    """The case went on since a letter was prepared."""

    code = "prepared_stale"
    message = gettext_noop("The case has moved on since this letter was prepared; it cannot be signed.")
    next_step = gettext_noop("Return it with that reason; it can be prepared anew.")


def acted_in(act: str) -> str:
    """What an official must be allowed for the page of an act: to prepare it, where another signs."""
    return "prepare_letter" if act in DECIDING else act


def filled_in(prepared: Prepared | None) -> QueryDict:
    """What was filled in for a prepared letter, as its page posted it; nothing where there is none."""
    return as_posted(prepared.entered if prepared else ())


def as_posted(entered: Iterable[Iterable[str]]) -> QueryDict:
    """Names and values as a page posts them."""
    posted = QueryDict(mutable=True)
    for name, value in entered:
        posted.appendlist(name, value)
    return posted


def waiting(case: Case) -> QuerySet[Prepared]:
    """The prepared letters of a case that are neither signed nor returned."""
    return open_ones().filter(case=case).select_related("by")


def open_ones() -> QuerySet[Prepared]:
    """Those of every case."""
    return Prepared.objects.filter(letter=None, returned_at=None)


def returned(case: Case) -> QuerySet[Prepared]:
    """The prepared letters of a case that came back, with their reasons."""
    return case.prepared.exclude(returned_at=None).select_related("by", "returned_by")


def is_stale(prepared: Prepared, case: Case) -> bool:
    """Whether a letter went out or arrived since it was prepared: its ground may have changed."""
    return (prepared.sent, prepared.received) != (case.sent_generation, case.received_generation)


def fresh(prepared: Prepared) -> Prepared:
    """The row as it is now, locked: a letter is signed once, whatever was read before."""
    return Prepared.objects.select_for_update().get(pk=prepared.pk)


def demand_open(prepared: Prepared) -> None:
    """Raise PreparedGoneError unless it still waits."""
    if prepared.letter is not None or prepared.returned_at is not None:
        raise PreparedGoneError


def demand_signable(prepared: Prepared, case: Case, official: Official) -> None:
    """Raise PreparedGoneError, FourEyesError or PreparedStaleError where this official cannot sign it now."""
    demand_open(prepared)
    second_person(prepared.by, official)
    if prepared.act in CARRYING:
        for file in case.enclosures.filter(letter=None).select_related("by"):
            second_person(file.by, official)
    if is_stale(prepared, case):
        raise PreparedStaleError


def close(prepared: Prepared | None, letter: Letter) -> None:
    """A prepared letter is signed, once; in the transaction of its act."""
    if prepared is None:
        raise NotPreparedError
    waits = open_ones().filter(pk=prepared.pk)
    if DECIDING[prepared.act] != letter.kind or not waits.update(letter=letter.pk):
        raise PreparedGoneError
