"""Who asks, and the case that is asked about: absent and forbidden answer alike."""

from __future__ import annotations

from django.http import HttpRequest

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework.models import Case
from comity.terms import ComityError, gettext_noop


class NothingThereError(ComityError):
    """There is no such thing, or it is not for this official: the answer is the same."""

    code = "nothing_there"
    message = gettext_noop("There is nothing here under “{name}” for you.")
    next_step = gettext_noop("Check the reference; if it is right, ask for access to the case.")


def official_of(request: HttpRequest) -> Official:
    """The token's owner that Bearer found."""
    official: Official = request.auth  # type: ignore[attr-defined]
    return official


def find_case(official: Official, reference: str) -> Case:
    """A case the official may see."""
    authorise(official, "view_case")
    case = Case.objects.select_related("peer").filter(reference=reference).first()
    if case is None:
        raise NothingThereError(name=reference)
    return case
