"""The pages of information without request: sending it, and tying what arrived to a case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework import opinions
from comity.node.casework.acts.register_information import tie_information
from comity.node.casework.acts.send_information import send_information
from comity.node.casework.information import MEASURE
from comity.node.casework.information_form import InformationForm, TieForm
from comity.node.casework.models import Side
from comity.node.casework.views.common import find, find_for, perform, show, status_of
from comity.node.casework.views.opening import by_steps, offence_choices
from comity.node.directory import known


@require_http_methods(["GET", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """First what is known; then the opinion below it; it is signed and sent by a button of its own."""
    authorise(request.user, "send_information")
    form = InformationForm(request.POST or None, peers=known.peers(), offences=offence_choices())
    return by_steps(request, "casework/send_information.html", form, _step)


def _step(request: HttpRequest, form: InformationForm, context: dict[str, Any]) -> HttpResponse:
    facts, now = form.facts(known.own().state, timezone.localdate()), timezone.now()
    if request.POST.get("step") != "send":
        context["opinion"] = opinions.form({**facts, "measure": MEASURE}, now)
        return render(request, "casework/send_information.html", context)
    letter = send_information(
        request.user,  # type: ignore[arg-type]
        peer=form.peers[form.cleaned_data["peer"]],
        subject=form.cleaned_data["heading"],
        text=form.cleaned_data["text"],
        facts=facts,
        restrictions=form.asked(),
        now=now,
    )
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
