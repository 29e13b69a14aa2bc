"""What the views of casework share: finding a case, doing an act and saying how it went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from comity.node.accounts.authority import authorise
from comity.node.casework import entitlement
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import demand_side
from comity.node.pages.errors import said
from comity.terms import ComityError


def find(request: HttpRequest, reference: str) -> Case:
    """The case an official may see, under its number here or one joined to it; Http404 without one."""
    authorise(request.user, "view_case")
    case = entitlement.under_number(
        request.user, reference, "peer", "drafter", "approver", "executing_officer"
    )
    if case is None:
        raise Http404(reference)
    return case


def find_readable(request: HttpRequest, reference: str) -> Case:
    """A case whose contents the official may read, not its record alone; Http404 for every other."""
    case = find(request, reference)
    if not entitlement.may_read(request.user, case):
        raise Http404(reference)
    return case


def find_for(request: HttpRequest, reference: str, act: str, side: Side) -> Case:
    """The case for the page of an act: whoever opens it may do the act, and this node is on its side.

    The page of an act reads what only that side's case holds, so both are asked before anything is read.
    """
    authorise(request.user, "view_case")
    authorise(request.user, act)
    case = find(request, reference)
    demand_side(case, side)
    return case


def show(request: HttpRequest, template: str, case: Case, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page of a case."""
    return render(request, template, {"case": case, "now": timezone.now(), **context}, status=status)


def status_of(error: Any, form: Any = None) -> int:
    """The status of an act's page: shown, refused by the act, or wrongly filled in."""
    if form is not None and form.is_bound and form.errors:
        return 422
    return 409 if error else 200


def perform(
    request: HttpRequest,
    case: Case,
    act: Callable[[datetime], object],
    done: str,
    again: Callable[[Any], HttpResponse],
    then: str = "case",
) -> HttpResponse:
    """Do one act now and go on to a page of the case; or the same page, saying what stands in the way."""
    try:
        act(timezone.now())
    except ComityError as error:
        return again(said(error))
    messages.success(request, done)
    return redirect(then, case.reference)
