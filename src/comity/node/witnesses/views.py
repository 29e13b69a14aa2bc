"""The page of witnesses: who cosigned our ledger, whose heads we know, what contradicts itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.ledger import holding, sequencer
from comity.node.witnesses import clock, heads, own
from comity.node.witnesses.models import Contact, Cosignature, ForkProof

NOTE = "text/plain; charset=utf-8"
"""Media type of a signed note (C2SP signed-note)."""


def standing() -> dict[str, Any]:
    """What the page and the API show: policy, latest heads, each witness, each peer's ledger, proofs."""
    contacts = {each.witness_id: each for each in Contact.objects.all()}
    latest, published = sequencer.latest(), own.published()
    cosigned = {each.witness_id: each for each in Cosignature.objects.order_by("checkpoint")}
    return {
        "policy": own.policy(),
        "latest": latest,
        "published": published,
        "count": published.cosignatures.count() if published else 0,
        "ahead": clock.ahead(),
        "held": holding.held(config.current().folder),
        "witnesses": [
            {"authority": each, "contact": contacts.get(each.id), "cosignature": cosigned.get(each.id)}
            for each in own.witnesses().order_by("id")
        ],
        "logs": [
            {
                "authority": each,
                "seen": heads.largest(each),
                "cosigned": heads.cosigned(each),
                "has_file": heads.seen_heads(each).exists(),
            }
            for each in known.peers().order_by("id")
        ],
        "forks": ForkProof.objects.select_related("authority").order_by("-id")[:100],
    }


@require_GET
def witnesses(request: HttpRequest) -> HttpResponse:
    """The page."""
    authorise(request.user, "view_ledger")
    return render(request, "witnesses/witnesses.html", standing())


@require_GET
def fork(request: HttpRequest, proof: int) -> HttpResponse:
    """A proof of fork as the file that ``comity ledger fork`` checks."""
    authorise(request.user, "view_ledger")
    found = get_object_or_404(ForkProof, pk=proof)
    name = f"fork-{found.authority_id}-{found.pk}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found.document, content_type="application/json", headers=headers)


@require_GET
def checkpoint(request: HttpRequest, authority: str) -> HttpResponse:
    """The last head of an authority's ledger that was seen: the file with which its restored node resumes."""
    authorise(request.user, "view_ledger")
    found = heads.handed_out(get_object_or_404(Authority, pk=authority))
    headers = {"Content-Disposition": f'attachment; filename="checkpoint-{authority}.note"'}
    return HttpResponse(found, content_type=NOTE, headers=headers)
