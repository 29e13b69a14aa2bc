"""Officials' pages: the list of reports, one report, and what is done with it.

Looking at a report's page shows its record; what it says is opened by an act of its own, which is recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.node.accounts.authority import may
from comity.node.pages.errors import said
from comity.node.pages.keyset import page_of
from comity.node.reports import reading, triage
from comity.node.reports.forms import (
    AnswerForm,
    AttachForm,
    ContactForm,
    MarkForm,
    OfficialForm,
    PassOnForm,
    QuestionForm,
)
from comity.node.reports.kinds import kind_name
from comity.node.reports.models import ENDED, Report
from comity.terms import ComityError

_BLOCK = 1 << 16


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """The reports that are open to the official, the latest first; finished ones on request."""
    found = reading.visible(request.user).select_related("passed_to")
    finished = request.GET.get("finished") == "yes"
    if not finished:
        found = found.exclude(state__in=ENDED)
    page = page_of(
        found.order_by("-received_hour", "-number"),
        request.GET.get("after", ""),
        cursor=lambda one: (one.received_hour.isoformat(), one.number),
        older=_older,
    )
    filters = "finished=yes" if finished else ""
    return render(request, "reports/reports.html", {"page": page, "finished": finished, "filters": filters})


@require_GET
def report(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    """A report's record, and what may be done with it; not what it says."""
    return _shown(request, reading.find(request.user, report))


@require_POST
def read(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    """What a report says; that it was read is recorded."""
    found, words = triage.read_report(request.user, report, now=timezone.now())  # type: ignore[arg-type]  # signed in
    return _shown(request, found, words=words)


@require_POST
def contact(request: HttpRequest, report: uuid.UUID) -> HttpResponse:
    """Who made the report, for a named reader; recorded with its purpose."""
    found = reading.find(request.user, report)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, forms_={"contact": form}, status=422)
    purpose = form.cleaned_data["reason"]
    text = triage.open_contact(request.user, report, purpose=purpose, now=timezone.now())  # type: ignore[arg-type]
    return _shown(request, found, contact=text)


@require_POST
def file(request: HttpRequest, report: uuid.UUID, file: uuid.UUID) -> StreamingHttpResponse:
    """A file of a report, to be saved and never shown by this server; recorded."""
    found, words = triage.read_report(request.user, report, now=timezone.now())  # type: ignore[arg-type]
    kept = next((each for each in words.files if each["file"].pk == file), None)
    if kept is None:
        raise Http404(str(file))
    stream = reading.opened(kept["file"])
    answer = StreamingHttpResponse(
        iter(lambda: stream.read(_BLOCK), b""), content_type="application/octet-stream"
    )
    name = f"{found.number}-{kept['file'].pk}.{kept['file'].kind}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
def act(request: HttpRequest, report: uuid.UUID, act: str) -> HttpResponse:
    """One act of the list, then the report's page again."""
    found = reading.find(request.user, report)
    if act not in ACTS:
        raise Http404(act)
    make, done = ACTS[act]
    form = make(found, request.POST)
    if not form.is_valid():
        return _shown(request, found, forms_={act: form}, status=422)
    try:
        messages.success(request, done(request, found, form))
    except ComityError as refused:
        return _shown(request, found, forms_={act: form}, error=said(refused), status=409)
    seen = reading.visible(request.user).filter(pk=found.pk).exists()
    return redirect("report", found.pk) if seen else redirect("reports")


def _ask(request: HttpRequest, found: Report, form: forms.Form) -> str:
    triage.ask_reporter(request.user, found.pk, form.cleaned_data["text"], now=timezone.now())  # type: ignore[arg-type]
    return _("The question was put; the reporter reads it with the code.")


def _close(request: HttpRequest, found: Report, form: forms.Form) -> str:
    triage.close_report(request.user, found.pk, form.cleaned_data["text"], now=timezone.now())  # type: ignore[arg-type]
    return _("The report was closed with an answer.")


