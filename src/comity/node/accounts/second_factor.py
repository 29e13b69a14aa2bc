"""Where a second factor is required, nothing else opens before it is set up."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from comity.node import config

Answer = Callable[[HttpRequest], HttpResponse]

_OPEN = (
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
)


class RequireSecondFactor:
    """Middleware: sends an official who has signed in without a second factor to the page that sets it up."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or redirect to the set-up page."""
        if self._must_set_up(request):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _must_set_up(self, request: HttpRequest) -> bool:
        if config.current().second_factor != "required" or not request.user.is_authenticated:
            return False
        open_pages = {reverse(name) for name in _OPEN} | {reverse("set_language")}
        if request.path in open_pages or request.path.startswith(settings.STATIC_URL):
            return False
        return not is_mfa_enabled(request.user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
