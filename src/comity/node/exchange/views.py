"""The pages of what authorities tell of themselves: a proposal with its fingerprint, and this one's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.directory import updates as times
from comity.node.accounts.authority import authorise, may
from comity.node.directory import known, successors
from comity.node.directory.models import Update, UpdateStanding
from comity.node.exchange import renewing, updates
from comity.node.exchange.forms import DecisionForm, OwnUpdateForm
from comity.node.exchange.models import Announcement
from comity.node.pages.errors import said
from comity.terms import ComityError

_SHOWN = 50
REACHED = ("hours", "time_zone", "languages", "contact")


@require_GET
def told(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, what was decided, and what this authority told."""
    authorise(request.user, "view_directory")
    settled = Update.objects.exclude(standing=UpdateStanding.WAITING).order_by("-settled_at", "-id")
    context = {
        "waiting": successors.waiting(),
        "settled": settled.select_related("authority", "decided_by")[:_SHOWN],
        "announced": Announcement.objects.select_related("by").prefetch_related("told__peer")[:_SHOWN],
        "may_tell": may(request.user, renewing.ACT),
    }
    return render(request, "exchange/updates.html", context)


@require_http_methods(["GET", "POST"])
def update(request: HttpRequest, update: int) -> HttpResponse:
    """What an authority tells beside what is in use, and the administrator's decision with its reasons."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Update.objects.select_related("authority", "decided_by"), pk=update)
    form, error = DecisionForm(request.POST or None), None
    if request.method == "POST":
        authorise(request.user, "manage_directory")
        if form.is_valid():
            try:
                act = updates.take if form.cleaned_data["decision"] == "take" else updates.decline
                act(request.user, found, reasons=form.cleaned_data["reasons"], now=timezone.now())  # type: ignore[arg-type]
                messages.success(request, _("The decision was recorded."))
                return redirect("authority", found.authority_id)
            except ComityError as refused:
                error = said(refused)
    body = found.body()
    row, certificate = found.authority, body.certificate
    context = {
        "update": found,
        "authority": row,
        "text": body.text,
        "language": body.language,
        "certificate": certificate,
        "fingerprint": times.fingerprint(certificate.certificate) if certificate else "",
        "certificate_ends": times.ends_at(certificate.certificate) if certificate else None,
        "reached": [(name, getattr(row, name), getattr(body.reached, name)) for name in REACHED]
        if body.reached
        else [],
        "form": form,
        "error": error,
        "may_open": may(request.user, "open_letter"),
        "waits": found.standing == UpdateStanding.WAITING,
        "may_decide": may(request.user, "manage_directory"),
    }
    return render(request, "exchange/update.html", context, status=_status(form, error))


@require_http_methods(["GET", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """The certificate of this node's connection, the one that follows it, and what is told to every peer."""
    authorise(request.user, "view_directory")
    row, now = known.own(), timezone.now()
    form, error = OwnUpdateForm(request.POST or None, initial=_initial(now)), None
    if request.method == "POST":
        authorise(request.user, renewing.ACT)
        if form.is_valid():
            try:
                _announce(request.user, form.cleaned_data, now)
                messages.success(request, _("Every authority is told by a sealed letter."))
                return redirect("directory_updates")
            except ComityError as refused:
                error = said(refused)
    prepared, plan = renewing.prepared(), renewing.pending()
    context = {
        "authority": row,
        "ends": times.ends_at(row.tls_certificate),
        "fingerprint": row.tls_fingerprint,
        "next_fingerprint": times.fingerprint(prepared) if prepared else "",
        "next_ends": times.ends_at(prepared) if prepared else None,
        "plan": plan,
        "told": plan.told.select_related("peer").order_by("peer") if plan else [],
        "form": form,
        "error": error,
        "may_tell": may(request.user, renewing.ACT),
    }
    return render(request, "exchange/own.html", context, status=_status(form, error))


def _announce(by: Any, given: dict[str, Any], now: datetime) -> Announcement:
    row, reached = known.own(), None
    if given["reached"]:
        same = {"time_zone": row.time_zone, "languages": row.languages}
        reached = {**same, "hours": given["hours"], "contact": given["contact"]}
    changes_at = given["changes_at"] if given["certificate"] else None
    return renewing.announce(by, text=given["text"], changes_at=changes_at, reached=reached, now=now)


def _initial(now: datetime) -> dict[str, Any]:
    row, plan = known.own(), renewing.pending()
    return {
        "certificate": bool(renewing.prepared()) and plan is None,
        "changes_at": timezone.localtime((now + renewing.BOTH).replace(minute=0, second=0)),
        "hours": row.hours,
        "contact": row.contact,
    }


def _status(form: Any, error: Any) -> int:
    """Refused by the act, wrongly filled in, or simply shown."""
    if error:
        return 409
    return 422 if form.is_bound and form.errors else 200
