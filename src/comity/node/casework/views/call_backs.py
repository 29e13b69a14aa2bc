"""Calls back of a case: whom to call and why, what was recorded, the form of the next record."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import call_backs
from comity.node.casework.acts.record_call_back import ACT, record_call_back
from comity.node.casework.call_back_form import CallBackForm
from comity.node.casework.models import Case
from comity.node.casework.views.common import find_readable, perform, show, status_of
from comity.node.directory import standing


@require_http_methods(["GET", "POST"])
def calls(request: HttpRequest, reference: str) -> HttpResponse:
    """All records, and the form of the next one."""
    case = find_readable(request, reference)
    if request.method == "GET":
        return _page(request, case)
    authorise(request.user, ACT)
    official: Any = request.user
    form = CallBackForm(request.POST)
    if not form.is_valid():
        return _page(request, case, form)
    return perform(
        request,
        case,
        lambda now: record_call_back(official, case, **form.cleaned_data, now=now),
        _("Put on record."),
        lambda error: _page(request, case, form, error),
        then="call_backs",
    )


def _page(
    request: HttpRequest, case: Case, form: CallBackForm | None = None, error: Any = None
) -> HttpResponse:
    return show(
        request,
        "casework/call_backs.html",
        case,
        status=status_of(error, form),
        needed=call_backs.needed(case, timezone.now()),
        contacts=standing.confirmation_contacts(case.peer),
        calls=case.call_backs.select_related("by"),
        form=(form or CallBackForm()) if may(request.user, ACT) else None,
        error=error,
    )
