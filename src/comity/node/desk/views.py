"""The 24/7 desk: new, due within a day, waiting for others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from comity.node.accounts.authority import authorise, may
from comity.node.casework.models import Case
from comity.node.desk import queries
from comity.node.exchange.models import Direction, Letter, Stage


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Three columns, the most pressing first in each. A key opens a page and never completes an act."""
    authorise(request.user, "view_case")
    now = timezone.now()
    context = {
        "now": now,
        "new": list(queries.new()),
        "unopened": list(_unopened()),
        "to_review": list(queries.to_review()) if may(request.user, "sign_request") else [],
        "to_execute": list(queries.to_execute()),
        "due": queries.due(now),
        "overdue": queries.overdue(now),
        "waiting": list(queries.waiting_for_others()),
        "may_register": may(request.user, "register_request"),
        "may_open": may(request.user, "open_case"),
    }
    return render(request, "desk/desk.html", context)


def _unopened() -> list[Letter]:
    """Answers that arrived and that nobody has opened: requests stand among the new ones until registered."""
    arrived = Letter.objects.filter(direction=Direction.IN, stage=Stage.DELIVERED).exclude(kind="request")
    letters = list(arrived.select_related("peer").order_by("-urgent", "stage_at")[: queries.PAGE])
    known = set(
        Case.objects.filter(reference__in={each.case_reference for each in letters}).values_list(
            "reference", flat=True
        )
    )
    return [each for each in letters if each.case_reference in known]
