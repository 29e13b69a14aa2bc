"""Pages for what went wrong: what happened, what was not lost, what to do, and a code."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.authority import NothingThereError
from comity.terms import ComityError

STATUS_OF_CODE = {
    "not_authorised": HTTPStatus.FORBIDDEN,
    "four_eyes": HTTPStatus.FORBIDDEN,
    "head_unseen": HTTPStatus.NOT_FOUND,
    "clock_stepped": HTTPStatus.SERVICE_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class Saying:
    """An error in the reader's words."""

    code: str
    happened: str
    next_step: str


def said(error: ComityError) -> Saying:
    """Translate an error's sentences first and fill their placeholders then."""
    return Saying(error.code, error.fill(gettext(error.message)), error.fill(gettext(error.next_step)))


def refused(request: HttpRequest, error: ComityError) -> HttpResponse:
    """The page of an act that was not done."""
    if error.code == NothingThereError.code:
        return not_found(request)  # type: ignore[no-any-return]  # what is not open answers as what is not there
    status = STATUS_OF_CODE.get(error.code, HTTPStatus.CONFLICT)
    context = {"title": _("This was not done"), "error": said(error), "back": request.headers.get("Referer")}
    return render(request, "pages/error.html", context, status=status)


def _page(status: HTTPStatus, code: str, title: Any, happened: Any, next_step: Any) -> Any:
    def view(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        error = Saying(code, str(happened), str(next_step))
        return render(request, "pages/error.html", {"title": title, "error": error}, status=status)

    return view


forbidden = _page(
    HTTPStatus.FORBIDDEN,
    "forbidden",
    _("Not allowed"),
    _("Your roles do not include this page, or the form had grown too old. Nothing was changed."),
    _("Reload the page you came from; if your work needs it, ask the administrator for the role."),
)
not_found = _page(
    HTTPStatus.NOT_FOUND,
    "not_found",
    _("Nothing here"),
    _("There is no page at this address, or what it showed is not open to you."),
    _("Check the address, or start from the list of requests."),
)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's answer to a form without a valid token; the reason is for the log, not for the page."""
    return forbidden(request)  # type: ignore[no-any-return]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A page that asks nothing of the request, because its very address may be what cannot be read."""
    error = Saying(
        "bad_request",
        gettext("The address or the form that was sent could not be understood. Nothing was changed."),
        gettext("Go back, reload the page and try once more."),
    )
    return _bare(gettext("This could not be read"), error, HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """A page that needs no database and no sign-in, for when something broke."""
    error = Saying(
        "server_error",
        gettext("Something broke on this node. What was saved before is safe; the last step was not done."),
        gettext("Try again in a minute. If it happens again, tell the administrator the time and the code."),
    )
    return _bare(gettext("Something broke"), error, HTTPStatus.INTERNAL_SERVER_ERROR)


def _bare(title: str, error: Saying, status: HTTPStatus) -> HttpResponse:
    page = loader.get_template("pages/broken.html").render({"title": title, "error": error})
    return HttpResponse(page, status=status)
