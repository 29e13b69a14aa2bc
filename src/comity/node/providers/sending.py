"""Large files in pieces (tus 1.0): begun on an order's page or by the interface, resumed after a break."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from comity.node.exhibits import tus
from comity.node.providers import producing, seeing
from comity.node.providers.models import Person
from comity.node.providers.views import file_form_of
from comity.terms import ComityError


@require_http_methods(["POST", "OPTIONS"])
def begin(request: HttpRequest, order: uuid.UUID) -> HttpResponse:
    """Creation: the fields of the form stand in ``Upload-Metadata``."""
    if request.method == "OPTIONS":
        return tus.options()
    try:
        tus.demand_version(request)
        told, length = tus.metadata(request), tus.number(request, "Upload-Length")
        form = file_form_of(seeing.to_act_on(_person(request), order), told, in_pieces=True)
        if not form.is_valid():
            raise tus.TusMalformedError(header=f"Upload-Metadata ({', '.join(form.errors)})")
        values = form.cleaned_data
        announced = producing.Announced(
            values["identifier"],
            told.get("filename", "file"),
            told.get("filetype", ""),
            values["data_kind"],
            length,
            values["sha256"],
        )
        made = producing.announce(_person(request), order, announced, now=timezone.now())
    except ComityError as error:
        return tus.refused(error)
    response = tus.described(producing.upload_of(_person(request), made.pk), 201)
    response.headers["Location"] = reverse("file_upload", args=[made.pk])
    return response


def upload(request: HttpRequest, file: uuid.UUID) -> HttpResponse:
    """HEAD, PATCH and DELETE of a file's upload."""
    return serve(request, _person(request), file)


def serve(request: HttpRequest, person: Person, file: uuid.UUID) -> HttpResponse:
    """The same for whoever the caller knows ``person`` to be."""
    if request.method == "OPTIONS":
        return tus.options()
    return tus.serve(request, lambda: producing.upload_of(person, file))


def _person(request: HttpRequest) -> Person:
    person: Person = request.person  # type: ignore[attr-defined]  # the middleware gives it
    return person
