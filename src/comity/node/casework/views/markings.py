"""Markings of a case: what is marked, what follows from it, who decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.casework import markings
from comity.node.casework.acts.mark import clear_privileged, lift_marking, mark, withhold_privileged
from comity.node.casework.entitlement import may_read
from comity.node.casework.marked import MarkingKind, MarkingState
from comity.node.casework.marking_forms import DecisionForm, MarkForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show, status_of
from comity.node.exhibits.models import Exhibit

_DECISIONS = {"lift": lift_marking, "clear": clear_privileged, "withhold": withhold_privileged}


@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, reference: str) -> HttpResponse:
    """The markings of a case; below, the form that sets one more."""
    case = find(request, reference)
    if request.method == "GET":
        return _page(request, case, MarkForm(exhibits=_exhibits(case)))
    authorise(request.user, "mark_material")
    form = MarkForm(request.POST, exhibits=_exhibits(case))
    if not form.is_valid():
        return _page(request, case, form)
    return perform(
        request,
        case,
        lambda now: mark(request.user, case, **form.said(), now=now),  # type: ignore[arg-type]
        _("It is marked."),
        lambda error: _page(request, case, form, error),
        then="case_markings",
    )


@require_POST
def decide(request: HttpRequest, reference: str, marking: int) -> HttpResponse:
    """Lift a marking, or clear or withhold what is privileged."""
    authorise(request.user, "decide_marking")
    case = find(request, reference)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, case, MarkForm(exhibits=_exhibits(case)), wrong={marking: form})
    act = _DECISIONS[form.cleaned_data["decision"]]
    act(request.user, case, marking, reason=form.cleaned_data["reason"], now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The decision is recorded."))
    return redirect("case_markings", reference)


def _exhibits(case: Case) -> list[Exhibit]:
    return list(Exhibit.objects.filter(case_reference=case.reference).order_by("number"))


def _page(
    request: HttpRequest,
    case: Case,
    form: MarkForm,
    error: Any = None,
    wrong: dict[int, DecisionForm] | None = None,
) -> HttpResponse:
    there = {each.pk: each for each in _exhibits(case)}
    lifts, filters = may(request.user, "lift_marking"), may(request.user, "filter_exhibit")
    rows = [
        {
            "marking": each,
            "exhibit": there.get(each.exhibit) if each.exhibit else None,
            "form": (wrong or {}).get(each.pk) or DecisionForm(auto_id=f"decision-{each.pk}-%s"),
            "lifts": lifts and each.state == MarkingState.STANDS and each.kind != MarkingKind.PRIVILEGED,
            "filters": filters and each.state == MarkingState.STANDS and each.kind == MarkingKind.PRIVILEGED,
            "own": each.by_id == request.user.pk,
        }
        for each in case.markings.select_related("by", "decided_by")
    ]
    return show(
        request,
        "casework/markings.html",
        case,
        422 if wrong else status_of(error, form),
        rows=rows,
        form=form,
        error=error,
        secrecy=[asked.cite for asked in markings.secrecy(case)],
        readable=may_read(request.user, case),
        may_mark=may(request.user, "mark_material"),
        works=request.user.pk in markings.working(case),
    )
