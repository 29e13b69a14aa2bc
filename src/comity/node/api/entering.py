"""Who speaks, and the case they ask for: the same answer where it is absent and where it is not theirs."""

from __future__ import annotations

from django.http import HttpRequest

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import may_read, under_number
from comity.node.casework.models import Case


def official_of(request: HttpRequest) -> Official:
    """The token's owner that Bearer found."""
    official: Official = request.auth  # type: ignore[attr-defined]
    return official


def find_case(official: Official, reference: str) -> Case:
    """A case the official may see, under its number or one joined to it; raise NothingThereError."""
    case = under_number(official, reference, "peer")
    if case is None:
        raise NothingThereError(name=reference)
    return case


def find_readable(official: Official, reference: str) -> Case:
    """A case whose contents the official may read, not its record alone; raise NothingThereError."""
    case = find_case(official, reference)
    if not may_read(official, case):
        raise NothingThereError(name=reference)
    return case
