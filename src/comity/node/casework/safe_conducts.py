"""Safe conduct: how it stands for a person who came, and which measures of other cases would touch it.

Receives rows and the time; returns what protects whom; ends nothing by itself: where the time has run out,
an official says whether the person could leave.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, entitlement, identities, opinions
from comity.node.casework.attending import SafeConduct
from comity.node.casework.dialogue import answers
from comity.node.casework.identities import Identity
from comity.node.casework.letters import read, read_body
from comity.node.casework.models import Case, Item, Side
from comity.node.clocks.durations import after
from comity.node.exchange.models import Direction, Letter
from comity.node.pages.wording import Asked, Word
from comity.terms import ComityError, gettext_noop

_A_PAGE = 500
_LONGEST = 4
"""Words of a name whose order may differ between two cases."""
MEASURE, CLOCK, ABOUT = "appear_voluntarily", "safe_conduct", "safe_conduct"
RESTRICTING = frozenset(
    {"arrest_provisionally", "extradite", "transfer_person_in_custody", "transfer_sentenced_person"}
)
"""The measures that detain the person they name, or otherwise restrict their liberty."""


class Standing(StrEnum):
    """How a safe conduct stands."""

    EXPECTED = "expected"  # the person consented, and no arrival is on record
    ABSENT = "absent"  # the person consented and did not come
    NEEDED = "needed"  # the person is here, and nobody told them that they may go
    LEAVING = "leaving"  # told so; the time to leave runs
    UNDECIDED = "undecided"  # it ran out, and it is not known whether the person could leave
    HINDERED = "hindered"  # it ran out, and the person could not leave: the protection goes on
    LEFT = "left"
    ENDED = "ended"  # the person could leave and stayed, or came back


PROTECTING = frozenset(set(Standing) - {Standing.ABSENT, Standing.LEFT, Standing.ENDED})
"""While it stands so the person is not prosecuted, detained or punished for what lies before they came."""


class SafeConductStandsError(ComityError):
    """The measure would touch the liberty of a person who is here under safe conduct."""

    code = "safe_conduct_stands"
    message = gettext_noop("A person whom this names is here under {protection}, case {reference}.")
    next_step = gettext_noop(
        "Wait until the protection has ended, or answer the warning in the case: say why the measure is not "
        "for anything before the person came."
    )


class SafeConductElsewhereError(SafeConductStandsError):
    """The same for whoever may not see the case in which the person came: it is not named."""

    message = gettext_noop("A person whom this names is here under {protection}, in a case not open to you.")


def standing(conduct: SafeConduct, now: datetime) -> Standing:
    """How it stands now. It ends only when the time has run out and the person stayed or came back."""
    if conduct.arrived_at is None:
        return Standing.EXPECTED if conduct.left_at is None else Standing.ABSENT
    if conduct.left_at is not None and conduct.returned_at is None:
        return Standing.LEFT
    if conduct.ends_at is None:
        return Standing.NEEDED
    if now < conduct.ends_at:
        return Standing.LEAVING
    if conduct.returned_at is not None or conduct.could_leave:
        return Standing.ENDED
    return Standing.UNDECIDED if conduct.could_leave is None else Standing.HINDERED


def provision(case: Case) -> dict[str, Any]:
    """The rule on the time to leave, with its provision; RuleMissingError where the treaty has none."""
    return opinions.clock({"clocks": [], **(case.opinion or {})}, CLOCK)


def provision_of(case: Case) -> str:
    """The provision on safe conduct, empty where the treaty of the case has none."""
    return opinions.consulted_under(case.opinion or {}, case.instrument, ABOUT) or ""


def end_of(released_at: datetime, period: str, zone: str) -> datetime:
    """The end of the last day: the days are counted from the date of the notice, the last one whole."""
    local = after(released_at, period, zone=zone).astimezone(ZoneInfo(zone))
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(ZoneInfo("UTC"))


def here() -> QuerySet[SafeConduct]:
    """Every safe conduct whose person is in this State or expected, as far as the records say."""
    found = SafeConduct.objects.filter(Q(left_at=None) | Q(returned_at__isnull=False))
    return found.select_related("item__case__peer", "clock")


def standing_for(official: Official, now: datetime) -> list[SafeConduct]:
    """Those that protect somebody now, in cases whose contents the official may read; the next end first."""
    seen = entitlement.visible(official)
    found = here().filter(item__case__in=seen.values("pk")).order_by("ends_at", "id")[:_A_PAGE]
    standing_ones = [each for each in found if standing(each, now) in PROTECTING]
    return [each for each in standing_ones if entitlement.may_read(official, each.item.case)]


def agreements(case: Case) -> list[Letter]:
    """The other side's letters in which it may have agreed to a period: an answered consultation about it."""
    letters = answers.of_case(case)
    asked = {
        str(each.pk)
        for each in letters
        if each.kind == answers.CONSULTATION and read_body(each).get("about") == ABOUT
    }
    replies = {str(each.pk): set(_cited(each)) & asked for each in letters if each.kind == answers.REPLY}
    answered = {cited for found in replies.values() for cited in found}
    theirs = [each for each in letters if each.direction == Direction.IN]
    return [each for each in theirs if replies.get(str(each.pk)) or str(each.pk) in answered]


