"""The pages of emergencies: all that an official may see, one with its warnings, what a draft says of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import call_backs, emergencies, suspicion, uses
from comity.node.casework.acts.answer_warning import ACT, answer_warning
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.averting import AVERT
from comity.node.casework.emergency_forms import EmergencyForm, WarningForm
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.views.common import find_for, find_readable, perform, show, status_of
from comity.node.directory import standing
from comity.node.pages.errors import said
from comity.terms import ComityError

_PAGE = 100


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """All emergencies, the newest first: how far each has come, and what it waits for."""
    authorise(request.user, "view_case")
    now = timezone.now()
    rows = emergencies.of_cases(visible(request.user))[:_PAGE]
    found = [emergencies.standing(row, now) for row in rows]
    return render(request, "casework/emergencies.html", {"rows": found, "now": now})


@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest, reference: str) -> HttpResponse:
    """One emergency; on POST the answer to one of its warnings."""
    case = find_readable(request, reference)
    row = emergencies.of(case)
    if row is None:
        raise Http404(reference)
    mark = request.POST.get("mark", "")
    form = WarningForm(request.POST if mark else None, auto_id=False)

    def page(error: Any) -> HttpResponse:
        now = timezone.now()
        open_marks = {each.mark for each in suspicion.unanswered(row, now)}
        return show(
            request,
            "casework/emergency.html",
            case,
            status_of(error, form),
            row=row,
            standing=emergencies.standing(row, now),
            needed=call_backs.needed(case, now) if case.side == Side.REQUESTED else None,
            contacts=standing.confirmation_contacts(case.peer),
            warnings=[(each, each.mark in open_marks) for each in suspicion.warnings(row, now)],
            answers={
                each.mark: each for each in row.answers.filter(request=row.request).select_related("by")
            },
            received=uses.received(case) if row.is_over and case.side == Side.REQUESTING else [],
            provision=emergencies.provision(case),
            form=form if may(request.user, ACT) else None,
            mark=mark,
            error=error,
        )

    if request.method == "GET":
        return page(None)
    authorise(request.user, ACT)
    if not form.is_valid():
        return page(None)
    text, official = form.cleaned_data["text"], request.user
    return perform(
        request,
        case,
        lambda now: answer_warning(official, case, mark, text=text, now=now),  # type: ignore[arg-type]
        _("Put on record."),
        page,
        then="emergency",
    )


@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, reference: str) -> HttpResponse:
    """What the draft says of the emergency."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    if not is_drafted(case):
        raise Http404(reference)
    form = EmergencyForm(request.POST or None, said=(case.draft or {}).get("emergency", {}))
    error = None
    if request.method == "POST" and form.is_valid():
        changes = {"emergency": form.particulars()}
        try:
            save_draft(request.user, case, changes, now=timezone.now())  # type: ignore[arg-type]
        except ComityError as refused:
            error = said(refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("draft", case.reference)
    provision = emergencies.provision(case)
    return show(
        request,
        "casework/draft_emergency.html",
        case,
        status_of(error, form),
        form=form,
        provision=provision,
        error=error,
    )


def is_drafted(case: Case) -> bool:
    """Whether a request for data in an emergency is being drafted in the case."""
    return case.preparation == Preparation.DRAFT and (case.draft or {}).get("measure") == AVERT
