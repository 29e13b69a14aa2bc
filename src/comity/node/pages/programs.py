"""How interfaces for programs read what they are sent and tell a failure: officials' and providers'."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser

from comity import canonical
from comity.node import durable
from comity.terms import ComityError, gettext_noop


class InputUnreadableError(ComityError):
    """A body or parameter does not have the described shape."""

    code = "input_unreadable"
    message = gettext_noop("The input at {place} cannot be read: {reason}")
    next_step = gettext_noop("Compare it with /api/openapi.json.")


OF_THE_DISK: Mapping[type[ComityError], int] = {
    durable.DiskFailedError: 503,
    durable.DiskFullError: 507,
}
"""What no caller can help, whichever interface it meets it at (RFC 9110, RFC 4918 11.5)."""


class StrictJson(Parser):
    """Bodies under the rules that letters are read by: no doubled keys, no inexact numbers, bounded."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's value; HttpError (400) with what is wrong."""
        try:
            return canonical.read(request.body)
        except ComityError as error:
            raise HttpError(400, str(error)) from error


def tell_failures(
    api: NinjaAPI,
    statuses: Mapping[type[ComityError], int],
    *,
    otherwise: int,
    stranger: type[ComityError],
    log: logging.Logger,
) -> None:
    """Register how an interface tells its failures: code, message, next_step, with the status of the error.

    ``otherwise`` is the status of those named neither there nor in OF_THE_DISK, ``stranger`` the error of
    whoever shows no valid token.
    """
    known = {**OF_THE_DISK, **statuses}

    @api.exception_handler(ComityError)
    def failed(request: HttpRequest, error: ComityError) -> HttpResponse:
        answer = api.create_response(request, error.as_dict(), status=known.get(type(error), otherwise))
        if "retry_after" in error.params:
            answer.headers["Retry-After"] = str(error.params["retry_after"])
        return answer

    @api.exception_handler(ValidationError)
    def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
        first = error.errors[0]
        place = ".".join(str(part) for part in first["loc"])
        return failed(request, InputUnreadableError(place=place, reason=first["msg"]))

    @api.exception_handler(HttpError)
    def not_json(request: HttpRequest, error: HttpError) -> HttpResponse:
        return failed(request, InputUnreadableError(place="body", reason=error.message))

    @api.exception_handler(AuthenticationError)
    def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return api.create_response(request, stranger().as_dict(), status=401)

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        """A fault of the software: logged by its kind and place, told without its text."""
        if of_disk := durable.told(error):
            return failed(request, of_disk)
        log.error("interface fault %s", type(error).__name__, exc_info=error)
        return api.create_response(request, ComityError().as_dict(), status=500)
