"""Take evidence in by page: a form that works by itself, and uploads that resume for whoever has scripts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework.acts.take_in_exhibit import begin_upload, take_in_exhibit
from comity.node.casework.intake_form import DescriptionForm, IntakeForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show, status_of
from comity.node.exhibits import tus
from comity.node.exhibits.models import Upload, UploadState
from comity.terms import ComityError

CHUNK = 8 * 1024 * 1024
"""Bytes that the page sends at a time, and so what a broken line costs at most."""


@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest, reference: str) -> HttpResponse:
    """The form, and the uploads of this official that are not done."""
    case = _case(request, reference)
    if request.method == "GET":
        return _page(
            request, case, IntakeForm(case=case, initial={"made_from": request.GET.get("made_from", "")})
        )
    form = IntakeForm(request.POST, request.FILES, case=case)
    if not form.is_valid():
        return _page(request, case, form)
    file, hashed = form.cleaned_data["file"], form.cleaned_data["sha256"]
    return perform(
        request,
        case,
        lambda now: take_in_exhibit(
            request.user,  # type: ignore[arg-type]  # signed in: authorised
            case,
            stream=file.file,
            raw_name=file.name,
            media_type=file.content_type or "",
            announced=(file.size, hashed) if hashed else None,
            **form.said(),
            now=now,
        ),
        _("Taken in. Its custody has begun."),
        lambda error: _page(request, case, form, error),
        then="intake",
    )


@require_http_methods(["OPTIONS", "POST"])
def begin(request: HttpRequest, reference: str) -> HttpResponse:
    """Creation of the tus protocol: what the form says comes as ``Upload-Metadata``."""
    if request.method == "OPTIONS":
        return tus.options()
    case = _case(request, reference)
    try:
        tus.demand_version(request)
        length, said = tus.number(request, "Upload-Length"), tus.metadata(request)
        form = DescriptionForm(said, case=case)
        if not form.is_valid():
            raise tus.TusMalformedError(header=f"Upload-Metadata: {', '.join(form.errors)}")
        made = begin_upload(
            request.user,  # type: ignore[arg-type]  # signed in: authorised
            case,
            length=length,
            raw_name=said.get("filename", ""),
            media_type=said.get("filetype", ""),
            sha256=form.cleaned_data["sha256"],
            **form.said(),
            now=timezone.now(),
        )
    except ComityError as error:
        return tus.refused(error)
    response = tus.described(made, 201)
    response.headers["Location"] = reverse("upload", args=[made.pk])
    return response


def _case(request: HttpRequest, reference: str) -> Case:
    authorise(request.user, "view_case")
    authorise(request.user, "take_in_exhibit")
    return find(request, reference)


def _page(request: HttpRequest, case: Case, form: IntakeForm, error: Any = None) -> HttpResponse:
    own = Upload.objects.filter(by=request.user.pk, case_reference=case.reference)
    return show(
        request,
        "casework/intake.html",
        case,
        status=status_of(error, form),
        form=form,
        error=error,
        uploads=own.exclude(state=UploadState.DONE),
        chunk=CHUNK,
    )