def _mark(request: HttpRequest, found: Report, form: forms.Form) -> str:
    triage.mark_report(request.user, found.pk, **form.cleaned_data, now=timezone.now())  # type: ignore[arg-type]
    return _("The report was marked.")


def _pass_on(request: HttpRequest, found: Report, form: PassOnForm) -> str:
    body, reason = form.known[form.cleaned_data["body"]], form.cleaned_data["reason"]
    triage.pass_on(request.user, found.pk, body, reason=reason, now=timezone.now())  # type: ignore[arg-type]
    return _("The report was passed on.")


def _attach(request: HttpRequest, found: Report, form: forms.Form) -> str:
    reference = form.cleaned_data["reference"]
    made = triage.attach_report(request.user, found.pk, reference, now=timezone.now())  # type: ignore[arg-type]
    return _("Taken into the case as evidence: %(numbers)s") % {
        "numbers": ", ".join(one.number for one in made)
    }


def _withhold(request: HttpRequest, found: Report, form: OfficialForm) -> str:
    whom, reason = form.known[form.cleaned_data["official"]], form.cleaned_data["reason"]
    triage.withhold_report(request.user, found.pk, whom, reason=reason, now=timezone.now())  # type: ignore[arg-type]
    return _("The report is withheld from this official.")


def _name(request: HttpRequest, found: Report, form: OfficialForm) -> str:
    whom, reason = form.known[form.cleaned_data["official"]], form.cleaned_data["reason"]
    triage.name_reader(request.user, found.pk, whom, reason=reason, now=timezone.now())  # type: ignore[arg-type]
    return _("The official may open the contact.")


Making = Callable[[Report, Any], Any]
ACTS: dict[str, tuple[Making, Callable[..., str]]] = {
    "ask": (lambda report, sent: QuestionForm(sent, prefix="ask"), _ask),
    "close": (lambda report, sent: AnswerForm(sent, prefix="close"), _close),
    "attach": (lambda report, sent: AttachForm(sent, prefix="attach"), _attach),
    "pass_on": (lambda report, sent: PassOnForm(sent, prefix="pass_on"), _pass_on),
    "mark": (lambda report, sent: MarkForm(sent, prefix="mark"), _mark),
    "name": (lambda report, sent: OfficialForm(report, sent, prefix="name"), _name),
    "withhold": (lambda report, sent: OfficialForm(report, sent, prefix="withhold"), _withhold),
}
_OF_WITHHOLDING = ("name", "withhold")


def _older(hour: str, number: str) -> Q:
    at = parse_datetime(hour)
    if at is None:
        raise ValueError(hour)
    return Q(received_hour__lt=at) | Q(received_hour=at, number__lt=number)


def _shown(
    request: HttpRequest,
    found: Report,
    *,
    words: reading.Words | None = None,
    contact: str = "",
    forms_: dict[str, Any] | None = None,
    error: Any = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a report; ``words`` and ``contact`` only where an act just opened them."""
    given, may_withhold = forms_ or {}, may(request.user, "withhold_report")
    is_open = found.is_there and not found.is_ended
    offered = {
        name: given.get(name) or make(found, None)
        for name, (make, _done) in ACTS.items()
        if is_open and (may_withhold or name not in _OF_WITHHOLDING)
    }
    reads_contact = found.contact is not None and found.readers.filter(official=request.user.pk).exists()
    context = {
        "report": found,
        "earlier": reading.visible(request.user).filter(pk__in=[found.duplicate_of_id]).first(),
        "words": words,
        "kind": kind_name(words.said.get("kind", "")) if words else "",
        "contact": contact,
        "contact_form": given.get("contact") or ContactForm() if reads_contact else None,
        "offered": offered,
        "lines": found.lines.select_related("by", "of"),
        "barred": found.barred.select_related("official") if may_withhold else (),
        "readers": found.readers.select_related("official"),
        "error": error,
    }
    return render(request, "reports/report.html", context, status=status)
