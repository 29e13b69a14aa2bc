"""The pages of drills: what waits for an answer, each desk with its figures, one drill and its notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.drills import answering, arranging, asking, figures
from comity.node.drills.forms import ArrangementForm
from comity.node.drills.models import Arrangement, Drill
from comity.node.pages.errors import said
from comity.node.pages.keyset import page_of
from comity.terms import ComityError

PARTS = ("note", "reached", "answer", "record")


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """What waits, who did not answer, every desk's figures, the history."""
    authorise(request.user, "view_drills")
    now = timezone.now()
    page = page_of(
        Drill.objects.select_related("peer", "by"),
        request.GET.get("after", ""),
        cursor=lambda one: (one.sent_at.isoformat(), str(one.pk)),
        older=_older,
    )
    context = {
        "now": now,
        "page": page,
        "waiting": answering.waiting(),
        "alarms": figures.alarms(),
        "desks": arranging.desks(now),
        "own": figures.own(now),
        "may_answer": may(request.user, "answer_drill"),
        "may_ask": may(request.user, "ask_drill"),
        "may_arrange": may(request.user, "arrange_drills"),
    }
    return render(request, "drills/drills.html", context)


@require_GET
def drill(request: HttpRequest, drill: UUID) -> HttpResponse:
    """One drill and the notes that were signed about it."""
    authorise(request.user, "view_drills")
    return _shown(request, _found(drill))


@require_POST
def answer(request: HttpRequest, drill: UUID) -> HttpResponse:
    """The duty officer answers."""
    authorise(request.user, "answer_drill")
    found = _found(drill)
    try:
        answering.answer_drill(request.user, found, now=timezone.now())  # type: ignore[arg-type]  # signed in
    except ComityError as refused:
        return _shown(request, found, said(refused))
    messages.success(request, _("The drill is answered."))
    return redirect("drill", drill)


@require_GET
def note(request: HttpRequest, drill: UUID, part: str) -> HttpResponse:
    """A signed note as it is kept."""
    authorise(request.user, "view_drills")
    found = _found(drill)
    text = getattr(found, part) if part in PARTS else ""
    if not text:
        raise NothingThereError(name=part)
    return _file(text, f"drill-{found.pk}-{part}.txt")


@require_http_methods(["GET", "POST"])
def arrangement(request: HttpRequest, authority: str) -> HttpResponse:
    """What is arranged with one desk, what it tells of itself, and the form."""
    authorise(request.user, "view_drills")
    row, now = arranging.of(_peer(authority)), timezone.now()
    form = ArrangementForm(
        request.POST or None, initial={"takes_every": row.takes_every, "asks_every": row.asks_every}
    )
    if request.method == "POST":
        authorise(request.user, "arrange_drills")
        if form.is_valid():
            arranging.arrange(request.user, row.peer, **form.cleaned_data, now=now)  # type: ignore[arg-type]
            messages.success(request, _("The arrangement is kept. The other desk learns of it within a day."))
            return redirect("drills")
    return _desk(request, row, form, status=422 if form.errors else 200)


@require_POST
def ask(request: HttpRequest, authority: str) -> HttpResponse:
    """A drill to this desk, now."""
    authorise(request.user, "ask_drill")
    peer = _peer(authority)
    try:
        made = asking.ask_drill(request.user, peer, now=timezone.now())  # type: ignore[arg-type]  # signed in
    except ComityError as refused:
        return _desk(request, arranging.of(peer), ArrangementForm(), said(refused), 409)
    return redirect("drill", made.pk)


@require_GET
def told(request: HttpRequest, authority: str) -> HttpResponse:
    """What the desk signed of itself last."""
    authorise(request.user, "view_drills")
    row = arranging.of(_peer(authority))
    if not row.told:
        raise NothingThereError(name=authority)
    return _file(row.told, f"drills-of-{row.pk}.txt")


def _desk(
    request: HttpRequest, row: Arrangement, form: ArrangementForm, error: Any = None, status: int = 200
) -> HttpResponse:
    context = {
        "row": row,
        "told": arranging.told_by(row),
        "figure": figures.of_peer(row.peer, timezone.now()),
        "form": form if may(request.user, "arrange_drills") else None,
        "may_ask": may(request.user, "ask_drill"),
        "error": error,
    }
    return render(request, "drills/desk.html", context, status=status)


def _shown(request: HttpRequest, found: Drill, error: Any = None) -> HttpResponse:
    context = {
        "drill": found,
        "parts": [part for part in PARTS if getattr(found, part)],
        "may_answer": may(request.user, "answer_drill") and not found.ours and not found.answer,
        "error": error,
    }
    return render(request, "drills/drill.html", context, status=409 if error else 200)


def _found(drill: UUID) -> Drill:
    return get_object_or_404(Drill.objects.select_related("peer", "by"), pk=drill)


def _peer(authority: str) -> Authority:
    return get_object_or_404(known.peers(), pk=authority)


def _older(*last: str) -> Q:
    at, pk = datetime.fromisoformat(last[0]), UUID(last[1])
    return Q(sent_at__lt=at) | Q(sent_at=at, pk__gt=pk)


def _file(text: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
