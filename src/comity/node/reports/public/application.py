"""The application that the public's listener serves: its own addresses, no session, no cookie, no script.

It is Django's handler without any middleware of the officials' pages: nothing here can sign anybody in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse

from comity.node import config
from comity.treaties import load

ADDRESSES = "comity.node.reports.public.urls"
MOST_BYTES = 64 << 20
"""Of one request; more is refused before it is read."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noarchive",
}
_LOCAL = ("localhost", "127.0.0.1", "[::1]")
_METHODS = ("GET", "HEAD", "POST")
_QUIET = ("django.request", "django.security", "django.server")
Answering = Callable[[HttpRequest], Any]


class Public(WSGIHandler):
    """Django's handler with what stands in ``guarded`` as its only middleware."""

    def load_middleware(self, is_async: bool = False) -> None:
        """No middleware of the settings."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        answering = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        self._middleware_chain = convert_exception_to_response(guarded(answering))


def application() -> Public:
    """The application, whose requests leave no line in any log."""
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    load()  # the law is read before anybody waits for it
    return Public()


def guarded(answering: Answering) -> Answering:
    """Only known hosts, methods and sizes reach a page; every answer carries the headers."""

    def guard(request: HttpRequest) -> HttpResponse:
        request.urlconf = ADDRESSES
        answer = _refusal(request) or answering(request)
        for name, value in HEADERS.items():
            answer.headers[name] = value
        if not config.current().demonstration:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answer

    return guard


def _refusal(request: HttpRequest) -> HttpResponse | None:
    node = config.current()
    host = request.META.get("HTTP_HOST", "").lower()
    name = urlsplit(f"//{host}").hostname if host and not set(host) & set("/@?#\\ ") else None
    known = {*_LOCAL, "::1", node.reports_listen.rpartition(":")[0], urlsplit(node.reports_url).hostname}
    length = request.META.get("CONTENT_LENGTH") or "0"
    if name is None or name not in known - {None, ""}:
        return HttpResponse(status=400)
    if not node.demonstration and request.META.get("HTTP_X_FORWARDED_PROTO") != "https":
        return HttpResponse(status=301, headers={"Location": f"https://{host}{request.path}"})
    if request.method not in _METHODS:
        return HttpResponse(status=405, headers={"Allow": ", ".join(_METHODS)})
    if not length.isdecimal() or len(length) > 12 or int(length) > MOST_BYTES:
        return HttpResponse(status=413, headers={"Connection": "close"})
    return None
