"""The page on which an exhibit's period, holds and end are seen and decided."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import may
from comity.node.exhibits import keeping
from comity.node.exhibits.forms import DecisionForm, DisposalForm, HoldForm, PeriodForm
from comity.node.exhibits.models import DisposalState, Exhibit
from comity.node.exhibits.views import find
from comity.node.pages.errors import said
from comity.terms import ComityError

Act = Callable[[datetime], object]


@require_http_methods(["GET", "POST"])
def keeping_of(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponse:
    """The period, the holds, a proposed end; each step is a form of its own."""
    found = find(request, exhibit)
    if request.method == "GET":
        return _page(request, found)
    step, _colon, which = request.POST.get("step", "").partition(":")
    form = _FORMS.get(step, DecisionForm)(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, wrong={step: form})
    try:
        _act(request, found, step, which, form)(timezone.now())
    except ComityError as error:
        return _page(request, found, status=409, error=said(error))
    messages.success(request, _("It is recorded."))
    return redirect("exhibit_keeping", found.pk)


_FORMS: dict[str, type[forms.Form]] = {"hold": HoldForm, "period": PeriodForm, "propose": DisposalForm}


def _act(request: HttpRequest, found: Exhibit, step: str, which: str, form: forms.Form) -> Act:
    """The act of a step; an unknown step lifts or decides nothing."""
    by: Any = request.user
    given = form.cleaned_data
    acts: dict[str, Act] = {
        "hold": lambda now: keeping.place_hold(by, found, **given, now=now),
        "lift": lambda now: keeping.lift_hold(by, found, _row(which), **given, now=now),
        "period": lambda now: keeping.set_period(by, found, **given, now=now),
        "propose": lambda now: keeping.propose_disposal(by, found, **given, now=now),
        "agree": lambda now: keeping.decide_disposal(by, found, agreed=True, **given, now=now),
        "decline": lambda now: keeping.decide_disposal(by, found, agreed=False, **given, now=now),
    }
    return acts.get(step, acts["lift"])


def _row(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _page(
    request: HttpRequest,
    found: Exhibit,
    status: int = 200,
    wrong: dict[str, forms.Form] | None = None,
    error: Any = None,
) -> HttpResponse:
    wrong = wrong or {}
    disposals = list(found.disposals.select_related("proposed_by", "decided_by"))
    open_ = next((each for each in disposals if each.state == DisposalState.PROPOSED), None)
    keeps, disposes = may(request.user, "keep_exhibit"), may(request.user, "dispose_exhibit")
    context = {
        "exhibit": found,
        "holds": found.holds.select_related("placed_by", "lifted_by"),
        "disposals": disposals,
        "proposed": open_,
        "hold_form": wrong.get("hold") or HoldForm(auto_id="hold-%s"),
        "period_form": wrong.get("period")
        or PeriodForm(auto_id="period-%s", initial={"until": found.keep_until}),
        "propose_form": wrong.get("propose") or DisposalForm(auto_id="propose-%s"),
        "lift_form": wrong.get("lift") or DecisionForm(auto_id="lift-%s"),
        "decide_form": wrong.get("agree") or wrong.get("decline") or DecisionForm(auto_id="decide-%s"),
        "keeps": keeps and found.is_there,
        "disposes": disposes and found.is_there,
        "error": error,
    }
    return render(request, "exhibits/keeping.html", context, status=status)
