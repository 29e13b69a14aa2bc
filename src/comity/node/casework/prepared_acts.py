"""The acts whose letters one official prepares and another signs: their forms, and the act as filled in.

Receives what a form said, from a page or from the API; both go the same way from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import QueryDict

from comity.node.accounts.authority import in_place, may
from comity.node.accounts.models import Official
from comity.node.casework import information, opinions, preparing, signing
from comity.node.casework.acts.accept_conditions import accept_conditions
from comity.node.casework.acts.answer_in_words import tell_whereabouts
from comity.node.casework.acts.answer_presence import decline_presence, grant_presence
from comity.node.casework.acts.arrange_hearing import agree_to_hearing
from comity.node.casework.acts.decide_on_preservation import decide_on_preservation
from comity.node.casework.acts.decline_conditions import decline_conditions
from comity.node.casework.acts.decline_extension import decline_extension
from comity.node.casework.acts.decline_permission import decline_onward_permission, decline_use_permission
from comity.node.casework.acts.disclose_path import disclose_path, withhold_path
from comity.node.casework.acts.give_supplement import give_supplement
from comity.node.casework.acts.grant_extension import grant_extension
from comity.node.casework.acts.grant_permission import grant_onward_permission, grant_use_permission
from comity.node.casework.acts.offer_conditions import offer_conditions
from comity.node.casework.acts.postpone_execution import postpone_execution
from comity.node.casework.acts.prepare_letter import prepare_letter
from comity.node.casework.acts.refuse_execution import refuse_execution
from comity.node.casework.acts.send_information import send_information
from comity.node.casework.acts.withdraw_request import withdraw_request
from comity.node.casework.dialogue.form_table import form_of
from comity.node.casework.dialogue.openings import opening, waiting_letters
from comity.node.casework.dialogue.saying import demand_its_side
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.forms import RefusalForm, ground_choices
from comity.node.casework.information_form import InformationWordsForm
from comity.node.casework.models import Case, Prepared, Side
from comity.node.casework.speaking import PREFIX, Speaking, is_own
from comity.node.casework.standing import demand_side
from comity.node.casework.statuses import FINISHED
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop

REFUSAL = "refuse_execution"
_TURNS: Mapping[str, Callable[..., Letter]] = {
    act.__name__: act
    for act in (
        postpone_execution,
        withdraw_request,
        offer_conditions,
        accept_conditions,
        grant_use_permission,
        grant_onward_permission,
        give_supplement,
        decline_conditions,
        grant_extension,
        decline_extension,
        decide_on_preservation,
        disclose_path,
        tell_whereabouts,
        withhold_path,
        decline_use_permission,
        decline_onward_permission,
        grant_presence,
        decline_presence,
        agree_to_hearing,
    )
}
Run = Callable[[datetime], Letter]


class EnteredUnfitError(ComityError):
    """What was entered is not what the act's form takes."""

    code = "entered_unfit"
    message = gettext_noop("The form of this act does not take what was entered at {place}: {reason}")
    next_step = gettext_noop("Compare it with the form on the page of the act.")


def form(case: Case, act: str, entered: QueryDict | None) -> Any:
    """The act's form, empty or as it was filled in."""
    if act == REFUSAL:
        open_items = [item for item in case.items.all() if item.actual and item.actual not in FINISHED]
        grounds = opinions.permitted_grounds(case.opinion or {})
        return RefusalForm(entered, items=open_items, grounds=ground_choices(grounds))
    if act == information.ACT:
        return InformationWordsForm(entered)
    chosen = TURNS[act]
    stands = opening(case, chosen, list(case.items.all()), waiting_letters(case))
    return form_of(chosen)(entered, case=case, turn=chosen, items=stands.items, waiting=stands.waiting)


def of_prepared(case: Case, prepared: Prepared) -> Any:
    """The act's own form, filled in as it was prepared."""
    return form(case, prepared.act, preparing.filled_in(prepared))


def as_filled_in(official: Official, case: Case, act: str, valid: Any) -> Run:
    """The act as its valid form says it."""
    if act == REFUSAL:
        said = valid.cleaned_data
        return lambda now: refuse_execution(
            official,
            case,
            case.items.get(number=said["item"]),
            ground=said["ground"],
            reasons=said["reasons"],
            now=now,
        )
    if act == information.ACT:
        return lambda now: send_information(official, case, **valid.said(), now=now)
    return lambda now: _TURNS[act](official, case, **valid.said(), now=now)


def demand_side_of(case: Case, act: str) -> None:
    """Raise WrongSideError where the act is the other side's."""
    if act == REFUSAL:
        demand_side(case, Side.REQUESTED)
    elif act == information.ACT:
        demand_side(case, Side.REQUESTING)
    else:
        demand_its_side(case, TURNS[act])


def prepare(official: Official, case: Case, act: str, entered: list[list[str]], now: datetime) -> Prepared:
    """Keep what was entered for another's signature, as the page of the act would.

    Raises EnteredUnfitError for what the act's form does not take, WrongSideError where it is the other
    side's act, UntranslatedError as the page does.
    """
    demand_side_of(case, act)
    data = preparing.as_posted(entered)
    valid, spoken = form(case, act, data), Speaking(case, data)
    strange = [name for name, _value in entered if name not in valid.fields and not is_own(name)]
    if strange or not valid.is_valid():
        place = strange[0] if strange else next(iter(valid.errors))
        raise EnteredUnfitError(place=place, reason=" ".join(valid.errors.get(place, ["?"])))
    if not spoken.is_valid():
        raise EnteredUnfitError(place=PREFIX, reason="?")
    run = as_filled_in(official, case, act, valid)
    return keep(official, case, act, run, entered, now, spoken.demanded(now))


def keep(
    official: Official,
    case: Case,
    act: str,
    run: Run,
    entered: list[list[str]],
    now: datetime,
    spoken: Mapping[str, Any],
) -> Prepared:
    """Keep what was filled in for another's signature.

    Whoever may do the act hears now what stops it, and so does whoever prepares information or adds a
    translation. ``spoken``: what was entered as to language and translation.
    """
    if may(official, act) or spoken or act in preparing.CARRYING:
        with in_place(act, preparing.acted_in(act)):
            signing.try_out(run, now, spoken)
    return prepare_letter(official, case, act, entered, now=now)
