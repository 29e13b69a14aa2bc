"""Leaving for the ministry's sign-in and coming back from it. Only accounts that are here are opened."""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.node import config
from comity.node.accounts import ministry, openid
from comity.node.accounts.models import Official
from comity.node.accounts.openid import Attempt, Identity, ProviderUnreachableError, SignInRefusedError
from comity.node.config import MinistrySignIn
from comity.terms import ComityError

COOKIE = f"{'__Host-' if settings.SECURE else ''}{settings.COOKIE_PREFIX}_ministry"
_SALT = "comity-ministry/1"
_PATIENCE = 600
"""Seconds in which somebody must come back."""
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_log = logging.getLogger(__name__)


@login_not_required
@require_GET
def begin(request: HttpRequest) -> HttpResponse:
    """To the ministry's sign-in. What must fit on coming back is kept in a signed cookie of this browser."""
    provider, attempt = _provider(), openid.new_attempt()
    try:
        away = HttpResponseRedirect(openid.departure(provider, attempt, _back(request)))
    except ComityError as error:
        return _refused(request, error)
    away.set_cookie(
        COOKIE,
        signing.dumps(asdict(attempt), salt=_SALT),
        max_age=_PATIENCE,
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",  # it must come along when the other site sends the browser back
    )
    return away


@login_not_required
@require_GET
def come_back(request: HttpRequest) -> HttpResponse:
    """Back from the ministry's sign-in: the account that it names, or one answer for all that fails."""
    provider = _provider()
    try:
        brought = {name: str(value) for name, value in request.GET.items()}
        identity = openid.arrival(provider, _secret(provider), _attempt(request), brought, _back(request))
        answer = _enter(request, _account(identity), identity)
    except ComityError as error:
        answer = _refused(request, error)
    answer.delete_cookie(COOKIE, samesite="Lax")
    return answer


def _enter(request: HttpRequest, official: Official, identity: Identity) -> HttpResponse:
    """Sign in; the node's own second factor follows unless the ministry asked for one.

    A page stands between: cookies of this site do not travel with a redirect that another site began.
    """
    if request.user.is_authenticated:
        request.session.flush()
    ministry.remember(request, second_factor=identity.second_factor)
    record_authentication(request, official, method="ministry")
    if identity.second_factor:
        login(request, official, backend=_BACKEND)
        following = settings.LOGIN_REDIRECT_URL
    else:
        following = perform_login(request, official, email_verification="none").headers["Location"]
    return render(request, "account/came_back.html", {"following": following})


@transaction.atomic
def _account(identity: Identity) -> Official:
    """The active account that is linked to the subject, or has the user name and no link yet."""
    known = Official.objects.select_for_update(of=("self",))
    found = known.filter(subject=identity.subject).first()
    if found is None:
        found = known.filter(username=identity.username, subject=None).first()
    if found is None or not found.is_active:
        raise SignInRefusedError(why="account")
    if found.subject is None:
        found.subject = identity.subject
        found.save(update_fields=["subject"])
    return found


def _attempt(request: HttpRequest) -> Attempt:
    try:
        return Attempt(**signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=_PATIENCE))
    except (signing.BadSignature, TypeError) as error:
        raise SignInRefusedError(why="cookie") from error


def _provider() -> MinistrySignIn:
    provider = config.current().openid
    if provider is None:
        raise Http404
    return provider


def _secret(provider: MinistrySignIn) -> str:
    return (config.current().folder / provider.secret_file).read_text(encoding="ascii").strip()


def _back(request: HttpRequest) -> str:
    path = reverse("ministry_back")
    public = config.current().public_url
    return public.rstrip("/") + path if public else request.build_absolute_uri(path)


def _refused(request: HttpRequest, error: ComityError) -> HttpResponse:
    """The same page whatever was wrong; what it was stands in the log, without names."""
    _log.warning("sign-in by the ministry: %s %s", error.code, error.params.get("why", ""))
    shown = error if isinstance(error, ProviderUnreachableError) else SignInRefusedError()
    status = (
        HTTPStatus.SERVICE_UNAVAILABLE
        if isinstance(shown, ProviderUnreachableError)
        else HTTPStatus.FORBIDDEN
    )
    context = {"code": shown.code, "happened": _(shown.message), "next_step": _(shown.next_step)}
    return render(request, "pages/error.html", {"title": _("Not signed in"), "error": context}, status=status)
