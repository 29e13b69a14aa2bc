"""Domestic orders: prepare one, its page, what is done with it later, and the lists of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.letters.labels import Language
from comity.node import config
from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official
from comity.node.casework import domestic, oral, order_lists, ordering
from comity.node.casework.acts import order_measure
from comity.node.casework.dialogue import keeping
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.order_forms import OrderForm
from comity.node.casework.order_steps import STEPS
from comity.node.casework.views.common import find, find_for, find_readable, perform, show, status_of
from comity.node.directory.models import Authority
from comity.node.orders import carrying, messages
from comity.node.orders.models import Order, OrderKind
from comity.node.pages import times
from comity.node.pages.errors import said
from comity.orders.readable import render_order
from comity.terms import ComityError

_MOST = 500
"""Orders on one page."""
GET_AND_POST = require_http_methods(["GET", "POST"])


def _official(request: HttpRequest) -> Official:
    return request.user  # type: ignore[return-value]


def order_to_preserve(request: HttpRequest, reference: str) -> HttpResponse:
    """Order a provider to preserve."""
    return measure(request, reference, OrderKind.PRESERVE)


def order_to_produce(request: HttpRequest, reference: str) -> HttpResponse:
    """Order a provider to produce."""
    return measure(request, reference, OrderKind.PRODUCE)


@GET_AND_POST
def measure(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """Prepare an order of a kind; one that a single official may issue is issued."""
    if kind not in list(OrderKind):
        raise Http404(kind)
    of, now = OrderKind(kind), timezone.now()
    case = find_for(request, reference, ordering.act_for(of), Side.REQUESTED)
    frame = domestic.Frame(case, of, now)
    items = [item for item in case.items.all() if frame.fits(item) and _stands(item, of)]
    form = OrderForm(request.POST or None, frame=frame, items=items, providers=_providers())

    def page(error: Any) -> HttpResponse:
        return show(
            request,
            "casework/order.html",
            case,
            status_of(error, form),
            form=form,
            fits=bool(items),
            kind=of,
            **_law(frame),
            alone=of in domestic.ALONE,
            blocked=bool(frame.serious_only) and not frame.offences,
            unconfirmed=oral.waits_for_writing(case),
            awaited=keeping.undecided(case) if of == OrderKind.PRESERVE else [],
            error=error,
        )

    if request.method == "GET" or not form.is_valid():
        return page(None)
    done = _("The order is signed and on its way to the provider.")
    if of not in domestic.ALONE:
        done = _("The order is prepared: a second official issues it.")
    return perform(
        request,
        case,
        lambda at: order_measure.order_measure(
            _official(request),
            case,
            form.chosen_item(),
            of,
            addressee=form.addressee(),
            terms=form.terms(),
            now=at,
        ),
        done,
        page,
    )


@require_GET
def of_case(request: HttpRequest, reference: str) -> HttpResponse:
    """The orders of a case, and the kinds that its items ask for."""
    case = find(request, reference)
    possible = order_lists.possible(case, case.items.all(), timezone.now())
    kinds = [kind for kind in possible if may(_official(request), ordering.act_for(kind))]
    return show(
        request,
        "casework/orders.html",
        case,
        orders=order_lists.of_case(case),
        kinds=kinds,
        readable=may_read(request.user, case),
    )


@require_GET
def running(request: HttpRequest) -> HttpResponse:
    """Every running order of the cases open to an official, what ends first above."""
    authorise(request.user, "view_case")
    now = timezone.now()
    rows = list(order_lists.running(_official(request))[:_MOST])
    return render(request, "casework/running_orders.html", {"orders": rows, "now": now, "most": _MOST})


@require_GET
def order(request: HttpRequest, reference: str, order_id: uuid.UUID) -> HttpResponse:
    """One order: what is asked, what its addressee says, and what can be done with it now."""
    return _page(request, find(request, reference), order_id)


@require_POST
def change(request: HttpRequest, reference: str, order_id: uuid.UUID, what: str) -> HttpResponse:
    """Do one of the acts on an order."""
    step = STEPS.get(what)
    if step is None:
        raise Http404(what)
    case = find(request, reference)
    row = _row(case, order_id)
    act = step.act if what != "renew" else ordering.act_for(OrderKind(row.kind))
    case = find_for(request, reference, act, Side.REQUESTED)
    form = step.form(row, request.POST)
    if not form.is_valid():
        return _page(request, case, order_id, wrong=(what, form), status=422)
    try:
        step.run(_official(request), case, row, form, timezone.now())
    except ComityError as error:
        return _page(request, case, order_id, error=said(error), status=409)
    notes.success(request, str(step.done))
    return redirect("order", case.reference, order_id)


@require_GET
def envelope(request: HttpRequest, reference: str, order_id: uuid.UUID) -> HttpResponse:
    """The signed order as a file: what another program imports and verifies."""
    row = _issued(find_readable(request, reference), order_id)
    return HttpResponse(
        carrying.export(row),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{row.number}.json"'},
    )


@require_GET
def printed(request: HttpRequest, reference: str, order_id: uuid.UUID, language: str) -> HttpResponse:
    """The order as PDF, in a language."""
    if language not in list(Language):
        raise Http404(language)
    row = _issued(find_readable(request, reference), order_id)
    return HttpResponse(
        render_order(bytes(row.canonical), carrying.names(row, language), language),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{row.number}.{language}.pdf"'},
    )


def _page(
    request: HttpRequest,
    case: Case,
    order_id: uuid.UUID,
    *,
    wrong: tuple[str, Any] | None = None,
    error: Any = None,
    status: int = 200,
) -> HttpResponse:
    row, official = _row(case, order_id), _official(request)
    kind = OrderKind(row.kind)
    steps = [
        {
            "name": name,
            "label": step.label,
            "grave": step.grave,
            "form": _apart(name, wrong[1] if wrong and wrong[0] == name else step.form(row, None)),
            "open": bool(wrong and wrong[0] == name),
        }
        for name, step in STEPS.items()
        if step.open(row) and may(official, ordering.act_for(kind) if name == "renew" else step.act)
    ]
    context = {
        "order": row,
        **_law(domestic.Frame(case, kind, timezone.now())),
        "second": kind not in domestic.ALONE,
        "steps": steps,
        "question": messages.open_question(row),
        "talk": row.messages.select_related("official"),
        "path": order_lists.abroad(row),
        "readable": may_read(official, case),
        "languages": list(Language),
        "error": error,
    }
    return show(request, "casework/order_page.html", case, status, **context)


def _apart(name: str, form: Any) -> Any:
    """The form with identifiers of its own among the several of the page."""
    form.auto_id = f"{name}_%s"
    return form


def _law(frame: domestic.Frame) -> dict[str, Any]:
    """What the law on record says of an order, as pages show it."""
    national, language = frame.national, times.language()
    return {
        "bounds": frame,
        "law": {name: frame.cites(name) for name in ("provisions", "secrecy", "safeguards", "renewal")},
        "reviewing": national.reviewing.get(language, "") if national else "",
        "national_note": national.note.get(language, "") if national else "",
    }


def _row(case: Case, order_id: uuid.UUID) -> Order:
    found = order_lists.of_case(case).select_related(
        "provider", "renews", "prepared_by", "issued_by", "ended_by", "secret_ended_by"
    )
    row = found.filter(pk=order_id).first()
    if row is None:
        raise Http404(str(order_id))
    return row


def _issued(case: Case, order_id: uuid.UUID) -> Order:
    row = _row(case, order_id)
    if not row.canonical:
        raise Http404(str(order_id))
    return row


def _providers() -> list[Authority]:
    """The providers of this State: nothing is ordered abroad."""
    own = config.current().state
    return [each for each in Authority.objects.filter(state=own) if "provider" in each.roles]


def _stands(item: Item, kind: OrderKind) -> bool:
    if kind == OrderKind.PRESERVE:
        return item.actual == "registered" or ordering.to_renew(item)
    if kind == OrderKind.PRODUCE:
        return item.actual == "registered"
    return item.actual in ("registered", "in_execution", "preserved")
