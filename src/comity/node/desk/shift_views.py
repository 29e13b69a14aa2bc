"""Taking the desk over and handing it over, notes, and the logs of the shifts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.casework import timeline
from comity.node.casework.entitlement import visible
from comity.node.casework.events import SENTENCES
from comity.node.casework.models import Case, Event
from comity.node.desk import queries, roster, shift_log, staff
from comity.node.desk.acts.hand_over import hand_over, write_note
from comity.node.desk.acts.take_over import take_over
from comity.node.desk.forms import HandOverForm, NoteForm, TakeOverForm
from comity.node.desk.models import HandOver, Shift
from comity.node.ledger import proofs
from comity.node.pages.errors import said
from comity.terms import ComityError

READS = "view_shift_log"
PAGE = 50


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Read the note of the officer before, and take the desk over."""
    official: Any = request.user
    staff.demand(official, staff.KEEPS)
    now, left = timezone.now(), roster.running()
    note = HandOver.objects.filter(shift=left).first() if left else None
    asks = left is not None and note is None and left.ends_at > now and left.official_id != official.pk
    form = TakeOverForm(request.POST if request.method == "POST" else None) if asks else None
    context = {
        "now": now,
        "left": left,
        "note": note,
        "watched": _watched(note, official) if note else [],
        "form": form,
        "own": _own(left, official),
    }
    if request.method == "GET" or (form is not None and not form.is_valid()):
        return _shown(request, "desk/take_over.html", context, form)
    reason = form.cleaned_data["reason"] if form else ""
    return _done(
        request,
        lambda at: take_over(official, reason=reason, now=at),
        _("You have the desk."),
        lambda error: _shown(request, "desk/take_over.html", context, form, error),
    )


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest) -> HttpResponse:
    """Write the note for the next officer."""
    official: Any = request.user
    staff.demand(official, staff.KEEPS)
    shift = roster.running()
    own = _own(shift, official)
    written = HandOver.objects.filter(shift=shift).first() if shift and own else None
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        cases=_to_watch(official, shift if own else None, written),
        people=[one for one in staff.officers() if one.pk != official.pk],
        initial=_kept(written),
    )
    context = {"now": timezone.now(), "shift": shift, "own": own, "form": form, "written": written}
    if request.method == "GET" or not form.is_valid():
        return _shown(request, "desk/hand_over.html", context, form)
    return _done(
        request,
        lambda at: hand_over(official, **form.cleaned_data, now=at),
        _("The hand-over note stands on the desk. You have the desk until somebody takes it over."),
        lambda error: _shown(request, "desk/hand_over.html", context, form, error),
    )


@require_http_methods(["GET", "POST"])
def note(request: HttpRequest) -> HttpResponse:
    """A free note in the log of one's shift."""
    official: Any = request.user
    staff.demand(official, staff.KEEPS)
    own = _own(roster.running(), official)
    form = NoteForm(
        request.POST if request.method == "POST" else None,
        seen=visible(official),
        initial={"case": request.GET.get("case", "")},
    )
    context = {"now": timezone.now(), "own": own, "form": form}
    if request.method == "GET" or not form.is_valid():
        return _shown(request, "desk/note.html", context, form)
    return _done(
        request,
        lambda at: write_note(official, **form.cleaned_data, now=at),
        _("Noted in the log of your shift."),
        lambda error: _shown(request, "desk/note.html", context, form, error),
    )


@require_GET
def shifts(request: HttpRequest) -> HttpResponse:
    """The shifts that were taken over, the latest first."""
    staff.demand(request.user, READS)  # type: ignore[arg-type]  # signed in
    taken = roster.standing().exclude(taken_at=None).order_by("-taken_at", "-id")
    before = request.GET.get("before", "")
    if before.isdigit():
        taken = taken.filter(pk__lt=int(before[:18]))
    rows = list(taken.order_by("-id")[: PAGE + 1])
    context = {"now": timezone.now(), "rows": rows[:PAGE], "more": len(rows) > PAGE}
    return render(request, "desk/shifts.html", context)


