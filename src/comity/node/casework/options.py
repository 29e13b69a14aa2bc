"""Which acts a case waits for from this official: the buttons of its page. The acts check again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.casework import information, oral, order_lists, preparing
from comity.node.casework.acts import ask_for_more
from comity.node.casework.assignments import assignable
from comity.node.casework.models import Case, Item, Preparation, Side
from comity.node.casework.ordering import to_renew
from comity.node.casework.outcomes import open_items
from comity.node.casework.statuses import FINISHED
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit
from comity.node.orders.models import Desired, Order, OrderKind, OrderState


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A case with everything its page has read, so that nothing is asked of the database twice."""

    case: Case
    official: Official
    items: Collection[Item]
    orders: Collection[Order]
    exhibits: Collection[Exhibit]
    newest_request: Letter | None

    @property
    def unregistered(self) -> bool:
        """Whether a request arrived that nobody registered yet."""
        newest = self.newest_request
        return newest is not None and newest.generation > self.case.registered_generation

    def wants(self, desired: str, actual: Collection[str]) -> bool:
        """Whether an item that asks for one of the desired results stands at one of the actual ones."""
        return any(item.desired == desired and item.actual in actual for item in self.items)


@dataclass(frozen=True, slots=True)
class Option:
    """One button: the act's address name, its words, and why it is blocked, if it is."""

    name: str
    label: str | Promise
    act: str
    ready: Callable[[Standing], bool]
    blocked: Callable[[Standing], str | Promise] = lambda standing: ""


def _own_draft(standing: Standing) -> str | Promise:
    if standing.case.drafter_id == standing.official.pk:
        return _("You drafted it: a second person must sign.")
    return ""


def _own_result(standing: Standing) -> str | Promise:
    if (standing.case.draft or {}).get("prepared_by") == standing.official.pk:
        return _("You prepared it: a second person must release it.")
    return ""


def _preserved_by_all(standing: Standing) -> str | Promise:
    waiting = [
        order
        for order in standing.orders
        if order.kind == OrderKind.PRESERVE
        and order.desired == Desired.EXECUTED
        and order.state not in (OrderState.DONE, OrderState.PREPARED)
    ]
    return _("A provider has not answered the order to preserve.") if waiting else ""


def _only_told(standing: Standing) -> bool:
    """Whether a result can say what came of an item although nothing new was taken in."""
    new = standing.wants("disclosed", {"in_execution"}) and any(
        one.letter is None for one in standing.exhibits
    )
    return standing.case.draft is None and bool(open_items(standing.items)) and not new


def _at(*points: Preparation) -> Callable[[Standing], bool]:
    return lambda standing: standing.case.preparation in points


_OPEN = frozenset({"registered", "in_execution"})

REQUESTING = (
    Option("draft", _("Continue the draft"), "save_draft", _at(Preparation.DRAFT)),
    Option(
        "oral_request",
        _("Record an oral request"),
        "record_oral_request",
        lambda standing: (
            _at(Preparation.DRAFT)(standing)
            and not standing.case.sent_generation
            and oral.possible(standing.case)
            and not oral.awaiting(standing.case)
        ),
    ),
    Option("sign", _("Review and sign"), "sign_request", _at(Preparation.IN_REVIEW), _own_draft),
    Option(
        "follow_up",
        _("Send the request for access"),
        "save_draft",
        lambda standing: (
            _at(Preparation.SIGNED, Preparation.SENT)(standing) and standing.case.actual == "preserved"
        ),
    ),
    Option(
        "ask_for_more",
        _("Ask for more: the answer is insufficient"),
        "save_draft",
        lambda standing: (
            _at(Preparation.SIGNED, Preparation.SENT)(standing)
            and standing.case.kind == "request"
            and ask_for_more.provision(standing.case, timezone.now()) is not None
        ),
    ),
    Option(
        "prepare_information",
        _("Prepare the information"),
        "open_information",
        lambda standing: (
            information.is_unsent(standing.case) and not preparing.waiting(standing.case).exists()
        ),
    ),
    Option(
        "draft_files",
        _("Files that go along"),
        "save_draft",
        lambda standing: information.is_unsent(standing.case),
    ),
    Option("bundle", _("Export the court bundle"), "export_bundle", lambda standing: bool(standing.exhibits)),
)
REQUESTED = (
    Option(
        "tie_confirmation",
        _("Tie to an oral request"),
        "tie_confirmation",
        lambda standing: standing.unregistered and oral.to_compare(standing.case, standing.newest_request),
    ),
    Option("register", _("Register"), "register_request", lambda standing: standing.unregistered),
    Option(
        "tie_information",
        _("Tie to a case"),
        "tie_information",
        lambda standing: standing.case.kind == "information" and standing.case.actual == "registered",
    ),
    Option(
        "order_preservation",
        _("Order preservation"),
        "order_preservation",
        lambda standing: (
            standing.wants("preserved", {"registered"})
            or any(to_renew(item) for item in standing.items if item.actual == "preserved")
        ),
    ),
    Option(
        "report_preservation",
        _("Report preserved"),
        "report_preservation",
        lambda standing: standing.wants("preserved", {"in_execution"}),
        _preserved_by_all,
    ),
    Option(
        "order_production",
        _("Order production"),
        "order_production",
        lambda standing: standing.wants("disclosed", {"registered"}),
    ),
    Option(
        "case_orders",
        _("Order another measure"),
        "order_measure",
        lambda standing: bool(order_lists.further_kinds(standing.case, standing.items, timezone.now())),
    ),
    Option(
        "assign_execution",
        _("Assign the execution"),
        "assign_execution",
        lambda standing: bool(assignable(standing.items)),
    ),
    Option(
        "prepare_result",
        _("Prepare the result"),
        "prepare_result",
        lambda standing: standing.case.draft is None and standing.wants("disclosed", {"in_execution"}),
        lambda standing: (
            ""
            if any(one.letter is None for one in standing.exhibits)
            else _("Nothing has been taken in as evidence yet.")
        ),
    ),
    Option(
        "release_result",
        _("Release the result"),
        "release_result",
        lambda standing: standing.case.draft is not None,
        _own_result,
    ),
    Option(
        "refuse",
        _("Refuse an item"),
        "prepare_letter",
        lambda standing: any(item.actual and item.actual not in FINISHED for item in standing.items),
    ),
    Option("prepare_result", _("Tell the outcome"), "prepare_result", lambda standing: _only_told(standing)),
)


@dataclass(frozen=True, slots=True)
class Button:
    """An option that stands open now; ``blocked`` says in one sentence why it cannot be used yet."""

    name: str
    label: str
    blocked: str


def buttons(standing: Standing) -> list[Button]:
    """The buttons of a case's page, the main one first."""
    return list(_buttons(standing))


def _buttons(standing: Standing) -> Iterator[Button]:
    options = REQUESTING if standing.case.side == Side.REQUESTING else REQUESTED
    for option in options:
        if may(standing.official, option.act) and option.ready(standing):
            yield Button(option.name, str(option.label), str(option.blocked(standing)))