def told(case: Case) -> dict[int, tuple[Letter, dict[str, Any]]]:
    """What the other side told last of each person, by item, with its letter."""
    found = [each for each in answers.of_case(case) if each.kind == ABOUT and each.direction == Direction.IN]
    return {person["number"]: (letter, person) for letter in found for person in read_body(letter)["persons"]}


def _cited(letter: Letter) -> list[str]:
    content = read(letter)
    return content.answers if content else []


def expect(case: Case, number: int, now: datetime) -> None:
    """The other side tells that the person consents: whoever is on the way here is protected on arrival,
    whether or not somebody has recorded it yet. Nothing where the treaty gives no safe conduct.
    """
    cite = provision_of(case)
    if cite:
        SafeConduct.objects.get_or_create(
            item=case.items.get(number=number), defaults={"cite": cite, "at": now}
        )


def touched(case: Case, now: datetime) -> list[SafeConduct]:
    """The standing safe conducts of persons whom a case's restricting measure names."""
    if not _restricts(case):
        return []
    said = _said(case)
    return [
        conduct
        for conduct in here()
        if conduct.item.case_id != case.pk
        and standing(conduct, now) in PROTECTING
        and identities.names(_person(conduct.item), said)
    ]


def warnings(case: Case, now: datetime) -> list[SafeConduct]:
    """Those that no official has answered in this case yet."""
    answered = set(case.conduct_answers.values_list("conduct", flat=True))
    return [each for each in touched(case, now) if each.pk not in answered]


def demand_none_touched(official: Official, case: Case, now: datetime) -> None:
    """Raise SafeConductStandsError, with its provision, while a warning of the case is not answered."""
    for conduct in warnings(case, now)[:1]:
        protection = Asked(Word(CLOCK, "clock"), conduct.cite)
        reference = named_to(official, conduct)
        if reference is None:
            raise SafeConductElsewhereError(protection=protection)
        raise SafeConductStandsError(protection=protection, reference=reference)


def named_to(official: Official, conduct: SafeConduct) -> str | None:
    """The reference of the case in which the person came, for those who may see that case."""
    case = conduct.item.case
    return case.reference if entitlement.is_entitled(official, case) else None


def _restricts(case: Case) -> bool:
    measures = {case.facts.get("measure"), (case.draft or {}).get("measure")}
    return bool(RESTRICTING & (measures | set(case.items.values_list("measure", flat=True))))


def _said(case: Case) -> list[Any]:
    """Everything that the request says of persons: what is drafted here, or what arrived."""
    items: Iterable[Any] = case.items.values_list("identifier_value", "description")
    request = case.draft if case.side == Side.REQUESTING else None
    return [request or read_body(correspondence.last_received(case, *REQUESTS)), *map(list, items)]


def _person(item: Item) -> Identity:
    """The names of the person an item asks for, in every order of their words.

    A name that is kept apart is opened only to be compared.
    """
    for protected in item.case.protected_persons.all():
        if protected.pseudonym == item.identifier_value.strip():
            return identities.unseal(protected)
    parts = item.identifier_value.split()
    orders = permutations(parts) if len(parts) <= _LONGEST else [parts]
    return Identity([" ".join(order) for order in orders], "")
