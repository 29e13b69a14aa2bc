"""The use of what was received, over the API: limits that bar it, permissions, recording a use or disclosure.

Asking for permission and giving notice are letters: they take a signature, so they take a person.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from comity.node.api import use_shapes as shapes
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.casework import permissions
from comity.node.casework.acts.record_disclosure import record_disclosure
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.entitlement import may_read

router = Router()
_USES = "/cases/{reference}/uses"


@router.get("/cases/{reference}/permissions", response={200: list[shapes.PermissionOut], FAILURES: Failure})
def permissions_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The uses beyond the limits that were asked for, each with the other side's answer."""
    official, now = official_of(request), timezone.now()
    case = find_case(official, reference)
    readable = may_read(official, case)
    return [shapes.permission(each, now, readable=readable) for each in permissions.of_case(case)]


@router.get(_USES, response={200: list[shapes.UseOut], FAILURES: Failure})
def uses_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What was received was used for, oldest first."""
    official = official_of(request)
    case = find_case(official, reference)
    readable = may_read(official, case)
    return [shapes.use(each, readable=readable) for each in case.uses.select_related("by")]


@router.post(_USES, response={201: shapes.UseOut, FAILURES: Failure})
def new_use(request: HttpRequest, reference: str, new: shapes.NewUse) -> Status[dict[str, Any]]:
    """Record a use; one that a limit bars names the letter that permits it."""
    official = official_of(request)
    said = new.model_dump(mode="json")
    made = record_use(official, find_case(official, reference), **said, now=timezone.now())
    return Status(201, shapes.use(made, readable=True))


@router.post("/cases/{reference}/disclosures", response={201: shapes.UseOut, FAILURES: Failure})
def new_disclosure(request: HttpRequest, reference: str, new: shapes.NewDisclosure) -> Status[dict[str, Any]]:
    """Record an exculpatory disclosure, after a notice or with the reason why none was possible."""
    official = official_of(request)
    said = new.model_dump(mode="json")
    made = record_disclosure(official, find_case(official, reference), **said, now=timezone.now())
    return Status(201, shapes.use(made, readable=True))
