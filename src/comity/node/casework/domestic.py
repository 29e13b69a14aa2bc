"""What may be ordered in this State for an item, and within which limits; each limit by its provision.

What treaties want is ``law/orders.toml``, what this State's law adds ``law/states/<STATE>/orders.toml``.
Where nothing of the State is on record its limits are unknown: the treaty's own hold, and whoever issues is
told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NoReturn

from comity.node import config
from comity.node.casework import opinions, running
from comity.node.casework.dialogue import keeping
from comity.node.casework.models import Case, Item
from comity.node.clocks.durations import after
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.orders.issuing import Terms
from comity.node.orders.models import OrderKind
from comity.node.pages import times
from comity.node.pages.wording import Word
from comity.terms import ComityError, gettext_noop
from comity.treaties.orders import NationalOrder, OrderLaw
from comity.treaties.states import Enactment

ALONE = frozenset({OrderKind.PRESERVE, OrderKind.DISCLOSE_PATH, OrderKind.PRODUCE})
"""Orders that one official may issue; every other needs two (docs/decisions/0027)."""


class NotAskedError(ComityError):
    """Nobody asked for this: the order would go beyond the request."""

    code = "not_asked"
    message = gettext_noop("Item {item} asks for “{desired}”; an order to {kind} would go beyond it.")
    next_step = gettext_noop("Order only what the request asks for.")


class OrderAbroadError(ComityError):
    """The addressee is in another State, where this authority has no power."""

    code = "order_abroad"
    message = gettext_noop("{addressee} is in State {state}, where this authority orders nothing.")
    next_step = gettext_noop("Ask that State by a request.")


class OrderNotProvidedError(ComityError):
    """The State's law on record does not provide for such an order."""

    code = "order_not_provided"
    message = gettext_noop("The law of this State does not provide for this order: {law}, article {article}.")
    next_step = gettext_noop("Execute the request by another measure, or say that it is impossible.")


class OrderTooLongError(ComityError):
    """The order would last longer than a provision allows."""

    code = "order_too_long"
    message = gettext_noop("The order may last until {limit} at most ({cite}).")
    next_step = gettext_noop("Name an earlier end; what is needed longer is renewed before it ends.")


class OrderEndsBeforeBeginningError(ComityError):
    """The end of the order does not lie after its beginning."""

    code = "order_ends_before_beginning"
    message = gettext_noop("The order would end before it begins.")
    next_step = gettext_noop("Name a later end.")


class OrderTooShortError(ComityError):
    """The order would end before what the other side was, or will be, promised."""

    code = "order_too_short"
    message = gettext_noop(
        "The data must be kept until {until} at least ({cite}); the order would end before."
    )
    next_step = gettext_noop("Name a later end.")


class SeriousOffenceUnknownError(ComityError):
    """Which offences make the measure available here is not on record."""

    code = "serious_offence_unknown"
    message = gettext_noop(
        "This is ordered for serious offences alone ({cite}), and the list of this State is not on record."
    )
    next_step = gettext_noop(
        "Have the list entered under law/states/{state}/orders.toml with its source, or execute otherwise."
    )


class OffenceNotSeriousError(ComityError):
    """The offence named is not among those for which the State's law allows the measure."""

    code = "offence_not_serious"
    message = gettext_noop(
        "The provision named is none for which this may be ordered ({law}, article {article})."
    )
    next_step = gettext_noop("Choose the provision that the conduct falls under, if the list has it.")


class ReviewMissingError(ComityError):
    """The State's law asks for a decision before the order is issued, and none is recorded."""

    code = "review_missing"
    message = gettext_noop(
        "Before it is issued the order needs a decision of: {body} ({law}, article {article})."
    )
    next_step = gettext_noop("Record the decision with its number and day, then issue the order.")


class RenewalNotProvidedError(ComityError):
    """The State's law on record does not let such an order be renewed."""

    code = "renewal_not_provided"
    message = gettext_noop("This order cannot be renewed: {law}, article {article}.")
    next_step = gettext_noop("Let it end.")


