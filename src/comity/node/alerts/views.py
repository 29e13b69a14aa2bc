"""The page of alerts, what a browser asks every few seconds, and the administrator's page of gateways."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node import config
from comity.node.accounts.authority import authorise, may
from comity.node.alerts import figures, listing, raising
from comity.node.alerts.models import Kind, Message, Urgency

_LATEST = 50
_OF_LETTER = (Kind.LETTER_FAILED, Kind.LETTER_HELD_UP)
"""Alerts that are told apart by the case and the letter."""


@require_GET
def alerts(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, what waits for others, and what is over."""
    own, others = listing.own(request.user), listing.of_others(request.user)  # type: ignore[arg-type]  # signed in
    over = listing.ended(request.user)  # type: ignore[arg-type]
    context = {
        "own": own,
        "others": others,
        "over": over,
        "cases": listing.shown_cases(request.user, [*own, *others, *over]),  # type: ignore[arg-type]
        "lesser": sum(one.urgency != Urgency.EMERGENCY for one in own),
        "may_oversee": may(request.user, "oversee_alerts"),
        "now": timezone.now(),
    }
    return render(request, "alerts/alerts.html", context)


@require_GET
def current(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, for their browser; 304 while it is what it was."""
    found = listing.current(request.user)  # type: ignore[arg-type]  # signed in
    tag = f'"{found.mark}-{get_language()}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    return JsonResponse(found.as_json(), headers={"ETag": tag})


@require_GET
def alert(request: HttpRequest, alert: int) -> HttpResponse:
    """One alert: who was told when, and who reacted."""
    found = raising.find(request.user, alert)  # type: ignore[arg-type]  # signed in
    steps = list(found.steps.select_related("entry"))
    context = {
        "alert": found,
        "steps": steps,
        "told": list(found.told.select_related("official")),
        "cases": listing.shown_cases(request.user, [found]),  # type: ignore[arg-type]
        "drill": found.about if found.kind == Kind.DRILL_ARRIVED else "",
        "letter": found.about.rpartition(":")[2] if found.kind in _OF_LETTER else "",
        "refused": found.kind == Kind.LETTER_REFUSED,
        "may_view_ledger": may(request.user, "view_ledger"),
    }
    return render(request, "alerts/alert.html", context)


@require_POST
def acknowledge(request: HttpRequest, alert: int) -> HttpResponse:
    """React to one."""
    raising.acknowledge(request.user, alert, now=timezone.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("Acknowledged: nobody further is told."))
    return redirect("alerts")


@require_POST
def acknowledge_all(request: HttpRequest) -> HttpResponse:
    """React to everything on one's page but emergencies, which are acknowledged one by one.

    What came after the page was made is not among the ``seen`` and goes on waiting.
    """
    now, done, seen = timezone.now(), 0, set(request.POST.getlist("seen"))
    for one in listing.own(request.user):  # type: ignore[arg-type]  # signed in
        if one.urgency != Urgency.EMERGENCY and str(one.pk) in seen:
            raising.acknowledge(request.user, one.pk, now=now)  # type: ignore[arg-type]
            done += 1
    text = ngettext("%(count)s alert acknowledged.", "%(count)s alerts acknowledged.", done)
    messages.success(request, text % {"count": done})
    return redirect("alerts")


@require_GET
def gateways(request: HttpRequest) -> HttpResponse:
    """How messages leave the node, and how the latest fared. Never to whom, nor what they say."""
    authorise(request.user, "manage_gateways")
    node, now = config.current(), timezone.now()
    context = {
        "mail": node.mail,
        "sms": node.sms,
        "escalation": node.alerts,
        "counted": figures.messages(now - timedelta(days=1)),
        "latest": Message.objects.defer("address")[:_LATEST],
    }
    return render(request, "alerts/gateways.html", context)
