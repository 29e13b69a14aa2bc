"""The page that shows where each letter is and which proof of it exists."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise, may
from comity.node.casework import deliveries as queries
from comity.node.directory import known
from comity.node.pages import labels, times
from comity.node.pages.keyset import page_of


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """The letters of a list, the latest change first, with the proofs of each hop."""
    authorise(request.user, "view_case")
    listed = request.GET.get("list", queries.WAITING)
    listed = listed if listed in queries.LISTS else queries.WAITING
    language = times.language()
    peers = {
        peer.id: f"{labels.state_name(peer.state)} — {peer.name(language)}"
        for peer in known.peers().order_by("state", "id")
    }
    peer = request.GET.get("peer", "")
    chosen = {"peer": peer} if peer in peers else {}
    page = page_of(
        queries.letters(request.user, listed, **chosen),
        request.GET.get("after", ""),
        cursor=lambda row: (row.stage_at.isoformat(), str(row.pk)),
        older=_older,
    )
    context = {
        "now": timezone.now(),
        "page": page,
        "lines": [(letter, queries.hops(letter)) for letter in page.rows],
        "list": listed,
        "lists": [(name, _name(name), urlencode({"list": name} | chosen)) for name in queries.LISTS],
        "peers": peers.items(),
        "peer": chosen.get("peer", ""),
        "filters": urlencode({"list": listed} | chosen),
        "may_carry": may(request.user, "carry_by_courier"),
    }
    return render(request, "casework/deliveries.html", context)


def _older(at: str, pk: str) -> Q:
    moment, last = datetime.fromisoformat(at), UUID(pk)
    return Q(stage_at__lt=moment) | Q(stage_at=moment, pk__lt=last)


def _name(of: str) -> str:
    return {
        queries.WAITING: _("Waiting"),
        queries.UNRECEIPTED: _("Receipt awaited"),
        queries.FAILED: _("Failed or refused"),
        queries.ARRIVING: _("Arriving"),
        queries.ALL: _("All"),
    }[of]
