"""Use and limits: what binds the use of what was received, what was permitted, what it was used for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.node.accounts.authority import authorise, may
from comity.node.casework import limits, permissions, uses
from comity.node.casework.acts.record_disclosure import record_disclosure
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Case, CaseKind, Item, Purpose, Side
from comity.node.casework.standing import demand_side
from comity.node.casework.use_form import DisclosureForm, UseForm, purposes_of
from comity.node.casework.views.common import find, perform, show, status_of

_BARRED = (
    Purpose.OTHER_PROCEEDINGS,
    Purpose.ORGANISATION_INSIDE,
    Purpose.THIRD_STATE,
    Purpose.INTERNATIONAL_ORGANISATION,
)


@require_GET
def use(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of a case's limits, permissions and uses."""
    case, now = find(request, reference), timezone.now()
    asked = permissions.of_case(case)
    return show(
        request,
        "casework/use.html",
        case,
        readable=may_read(request.user, case),
        holds=case.side == uses.holder(case),
        limits=limits.of_answer(case),
        on_request=limits.of_request(case),
        barred=_barred(case),
        permissions=[(each, each.in_force(now)) for each in asked],
        uses=case.uses.select_related("by", "entry"),
        due=uses.unannounced(case),
        owed=uses.notice_owed(case),
        may_record=may(request.user, "record_use"),
        may_notify=may(request.user, "notify_exculpatory_disclosure"),
        may_view_ledger=may(request.user, "view_ledger"),
    )


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a use."""
    authorise(request.user, "record_use")
    case, now = find(request, reference), timezone.now()
    if case.kind == CaseKind.INFORMATION:
        demand_side(case, Side.REQUESTING)
    given = permissions.in_force_for(case, now)
    form = UseForm(request.POST or None, case=case, items=_items(case), permissions=given)

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/record_use.html",
            case,
            status_of(error, form),
            form=form,
            barred=_barred(case),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    return perform(
        request,
        case,
        lambda at: record_use(request.user, case, **form.said(), now=at),  # type: ignore[arg-type]
        _("The use is recorded."),
        page,
        then="case_use",
    )


@require_http_methods(["GET", "POST"])
def disclose(request: HttpRequest, reference: str) -> HttpResponse:
    """Record a disclosure of what exculpates an accused person."""
    authorise(request.user, "record_use")
    case = find(request, reference)
    demand_side(case, uses.holder(case))
    form = DisclosureForm(request.POST or None, case=case, items=_items(case), notices=uses.notices(case))

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/record_disclosure.html",
            case,
            status_of(error, form),
            form=form,
            owed=uses.notice_owed(case),
            consultation_open=uses.consultation_open(case),
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    return perform(
        request,
        case,
        lambda at: record_disclosure(request.user, case, **form.said(), now=at),  # type: ignore[arg-type]
        _("The disclosure is recorded."),
        page,
        then="case_use",
    )


def _barred(case: Case) -> list[tuple[str, list[limits.Bar]]]:
    """What needs permission: each purpose that a limit may bar, with what bars it here."""
    chosen = [purpose for purpose in purposes_of(case) if purpose in _BARRED]
    return [(purpose.value, limits.barring(case, purpose)) for purpose in chosen]


def _items(case: Case) -> list[Item]:
    return list(case.items.exclude(actual=""))
