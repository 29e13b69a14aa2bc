"""The pages of saved views: the list, keeping a search, changing and deleting one's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import saved_views
from comity.node.casework.acts.keep_view import change_view, delete_view, keep_view
from comity.node.casework.views.asking import asked_in
from comity.node.pages.errors import said
from comity.node.pages.fields import LineField
from comity.terms import ComityError


class ViewForm(forms.Form):
    """The name of a view, and whether the organisation sees it."""

    name = LineField(label=gettext_lazy("Name of the view"), max_length=100)
    shared = forms.BooleanField(
        label=gettext_lazy("Share with my organisation"),
        required=False,
        help_text=gettext_lazy(
            "Everybody in it sees the name and the words of the view; each finds only the cases open to them."
        ),
    )


@require_http_methods(["GET", "POST"])
def views(request: HttpRequest) -> HttpResponse:
    """The views open to the official; a POST keeps the search that its fields describe."""
    authorise(request.user, "keep_views")
    if request.method == "GET":
        return _page(request)
    form = ViewForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    name, shared = form.cleaned_data["name"], form.cleaned_data["shared"]
    asked = asked_in(request.POST)
    return _done(
        request,
        lambda: keep_view(_official(request), name, asked, shared=shared, now=timezone.now()),
        _("The view is kept."),
    )


@require_http_methods(["GET", "POST"])
def view(request: HttpRequest, view: int) -> HttpResponse:
    """Change or delete an own view; somebody else's answers as one that is not there."""
    authorise(request.user, "keep_views")
    found = saved_views.open_to(_official(request)).filter(owner=request.user.pk, pk=view).first()
    if found is None:
        return _page(request, error=said(saved_views.ViewUnknownError()), status=404)
    if request.POST.get("step") == "delete":
        return _done(request, lambda: delete_view(_official(request), view), _("The view is deleted."))
    initial = {"name": found.name, "shared": found.organisation_id is not None}
    form = ViewForm(request.POST or None, initial=initial)
    if request.method == "GET" or not form.is_valid():
        status = 200 if request.method == "GET" else 422
        context = {"view": found, "form": form, "query": saved_views.query(found)}
        return render(request, "casework/view.html", context, status=status)
    name, shared = form.cleaned_data["name"], form.cleaned_data["shared"]
    return _done(
        request,
        lambda: change_view(_official(request), view, name, shared=shared, now=timezone.now()),
        _("The view is changed."),
    )


def _done(request: HttpRequest, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except ComityError as error:
        return _page(request, error=said(error), status=409)
    messages.success(request, words)
    return redirect("views")


def _page(request: HttpRequest, *, error: Any = None, form: Any = None, status: int = 200) -> HttpResponse:
    found = [(one, saved_views.query(one)) for one in saved_views.open_to(_official(request))]
    context = {"views": found, "error": error, "form": form}
    return render(request, "casework/views.html", context, status=status)


def _official(request: HttpRequest) -> Official:
    return request.user  # type: ignore[return-value]  # signed in
