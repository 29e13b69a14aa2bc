"""The list of requests: the latest change first, filtered, a page at a time without counting."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise, may
from comity.node.casework import saved_views
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case, Preparation, Side
from comity.node.pages import labels
from comity.node.pages.keyset import Page, page_of

ACTUAL = tuple(status for status in labels.STATUSES if status not in {*Preparation.values, "disclosed"})


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Requests of both sides. ``side``, ``status`` filter; ``after`` is the cursor of the next page."""
    authorise(request.user, "view_case")
    side, status = request.GET.get("side", ""), request.GET.get("status", "")
    context = {
        "page": _page(_filtered(visible(request.user), side, status), request.GET.get("after", "")),
        "filters": urlencode({"side": side, "status": status}) if side or status else "",
        "side": side,
        "status": status,
        "sides": [(value, labels.label(value, "side")) for value in Side.values],
        "statuses": [(value, labels.label(value, "status")) for value in (*Preparation.values, *ACTUAL)],
        "may_open": may(request.user, "open_case"),
        "may_inform": may(request.user, "open_information"),
        "may_note": may(request.user, "note_oral_request"),
        "views": saved_views.links(request.user),  # type: ignore[arg-type]  # signed in
    }
    return render(request, "casework/cases.html", context)


def _filtered(found: QuerySet[Case], side: str, status: str) -> QuerySet[Case]:
    found = found.select_related("peer")
    if side in Side.values:
        found = found.filter(side=side)
    if status in Preparation.values:
        return found.filter(preparation=status)
    return found.filter(actual=status) if status in ACTUAL else found


def _page(found: QuerySet[Case], after: str) -> Page[Case]:
    return page_of(
        found.order_by("-changed_at", "-id"),
        after,
        cursor=lambda case: (case.changed_at.isoformat(), str(case.pk)),
        older=lambda at, pk: Q(changed_at__lt=_at(at)) | Q(changed_at=_at(at), pk__lt=int(pk)),
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
