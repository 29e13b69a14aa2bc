"""What may be said of a preservation, and what it changes on both sides: its extension, a decision on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from comity import canonical
from comity.node.casework import opinions, running
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import item_numbers, read
from comity.node.casework.models import Case, Item, Side
from comity.node.clocks.models import Clock
from comity.node.exchange.models import Direction, Letter
from comity.node.pages.wording import Asked, Word
from comity.terms import ComityError, gettext_noop

UNHELPFUL = "tell_obstacle"
"""The duty to tell that preservation would not help, as the law's vocabulary names it."""


class ExtensionLateError(ComityError):
    """The preservation no longer runs: an extension is asked before it expires."""

    code = "extension_late"
    message = gettext_noop("The preservation of item {item} in case {case} no longer runs.")
    next_step = gettext_noop("Ask for preservation anew, or for the data themselves.")


class ExtensionNotLongerError(ComityError):
    """The time that is asked for or granted is not later than the one that runs."""

    code = "extension_not_longer"
    message = gettext_noop("Item {item} of case {case} is preserved for that long already.")
    next_step = gettext_noop("Name a later time.")


class DecisionAwaitedError(ComityError):
    """The other side was told that preservation would not help and has not said what follows."""

    code = "decision_awaited"
    message = gettext_noop("Item {item} waits until the other side has decided what follows: {duty}.")
    next_step = gettext_noop("Wait for its decision; it comes as a letter.")


def of_preservation(case: Case, now: datetime) -> opinions.Opinion:
    """The opinion on the preservation, also where the case has gone on to a request by another measure."""
    if case.facts.get("measure") in (None, running.PRESERVE):
        return case.opinion or {}
    return opinions.form({**case.facts, "measure": running.PRESERVE}, now)


def demand_running(case: Case, items: Iterable[Item], at: datetime) -> None:
    """Raise ExtensionLateError unless each item is preserved, by a clock that runs beyond the instant."""
    ends = {clock.due_at for clock in running.preservations(case) if clock.due_at and clock.due_at > at}
    for item in items:
        if item.actual != "preserved" or item.preserved_until not in ends:
            raise ExtensionLateError(case=case.reference, item=item.number)


def demand_longer(case: Case, items: Iterable[Item], until: datetime, now: datetime) -> None:
    """Raise ExtensionNotLongerError unless the time lies ahead and beyond each item's present one."""
    for item in items:
        if until <= max(now, item.preserved_until or now):
            raise ExtensionNotLongerError(case=case.reference, item=item.number)


def extend(case: Case, items: Collection[Item], until: datetime, now: datetime) -> Clock:
    """Let items stay preserved longer, by the provision that lets it be asked; on either side's node."""
    cite = opinions.power(of_preservation(case, now), opinions.EXTEND, Side.REQUESTING)
    return running.on_extension(case, items, until, cite, now)


def runs(case: Case, at: datetime) -> bool:
    """Whether a preservation of the case runs beyond the instant."""
    return running.preservations(case).filter(due_at__gt=at).exists()


def ends_soon(case: Case, now: datetime) -> Clock | None:
    """The preservation that ends next, once its reminder is due and while it has not ended."""
    soon = running.preservations(case).filter(remind_at__lte=now, due_at__gt=now)
    return soon.first()


def ending(items: Iterable[Item]) -> datetime | None:
    """When the first of the items is no longer preserved."""
    return min((item.preserved_until for item in items if item.preserved_until), default=None)


def to_tell_ending(case: Case, now: datetime) -> bool:
    """Whether a preservation ends soon and the other side was not told since its reminder was due."""
    soon = ends_soon(case, now)
    if soon is None or soon.remind_at is None:
        return False
    told = Letter.objects.filter(
        case_reference=case.reference, direction=Direction.OUT, kind="preservation_expiring"
    )
    return not told.filter(stage_at__gte=soon.remind_at).exists()


def undecided(case: Case) -> list[Letter]:
    """What this side told of preservation that would not help and the other side has not answered."""
    return answers.unanswered(case, Direction.OUT, {"preservation_unhelpful"})


def awaits_decision(case: Case, number: int) -> bool:
    """Whether the other side's decision on preserving the item is awaited."""
    return any(number in item_numbers(letter) for letter in undecided(case))


def demand_decided(case: Case, item: Item) -> None:
    """Raise DecisionAwaitedError while the other side's decision on preserving the item is awaited."""
    if awaits_decision(case, item.number):
        cite = opinions.duty_on(case.opinion or {}, opinions.PRESERVE, UNHELPFUL, Side.REQUESTED)
        duty = Word(UNHELPFUL, "duty")
        raise DecisionAwaitedError(item=item.number, duty=Asked(duty, cite) if cite else duty)


def to_prolong(case: Case, item: Item, issued_at: datetime) -> bool:
    """Whether the item's preservation was extended after an order of that time, which must go on then."""
    if item.actual != "preserved":
        return False
    granted = [
        content
        for letter in answers.of_case(case)
        if letter.kind == "extension_granted" and letter.direction == Direction.OUT
        if item.number in item_numbers(letter) and (content := read(letter))
    ]
    second = issued_at.replace(microsecond=0)
    return any(canonical.read_instant(content.written_at) > second for content in granted)
