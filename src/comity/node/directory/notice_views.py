"""The pages of notices: what is due, a notice or list made, and its frozen document to print and send."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official
from comity.node.directory import finding, notices
from comity.node.directory.forms import CirculationForm, NoticeForm
from comity.node.directory.models import Authority, Notice
from comity.node.pages.errors import said
from comity.node.pages.keyset import page_of
from comity.terms import ComityError


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """What was given notice of, what is due, and the two forms."""
    authorise(request.user, "view_directory")
    now, may_make = timezone.now(), may(request.user, "make_notice")
    circulating = request.POST.get("form") == "circulation"
    of_one = NoticeForm(request.POST if request.method == "POST" and not circulating else None)
    of_all = CirculationForm(request.POST if circulating else None)
    of_all.fields["role"].choices = finding.role_choices()  # type: ignore[attr-defined]
    of_one.fields["authority"].queryset = notices.own_authorities()  # type: ignore[attr-defined]
    form, error = (of_all if circulating else of_one), None
    if request.method == "POST":
        authorise(request.user, "make_notice")
        if form.is_valid():
            try:
                made = _make(request.user, form.cleaned_data, now)  # type: ignore[arg-type]
                return redirect("directory_notice", made.pk)
            except ComityError as refused:
                error = said(refused)
    page = page_of(
        Notice.objects.select_related("authority", "made_by"),
        request.GET.get("after", ""),
        cursor=lambda one: (str(one.pk),),
        older=lambda last: Q(pk__lt=int(last)),
    )
    context = {
        "page": page,
        "form": of_one if may_make else None,
        "circulation": of_all if may_make else None,
        "error": error,
        "due": notices.due(now),
        "circulation_due": notices.circulation_due(now),
        "now": now,
    }
    status = 409 if error else 422 if form.is_bound and form.errors else 200
    return render(request, "directory/notices.html", context, status=status)


@require_GET
def notice(request: HttpRequest, notice: int) -> HttpResponse:
    """One notice as it was frozen, made to be printed."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Notice.objects.select_related("made_by", "ledger"), pk=notice)
    return render(request, "directory/notice.html", {"notice": found, "document": json.loads(found.document)})


@require_GET
def document(request: HttpRequest, notice: int) -> HttpResponse:
    """The frozen document (canonical JSON) for programs."""
    authorise(request.user, "view_directory")
    found = get_object_or_404(Notice, pk=notice)
    name = f'attachment; filename="notice-{found.pk}.json"'
    return HttpResponse(
        found.document, content_type="application/json", headers={"Content-Disposition": name}
    )


def _make(by: Official, values: dict[str, Any], now: datetime) -> Notice:
    if "role" in values:
        return notices.circulate(by, values["role"], remarks=values["remarks"], now=now)
    authority: Authority = values["authority"]
    return notices.make_notice(by, authority, values["kind"], remarks=values["remarks"], now=now)
