"""Who belongs to the desk, and what its trained staff is (UNCC art. 41(5))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from comity.node.accounts.authority import NotAuthorisedError, authorise, may
from comity.node.accounts.models import Official
from comity.node.desk.models import Training
from comity.terms import ComityError, gettext_noop

KEEPS = "keep_shift"
"""The act that only duty officers may do."""


class UnfitForDutyError(ComityError):
    """The person cannot be put on duty: the role is missing, the account closed, or the body another."""

    code = "unfit_for_duty"
    message = gettext_noop("{name} is no duty officer of this authority.")
    next_step = gettext_noop("Choose somebody else, or ask the administrator to give the role first.")


def demand(official: Official, act: str) -> None:
    """Raise NotAuthorisedError unless the official may do an act of the desk: it is the whole State's."""
    authorise(official, act)
    if not official.is_of_the_whole_state:
        raise NotAuthorisedError(act=act)


def belongs(official: object, act: str) -> bool:
    """Whether ``demand`` would let the official through."""
    return isinstance(official, Official) and official.is_of_the_whole_state and may(official, act)


def demand_fit(official: Official | None) -> None:
    """Raise UnfitForDutyError for somebody who could not take over the desk; nobody is fit enough."""
    if official is not None and not belongs(official, KEEPS):
        raise UnfitForDutyError(name=str(official))


def officers() -> list[Official]:
    """Those who may be on duty, by name."""
    known = Official.objects.filter(is_active=True).select_related("organisation")
    return [one for one in known.order_by("full_name", "username") if belongs(one, KEEPS)]


def trained(people: Iterable[Official | int], day: date) -> set[int]:
    """Of these people, those with a training that counts on a day."""
    keys = {one.pk if isinstance(one, Official) else one for one in people}
    known = Training.objects.filter(official__in=keys, withdrawn_at=None)
    return {each.official_id for each in known if each.counts_on(day)}
