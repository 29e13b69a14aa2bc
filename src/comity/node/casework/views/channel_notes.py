"""Communications of a case by diplomatic channels or through INTERPOL: read, record, add a document."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.node.accounts.authority import authorise, may
from comity.node.casework import channel_notes
from comity.node.casework.acts.record_channel_note import (
    ACT,
    Document,
    add_note_document,
    record_channel_note,
    record_with_document,
)
from comity.node.casework.channel_form import ChannelNoteForm, DocumentForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find_readable, perform, show, status_of


@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, reference: str) -> HttpResponse:
    """All of them, and the form of the next one."""
    case = find_readable(request, reference)
    if request.method == "GET":
        return _page(request, case)
    authorise(request.user, ACT)
    form = ChannelNoteForm(request.POST, request.FILES, case=case)
    if not form.is_valid():
        return _page(request, case, form=form)
    official: Any = request.user
    file = form.cleaned_data["file"]

    def record(now: datetime) -> None:
        if file:
            record_with_document(official, case, _document(file), **form.said(), now=now)
        else:
            record_channel_note(official, case, **form.said(), now=now)

    return perform(
        request,
        case,
        record,
        _("Put on record."),
        lambda error: _page(request, case, form=form, error=error),
        then="channel_notes",
    )


@require_POST
def document(request: HttpRequest, reference: str, note: int) -> HttpResponse:
    """Add a document to one."""
    case = find_readable(request, reference)
    authorise(request.user, ACT)
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, document=form)
    official: Any = request.user
    file = form.cleaned_data["file"]
    return perform(
        request,
        case,
        lambda now: add_note_document(official, case, note, _document(file), now=now),
        _("The document is kept as an exhibit of the case."),
        lambda error: _page(request, case, error=error),
        then="channel_notes",
    )


def _document(file: Any) -> Document:
    return Document(file.file, file.name, file.content_type or "", file.size)


def _page(
    request: HttpRequest,
    case: Case,
    *,
    form: ChannelNoteForm | None = None,
    document: DocumentForm | None = None,
    error: Any = None,
) -> HttpResponse:
    return show(
        request,
        "casework/channel_notes.html",
        case,
        status=status_of(error, form or document),
        notes=channel_notes.of_case(case),
        form=(form or ChannelNoteForm(case=case)) if may(request.user, ACT) else None,
        document=document,
        may_view_exhibit=may(request.user, "view_exhibit"),
        error=error,
    )
