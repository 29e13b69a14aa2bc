"""Handing evidence out: a custody record is written before the first byte is given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import IO, BinaryIO, Protocol

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.exhibits import closing, custody, viewing
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import ExhibitDestroyedError, open_exhibit
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop


class EvidenceNotTakenInError(ComityError):
    """Evidence that came with a letter is not in the books yet, so its custody cannot be written."""

    code = "evidence_not_taken_in"
    message = gettext_noop("The evidence in this letter is still being taken in.")
    next_step = gettext_noop("Wait until its exhibits stand in the case, then try again.")
    temporary = True


Limit = Callable[[Official | AnonymousUser, QuerySet[Exhibit]], QuerySet[Exhibit]]
_limits: list[Limit] = []


def limit(function: Limit) -> None:
    """Register who knows which exhibits an official may see: the room of the cases they belong to."""
    _limits[:] = [function]


class BindingLimit(Protocol):
    """A limit on the use of an exhibit: its kind, its provision, its words."""

    limit: str
    cite: str
    text: str


_binding: list[Callable[[Exhibit], Sequence[BindingLimit]]] = []


def bound_by(function: Callable[[Exhibit], Sequence[BindingLimit]]) -> None:
    """Register who knows the limits that bind an exhibit."""
    _binding[:] = [function]


def limits_of(exhibit: Exhibit) -> Sequence[BindingLimit]:
    """The limits that bind the use of an exhibit."""
    return _binding[0](exhibit) if _binding else ()


def visible(official: Official | AnonymousUser) -> QuerySet[Exhibit]:
    """The exhibits an official may see; none while nobody knows. Raises NotAuthorisedError."""
    authorise(official, "view_exhibit")
    return _limits[0](official, Exhibit.objects.all()) if _limits else Exhibit.objects.none()


def give_out(official: Official, exhibit: Exhibit, *, purpose: str, now: datetime) -> BinaryIO:
    """The original for a stated purpose, as a stream; the custody record ``opened`` names both.

    Raises NotAuthorisedError, NothingThereError where its case is not open to the official,
    ExhibitDestroyedError, and SecondPersonNeededError where nobody opens it alone, all before anything is
    recorded.
    """
    return _hand_out(official, exhibit, CustodyAct.OPENED, purpose, now)


def export(official: Official, exhibit: Exhibit, *, note: str, now: datetime) -> BinaryIO:
    """Like ``give_out``, of a content that leaves in another form: the custody record is ``exported``."""
    return _hand_out(official, exhibit, CustodyAct.EXPORTED, note, now)


def _hand_out(official: Official, exhibit: Exhibit, act: CustodyAct, note: str, now: datetime) -> BinaryIO:
    demand_may_open(official, exhibit)
    stream = open_exhibit(exhibit)
    touch(official, exhibit, act, note=note, now=now)
    return stream


def demand_may_open(official: Official, exhibit: Exhibit) -> None:
    """Raise unless the official may open the exhibit, as ``give_out`` says; a second person aside."""
    if not visible(official).filter(pk=exhibit.pk).exists():
        raise NothingThereError(name=exhibit.number)
    closing.demand_may_open(official, exhibit)


@transaction.atomic
def touch(official: Official, exhibit: Exhibit, act: CustodyAct, *, note: str, now: datetime) -> None:
    """The custody record of an opening or a copy; it uses up the second person's agreement where needed."""
    Exhibit.objects.select_for_update().get(pk=exhibit.pk)
    second = viewing.use_up(official, exhibit, now)
    custody.record(exhibit, act, official=official, note=f"{note}{second}", now=now)


def let_out(
    official: Official,
    exhibits: Collection[str],
    opened: Callable[[], IO[bytes]],
    *,
    note: str,
    now: datetime,
) -> IO[bytes]:
    """A file that holds exhibits (by id); each of them gets the custody record ``exported``.

    ``opened`` gives the file. Raises NotAuthorisedError, EvidenceNotTakenInError, and ExhibitDestroyedError
    where one of the exhibits must not be read any more, all before anything is recorded.
    """
    authorise(official, "open_exhibit")
    found = list(Exhibit.objects.filter(pk__in=exhibits).order_by("number"))
    if len(found) != len(set(exhibits)):
        raise EvidenceNotTakenInError
    closing.demand_open(found)
    viewing.demand_none(found)
    for exhibit in found:
        if exhibit.wrapped_key is None:
            raise ExhibitDestroyedError(number=exhibit.number)
    stream = opened()
    with transaction.atomic():
        for exhibit in found:
            custody.record(exhibit, CustodyAct.EXPORTED, official=official, note=note, now=now)
    return stream
