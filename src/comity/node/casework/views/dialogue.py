"""The page of a turn of the dialogue: what the law asks first, what is said, what the letter discharges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework.acts.accept_conditions import accept_conditions
from comity.node.casework.acts.announce_costs import announce_costs
from comity.node.casework.acts.answer_in_words import give_advice, tell_whereabouts
from comity.node.casework.acts.answer_presence import decline_presence, grant_presence
from comity.node.casework.acts.arrange_hearing import agree_to_hearing, propose_hearing
from comity.node.casework.acts.ask_extension import ask_extension
from comity.node.casework.acts.ask_onward_permission import ask_onward_permission
from comity.node.casework.acts.ask_presence import ask_presence
from comity.node.casework.acts.ask_status import ask_status
from comity.node.casework.acts.ask_supplement import ask_supplement
from comity.node.casework.acts.ask_use_permission import ask_use_permission
from comity.node.casework.acts.consult import consult
from comity.node.casework.acts.consult_on_disclosure import consult_on_disclosure
from comity.node.casework.acts.decide_on_preservation import decide_on_preservation
from comity.node.casework.acts.decline_conditions import decline_conditions
from comity.node.casework.acts.decline_extension import decline_extension
from comity.node.casework.acts.decline_permission import decline_onward_permission, decline_use_permission
from comity.node.casework.acts.disclose_path import disclose_path, withhold_path
from comity.node.casework.acts.forward_request import forward_request
from comity.node.casework.acts.give_supplement import give_supplement
from comity.node.casework.acts.grant_extension import grant_extension
from comity.node.casework.acts.grant_permission import grant_onward_permission, grant_use_permission
from comity.node.casework.acts.notify_exculpatory_disclosure import notify_exculpatory_disclosure
from comity.node.casework.acts.offer_conditions import offer_conditions
from comity.node.casework.acts.postpone_execution import postpone_execution
from comity.node.casework.acts.reply_to_consultation import reply_to_consultation
from comity.node.casework.acts.report_custody import report_custody
from comity.node.casework.acts.revoke_emergency import revoke_emergency
from comity.node.casework.acts.tell_confidentiality_impossible import tell_confidentiality_impossible
from comity.node.casework.acts.tell_obstacle import tell_obstacle
from comity.node.casework.acts.tell_preservation_ending import tell_preservation_ending
from comity.node.casework.acts.tell_preservation_unhelpful import tell_preservation_unhelpful
from comity.node.casework.acts.tell_safe_conduct import tell_safe_conduct
from comity.node.casework.acts.tell_status import resume_execution, stop_execution, tell_status
from comity.node.casework.acts.tell_validation import tell_validation
from comity.node.casework.acts.withdraw_request import withdraw_request
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.form_table import form_of
from comity.node.casework.dialogue.openings import (
    asked_before,
    discharged,
    opening,
    provisions,
    waiting_letters,
)
from comity.node.casework.dialogue.saying import demand_its_side
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.letters import read_body
from comity.node.casework.preparing import DECIDING, acted_in
from comity.node.casework.speaking import Speaking
from comity.node.casework.views import signing
from comity.node.casework.views.common import find, show, status_of

ACTS: tuple[Callable[..., Any], ...] = (
    give_supplement,
    ask_status,
    accept_conditions,
    decline_conditions,
    withdraw_request,
    give_advice,
    tell_whereabouts,
    ask_supplement,
    tell_status,
    resume_execution,
    stop_execution,
    postpone_execution,
    offer_conditions,
    tell_obstacle,
    forward_request,
    tell_confidentiality_impossible,
    announce_costs,
    ask_extension,
    decide_on_preservation,
    grant_extension,
    decline_extension,
    tell_preservation_ending,
    tell_preservation_unhelpful,
    disclose_path,
    withhold_path,
    consult,
    reply_to_consultation,
    ask_use_permission,
    grant_use_permission,
    decline_use_permission,
    ask_onward_permission,
    grant_onward_permission,
    decline_onward_permission,
    notify_exculpatory_disclosure,
    report_custody,
    consult_on_disclosure,
    ask_presence,
    tell_safe_conduct,
    grant_presence,
    decline_presence,
    propose_hearing,
    agree_to_hearing,
    tell_validation,
    revoke_emergency,
)


@require_http_methods(["GET", "POST"])
def turn(request: HttpRequest, reference: str, *, act: Callable[..., Any]) -> HttpResponse:
    """The page on GET; on POST the act, and the page again if it was not done."""
    name, chosen = act.__name__, TURNS[act.__name__]
    case = find(request, reference)
    authorise(request.user, acted_in(name))
    demand_its_side(case, chosen)
    stands = opening(case, chosen, list(case.items.all()), waiting_letters(case))
    data = request.POST if request.method == "POST" else None
    form = form_of(chosen)(data, case=case, turn=chosen, items=stands.items, waiting=stands.waiting)

    def page(error: Any) -> HttpResponse:
        numbers = [item.number for item in stands.items]
        return show(
            request,
            "casework/dialogue.html",
            case,
            status_of(error, form),
            act=name,
            form=form,
            opening=stands,
            waiting=[(letter, read_body(letter)) for letter in stands.waiting],
            asked=asked_before(case, chosen, numbers),
            discharged=discharged(case, chosen),
            means=signing.means(request, chosen.letter),
            speaking=Speaking(case, data),
            prepares=name in DECIDING,
            provisions=provisions(case, chosen),
            silent=bool(answers.overdue(case, timezone.now())),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    done = _("Signed. The letter is being sealed and sent.")
    return signing.sign(
        request, case, name, lambda now: act(request.user, case, **form.said(), now=now), done, page
    )


addresses = [
    path(
        f"<slug:reference>/{act.__name__.replace('_', '-')}",
        partial(turn, act=act),
        name=act.__name__,
    )
    for act in ACTS
]
