"""What a session keeps of a sign-in by the ministry's provider."""

from __future__ import annotations

from django.http import HttpRequest

_KEY = "signed_in_by_ministry"


def remember(request: HttpRequest, *, second_factor: bool) -> None:
    """Keep that the ministry's sign-in began this session, and whether a second factor was asked there."""
    request.session[_KEY] = {"second_factor": second_factor}


def signed_in(request: HttpRequest) -> bool:
    """Whether this session was begun by the ministry's sign-in."""
    return _KEY in request.session


def asked_second_factor(request: HttpRequest) -> bool:
    """Whether the ministry's sign-in asked for a second factor in this session."""
    return bool(request.session.get(_KEY, {}).get("second_factor"))
