"""Orders in this State as casework prepares and issues them, and what their answers change in a case."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import models

from comity import canonical
from comity.node.accounts.authority import FourEyesError
from comity.node.accounts.models import Official
from comity.node.casework import events, oral, order_times, running, statuses
from comity.node.casework.acts.change_access import assign
from comity.node.casework.dialogue import keeping
from comity.node.casework.domestic import ALONE, Frame, OrderEndsBeforeBeginningError
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, NotYetHappenedError, begin
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.orders import issuing
from comity.node.orders.models import Desired, Message, Order, OrderKind, OrderState
from comity.orders.form import UNANSWERED
from comity.terms import ComityError, gettext_noop

_EVENT = {OrderKind.PRESERVE: "preservation_ordered", OrderKind.PRODUCE: "production_ordered"}
_ACT = {OrderKind.PRESERVE: "order_preservation", OrderKind.PRODUCE: "order_production"}
_HELD = frozenset({"", "deficient", "postponed", "forwarded", "refused", "withdrawn"})
"""Items for which nothing is ordered: not registered, decided, or waiting until they are taken up again."""


class OrderRepeatedError(ComityError):
    """The addressee already has an order of this kind for the item."""

    code = "order_repeated"
    message = gettext_noop("{provider} already has order {number} for item {item}.")
    next_step = gettext_noop("Wait for its answer, or look at it in the case.")


class OrderNotRunningError(ComityError):
    """The order is not issued, was answered negatively, or is no longer wanted."""

    code = "order_not_running"
    message = gettext_noop("Order {number} does not run.")
    next_step = gettext_noop("Look at how the order stands.")


def act_for(kind: OrderKind) -> str:
    """The act of the access matrix that prepares an order of the kind."""
    return _ACT.get(kind, "order_measure")


def order(
    official: Official,
    case: Case,
    item: Item,
    kind: OrderKind,
    addressee: Authority | str,
    terms: issuing.Terms,
    now: datetime,
    *,
    prepared_only: bool = False,
) -> Order:
    """Prepare an order for one registered item, within what the request asks; issue it if one official may.

    In the act's transaction. Raises what ``Frame.demand`` raises, OrderRepeatedError, NotNowError.
    """
    case = begin(official, act_for(kind), case, Side.REQUESTED)
    oral.demand_orderable(case)
    item = case.items.get(pk=item.pk)
    frame = Frame(case, kind, now)
    earlier = _demand_orderable(case, item, frame, addressee)
    alone = kind in ALONE and not prepared_only
    prepared = prepare(official, frame, item, addressee, terms, renews=earlier, alone=alone)
    return issue(official, case, prepared, now) if alone else prepared


def prepare(
    official: Official,
    frame: Frame,
    item: Item,
    addressee: Authority | str,
    terms: issuing.Terms,
    *,
    renews: Order | None,
    alone: bool,
) -> Order:
    """The prepared order of an item, its terms filled in from the law; in the act's transaction."""
    terms = frame.demand(item, addressee, terms)
    demand_decided(terms.review, frame.now)
    if alone:
        frame.demand_reviewed(terms.review is not None)
    case = frame.case
    subject = issuing.Subject(
        case.reference,
        item.number,
        [(item.identifier_type, item.identifier_value)],
        item.data_kinds,
        (item.period_from, item.period_to),
    )
    prepared = issuing.prepare(official, subject, frame.kind, addressee, terms, renews=renews, now=frame.now)
    assign(official, case, frame.now)
    if not alone:
        _note(case, "order_prepared", prepared, official, frame.now)
    return prepared


def issue(official: Official, case: Case, order: Order, now: datetime) -> Order:
    """Sign and send a prepared order, start its clocks; in the act's transaction.

    Since it was prepared its item may have been refused, postponed or withdrawn, or its time have passed:
    NotNowError, NotAskedError, OrderEndsBeforeBeginningError, and what ``oral.demand_orderable`` raises.
    """
    frame = Frame(case, OrderKind(order.kind), now)
    oral.demand_orderable(case)
    demand_wanted(frame, case.items.get(number=order.item_number))
    if order.ends_at is not None and order.ends_at <= now:
        raise OrderEndsBeforeBeginningError
    frame.demand_reviewed(bool(order.review_body))
    issued = issuing.issue(official, order, now=now)
    if frame.kind != OrderKind.DISCLOSE_PATH:  # that goes along with preserving, which begins the execution
        items = case.items.filter(number=order.item_number, actual="registered")
        statuses.set_actual(case, list(items), "in_execution")
    case.executing_officer, case.changed_at = order.prepared_by, now
    case.save()
    running.on_execution(case, now)
    order_times.on_issue(case, frame, issued)
    event = "order_renewed" if issued.renews_id else _EVENT.get(frame.kind, "order_issued")
    _note(case, event, issued, official, now)
    return issued


def locked(case: Case, order: Order) -> Order:
    """The case's order, locked for a change of it."""
    found = Order.objects.select_for_update(of=("self",)).select_related("provider")
    return found.get(pk=order.pk, case_reference=case.reference)


def prepared_order(case: Case, order: Order) -> Order:
    """The same, when it waits to be issued and was not withdrawn; else OrderNotRunningError."""
    order = locked(case, order)
    if order.state != OrderState.PREPARED or order.desired != Desired.EXECUTED:
        raise OrderNotRunningError(number=order.number)
    return order


