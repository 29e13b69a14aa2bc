"""The public's pages: what happens with a report, the form, and coming back with the code.

A page is told who speaks by a hidden field, never by a cookie: without a cookie no other site can speak in a
reporter's name, and nothing is left in the browser.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.staticfiles import finders
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from comity.node import clients, config
from comity.node.pages import labels
from comity.node.pages.errors import said
from comity.node.pages.frame import LANGUAGE_NAMES
from comity.node.reports import receiving, sealed
from comity.node.reports.allowances import Allowances, Tokens
from comity.node.reports.models import Metadata, Report
from comity.node.reports.public.forms import CodeForm, MoreForm, ReportForm
from comity.terms import ComityError, gettext_noop

allowances, tokens = Allowances(), Tokens()
FORM, OPEN = "form", "open"
SOONEST, FORM_LASTS, OPEN_LASTS = 3, 6 * 3600, 30 * 60
"""Seconds: a person takes longer for a form than a program; how long a form and an open follow-up last."""
SHEETS = {f"{name}.css": "text/css" for name in ("tokens", "text", "forms", "parts", "print", "reports")} | {
    f"fonts/noto-sans-{weight}.woff2": "font/woff2" for weight in (400, 600)
}
View = Callable[..., HttpResponse]


class TooManyError(ComityError):
    """More was asked than is answered in an hour."""

    code = "too_many"
    message = gettext_noop("Too much is being sent here at the moment. Nothing was sent.")
    next_step = gettext_noop("Wait some minutes, then send it again; what you wrote is still in the form.")


class FormTooOldError(ComityError):
    """The form was sent twice, very fast, or long after it was opened."""

    code = "form_too_old"
    message = gettext_noop("This form was sent already, too fast, or too late. Nothing was sent.")
    next_step = gettext_noop("Look through what you wrote, choose the files again and send it once more.")


class CodeUnknownError(ComityError):
    """No report has this code."""

    code = "code_unknown"
    message = gettext_noop("There is no report with this code.")
    next_step = gettext_noop("Check each group of four signs. A lost code cannot be found again by anybody.")


def _in_language(view: View) -> View:
    @wraps(view)
    def shown(request: HttpRequest, language: str) -> HttpResponse:
        with translation.override(language):
            return view(request, language)

    return shown


def begin(request: HttpRequest) -> HttpResponse:
    """To the page in the node's language."""
    where = reverse("about", args=[config.current().language])
    return HttpResponse(status=302, headers={"Location": where})


@_in_language
def about(request: HttpRequest, language: str) -> HttpResponse:
    """Who receives a report, what happens with it, and what nobody can promise."""
    return _page("about", "about", language, {"keep_days": config.current().reports_keep_days})


@_in_language
def report(request: HttpRequest, language: str) -> HttpResponse:
    """The form; sent, the page that shows the follow-up code once."""
    if request.method != "POST":
        return _page("report", "report_public", language, _form(ReportForm()))
    try:
        _take("post", request)
        form = ReportForm(request.POST)
        if not form.is_valid():
            return _page("report", "report_public", language, _form(form), status=422)
        _take("report", request)
        _demand_form(request)
        made, code = receiving.receive(
            form.said(),
            form.cleaned_data["contact"],
            about_us=form.cleaned_data["about_us"],
            files=_given(request),
            clean=form.cleaned_data["stripped"],
            language=language,
            now=timezone.now(),
        )
    except ComityError as refused:
        return _refused("report", "report_public", language, _form(ReportForm(request.POST)), refused)
    return _page("code", "report_public", language, {"code": code, **_opened(made)})


@_in_language
def follow(request: HttpRequest, language: str) -> HttpResponse:
    """The code is asked for; with it the report's state, what was asked, and what the reporter may do."""
    if request.method != "POST":
        return _page("enter", "follow", language, {"form": CodeForm()})
    try:
        _take("post", request)
        if "ticket" in request.POST:
            return _act(request, language)
        _take("code", request)
        found = receiving.follow(request.POST.get("code", "")[:200])
        if found is None:
            raise CodeUnknownError
    except ComityError as refused:
        return _refused("enter", "follow", language, {"form": CodeForm()}, refused)
    return _page("follow", "follow", language, _opened(found))


