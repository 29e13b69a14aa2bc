"""The pages of oral requests: the minute of one, what was made orally in a case, the match of its letter."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, oral
from comity.node.casework.acts.end_oral_request import end_oral_request
from comity.node.casework.acts.note_oral_request import note_oral_request
from comity.node.casework.acts.record_oral_request import record_oral_request
from comity.node.casework.acts.tie_confirmation import tie_confirmation
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.oral_forms import MinuteForm, SpokenForm, UnconfirmedForm
from comity.node.casework.views.common import find, find_for, find_readable, perform, show, status_of
from comity.node.casework.views.opening import by_steps, offence_choices
from comity.node.directory import known

GET_AND_POST = require_http_methods(["GET", "POST"])


@GET_AND_POST
def note(request: HttpRequest) -> HttpResponse:
    """Write down an oral request of the other side."""
    authorise(request.user, "note_oral_request")
    now = timezone.localtime(timezone.now()).replace(second=0, microsecond=0, tzinfo=None)
    form = MinuteForm(
        request.POST or None, peers=known.peers(), offences=offence_choices(), initial={"made_at": now}
    )
    return by_steps(request, "casework/note_oral_request.html", form, _noted)


def _noted(request: HttpRequest, form: MinuteForm, context: dict[str, Any]) -> HttpResponse:
    noted = note_oral_request(
        _official(request),
        peer=form.peers[form.cleaned_data["peer"]],
        heading=form.cleaned_data["heading"],
        facts=form.facts(known.own().state, timezone.localdate()),
        said=form.said(items=form.items()),
        now=timezone.now(),
    )
    return redirect("case", noted.case.reference)


@GET_AND_POST
def requests_of(request: HttpRequest, reference: str) -> HttpResponse:
    """What was asked orally in a case; a request of ours is recorded here, and one is given up."""
    case = find_readable(request, reference)
    waits = oral.awaiting(case)
    step, data = request.POST.get("step"), request.POST or None
    forms: dict[str, Any] = {}
    if may_record(request.user, case) and not waits:
        forms["record"] = SpokenForm(data if step == "record" else None, auto_id="record_%s")
    if waits and may(request.user, "end_oral_request"):
        forms["end"] = UnconfirmedForm(data if step == "end" else None, auto_id="end_%s")

    def page(error: Any) -> HttpResponse:
        rows = case.oral_requests.select_related("by")
        status = status_of(error, forms.get(step or ""))
        chase = oral.chase(case, timezone.now())
        return show(
            request,
            "casework/oral_request.html",
            case,
            status,
            rows=rows,
            forms=forms,
            chase=chase,
            error=error,
        )

    if request.method == "GET":
        return page(None)
    authorise(request.user, "end_oral_request" if step == "end" else "record_oral_request")
    form = forms.get(step or "")
    if form is None or not form.is_valid():
        return page(None)
    if step == "end":
        reason = form.cleaned_data["reason"]
        done = _("Recorded: no confirmation is awaited any more.")
        return perform(
            request,
            case,
            lambda now: end_oral_request(_official(request), case, reason=reason, now=now),
            done,
            page,
        )
    done = _("Recorded. Its confirmation in writing is due; what is drafted here becomes it.")
    return perform(
        request,
        case,
        lambda now: record_oral_request(_official(request), case, form.said(), now=now),
        done,
        page,
    )


@GET_AND_POST
def tie(request: HttpRequest, reference: str) -> HttpResponse:
    """The minutes that a letter may confirm, each with how far they agree; an official says which it is."""
    case = find_for(request, reference, "tie_confirmation", Side.REQUESTED)
    letter = correspondence.last_received(case, "oral_confirmation")
    body = read_body(letter)

    def page(error: Any) -> HttpResponse:
        found = oral.candidates(_official(request), case, body) if letter else []
        return show(
            request,
            "casework/tie_confirmation.html",
            case,
            status_of(error),
            letter=letter,
            told=body.get("oral"),
            candidates=found,
            error=error,
        )

    if request.method == "GET":
        return page(None)
    minute = find(request, request.POST.get("minute", ""))
    return perform(
        request,
        minute,
        lambda now: tie_confirmation(_official(request), case, minute, now=now),
        _("Tied: the letter and all that came with it stand in this case, which waits to be registered."),
        page,
    )


def may_record(official: Any, case: Case) -> bool:
    """Whether this official may record here that the request was made orally before its letter."""
    drafted = case.side == Side.REQUESTING and case.preparation == Preparation.DRAFT
    return drafted and not case.sent_generation and may(official, "record_oral_request")


def _official(request: HttpRequest) -> Official:
    return request.user  # type: ignore[return-value]  # signed in
