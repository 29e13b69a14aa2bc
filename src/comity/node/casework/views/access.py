"""People with access: who sees a case and by what, and the forms that open and close it, with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.access import ACCESS
from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.casework.access_form import AccessForm
from comity.node.casework.acts.change_access import give_access, withdraw_access
from comity.node.casework.forms import ReasonForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show
from comity.node.pages import labels


@require_http_methods(["GET", "POST"])
def access(request: HttpRequest, reference: str) -> HttpResponse:
    """Who sees the case; below, the form that opens it to one more."""
    case = find(request, reference)
    if request.method == "GET":
        return _page(request, case, _form(case))
    authorise(request.user, "change_access")
    form = _form(case, request.POST)
    if not form.is_valid():
        return _page(request, case, form)
    whom, reason = form.whom(), form.cleaned_data["reason"]
    return perform(
        request,
        case,
        lambda now: give_access(request.user, case, whom, reason, now=now),  # type: ignore[arg-type]
        _("The case is open to %(name)s.") % {"name": whom},
        lambda error: _page(request, case, form, error),
        then="case_access",
    )


@require_POST
def withdraw(request: HttpRequest, reference: str, given: int) -> HttpResponse:
    """Close the case to one it was opened to."""
    authorise(request.user, "change_access")
    case = find(request, reference)
    reason = ReasonForm(request.POST, auto_id=_ids(given))
    if not reason.is_valid():
        return _page(request, case, _form(case), wrong={given: reason})
    withdraw_access(request.user, case, given, reason.cleaned_data["reason"], now=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("The case is closed to them."))
    return redirect("case_access", reference)


def _form(case: Case, entered: Any = None) -> AccessForm:
    """Those whom the case could be opened to: officials whose roles see cases, and organisations."""
    rows = list(case.access.all())
    people = {row.official_id for row in rows}
    bodies = {row.organisation_id for row in rows}
    officials = Official.objects.filter(is_active=True).order_by("full_name", "username")
    return AccessForm(
        entered,
        people=[one for one in officials if one.pk not in people and may(one, "view_case")],
        bodies=[one for one in Organisation.objects.order_by("id") if one.pk not in bodies],
    )


def _page(
    request: HttpRequest,
    case: Case,
    form: AccessForm,
    error: Any = None,
    wrong: dict[int, ReasonForm] | None = None,
) -> HttpResponse:
    given = case.access.select_related("official", "organisation", "given_by")
    working = {case.drafter_id, case.executing_officer_id} - {None}
    rows = [
        (row, None if row.official_id in working else (wrong or {}).get(row.pk) or _why(row.pk))
        for row in given
    ]
    return show(
        request,
        "casework/access.html",
        case,
        status=409 if error else 422 if form.errors or wrong else 200,
        error=error,
        form=form,
        rows=rows,
        may_change=may(request.user, "change_access"),
        roles=[labels.label(role, "role") for role in Role if role in ACCESS["see_every_case"]],
    )


def _why(given: int) -> ReasonForm:
    return ReasonForm(auto_id=_ids(given))


def _ids(given: int) -> str:
    """The ids of a row's field: each row of the page has one."""
    return f"withdraw_{given}_%s"
