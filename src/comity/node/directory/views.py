"""The pages of the directory: whom this node knows, by which keys, confirmed by whom."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise
from comity.node.directory import cards
from comity.node.directory.models import Authority


@require_GET
def authorities(request: HttpRequest) -> HttpResponse:
    """All authorities: this one first, then those of other States, then providers of this State."""
    authorise(request.user, "view_directory")
    rows = sorted(Authority.objects.all(), key=_place)
    return render(request, "directory/authorities.html", {"authorities": rows})


def _place(authority: Authority) -> tuple[bool, bool, str, str]:
    return (not authority.own, "provider" in authority.roles, authority.state, authority.id)


@require_GET
def authority(request: HttpRequest, authority: str) -> HttpResponse:
    """One authority: how to reach it, and the fingerprint to compare by voice."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Authority, pk=authority)
    context = {
        "authority": found,
        "fingerprint": cards.fingerprint(cards.export_card(found)) if found.tls_certificate else "",
    }
    return render(request, "directory/authority.html", context)
