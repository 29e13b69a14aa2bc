"""The start page, the account page, and the switch for single-key shortcuts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from comity.node.pages.frame import SHORTCUTS_COOKIE, menu


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """To the first room of the menu that this official may enter."""
    first = next(menu(request), None)
    return redirect(first["address"] if first else "account")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Who is signed in, with which roles, and the settings of this browser."""
    return render(request, "pages/account.html")


@require_POST
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Switch single keys on or off (WCAG 2.2, success criterion 2.1.4)."""
    response = redirect("account")
    choice = "off" if request.POST.get("shortcuts") == "off" else "on"
    response.set_cookie(
        SHORTCUTS_COOKIE, choice, max_age=31_536_000, httponly=True, samesite="Strict", secure=settings.SECURE
    )
    return response