@dataclass(frozen=True)
class Frame:
    """The frame of an order of one kind in a case: the treaties' side, the State's, both limits."""

    case: Case
    kind: OrderKind
    now: datetime

    @property
    def law(self) -> OrderLaw:
        """What treaties say of the kind."""
        return opinions.library().order_law[self.kind]

    @property
    def national(self) -> NationalOrder | None:
        """What is on record of this State's law, None where nothing is."""
        return opinions.library().national_order(config.current().state, self.kind)

    def cites(self, of: str) -> list[str]:
        """The provisions of the case's own treaty under a heading of the law on the kind."""
        return [str(each) for each in getattr(self.law, of) if each.instrument == self.case.instrument]

    @property
    def cite(self) -> str:
        """The first provision that wants the power, empty where the case's treaty names none."""
        return next(iter(self.cites("provisions")), "")

    @cached_property
    def treaty_limit(self) -> tuple[str, str] | None:
        """The longest time by the opinion (duration and citation), where it sets one."""
        rule = self._preserving(self.law.longest) if self.law.longest else None
        return (rule["duration"], rule["cite"]) if rule else None

    @property
    def secret(self) -> bool:
        """Whether the case's treaty or the other side obliges the addressee to secrecy."""
        return bool(self.cites("secrecy")) or self.case.confidential or self.case.no_user_notice

    @property
    def serious_only(self) -> str:
        """The provision by which it is ordered for serious offences alone, empty where none says so."""
        national = self.national
        if self.law.serious is not None:
            return str(self.law.serious)
        return national.article if national and national.serious_over_years is not None else ""

    @property
    def offences(self) -> list[Enactment]:
        """The State's provisions on record for which it may be ordered."""
        if self.national is None:
            return []
        return self.national.serious(opinions.library().states.get(self.national.state, ()))

    def latest(self, begin: datetime) -> tuple[datetime, str] | None:
        """When an order that begins then must end, by which provision; None where no limit is on record."""
        zone = known.own().time_zone
        limits = [self.treaty_limit] if self.treaty_limit else []
        if self.national and self.national.longest:
            limits.append((self.national.longest, f"{self.national.law}, {self.national.article}"))
        ends = [(after(begin, duration, zone=zone), cite) for duration, cite in limits]
        return min(ends, default=None)

    def earliest(self, item: Item, begin: datetime) -> tuple[datetime, str] | None:
        """Until when the order must last at least, so that what the other side counts on is kept."""
        if self.kind != OrderKind.PRESERVE:
            return None
        rule = self._preserving(running.PRESERVATION)
        if rule is None:
            return None
        until = item.preserved_until or after(begin, rule["duration"], zone=known.own().time_zone)
        limit = self.latest(begin)
        return (min(until, limit[0]) if limit else until), rule["cite"]

    def fits(self, item: Item) -> bool:
        """Whether the item asks for what the kind does."""
        wanted = self.law.measures
        return item.desired in self.law.desired and (not wanted or item.measure in wanted)

    def demand(self, item: Item, addressee: Authority | str, terms: Terms) -> Terms:
        """The terms with what follows from the law filled in; raise the error of what it forbids."""
        own = config.current().state
        if isinstance(addressee, Authority) and addressee.state != own:
            raise OrderAbroadError(addressee=str(addressee), state=addressee.state)
        if not self.fits(item):
            self.refuse(item)
        national = self.national
        if national is not None and not national.allowed:
            raise OrderNotProvidedError(law=national.law, article=national.article)
        self._demand_serious(terms)
        begin = terms.starts_at or self.now
        limit = self.latest(begin)
        ends_at = terms.ends_at or (limit[0] if limit else None)
        if ends_at is not None and ends_at <= begin:
            raise OrderEndsBeforeBeginningError
        if limit and ends_at and ends_at > limit[0]:
            raise OrderTooLongError(limit=limit[0].date(), cite=limit[1])
        least = self.earliest(item, begin)
        if least and ends_at and ends_at < least[0]:
            raise OrderTooShortError(until=least[0].date(), cite=least[1])
        return replace(terms, ends_at=ends_at, secret=terms.secret or self.secret)

    def refuse(self, item: Item) -> NoReturn:
        """Raise NotAskedError for an item that asks for something else."""
        kind, desired = Word(self.kind, "order"), Word(item.desired, "status")
        raise NotAskedError(item=item.number, desired=desired, kind=kind)

    def demand_reviewed(self, reviewed: bool) -> None:
        """Raise ReviewMissingError where the State's law asks for a decision that is not recorded."""
        national = self.national
        if national is not None and national.reviewing and not reviewed:
            body = national.reviewing.get(times.language(), "")
            raise ReviewMissingError(body=body, law=national.law, article=national.article)

    def demand_renewable(self) -> None:
        """Raise RenewalNotProvidedError where the State's law on record says that it cannot be renewed."""
        national = self.national
        if national is not None and national.renewable is False:
            raise RenewalNotProvidedError(law=national.law, article=national.article)

    def _preserving(self, clock: str) -> dict[str, Any] | None:
        """A clock of the opinion on the preservation that has a duration, where there is one."""
        clocks = keeping.of_preservation(self.case, self.now).get("clocks", [])
        return next((each for each in clocks if each["id"] == clock and each.get("duration")), None)

    def _demand_serious(self, terms: Terms) -> None:
        if not self.serious_only:
            return
        national = self.national
        if national is None or not self.offences:
            raise SeriousOffenceUnknownError(cite=self.serious_only, state=config.current().state)
        if terms.offence not in {each.article for each in self.offences}:
            raise OffenceNotSeriousError(law=national.law, article=national.article)