def running_order(case: Case, order: Order) -> Order:
    """The same, when it is issued and still wanted; else OrderNotRunningError."""
    order = locked(case, order)
    if order.state in (OrderState.PREPARED, OrderState.FAILED) or order.desired != Desired.EXECUTED:
        raise OrderNotRunningError(number=order.number)
    return order


def demand_second(official: Official, order: Order) -> None:
    """Raise FourEyesError for whoever prepared an order that two officials must make."""
    if OrderKind(order.kind) not in ALONE and order.prepared_by_id == official.pk:
        raise FourEyesError


def demand_wanted(frame: Frame, item: Item) -> None:
    """Raise NotNowError for an item that is decided or held, NotAskedError for one that asks otherwise."""
    if item.actual in _HELD:
        raise NotNowError(case=frame.case.reference, standing=item.actual)
    if not frame.fits(item):
        frame.refuse(item)


def demand_decided(review: issuing.Review | None, now: datetime) -> None:
    """Raise NotYetHappenedError for a decision of a day that has not begun by this authority's calendar."""
    if review and review.decided_on > now.astimezone(ZoneInfo(known.own().time_zone)).date():
        raise NotYetHappenedError


def renewal(order: Order) -> Order | None:
    """The order that goes on with this one: none that was withdrawn, lifted or failed."""
    return order.renewed_by.filter(desired=Desired.EXECUTED).exclude(state=OrderState.FAILED).first()


def _demand_orderable(case: Case, item: Item, frame: Frame, addressee: Authority | str) -> Order | None:
    """Raise the error of what stands in the way; the order that this one renews, if it renews one."""
    demand_wanted(frame, item)
    preserving = frame.kind == OrderKind.PRESERVE
    if preserving:
        keeping.demand_decided(case, item)
    orders = of_item(item, frame.kind).filter(to(addressee), desired=Desired.EXECUTED)
    earlier = orders.exclude(state=OrderState.FAILED).order_by("-prepared_at").first()
    if earlier is None:
        return None
    prolongs = preserving and earlier.issued_at and keeping.to_prolong(case, item, earlier.issued_at)
    if not prolongs:
        raise OrderRepeatedError(provider=str(addressee), number=earlier.number, item=item.number)
    return earlier


def to_renew(item: Item) -> bool:
    """Whether the item's preservation was extended after an order that carries it and was not renewed."""
    if item.actual != "preserved":
        return False
    newest: dict[tuple[str | None, str], datetime] = {}
    for order in wanted(item, OrderKind.PRESERVE).exclude(state=OrderState.FAILED).order_by("issued_at"):
        if order.issued_at:
            newest[order.provider_id, order.holder] = order.issued_at
    return any(keeping.to_prolong(item.case, item, issued_at) for issued_at in newest.values())


def to(addressee: Authority | str) -> models.Q:
    """The orders to an addressee: a provider, or a holder by name."""
    if isinstance(addressee, Authority):
        return models.Q(provider=addressee)
    return models.Q(provider=None, holder=addressee)


def addressee_of(order: Order) -> str:
    """Whom an order goes to, in words."""
    return str(order.provider) if order.provider else order.holder


def of_item(item: Item, kind: OrderKind) -> models.QuerySet[Order]:
    """The orders of a kind that were issued for an item."""
    return Order.objects.filter(case_reference=item.case.reference, item_number=item.number, kind=kind)


def wanted(item: Item, kind: OrderKind) -> models.QuerySet[Order]:
    """Those that were issued and neither lifted nor withdrawn."""
    return of_item(item, kind).filter(desired=Desired.EXECUTED).exclude(state=OrderState.PREPARED)


def has_orders(item: Item) -> bool:
    """Whether something was ordered for the item."""
    issued = Order.objects.exclude(state=OrderState.PREPARED)
    return issued.filter(case_reference=item.case.reference, item_number=item.number).exists()


def awaits_answer(item: Item) -> bool:
    """Whether somebody still has to answer an order, so that evidence may be on its way."""
    of = Order.objects.filter(case_reference=item.case.reference, item_number=item.number)
    wanted = of.filter(state__in=UNANSWERED, desired=Desired.EXECUTED)
    return wanted.exclude(kind=OrderKind.PRESERVE).exists()


def on_answer(order: Order, now: datetime) -> None:
    """Note an answer on the timeline; wiring registers this with the orders room."""
    case = Case.objects.select_for_update().get(reference=order.case_reference)
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    kept = case.items.filter(number=order.item_number, actual="preserved").exists()
    if kept and (order.kind, order.state) == (OrderKind.PRESERVE, OrderState.DONE):
        running.on_renewed_order(case, canonical.read_instant((order.answer or {})["at"]), now)
    order_times.on_answer(order, now)
    events.note(
        case,
        "provider_answered",
        now=now,
        number=order.number,
        provider=addressee_of(order),
        state=str(order.state),
    )


def on_message(order: Order, message: Message, now: datetime) -> None:
    """Note a question about an order or a reply on the timeline; wiring registers this."""
    case = Case.objects.select_for_update().get(reference=order.case_reference)
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    by = message.official if message.reply else None
    _note(case, "order_replied" if message.reply else "order_questioned", order, by, now)


def _note(case: Case, event: str, order: Order, official: Official | None, now: datetime) -> None:
    addressee = addressee_of(order)
    events.note(case, event, now=now, by=official, number=order.number, provider=addressee)
