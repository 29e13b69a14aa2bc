"""The page from which a path is followed into another State: its providers, and whom to ask there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from comity.node.casework import limits
from comity.node.casework.acts.follow_path import follow_path
from comity.node.casework.dialogue import path
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Case, Purpose, Side
from comity.node.casework.views.common import find_for, find_readable, show, status_of
from comity.node.directory import known
from comity.node.pages.errors import said
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest, reference: str) -> HttpResponse:
    """The paths that were disclosed; a button at each provider begins the draft to its State."""
    case = find_for(request, reference, "follow_path", Side.REQUESTING)
    if not may_read(request.user, case):
        find_readable(request, reference)
    error = None
    if request.method == "POST":
        try:
            return redirect("draft", _follow(request, case).reference)
        except ComityError as reason:
            error = said(reason)
    bars = limits.barring(case, Purpose.THIRD_STATE)
    return show(
        request, "casework/path.html", case, status_of(error), paths=_paths(case), bars=bars, error=error
    )


def _follow(request: HttpRequest, case: Case) -> Case:
    place = request.POST.get("place", "")
    return follow_path(
        request.user,  # type: ignore[arg-type]
        case,
        letter=request.POST.get("letter", ""),
        place=int(place) if place.isdecimal() and len(place) < 4 else 0,
        peer=known.find(request.POST.get("peer", "")),
        now=timezone.now(),
    )


def _paths(case: Case) -> list[dict[str, Any]]:
    """Each disclosure with its providers, and the authorities known in the State of each."""
    own = known.own().state
    peers = list(known.peers())
    return [
        {
            "letter": letter,
            "providers": [
                {
                    **one,
                    "peers": [peer for peer in peers if peer.state == one["state"]],
                    "own": one["state"] == own,
                }
                for one in providers
            ],
        }
        for letter, providers in path.received(case)
    ]
