"""The 24/7 desk: new, due within a day, waiting for others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
from comity.node.desk import queries, referrals, roster, staff
from comity.node.desk.models import Referral
from comity.node.directory import known
from comity.node.drills import answering
from comity.node.drills import figures as drill_figures
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger import holding
from comity.node.pages import times
from comity.node.reports import reading
from comity.node.witnesses import figures


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Three columns, the most pressing first in each. A key completes no legal act."""
    seen = visible(request.user)
    now, node = timezone.now(), config.current()
    context = {
        "now": now,
        "emergencies": emergencies.of_desk(seen, now),
        **_duty(request.user, seen, now),
        **_arrived(seen),
        "not_arrived": queries.not_arrived(seen, now),
        "refused": queries.refused(request.user, now),  # type: ignore[arg-type]  # signed in
        "referred": list(referrals.for_official(seen, request.user)[: queries.PAGE])  # type: ignore[arg-type]
        if may(request.user, "take_referral")
        else [],
        "passed_on": _passed_on(seen, now) if may(request.user, "pass_on") else [],
        "chased": oral.chased(seen, now, queries.PAGE),
        "may_note": may(request.user, "note_oral_request"),
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
        "reports_waiting": reading.waiting(request.user),  # type: ignore[arg-type]  # signed in
        "ending": queries.ending(request.user, now),  # type: ignore[arg-type]  # signed in
        "silent_since": heartbeat.last_round(node) if heartbeat.is_silent(node, now) else None,
        "ledger_held": holding.held(node.folder),
        "forked": known.named(figures.forked()),
        "may_view_ledger": may(request.user, "view_ledger"),
        "to_call_back": queries.to_call_back(seen, now) if may(request.user, "record_call_back") else [],
        "drills_waiting": answering.waiting(),
        "drill_alarms": drill_figures.alarms(),
        "may_answer_drill": may(request.user, "answer_drill"),
        "full": not durable.has_room(node.folder),
        "named": attempts.told_to(request.user, now),  # type: ignore[arg-type]  # signed in
        "may_see_reminder": may(request.user, "see_reminder"),
        "may_register": may(request.user, "register_request"),
        "may_open": may(request.user, "open_case"),
        "may_acknowledge": may(request.user, "acknowledge"),
        "may_pass_on": may(request.user, "pass_on"),
    }
    return render(request, "desk/desk.html", context)


def _duty(user: Any, seen: QuerySet[Case], now: datetime) -> dict[str, Any]:
    """Who has the desk, who should have it, who comes next, and the last note with the reader's cases."""
    running, next_one = roster.running(), roster.following(now)
    note = queries.last_note() if staff.belongs(user, "view_shift_log") else None
    return {
        "running": running,
        "over": running is not None and running.ends_at <= now,
        "untrained": running is not None
        and not staff.trained([running.official_id], timezone.localdate(now)),
        "planned": next_one if next_one and next_one.starts_at <= now else None,
        "next_one": next_one,
        "note": note,
        "watched": list(seen.filter(pk__in=note.cases.values("pk")).select_related("peer")) if note else [],
        "keeps": staff.belongs(user, staff.KEEPS),
        "own": running is not None and running.official_id == user.pk,
        "reads_log": staff.belongs(user, "view_shift_log"),
    }


def _arrived(seen: QuerySet[Case]) -> dict[str, Any]:
    """Requests that nobody registered and letters that nobody opened, with who has taken each on."""
    new, unopened = list(queries.new(seen)), _unopened(seen)
    letters = queries.to_register(new)
    taken = queries.acknowledged([*letters.values(), *(letter.pk for letter in unopened)])
    arrived = [(case, letters.get(case.reference)) for case in new]
    return {
        "new": [(case, letter, taken.get(letter) if letter else None) for case, letter in arrived],
        "unopened": [(letter, taken.get(letter.pk)) for letter in unopened],
    }


def _passed_on(seen: QuerySet[Case], now: datetime) -> list[tuple[Referral, str, str]]:
    """What was passed on and nobody has taken yet: to whom, and for how long it has waited."""
    found = referrals.not_taken(seen)[: queries.PAGE]
    language = times.language()
    return [
        (each, referrals.receiver(each.organisation, language), times.span(referrals.lasted(each, now)))
        for each in found
    ]


def _unopened(seen: QuerySet[Case]) -> list[Letter]:
    """Answers that arrived and that nobody has opened: requests stand among the new ones until registered."""
    arrived = Letter.objects.filter(direction=Direction.IN, stage=Stage.DELIVERED).exclude(kind__in=REQUESTS)
    known = arrived.filter(case_reference__in=seen.values("reference"))
    return list(known.select_related("peer").order_by("-urgent", "stage_at")[: queries.PAGE])
