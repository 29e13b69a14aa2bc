"""The pages of information without request: sending it, and tying what arrived to a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework import opinions, signing
from comity.node.casework.acts.register_information import tie_information
from comity.node.casework.acts.send_information import send_information
from comity.node.casework.information import MEASURE
from comity.node.casework.information_form import InformationForm, TieForm
from comity.node.casework.models import Case, Side
from comity.node.casework.speaking import Speaking
from comity.node.casework.views import translating
from comity.node.casework.views.common import find, find_for, perform, show, status_of
from comity.node.casework.views.opening import by_steps, offence_choices
from comity.node.directory import known
from comity.node.exchange.models import Letter
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """First what is known; then the opinion below it; it is signed and sent by a button of its own."""
    authorise(request.user, "send_information")
    form = InformationForm(request.POST or None, peers=known.peers(), offences=offence_choices())
    return by_steps(request, "casework/send_information.html", form, _step)


def _step(request: HttpRequest, form: InformationForm, context: dict[str, Any]) -> HttpResponse:
    facts, now = form.facts(known.own().state, timezone.localdate()), timezone.now()
    opinion = opinions.form({**facts, "measure": MEASURE}, now)
    peer = form.peers[form.cleaned_data["peer"]]
    case = Case(peer=peer, opinion=opinion)  # not kept: what the other side accepts is read from it
    sends = request.POST.get("step") == "send"
    context["speaking"] = speaking = Speaking(case, request.POST)

    def send_it(now: datetime) -> Letter:
        return send_information(
            request.user,  # type: ignore[arg-type]
            peer=peer,
            subject=form.cleaned_data["heading"],
            text=form.cleaned_data["text"],
            facts=facts,
            restrictions=form.asked(),
            now=now,
        )

    def translate(error: Any) -> HttpResponse:
        steps = [("step", "send", _("Sign, seal and send"))]
        return translating.page(request, case, "send_information", send_it, speaking, now, error, steps=steps)

    context["opinion"] = opinion
    if translating.is_wanted(request) or not speaking.is_valid():
        return translate(None)
    if not sends:
        return render(request, "casework/send_information.html", context)
    try:
        with signing.held(signing.Ceremony(uuid4(), spoken=speaking.demanded(now))):
            letter = send_it(now)
    except ComityError as error:
        if speaking.began:
            return translate(said(error))
        raise
    return redirect("case", letter.case_reference)


@require_http_methods(["GET", "POST"])
def tie(request: HttpRequest, reference: str) -> HttpResponse:
    """Tie information that arrived to a case that the official may see."""
    case = find_for(request, reference, "tie_information", Side.REQUESTED)
    form = TieForm(request.POST or None)

    def page(error: Any) -> HttpResponse:
        return show(request, "casework/tie.html", case, status_of(error, form), form=form, error=error)

    if request.method == "GET" or not form.is_valid():
        return page(None)
    other = find(request, form.cleaned_data["reference"])
    return perform(
        request,
        case,
        lambda now: tie_information(request.user, case, other, now=now),  # type: ignore[arg-type]
        _("Tied: both cases show it."),
        page,
    )
