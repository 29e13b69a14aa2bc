"""Pages for what went wrong, in the providers' frame."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.authority import NothingThereError
from comity.node.pages.errors import STATUS_OF_CODE, Saying, said
from comity.terms import ComityError


def refused(request: HttpRequest, error: ComityError) -> HttpResponse:
    """The page of an act that was not done; what is not open answers as what is not there."""
    if error.code == NothingThereError.code:
        return not_found(request)  # type: ignore[no-any-return]
    status = STATUS_OF_CODE.get(error.code, HTTPStatus.CONFLICT)
    context = {"title": _("This was not done"), "error": said(error)}
    return render(request, "providers/error.html", context, status=status)


def _page(status: HTTPStatus, code: str, title: Any, happened: Any, next_step: Any) -> Any:
    def view(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
        error = Saying(code, str(happened), str(next_step))
        return render(request, "providers/error.html", {"title": title, "error": error}, status=status)

    return view


not_found = _page(
    HTTPStatus.NOT_FOUND,
    "not_found",
    _("Nothing here"),
    _("There is no page at this address, or what it showed is not open to you."),
    _("Check the address, or start from the list of orders."),
)
form_too_old = _page(
    HTTPStatus.FORBIDDEN,
    "forbidden",
    _("Not allowed"),
    _("The form had grown too old. Nothing was changed."),
    _("Reload the page you came from and try again."),
)