def style(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A style sheet or a font: those of the list, no other file."""
    found = finders.find(f"comity/{name}") if name in SHEETS else None
    if not isinstance(found, str):
        return not_found(request)
    return FileResponse(open(found, "rb"), content_type=SHEETS[name])  # noqa: PTH123


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """There is nothing at this address."""
    return HttpResponse(status=404)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What was sent cannot be read."""
    return HttpResponse(status=400)


def broken(request: HttpRequest) -> HttpResponse:
    """Something broke; nothing is said of what."""
    return HttpResponse(status=500)


def _act(request: HttpRequest, language: str) -> HttpResponse:
    """One thing that the reporter does with an open follow-up; raise what bars it."""
    ticket = request.POST["ticket"][:500]
    pk = tokens.read(ticket, OPEN, time.monotonic(), within=OPEN_LASTS)
    found = Report.objects.filter(pk=uuid.UUID(pk)).first() if pk else None
    if found is None or not tokens.use(ticket):
        raise FormTooOldError
    done = ""
    try:
        _take("message", request)
        done = _done(request, found)
    except ComityError as refused:
        form = MoreForm(request.POST) if request.POST.get("do") == "write" else MoreForm()
        return _refused("follow", "follow", language, _opened(found) | {"form": form}, refused)
    found.refresh_from_db()
    return _page("follow", "follow", language, _opened(found) | {"done": done})


def _done(request: HttpRequest, found: Report) -> str:
    now, what = timezone.now(), request.POST.get("do")
    if what == "write":
        form = MoreForm(request.POST)
        files = _given(request)
        if not form.is_valid() or not (form.cleaned_data["text"] or files):
            return _("Nothing was written, so nothing was sent.")
        receiving.write(
            found, form.cleaned_data["text"], files=files, clean=form.cleaned_data["stripped"], now=now
        )
        return _("It was sent.")
    if what in ("keep", "leave"):
        receiving.decide(found, request.POST.get("file", ""), keep=what == "keep")
        return _("The file goes with the report as it is.") if what == "keep" else _("The file was deleted.")
    if what == "withdraw" and request.POST.get("sure") == "yes":
        receiving.withdraw(found, now=now)
        return _("The report was withdrawn.")
    return ""


def _opened(found: Report) -> dict[str, Any]:
    """What the follow-up page shows, with a fresh ticket."""
    lines = [
        {"hour": each.hour, "ours": each.by_id is not None, "text": sealed.unseal(found, each.text)}
        for each in (found.messages.all() if found.is_there else ())
    ]
    waiting = [
        {"pk": each.pk, "name": sealed.unseal(found, each.name), "left": each.left}
        for each in found.files.filter(metadata=Metadata.UNDECIDED).exclude(name=None)
    ]
    files = [
        {"name": sealed.unseal(found, each.name), "metadata": each.get_metadata_display()}
        for each in found.files.exclude(metadata=Metadata.UNDECIDED).exclude(name=None)
    ]
    ticket = tokens.issue(OPEN, str(found.pk), time.monotonic())
    return {
        "report": found,
        "lines": lines,
        "waiting": waiting,
        "files": files,
        "ticket": ticket,
        "form": MoreForm(),
    }


def _form(form: ReportForm) -> dict[str, Any]:
    return {"form": form, "token": tokens.issue(FORM, FORM, time.monotonic())}


def _demand_form(request: HttpRequest) -> None:
    """Raise FormTooOldError unless a form of this process is sent for the first time, by a person's pace."""
    token = request.POST.get("token", "")[:500]
    if not tokens.read(token, FORM, time.monotonic(), after=SOONEST, within=FORM_LASTS) or not tokens.use(
        token
    ):
        raise FormTooOldError


def _take(kind: str, request: HttpRequest) -> None:
    if not allowances.take(kind, clients.address(request), time.monotonic()):
        raise TooManyError


def _given(request: HttpRequest) -> list[receiving.Given]:
    return [
        receiving.Given(each.file, each.name or "", each.size or 0)  # type: ignore[arg-type]
        for each in request.FILES.getlist("attached")
    ]


def _refused(
    name: str, where: str, language: str, context: dict[str, Any], error: ComityError
) -> HttpResponse:
    status = 429 if isinstance(error, TooManyError) else 409
    return _page(name, where, language, context | {"error": said(error)}, status=status)


def _page(
    name: str, where: str, language: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    node = config.current()
    around = {
        "language": language,
        "languages": [(code, text, reverse(where, args=[code])) for code, text in LANGUAGE_NAMES],
        "authority": node.names.get(language) or node.names.get("en") or node.name,
        "state": labels.state_name(node.state),
        "emergency": node.reports_emergency,
        "demonstration": node.demonstration,
        "sheets": [sheet for sheet in SHEETS if sheet.endswith(".css")],
    }
    return HttpResponse(render_to_string(f"reports/public/{name}.html", around | context), status=status)
