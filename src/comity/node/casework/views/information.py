"""The pages of information without request: preparing it, and tying what arrived to a case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework import information, opinions, prepared_acts, preparing
from comity.node.casework.acts.open_information import open_information
from comity.node.casework.acts.register_information import tie_information
from comity.node.casework.information_form import InformationForm, InformationWordsForm, TieForm
from comity.node.casework.models import Prepared, Side
from comity.node.casework.speaking import Speaking
from comity.node.casework.views import signing
from comity.node.casework.views.common import find, find_for, perform, show, status_of
from comity.node.casework.views.opening import by_steps, offence_choices
from comity.node.directory import known


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """First what is known; then the opinion below it; the case is opened by a button of its own."""
    authorise(request.user, "open_information")
    form = InformationForm(request.POST or None, peers=known.peers(), offences=offence_choices())
    return by_steps(request, "casework/open_information.html", form, _step)


def _step(request: HttpRequest, form: InformationForm, context: dict[str, Any]) -> HttpResponse:
    facts, now = form.facts(known.own().state, timezone.localdate()), timezone.now()
    if request.POST.get("step") != "open":
        context["opinion"] = opinions.form({**facts, "measure": information.MEASURE}, now)
        return render(request, "casework/open_information.html", context)
    case = open_information(
        request.user,  # type: ignore[arg-type]
        peer=form.peers[form.cleaned_data["peer"]],
        heading=form.cleaned_data["heading"],
        facts=facts,
        now=now,
    )
    return redirect("prepare_information", case.reference)


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, reference: str) -> HttpResponse:
    """What the information says; after it came back the form begins with what it said before."""
    case = find_for(request, reference, preparing.acted_in(information.ACT), Side.REQUESTING)
    information.demand_unprepared(case)
    returned = preparing.returned(case).first()
    data = request.POST if request.method == "POST" else None
    form = InformationWordsForm(data, initial={"heading": case.heading} | _before(returned))

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/prepare_information.html",
            case,
            status_of(error, form),
            form=form,
            returned=returned,
            means=signing.means(request, "information"),
            prepares=True,
            speaking=Speaking(case, data),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    run = prepared_acts.as_filled_in(request.user, case, information.ACT, form)  # type: ignore[arg-type]
    return signing.sign(request, case, information.ACT, run, "", page)


def _before(returned: Prepared | None) -> dict[str, Any]:
    """What a form begins with: the words that came back."""
    said = preparing.filled_in(returned)
    return {
        name: said.getlist(name) if name == "restrictions" else said[name]
        for name in InformationWordsForm.base_fields
        if name in said
    }


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
