"""The administrator's pages: officials, organisations, and the log that the auditor reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official, Organisation
from comity.node.administration import acts
from comity.node.administration.forms import (
    NewOfficialForm,
    NewOrganisationForm,
    OfficialForm,
    OrganisationForm,
)
from comity.node.administration.models import Change
from comity.node.pages.errors import said
from comity.node.pages.keyset import page_of
from comity.terms import ComityError

_ACT = "manage_accounts"


@require_GET
def officials(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, by user name, the closed ones too."""
    authorise(request.user, _ACT)
    page = page_of(
        Official.objects.select_related("organisation").order_by("username"),
        request.GET.get("after", ""),
        cursor=lambda one: (one.username,),
        older=lambda name: Q(username__gt=name),
    )
    return render(request, "administration/officials.html", {"page": page})


@require_http_methods(["GET", "POST"])
def new_official(request: HttpRequest) -> HttpResponse:
    """The form of a new account; its one-time password is shown once, on the page that answers it."""
    authorise(request.user, _ACT)
    start = {"language": settings.LANGUAGE_CODE, "time_zone": settings.NODE.time_zone}
    form = NewOfficialForm(request.POST or None, initial=start)
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            made, password = acts.add_official(request.user, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
            return _shown_once(request, made, password)
        except ComityError as refused:
            error = said(refused)
    return render(
        request,
        "administration/official_new.html",
        {"form": form, "error": error},
        status=_status(form, error),
    )


@require_http_methods(["GET", "POST"])
def official(request: HttpRequest, official: int) -> HttpResponse:
    """One account: what may be changed, and below what may be done with it."""
    authorise(request.user, _ACT)
    found = _official(official)
    form = OfficialForm(request.POST or None, initial=OfficialForm.kept(found))
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            acts.change_official(request.user, found, now=timezone.now(), **form.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, _("The account was changed."))
            return redirect("official", found.pk)
        except ComityError as refused:
            error = said(refused)
    return _account(request, found, form, error)


@require_POST
def close(request: HttpRequest, official: int) -> HttpResponse:
    """Close the account."""
    return _do(request, official, acts.close_account, _("The account is closed."))


@require_POST
def reopen(request: HttpRequest, official: int) -> HttpResponse:
    """Open a closed account again."""
    return _do(request, official, acts.reopen_account, _("The account is open again."))


@require_POST
def password(request: HttpRequest, official: int) -> HttpResponse:
    """Give a new password for one use."""
    return _do(request, official, acts.give_password, "")


@require_POST
def second_factor(request: HttpRequest, official: int) -> HttpResponse:
    """Forget the second factor; a new password for one use comes with it."""
    return _do(request, official, acts.reset_second_factor, "")


@require_http_methods(["GET", "POST"])
def organisations(request: HttpRequest) -> HttpResponse:
    """The bodies of this State, and the form of one more."""
    authorise(request.user, _ACT)
    form, error = NewOrganisationForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            identifier = form.cleaned_data["identifier"]
            acts.add_organisation(request.user, identifier, now=timezone.now(), **form.values())  # type: ignore[arg-type]
            messages.success(request, _("The organisation was added."))
            return redirect("organisations")
        except ComityError as refused:
            error = said(refused)
    rows = Organisation.objects.order_by("id")
    context = {"organisations": rows, "form": form, "error": error}
    return render(request, "administration/organisations.html", context, status=_status(form, error))


@require_http_methods(["GET", "POST"])
def organisation(request: HttpRequest, organisation: str) -> HttpResponse:
    """One body, and its officials."""
    authorise(request.user, _ACT)
    found = get_object_or_404(Organisation, pk=organisation)
    form, error = OrganisationForm(request.POST or None, initial=OrganisationForm.kept(found)), None
    if request.method == "POST" and form.is_valid():
        try:
            acts.change_organisation(request.user, found, now=timezone.now(), **form.values())  # type: ignore[arg-type]
            messages.success(request, _("The organisation was changed."))
            return redirect("organisation", found.pk)
        except ComityError as refused:
            error = said(refused)
    people = found.official_set.order_by("username")
    context = {"organisation": found, "people": people, "form": form, "error": error}
    return render(request, "administration/organisation.html", context, status=_status(form, error))


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Who changed which account or organisation, the latest first."""
    authorise(request.user, "view_administration_log")
    page = page_of(
        Change.objects.select_related("by", "official", "organisation", "entry"),
        request.GET.get("after", ""),
        cursor=lambda change: (str(change.pk),),
        older=lambda last: Q(pk__lt=int(last)),
    )
    return render(request, "administration/log.html", {"page": page})


def _official(key: int) -> Official:
    return get_object_or_404(Official.objects.select_related("organisation"), pk=key)


def _do(request: HttpRequest, key: int, act: Callable[..., Official | str], done: str) -> HttpResponse:
    """Do one act to an account; a password that it answers with is shown, and nowhere kept."""
    authorise(request.user, _ACT)
    found = _official(key)
    try:
        answer = act(request.user, found, now=timezone.now())
    except ComityError as refused:
        return _account(request, found, OfficialForm(initial=OfficialForm.kept(found)), said(refused))
    if isinstance(answer, str):
        return _shown_once(request, found, answer)
    messages.success(request, done)
    return redirect("official", found.pk)


def _account(request: HttpRequest, found: Official, form: OfficialForm, error: Any = None) -> HttpResponse:
    context = {
        "official": found,
        "form": form,
        "error": error,
        "own": found.pk == request.user.pk,
        "has_second_factor": is_mfa_enabled(found),
        "changes": Change.objects.filter(official=found).select_related("by", "entry")[:10],
    }
    return render(request, "administration/official.html", context, status=_status(form, error))


def _shown_once(request: HttpRequest, found: Official, password: str) -> HttpResponse:
    return render(request, "administration/password.html", {"official": found, "password": password})


def _status(form: Any, error: Any) -> int:
    """Refused by the act, wrongly filled in, or simply shown."""
    if error:
        return 409
    return 422 if form.is_bound and form.errors else 200
