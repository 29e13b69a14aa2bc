"""The pages of the ledger: its signed head, its entries by kind and subject, one entry with its proof."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise, may
from comity.node.ledger import proofs, sequencer
from comity.node.ledger.models import Entry
from comity.node.pages.keyset import page_of


@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """The head of the log and its entries, the latest first; never an entry's content."""
    authorise(request.user, "view_ledger")
    page = page_of(
        Entry.objects.exclude(index=None).defer("content", "salt").order_by("-index"),
        request.GET.get("after", ""),
        cursor=lambda entry: (str(entry.index),),
        older=lambda index: Q(index__lt=int(index)),
    )
    context = {
        "head": sequencer.latest(),
        "page": page,
        "waiting": Entry.objects.filter(index=None).count(),
        "subjects": _may_see_subjects(request),
    }
    return render(request, "ledger/ledger.html", context)


@require_GET
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry: what is committed to, and the proof that it stands in the log."""
    authorise(request.user, "view_ledger")
    found = get_object_or_404(Entry, index=index)
    proof = proofs.inclusion(found) if found.salt is not None else None
    context = {
        "entry": found,
        "proof": proof,
        "commitment": bytes(found.commitment).hex(),
        "subjects": _may_see_subjects(request),
    }
    return render(request, "ledger/entry.html", context)


def _may_see_subjects(request: HttpRequest) -> bool:
    """Whether references of cases are shown: not to administrators, nor to bodies that see only their own."""
    return may(request.user, "view_case") and request.user.is_of_the_whole_state  # type: ignore[union-attr]
