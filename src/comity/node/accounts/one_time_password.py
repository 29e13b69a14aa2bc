"""A password that the administrator gave opens nothing before its owner chose another."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

Answer = Callable[[HttpRequest], HttpResponse]

_CHANGE = "account_change_password"
_OPEN = (
    _CHANGE,
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "set_language",
)


class ChangeOneTimePassword:
    """Middleware: sends whoever still has the administrator's password to the page that changes it.

    The second factor is set up before (``RequireSecondFactor`` stands in front), so its pages are open.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or redirect to the page that changes the password."""
        if getattr(request.user, "must_change_password", False) and not self._is_open(request.path):
            return HttpResponseRedirect(reverse(_CHANGE))
        return self.get_response(request)

    @staticmethod
    def _is_open(path: str) -> bool:
        return path in {reverse(name) for name in _OPEN} or path.startswith(settings.STATIC_URL)
