"""Coming in and going out: invitation, password, code; and a person's own page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node.pages.errors import said
from comity.node.providers import accounts, middleware, tokens
from comity.node.providers.forms import CodeForm, OpeningForm, SignInForm, TokenForm
from comity.node.providers.models import Person
from comity.terms import ComityError

_HALF_SECONDS = 300
"""How long a right password waits for its code."""


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """User name and password; the code is asked on the next page."""
    form, error = SignInForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            return _half_way(request, form.cleaned_data)
        except ComityError as refused:
            error = said(refused)
    context = {"form": form, "error": error, "onward": _onward(request)}
    return render(request, "providers/sign_in.html", context, status=_status(form, error))


@login_not_required
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second factor."""
    now = timezone.now()
    half = request.session.get("half") or {}
    if not half or now.timestamp() - half["at"] > _HALF_SECONDS:
        return redirect("sign_in")
    form, error = CodeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        person = Person.objects.get(pk=half["person"])
        try:
            accounts.demand_patience(request, person.username, now=now)
            entered = accounts.by_code(person, form.cleaned_data["code"], now=now)
            if entered is None:
                accounts.failed(request, person.username, now=now)
                raise accounts.SignInRefusedError
            middleware.begin(request, entered)
            return redirect(half["onward"] or "orders")
        except ComityError as refused:
            error = said(refused)
    return render(request, "providers/code.html", {"form": form, "error": error}, status=_status(form, error))


@login_not_required
@require_GET
def invitation_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The link that was handed over: its secret leaves the address at once."""
    request.session["invitation"] = accounts.digest(secret)
    return redirect("invitation")


@login_not_required
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Choose a password, set the authenticator up, and be in."""
    now, link = timezone.now(), request.session.get("invitation", "")
    person = accounts.invited(link, now=now)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(person.language)
    totp = request.session.setdefault("totp", accounts.new_totp_secret())
    form, error = OpeningForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            values = form.cleaned_data
            accounts.demand_patience(request, person.username, now=now)
            opened = accounts.accept(link, values["password"], totp, values["code"], now=now)
            middleware.begin(request, opened)
            return redirect("orders")
        except accounts.SignInRefusedError as refused:
            accounts.failed(request, person.username, now=now)
            error = said(refused)
        except ComityError as refused:
            error = said(refused)
    context = {"form": form, "error": error, "invited": person, "secret": totp}
    context["picture"] = accounts.totp_picture(person, totp)
    return render(request, "providers/invitation.html", context, status=_status(form, error))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it kept."""
    request.session.flush()
    answer = redirect("sign_in")
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The person's account and the tokens of their programs; a new token is shown this once."""
    person: Person = request.person  # type: ignore[attr-defined]
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        secret = tokens.make(
            person, form.cleaned_data["label"], days=form.cleaned_data["days"], now=timezone.now()
        )
        form = TokenForm()
    context = {"form": form, "secret": secret, "tokens": person.tokens.all(), "now": timezone.now()}
    return render(request, "providers/own.html", context, status=_status(form, None))


@require_POST
def revoke(request: HttpRequest, token: int) -> HttpResponse:
    """End a token."""
    tokens.revoke(request.person, token, now=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("The token is revoked."))
    return redirect("own")


def _half_way(request: HttpRequest, values: dict[str, str]) -> HttpResponse:
    now = timezone.now()
    accounts.demand_patience(request, values["username"], now=now)
    person = accounts.by_password(values["username"], values["password"])
    if person is None:
        accounts.failed(request, values["username"], now=now)
        raise accounts.SignInRefusedError
    request.session.cycle_key()
    half = {"person": person.pk, "at": now.timestamp(), "onward": _onward(request)}
    request.session["half"] = half
    return redirect("code")


def _onward(request: HttpRequest) -> str:
    """Where the person wanted to go, within these pages."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=settings.SECURE)
    return asked if safe and asked.startswith("/") else reverse("orders")


def _status(form: Any, error: Any) -> int:
    if error:
        return 409
    return 422 if form.is_bound and form.errors else 200
