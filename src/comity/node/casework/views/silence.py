"""The page that puts on record that a consultation stayed without an answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.node.accounts.authority import authorise
from comity.node.casework.acts.note_no_answer import note_no_answer
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, perform, show, status_of


@require_http_methods(["GET", "POST"])
def no_answer(request: HttpRequest, reference: str) -> HttpResponse:
    """The consultations of this side that are past their day without an answer, each with its button."""
    authorise(request.user, "view_case")
    authorise(request.user, "note_no_answer")
    case = find(request, reference)
    if request.method == "GET":
        return _page(request, case)
    letter = request.POST.get("letter", "")
    return perform(
        request,
        case,
        lambda now: note_no_answer(request.user, case, letter=letter, now=now),  # type: ignore[arg-type]
        _("On record: consulted, and no answer came by the day that was named."),
        lambda error: _page(request, case, error),
    )


def _page(request: HttpRequest, case: Case, error: Any = None) -> HttpResponse:
    found = [
        {"letter": letter, "body": read_body(letter), "items": item_numbers(letter)}
        for letter in answers.overdue(case, timezone.now())
    ]
    return show(request, "casework/no_answer.html", case, status_of(error), error=error, found=found)
