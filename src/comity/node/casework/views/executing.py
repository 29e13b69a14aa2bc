"""The requested side's acts: register, order, report, refuse."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, duties, oral, prepared_acts
from comity.node.casework.acts.register_information import register_information
from comity.node.casework.acts.register_request import lacking, register_request
from comity.node.casework.acts.report_preservation import report_preservation
from comity.node.casework.dialogue import answers
from comity.node.casework.forms import RefusalForm
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, CaseKind, Side
from comity.node.casework.speaking import Speaking
from comity.node.casework.views import signing
from comity.node.casework.views.common import find_for, perform, show, status_of
from comity.node.orders.models import Order, OrderKind

GET_AND_POST = require_http_methods(["GET", "POST"])


def _official(request: HttpRequest) -> Official:
    return request.user  # type: ignore[return-value]


def _answer(request: HttpRequest, case: Case, act: Any, done: str, page: Any) -> HttpResponse:
    """The page on GET; on POST the act, and the page again if it was not done."""
    if request.method == "GET":
        return page(None)  # type: ignore[no-any-return]
    return perform(request, case, act, done, page)


@GET_AND_POST
def register(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter the newest request in the books."""
    case = find_for(request, reference, "register_request", Side.REQUESTED)
    informed = case.kind == CaseKind.INFORMATION
    letter = correspondence.last_received(case, *(("information",) if informed else REQUESTS))
    body, missing = read_body(letter), [] if informed else lacking(case, letter)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/register.html",
            case,
            status_of(error),
            letter=letter,
            body=body,
            missing=missing,
            compare=oral.to_compare(case, letter),
            error=error,
        )

    if informed:
        done = _("Registered.")
        return _answer(
            request, case, lambda now: register_information(_official(request), case, now=now), done, page
        )
    deficient, none_fits = request.POST.getlist("deficient"), "none_fits" in request.POST
    return _answer(
        request,
        case,
        lambda now: register_request(
            _official(request), case, deficient=deficient, none_fits=none_fits, now=now
        ),
        _("Registered. The other side is being told."),
        page,
    )


@GET_AND_POST
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell the other side that the data are preserved."""
    case = find_for(request, reference, "report_preservation", Side.REQUESTED)
    orders = Order.objects.filter(case_reference=reference, kind=OrderKind.PRESERVE).select_related(
        "provider"
    )
    clocks = [clock for clock in (case.opinion or {}).get("clocks", []) if clock["from"] == "preservation"]

    def page(error: Any) -> HttpResponse:
        return show(
            request, "casework/report.html", case, status_of(error), orders=orders, clocks=clocks, error=error
        )

    return _answer(
        request,
        case,
        lambda now: report_preservation(_official(request), case, now=now),
        _("Reported. The clock of the preservation runs on both sides."),
        page,
    )


@GET_AND_POST
def refuse(request: HttpRequest, reference: str) -> HttpResponse:
    """Refuse one item, on a ground the treaty permits, once the duties tied to refusal are met."""
    case = find_for(request, reference, "prepare_letter", Side.REQUESTED)
    form = prepared_acts.form(case, prepared_acts.REFUSAL, request.POST or None)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/refuse.html",
            case,
            status_of(error, form),
            form=form,
            barred=(case.opinion or {}).get("barred_grounds", []),
            duties=_checklist(case, form),
            means=signing.means(request, "refusal"),
            speaking=Speaking(case, request.POST or None),
            prepares=True,
            silent=bool(answers.overdue(case, timezone.now())),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    run = prepared_acts.as_filled_in(_official(request), case, prepared_acts.REFUSAL, form)
    return signing.sign(request, case, prepared_acts.REFUSAL, run, "", page)


def _checklist(case: Case, form: RefusalForm) -> list[dict[str, Any]]:
    """The duties tied to refusal, each with whether the form meets it."""
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    met = _consulted(case, form) | ({"give_reasons"} if str(said.get("reasons", "")).strip() else set())
    return [
        {"duty": duty, "met": duty.id in met, "consult": duty.id in answers.CONSULTED}
        for duty in duties.tied_to(case, "refuse_execution")
    ]


def _consulted(case: Case, form: RefusalForm) -> set[str]:
    """The duties of consultation that letters have met for the item chosen, or the only one there is."""
    chosen = form.data.get("item") or (form.fields["item"].choices or [("", "")])[0][0]  # type: ignore[attr-defined]
    return answers.met(case, [int(chosen)]) if str(chosen).isdigit() else set()
