"""Who may see a case, over the API: the list, opening it to one more, closing it again."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official, Organisation
from comity.node.api import administration, shapes
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES
from comity.node.casework.acts.change_access import give_access, withdraw_access
from comity.terms import ComityError, gettext_noop

router = Router()
router.add_router("", administration.router)
_ADDRESS = "/cases/{reference}/access"
Row = Annotated[int, Field(ge=0, le=2**63 - 1)]


class OneOfTwoError(ComityError):
    """Access is given to an official or to an organisation, to one of them."""

    code = "one_of_two"
    message = gettext_noop("Name an official or an organisation, one of the two.")
    next_step = gettext_noop("Leave the other out.")


@router.get(_ADDRESS, response={200: list[shapes.AccessOut], FAILURES: shapes.Failure})
def people_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Whom the case was opened to; drafter, executing officer and wide roles see it besides."""
    case = find_case(official_of(request), reference)
    rows = case.access.select_related("official", "organisation", "given_by")
    return [shapes.access(row) for row in rows]


@router.post(_ADDRESS, response={201: shapes.AccessOut, FAILURES: shapes.Failure})
def open_to(request: HttpRequest, reference: str, new: shapes.NewAccess) -> Status[dict[str, Any]]:
    """Open the case to an official or an organisation, for a reason."""
    official = official_of(request)
    case = find_case(official, reference)
    given = give_access(official, case, _whom(new), new.reason, now=timezone.now())
    return Status(201, shapes.access(given))


@router.post(_ADDRESS + "/{given}/end", response={200: list[shapes.AccessOut], FAILURES: shapes.Failure})
def close_to(
    request: HttpRequest, reference: str, given: Row, why: shapes.Withdrawal
) -> list[dict[str, Any]]:
    """Close the case to one it was opened to; answers whom it is still opened to."""
    official = official_of(request)
    withdraw_access(official, find_case(official, reference), given, why.reason, now=timezone.now())
    return people_of(request, reference)


def _whom(new: shapes.NewAccess) -> Official | Organisation:
    if bool(new.official) == bool(new.organisation):
        raise OneOfTwoError
    found: Official | Organisation | None
    if new.official:
        found = Official.objects.filter(username=new.official, is_active=True).first()
    else:
        found = Organisation.objects.filter(pk=new.organisation).first()
    if found is None:
        raise NothingThereError(name=new.official or new.organisation)
    return found
