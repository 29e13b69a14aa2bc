"""The 24/7 desk: new, due within a day, waiting for others."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from comity.letters.bodies import REQUESTS
from comity.node import config, durable, heartbeat
from comity.node.accounts.authority import may
from comity.node.casework import attempts, emergencies, oral, saved_views
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger import holding
from comity.node.witnesses import figures


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Three columns, the most pressing first in each. A key opens a page and never completes an act."""
    seen = visible(request.user)
    now, node = timezone.now(), config.current()
    context = {
        "now": now,
        "emergencies": emergencies.of_desk(seen, now),
        "chased": oral.chased(seen, now, queries.PAGE),
        "may_note": may(request.user, "note_oral_request"),
        "new": list(queries.new(seen)),
        "unopened": list(_unopened(seen)),
        "to_review": list(queries.to_review(seen)) if may(request.user, "sign_request") else [],
        "to_sign": queries.to_sign(seen, request.user) if may(request.user, "prepare_letter") else [],  # type: ignore[arg-type]  # signed in
        "to_execute": list(queries.to_execute(seen)),
        "due": queries.due(seen, now),
        "overdue": queries.overdue(seen, now),
        "late_assignments": list(queries.overdue_assignments(seen, now)),
        "waiting": list(queries.waiting_for_others(seen)),
        "for_us": list(queries.waiting_for_us(seen)),
        "reminders": queries.reminders(seen, now),
        "assigned": list(queries.assigned(seen, request.user)),  # type: ignore[arg-type]  # signed in
        "views": saved_views.links(request.user),  # type: ignore[arg-type]  # signed in
        "damaged": queries.damaged(request.user),  # type: ignore[arg-type]  # signed in
        "ending": queries.ending(request.user, now),  # type: ignore[arg-type]  # signed in
        "silent_since": heartbeat.last_round(node) if heartbeat.is_silent(node, now) else None,
        "ledger_held": holding.held(node.folder),
        "forked": known.named(figures.forked()),
        "may_view_ledger": may(request.user, "view_ledger"),
        "to_call_back": queries.to_call_back(seen, now) if may(request.user, "record_call_back") else [],
        "full": not durable.has_room(node.folder),
        "named": attempts.told_to(request.user, now),  # type: ignore[arg-type]  # signed in
        "may_see_reminder": may(request.user, "see_reminder"),
        "may_register": may(request.user, "register_request"),
        "may_open": may(request.user, "open_case"),
    }
    return render(request, "desk/desk.html", context)


def _unopened(seen: QuerySet[Case]) -> list[Letter]:
    """Answers that arrived and that nobody has opened: requests stand among the new ones until registered."""
    arrived = Letter.objects.filter(direction=Direction.IN, stage=Stage.DELIVERED).exclude(kind__in=REQUESTS)
    known = arrived.filter(case_reference__in=seen.values("reference"))
    return list(known.select_related("peer").order_by("-urgent", "stage_at")[: queries.PAGE])
