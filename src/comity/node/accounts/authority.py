"""Who may do what: every act asks here first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from comity.node.accounts.access import ACCESS
from comity.node.accounts.models import Delegation, Official
from comity.terms import ComityError, gettext_noop


class NotAuthorisedError(ComityError):
    """The official holds no role that may do this act."""

    code = "not_authorised"
    message = gettext_noop("Your roles do not cover this act.")
    next_step = gettext_noop("Ask an official who holds the role, or the administrator to give it to you.")


class FourEyesError(ComityError):
    """One person tried to do what two must do."""

    code = "four_eyes"
    message = gettext_noop("This act needs a second person: whoever prepared it cannot complete it.")
    next_step = gettext_noop("Ask another official with the role to complete it.")


class NothingThereError(ComityError):
    """There is no such thing, or it is not for this official: the answer is the same."""

    code = "nothing_there"
    message = gettext_noop("There is nothing here under “{name}” for you.")
    next_step = gettext_noop("Check the reference; if it is right, ask for access to the case.")


def may(official: Official | AnonymousUser, act: str) -> bool:
    """Whether the official may do the act; an act that the matrix does not name is a KeyError."""
    roles = ACCESS[act]
    return isinstance(official, Official) and official.is_active and official.has_role(*roles)


_in_place: ContextVar[tuple[str, str]] = ContextVar("in_place", default=("", ""))


@contextmanager
def in_place(act: str, asked: str) -> Iterator[None]:
    """Within this, ``authorise`` asks for another act in place of one.

    Only for trying out, and taking back, a letter that one official prepares and another signs.
    """
    token = _in_place.set((act, asked))
    try:
        yield
    finally:
        _in_place.reset(token)


def authorise(official: Official | AnonymousUser, act: str) -> None:
    """Raise NotAuthorisedError unless the official may do the act."""
    tried, asked = _in_place.get()
    if not may(official, asked if act == tried else act):
        raise NotAuthorisedError(act=act)


def second_person(first: Official | None, second: Official) -> None:
    """Raise FourEyesError unless the two are different people, neither of whom stands in for the other."""
    if first is None:
        return
    now = timezone.now()
    stands_in = {each.of_id for each in second.delegated(now)}
    if first.pk == second.pk or first.pk in stands_in:
        raise FourEyesError


def stands_in_for(official: Official, act: str) -> Delegation | None:
    """The delegation without which the official could not do the act now; None for who may by themselves."""
    roles = ACCESS[act]
    if any(role in official.roles for role in roles):
        return None
    return next((each for each in official.delegated(timezone.now()) if each.role in roles), None)
