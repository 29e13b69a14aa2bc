"""The page on which working copies of an exhibit are made, opened and destroyed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import may
from comity.node.exhibits import closing, working_copies
from comity.node.exhibits.forms import DecisionForm, PurposeForm
from comity.node.exhibits.models import Exhibit, WorkingCopy
from comity.node.exhibits.views import file_of, find
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def copies(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponseBase:
    """The copies and what was made from each; each step is a form of its own."""
    found = find(request, exhibit)
    if request.method == "GET":
        return _page(request, found)
    step, _colon, number = request.POST.get("step", "").partition(":")
    form = DecisionForm(request.POST) if step == "destroy" else PurposeForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=422, wrong=form if step == "make" else None)
    try:
        return _act(request, found, step, number, form)
    except ComityError as error:
        return _page(request, found, status=409, error=said(error))


def _act(request: HttpRequest, found: Exhibit, step: str, number: str, form: forms.Form) -> HttpResponseBase:
    """The act of a step; an unknown step opens a copy of no number."""
    by: Any = request.user
    given, now = form.cleaned_data, timezone.now()
    if step == "make":
        working_copies.ask(by, found, **given, now=now)
    elif step == "destroy":
        working_copies.destroy(by, working_copies.find(by, number), **given, now=now)
    else:
        copy = working_copies.find(by, number)
        return file_of(copy.exhibit, working_copies.give_out(by, copy, **given, now=now), f"{copy.number}-")
    messages.success(request, _("It is recorded."))
    return redirect("exhibit_copies", found.pk)


def _page(
    request: HttpRequest,
    found: Exhibit,
    status: int = 200,
    wrong: forms.Form | None = None,
    error: Any = None,
) -> HttpResponseBase:
    by: Any = request.user
    listed = found.working_copies.select_related("made_by").prefetch_related("derivatives")
    context = {
        "exhibit": found,
        "copies": [(each, _may_destroy(by, each)) for each in listed],
        "may_open": closing.may_open(by, found) and found.is_there,
        "may_take_in": may(by, "view_case") and may(by, "take_in_exhibit"),
        "form": wrong or PurposeForm(),
        "error": error,
    }
    return render(request, "exhibits/copies.html", context, status=status)


def _may_destroy(official: Any, copy: WorkingCopy) -> bool:
    return copy.wrapped_key is not None and (copy.made_by_id == official.pk or may(official, "keep_exhibit"))
