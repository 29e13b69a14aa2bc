"""Whose session it is. Whoever has none sees the sign-in page and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from comity.node import durable
from comity.node.providers import errors
from comity.node.providers.models import Person
from comity.terms import ComityError

IDLE = timedelta(minutes=30)
_NOTED = timedelta(minutes=1)


class PeopleOfProviders:
    """Gives every request its ``person``; keeps out who has none; reads in the person's language and zone.

    ``request.user`` is nobody here, always: no check for an official can pass.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the person's language and zone; no page is kept by a cache."""
        request.user = AnonymousUser()
        request.person = person = _person(request)  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(person.time_zone) if person else settings.NODE.time_zone):
            if person and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(person.language)
                request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Pages are closed unless they say of themselves that they are open."""
        if request.person is not None or not getattr(view, "login_required", True):  # type: ignore[attr-defined]
            return None
        return redirect(f"{reverse('sign_in')}?{urlencode({'next': request.get_full_path()})}")

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An act that could not be done is answered with its sentence, its code and the next step."""
        known = durable.told(exception) or exception
        return errors.refused(request, known) if isinstance(known, ComityError) else None


def begin(request: HttpRequest, person: Person) -> None:
    """Begin the person's session, under a new key."""
    request.session.flush()
    now = timezone.now().timestamp()
    request.session["person"], request.session["seen"] = person.pk, now
    request.session["begun"] = now


def _person(request: HttpRequest) -> Person | None:
    key = request.session.get("person")
    if key is None:
        return None
    now = timezone.now().timestamp()
    idle = now - request.session.get("seen", 0)
    over = now - request.session.get("begun", 0) > settings.SESSION_COOKIE_AGE
    person = Person.objects.select_related("provider").filter(pk=key, is_active=True).first()
    if person is None or over or idle > IDLE.total_seconds() or person.provider.withdrawn_at is not None:
        request.session.flush()
        return None
    if idle > _NOTED.total_seconds():
        request.session["seen"] = now
    return person
