"""The pages of information without request: preparing it, and tying what arrived to a case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework import information, opinions, preparing
from comity.node.casework.acts.prepare_information import open_information, prepare_information
from comity.node.casework.acts.register_information import tie_information
from comity.node.casework.information_form import InformationForm, InformationWordsForm, TieForm
from comity.node.casework.models import Prepared, Side
from comity.node.casework.views.common import find, find_for, perform, show, status_of
from comity.node.casework.views.opening import by_steps, offence_choices
from comity.node.directory import known


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """First what is known; then the opinion below it; it is prepared for signature by a button of its own."""
    authorise(request.user, "open_information")
    form = InformationForm(request.POST or None, peers=known.peers(), offences=offence_choices())
    return by_steps(request, "casework/open_information.html", form, _step)


def _step(request: HttpRequest, form: InformationForm, context: dict[str, Any]) -> HttpResponse:
    facts, now = form.facts(known.own().state, timezone.localdate()), timezone.now()
    if request.POST.get("step") != "prepare":
        context["opinion"] = opinions.form({**facts, "measure": information.MEASURE}, now)
        return render(request, "casework/open_information.html", context)
    made = open_information(
        request.user,  # type: ignore[arg-type]
        peer=form.peers[form.cleaned_data["peer"]],
        facts=facts,
        **form.prepared(),
        now=now,
    )
    messages.success(request, _("Prepared. Another official signs it, or returns it with a reason."))
    return redirect("case", made.case.reference)


@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, reference: str) -> HttpResponse:
    """Write information anew that came back unsigned; the form begins with what it said."""
    case = find_for(request, reference, "open_information", Side.REQUESTING)
    information.demand_unprepared(case)
    returned = preparing.returned(case).first()
    form = InformationWordsForm(request.POST or None, initial=_before(returned))

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/prepare_information.html",
            case,
            status_of(error, form),
            form=form,
            returned=returned,
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    return perform(
        request,
        case,
        lambda now: prepare_information(request.user, case, **form.prepared(), now=now),  # type: ignore[arg-type]
        _("Prepared. Another official signs it, or returns it with a reason."),
        page,
    )


def _before(returned: Prepared | None) -> dict[str, Any]:
    """What a form begins with: the words that came back."""
    entered = returned.entered if returned else []
    chosen = [value for name, value in entered if name == "restrictions"]
    return {name: value for name, value in entered if name != "restrictions"} | {"restrictions": chosen}


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
