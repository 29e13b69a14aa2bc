"""The reader's language and time zone; no page kept by a cache; an error of an act shown as a page."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from comity.node import durable
from comity.node.pages.errors import refused
from comity.terms import ComityError

Next = Callable[[HttpRequest], HttpResponse]


class ReaderMiddleware:
    """Signed-in officials read in their own language and time zone, and leave no copy in a cache."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate both for the time of one request."""
        with timezone.override(settings.NODE.time_zone):
            if request.user.is_authenticated:
                timezone.activate(ZoneInfo(request.user.time_zone))
                self._own_language(request)
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    @staticmethod
    def _own_language(request: HttpRequest) -> None:
        """The account's language, unless this browser was switched to another."""
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(request.user.language)  # type: ignore[union-attr]  # signed in
            request.LANGUAGE_CODE = translation.get_language()

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An act that could not be done is answered with its sentence, its code and the next step."""
        known = durable.told(exception) or exception
        return refused(request, known) if isinstance(known, ComityError) else None
