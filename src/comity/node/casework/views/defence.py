"""The disclosure list for the defence: seen, decided exhibit by exhibit, printed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity import canonical
from comity.letters.disclosure_list import render_disclosure_list
from comity.letters.labels import Language
from comity.node.accounts.authority import authorise, may
from comity.node.casework import disclosing, uses
from comity.node.casework.acts.mark_for_defence import decide_withholding, mark_for_defence
from comity.node.casework.defence_forms import DefenceForm, WithholdingForm
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Case
from comity.node.casework.views.common import find, find_readable, perform, show, status_of


@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, reference: str) -> HttpResponse:
    """The list, what exculpates and what follows from that; the form that decides on one exhibit."""
    case = find(request, reference)
    rows = disclosing.listed(case)
    exhibits = [each.exhibit for each in rows if each.filtered]
    if request.method == "GET":
        return _page(request, case, rows, DefenceForm(exhibits=exhibits))
    authorise(request.user, "mark_for_defence")
    form = DefenceForm(request.POST, exhibits=exhibits)
    if not form.is_valid():
        return _page(request, case, rows, form)
    return perform(
        request,
        case,
        lambda now: mark_for_defence(request.user, case, **form.cleaned_data, now=now),  # type: ignore[arg-type]
        _("It is recorded."),
        lambda error: _page(request, case, rows, form, error),
        then="defence_list",
    )


@require_POST
def decide(request: HttpRequest, reference: str, mark: int) -> HttpResponse:
    """Agree that an exhibit is withheld, or decline it."""
    authorise(request.user, "decide_withholding")
    case = find(request, reference)
    rows = disclosing.listed(case)
    again = DefenceForm(exhibits=[each.exhibit for each in rows if each.filtered])
    form = WithholdingForm(request.POST)
    if not form.is_valid():
        return _page(request, case, rows, again, wrong=True)
    agreed = request.POST.get("step") == "agree"
    return perform(
        request,
        case,
        lambda now: decide_withholding(request.user, case, mark, agreed=agreed, **form.cleaned_data, now=now),  # type: ignore[arg-type]
        _("The decision is recorded."),
        lambda error: _page(request, case, rows, again, error),
        then="defence_list",
    )


@require_GET
def printed(request: HttpRequest, reference: str, language: str) -> HttpResponse:
    """The list as PDF, in a language."""
    case = find_readable(request, reference)
    if language not in list(Language):
        raise Http404(language)
    data = {
        "case": case.reference,
        "heading": case.heading,
        "made_at": canonical.instant_text(timezone.now()),
        "listed": disclosing.as_json(case),
        "undecided": disclosing.undecided(case),
    }
    name = f'attachment; filename="{case.reference}-disclosure.{language}.pdf"'
    return HttpResponse(
        render_disclosure_list(data, language),
        content_type="application/pdf",
        headers={"Content-Disposition": name},
    )


def _page(
    request: HttpRequest,
    case: Case,
    rows: list[disclosing.Listed],
    form: DefenceForm,
    error: Any = None,
    *,
    wrong: bool = False,
) -> HttpResponse:
    return show(
        request,
        "casework/defence.html",
        case,
        422 if wrong else status_of(error, form),
        rows=rows,
        form=form,
        error=error,
        notice_due=any(each.notice_due for each in rows),
        owed=uses.notice_owed(case),
        languages=list(Language),
        readable=may_read(request.user, case),
        may_mark=may(request.user, "mark_for_defence") and any(each.filtered for each in rows),
        may_decide=may(request.user, "decide_withholding"),
        may_record=may(request.user, "record_use"),
    )
