"""The story on the requested side."""

from __future__ import annotations

from datetime import datetime

from comity.demonstration import cast
from comity.demonstration.deeds.checks import decision_clock_runs, preservation_clock_runs, receipts_prove
from comity.demonstration.deeds.telling import (
    WAITING,
    Told,
    case_here,
    deed,
    expect,
    in_words,
    label,
    official,
    refused,
    the_case,
)
from comity.node.casework.acts.order_preservation import order_preservation
from comity.node.casework.acts.order_production import order_production
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.report_preservation import report_preservation
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import open_exhibit
from comity.node.orders.issuing import Terms
from comity.node.orders.models import Order, OrderKind, OrderState

DUTY_OFFICER, EXECUTING_OFFICER, SIGNATORY = "maral", "kerim", "ogulnar"


@deed
def register(now: datetime, generation: int) -> Told:
    """The duty officer sees the request on the desk and registers it."""
    case = the_case()
    arrived = Letter.objects.filter(direction=Direction.IN, kind="request").exclude(case_reference="").count()
    if case is None or arrived < generation:
        return WAITING
    if Letter.objects.filter(direction=Direction.OUT, kind="registration").count() < generation:
        expect(
            case in list(queries.new(visible(official(DUTY_OFFICER)))),
            "the request stands on the desk as new",
        )
        register_request(official(DUTY_OFFICER), case, now=now)
    expect(
        case not in list(queries.new(visible(official(DUTY_OFFICER)))),
        "a registered request is no longer new",
    )
    return Told(True, [f"on the desk of the duty officer, registered as {case.reference}"])


def _new() -> list[Case]:
    """What stands on the duty officer's desk as new."""
    return list(queries.new(visible(official(DUTY_OFFICER))))


@deed
def order_to_preserve(now: datetime) -> Told:
    """The provider is ordered to preserve; it answers that it did."""
    case = case_here()
    if not _orders(case, OrderKind.PRESERVE):
        order_preservation(
            official(DUTY_OFFICER),
            case,
            case.items.get(number=1),
            provider=known.find(cast.read()["provider"]["id"]),
            terms=_terms("preservation"),
            now=now,
        )
        return WAITING
    return _answered(case, OrderKind.PRESERVE)


@deed
def report(now: datetime) -> Told:
    """The preservation is reported; the clock of the law begins."""
    case = case_here()
    if not Letter.objects.filter(direction=Direction.OUT, kind="preservation_done").exists():
        report_preservation(official(DUTY_OFFICER), case, now=now)
    return preservation_clock_runs(case)


@deed
def wait_for_decision_clock_there(now: datetime) -> Told:
    """Registered: preservation lasts until the decision."""
    return decision_clock_runs(case_here())


@deed
def order_to_produce(now: datetime, deleted_subject: str) -> Told:
    """The provider produces; every file is an exhibit, and what the user deleted meanwhile is still there."""
    case = case_here()
    if not _orders(case, OrderKind.PRODUCE):
        order_production(
            official(EXECUTING_OFFICER),
            case,
            case.items.get(number=1),
            provider=known.find(cast.read()["provider"]["id"]),
            terms=_terms("production"),
            now=now,
        )
        return WAITING
    answered = _answered(case, OrderKind.PRODUCE)
    if not answered.done:
        return WAITING
    exhibits = list(Exhibit.objects.filter(case_reference=case.reference).order_by("number"))
    expect(
        {each.data_kind for each in exhibits} == {"subscriber", "traffic", "content"},
        "all three were produced",
    )
    mailbox = next(each for each in exhibits if each.data_kind == "content")
    with open_exhibit(mailbox) as stream:
        expect(deleted_subject.encode() in stream.read(), "the deleted message is in the preserved mailbox")
    names = ", ".join(f"{each.raw_name} ({each.bytes} bytes)" for each in exhibits)
    return Told(True, [*answered.proved, f"taken in, hashed while they streamed: {names}"])


@deed
def answer(now: datetime) -> Told:
    """One officer prepares the result, another releases it, with the limits of the law attached."""
    case = case_here()
    proved = []
    if not _sent("result"):
        if case.draft is None:
            told = cast.case()
            case = prepare_result(
                official(EXECUTING_OFFICER), case, authenticity=told["authenticity"], now=now
            )
        refused("four_eyes", lambda: release_result(official(EXECUTING_OFFICER), case, now=now))
        proved = ["who prepared the result cannot release it: four eyes"]
        release_result(official(SIGNATORY), case, now=now)
    limits = ", ".join(f"{in_words(each.limit)} ({label(each.cite)})" for each in case.limits.all())
    hashes = {str(each.id): each.sha256 for each in Exhibit.objects.filter(case_reference=case.reference)}
    return Told(True, [*proved, f"result released with limits: {limits}"], {"exhibits": hashes})


@deed
def wait_for_retrieval(now: datetime) -> Told:
    """The receipt that an official opened the result came back."""
    return receipts_prove(_sent("result")[0], ("RELAY_REMMD_ACCEPTANCE", "DELIVERY", "RETRIEVAL"))


def _sent(kind: str) -> list[Letter]:
    return list(Letter.objects.select_related("peer").filter(direction=Direction.OUT, kind=kind))


def _orders(case: Case, kind: OrderKind) -> list[Order]:
    return list(Order.objects.select_related("provider").filter(case_reference=case.reference, kind=kind))


def _terms(what: str) -> Terms:
    told = cast.case()
    return Terms(
        legal_basis=told[f"{what}_basis"],
        necessity=told[f"{what}_necessity"],
        proportionality=told[f"{what}_proportionality"],
    )


def _answered(case: Case, kind: OrderKind) -> Told:
    orders = _orders(case, kind)
    expect(len(orders) == 1, "the provider has one order of the kind, not two")
    if orders[0].state in (OrderState.ISSUED, OrderState.RECEIVED):
        return WAITING
    expect(orders[0].state == OrderState.DONE, "the provider did what it was ordered")
    return Told(True, [f"{orders[0].provider} followed order {orders[0].number} ({orders[0].legal_basis})"])
