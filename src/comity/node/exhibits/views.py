"""The pages of evidence: the list, one exhibit with its custody over both States, its original."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, BinaryIO

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.letters.labels import Language
from comity.node import config
from comity.node.accounts.authority import may
from comity.node.directory.models import Authority
from comity.node.exhibits import access, closing, continuing, custody, previews, viewing
from comity.node.exhibits.forms import PurposeForm
from comity.node.exhibits.models import CopyState, DisposalState, Exhibit
from comity.node.exhibits.names import internal_name
from comity.node.pages.keyset import page_of


@require_GET
def exhibits(request: HttpRequest) -> HttpResponse:
    """The exhibits of the cases an official may see, the latest first."""
    listed = page_of(
        access.visible(request.user).order_by("-taken_in_at", "-number"),
        request.GET.get("after", ""),
        cursor=lambda exhibit: (exhibit.taken_in_at.isoformat(), exhibit.number),
        older=_older,
    )
    return render(request, "exhibits/exhibits.html", {"page": listed})


def _older(at: str, number: str) -> Q:
    moment = datetime.fromisoformat(at)
    return Q(taken_in_at__lt=moment) | Q(taken_in_at=moment, number__lt=number)


@require_GET
def exhibit(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponse:
    """What an exhibit is, where it comes from, who touched it."""
    return page(request, find(request, exhibit), PurposeForm())


@require_http_methods(["POST"])
def original(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponseBase:
    """Hand out the original for a stated purpose, after the custody record is written."""
    found, form = find(request, exhibit), PurposeForm(request.POST)
    if not form.is_valid():
        return page(request, found, form, status=422)
    stream = access.give_out(
        request.user,  # type: ignore[arg-type]  # signed in: find has authorised
        found,
        purpose=form.cleaned_data["purpose"],
        now=timezone.now(),
    )
    return file_of(found, stream)


def file_of(found: Exhibit, stream: BinaryIO, prefix: str = "") -> FileResponse:
    """The content of an exhibit, or of a working copy of it, under a name that is safe everywhere."""
    name = prefix + internal_name(found.raw_name, found.number).rpartition("/")[2]
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response.headers["Content-Length"] = str(found.bytes)
    return response


@require_http_methods(["POST"])
def preview(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponse:
    """Record the opening, then offer the preview, which another origin shows for a ticket."""
    found, form = find(request, exhibit), PurposeForm(request.POST, prefix="preview")
    origin = config.current().preview_origin
    if not origin:
        raise Http404(str(exhibit))
    if not form.is_valid():
        return page(request, found, PurposeForm(), status=422, preview_form=form)
    opening = previews.begin(
        request.user,  # type: ignore[arg-type]  # signed in: find has authorised
        found,
        purpose=form.cleaned_data["purpose"],
        now=timezone.now(),
    )
    context = {"exhibit": found, "origin": origin, "ticket": previews.ticket(opening)}
    answer = render(request, "exhibits/preview.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_http_methods(["POST"])
def viewing_step(request: HttpRequest, exhibit: uuid.UUID) -> HttpResponse:
    """Ask to open what nobody opens alone, or agree that another official does."""
    found, form = find(request, exhibit), PurposeForm(request.POST)
    which = request.POST.get("agree", "")
    if not which and not form.is_valid():
        return page(request, found, form, status=422)
    by: Any = request.user
    if which:
        number = int(which) if which.isdecimal() and len(which) < 19 else 0
        viewing.agree(by, found, number, now=timezone.now())
    else:
        viewing.ask(by, found, purpose=form.cleaned_data["purpose"], now=timezone.now())
    messages.success(request, _("It is recorded."))
    return redirect("exhibit", found.pk)


def find(request: HttpRequest, exhibit: uuid.UUID) -> Exhibit:
    """An exhibit that the official may see; Http404 for every other."""
    found = access.visible(request.user).select_related("made_from__exhibit").filter(pk=exhibit).first()
    if found is None:
        raise Http404(str(exhibit))
    return found


def page(
    request: HttpRequest,
    found: Exhibit,
    form: PurposeForm,
    status: int = 200,
    bag_form: PurposeForm | None = None,
    preview_form: PurposeForm | None = None,
) -> HttpResponse:
    """The page of an exhibit, with the forms that hand it out."""
    records = list(found.custody.select_related("entry"))
    named = {one.record["by"]["authority"] for one in records} | {found.origin}
    known = Authority.objects.in_bulk(named | set(found.continuations.values_list("authority", flat=True)))
    context: dict[str, Any] = {
        "exhibit": found,
        "custody": [(one, known.get(one.record["by"]["authority"])) for one in records],
        "findings": custody.findings(found),
        "held": found.holds.filter(lifted_at=None).exists(),
        "ending": found.disposals.filter(state=DisposalState.PROPOSED).exists(),
        "continued": [(known.get(each), chain) for each, chain in continuing.told(found)],
        "origin": known.get(found.origin),
        "form": form,
        "bag_form": bag_form or PurposeForm(prefix="bag"),
        "languages": list(Language),
        "preview_form": preview_form or PurposeForm(prefix="preview"),
        "previews": config.current().preview_origin,
        "by_two": bool(viewing.by_two([found.pk])),
        "viewings": found.viewings.filter(used_at=None).select_related("asked_by", "agreed_by"),
        "may_view_now": viewing.standing(request.user, found, timezone.now()),  # type: ignore[arg-type]
        "copies": found.working_copies.filter(state__in=(CopyState.ASKED, CopyState.READY)).count(),
        "limits": access.limits_of(found),
        "closed": closing.closed([found.pk]).get(found.pk),
        "may_open": closing.may_open(request.user, found) and found.is_there,  # type: ignore[arg-type]
        "may_view_case": may(request.user, "view_case"),
        "may_view_ledger": may(request.user, "view_ledger"),
    }
    return render(request, "exhibits/exhibit.html", context, status=status)
