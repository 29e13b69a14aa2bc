"""The files that travel with a request: add one, take one out."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.casework import enclosures
from comity.node.casework.acts.enclose_file import enclose_file, take_out_file
from comity.node.casework.draft_forms import EnclosureForm
from comity.node.casework.models import Case, Side
from comity.node.casework.views.common import find_for, perform, show, status_of


@require_http_methods(["GET", "POST"])
def files(request: HttpRequest, reference: str) -> HttpResponse:
    """The files of the draft with their sizes and hashes."""
    case = find_for(request, reference, "save_draft", Side.REQUESTING)
    if request.method == "GET":
        return _page(request, case)
    step, _colon, which = request.POST.get("step", "").partition(":")
    if step == "take_out":
        return perform(
            request,
            case,
            lambda now: take_out_file(request.user, case, _id(which), now=now),  # type: ignore[arg-type]
            _("The file does not go along. It stays with the case."),
            lambda error: _page(request, case, error=error),
            then="draft_files",
        )
    form = EnclosureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, form=form)
    file = form.cleaned_data["file"]
    return perform(
        request,
        case,
        lambda now: enclose_file(
            request.user,  # type: ignore[arg-type]
            case,
            stream=file.file,
            raw_name=file.name,
            media_type=file.content_type or "",
            size=file.size,
            now=now,
        ),
        _("The file goes along."),
        lambda error: _page(request, case, form=form, error=error),
        then="draft_files",
    )


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise enclosures.EnclosureUnknownError from None


def _page(
    request: HttpRequest, case: Case, *, form: EnclosureForm | None = None, error: Any = None
) -> HttpResponse:
    return show(
        request,
        "casework/draft_files.html",
        case,
        status=status_of(error, form),
        form=form or EnclosureForm(),
        files=enclosures.waiting(case),
        open=enclosures.is_preparing(case),
        error=error,
    )