@require_GET
def log(request: HttpRequest, shift: int) -> HttpResponse:
    """What an officer did in a shift; whether it is what the ledger holds; to print."""
    found, now = _find(request, shift), timezone.now()
    lines = found.log if found.log is not None else shift_log.lines(found, now)
    context = {
        "now": now,
        "shift": found,
        "lines": [{**line, "words": _words(line)} for line in lines],
        "verdict": shift_log.verdict(found),
        "note": HandOver.objects.filter(shift=found).select_related("to", "accepted_by").first(),
    }
    return render(request, "desk/shift.html", context)


@require_GET
def export(request: HttpRequest, shift: int) -> HttpResponse:
    """The log of a closed shift with the proof that its digest stands in the ledger."""
    found = _find(request, shift)
    if found.log is None or found.entry is None:
        raise Http404(str(shift))
    told = {
        "log": found.log,
        "log_sha256": shift_log.digest(found.log),
        "entry": proofs.inclusion(found.entry),
    }
    headers = {"Content-Disposition": f'attachment; filename="shift-{found.pk}.json"'}
    return JsonResponse(told, headers=headers)


def _find(request: HttpRequest, shift: int) -> Shift:
    staff.demand(request.user, READS)  # type: ignore[arg-type]  # signed in
    known = roster.standing().exclude(taken_at=None).select_related("entry", "official", "backup")
    found = known.filter(pk=shift).first()
    if found is None:
        raise Http404(str(shift))
    return found


def _own(shift: Shift | None, official: Any) -> bool:
    return shift is not None and shift.official_id == official.pk


def _watched(note: HandOver, official: Any) -> list[Case]:
    """The cases of a note that the reader may see."""
    return list(visible(official).filter(pk__in=note.cases.values("pk")).select_related("peer"))


def _to_watch(official: Any, shift: Shift | None, written: HandOver | None) -> list[Case]:
    """Cases that a note may name: those of the note so far, of the shift's work, and what is new."""
    seen = visible(official)
    wanted = set(written.cases.values_list("pk", flat=True)) if written else set()
    if shift is not None and shift.taken_at is not None:
        done = Event.objects.filter(by=official, at__gte=shift.taken_at)
        wanted |= set(done.values_list("case", flat=True)[: queries.PAGE])
    wanted |= {case.pk for case in queries.new(seen)}
    wanted |= {line.case.pk for line in queries.due(seen, timezone.now())}
    return list(seen.filter(pk__in=wanted).select_related("peer").order_by("-urgent", "reference"))


def _kept(note: HandOver | None) -> dict[str, Any]:
    if note is None:
        return {}
    watched = list(note.cases.values_list("reference", flat=True))
    return {"text": note.text, "cases": watched, "to": note.to_id or ""}


def _words(line: shift_log.Line) -> str:
    """What a line of the log says, in the reader's language."""
    if line["kind"] in SENTENCES:
        return timeline.sentence(Event(kind=line["kind"], params=line["params"]))
    return _("Hand-over note") if line["kind"] == shift_log.HANDED_OVER else _("Note")


def _shown(
    request: HttpRequest, template: str, context: dict[str, Any], form: Any, error: Any = None
) -> HttpResponse:
    wrong = form is not None and form.is_bound and form.errors
    return render(
        request, template, {**context, "error": error}, status=409 if error else 422 if wrong else 200
    )


def _done(
    request: HttpRequest,
    act: Callable[[datetime], object],
    done: str,
    again: Callable[[Any], HttpResponse],
) -> HttpResponse:
    """Do one act now and go on to the desk; or the same page, saying what stands in the way."""
    try:
        act(timezone.now())
    except ComityError as error:
        return again(said(error))
    messages.success(request, done)
    return redirect("desk")
