"""The roster of a week, and the form that puts somebody on it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.desk import roster as duty
from comity.node.desk import staff
from comity.node.desk.acts.plan_shift import plan_shift, withdraw_shift
from comity.node.desk.forms import ShiftForm
from comity.node.pages.errors import said
from comity.terms import ComityError

PLANS = "plan_shifts"


@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """Seven days from Monday on; below, the form, for whoever plans."""
    authorise(request.user, "view_roster")
    first = _first(request.GET.get("from", ""))
    if request.method == "GET":
        return _page(request, first, None)
    by: Any = request.user
    staff.demand(by, PLANS)
    form = ShiftForm(request.POST, people=staff.officers())
    if not form.is_valid():
        return _page(request, first, form)
    try:
        plan_shift(by, **form.cleaned_data, now=timezone.now())
    except ComityError as error:
        return _page(request, first, form, said(error))
    messages.success(request, _("The shift stands on the roster."))
    return redirect(f"{request.path}?from={first}")


@require_POST
def withdraw(request: HttpRequest, shift: int) -> HttpResponse:
    """Take a planned shift off the roster."""
    found = withdraw_shift(request.user, shift, now=timezone.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("The shift is off the roster."))
    day = timezone.localtime(found.starts_at).date()
    return redirect(f"{reverse('roster')}?from={_monday(day)}")


def _page(request: HttpRequest, first: date, form: ShiftForm | None, error: Any = None) -> HttpResponse:
    plans = staff.belongs(request.user, PLANS)
    context = {
        "now": timezone.now(),
        "first": first,
        "earlier": first - timedelta(days=7),
        "later": first + timedelta(days=7),
        "days": duty.week(first),
        "plans": plans,
        "form": (form or ShiftForm(people=staff.officers())) if plans else None,
        "error": error,
    }
    status = 409 if error else 422 if form is not None and form.errors else 200
    return render(request, "desk/roster.html", context, status=status)


def _first(asked: str) -> date:
    """The day from which the week is shown: the one asked for, else this week's Monday."""
    try:
        return min(max(date.fromisoformat(asked), date(2000, 1, 1)), date(2200, 1, 1))
    except ValueError:
        return _monday(timezone.localdate())


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
