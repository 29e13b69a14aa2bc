"""Search and related cases over the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from comity.node.accounts.authority import authorise
from comity.node.api import shapes
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES
from comity.node.casework import finding
from comity.node.casework.models import Case

router = Router()


@router.get("/search", response={200: shapes.Finds, FAILURES: shapes.Failure})
def search(request: HttpRequest, asked: Query[shapes.Search]) -> dict[str, Any]:
    """Cases that have every word and meet every filter, the latest opened first, twenty-five a page."""
    official = official_of(request)
    authorise(official, "view_case")
    wanted = finding.Asked(words=asked.q, **asked.model_dump(exclude={"q", "after"}))
    found = finding.search(official, wanted, after=asked.after, now=timezone.now())
    return {"cases": found.cases, "after": found.following}


@router.get("/cases/{reference}/related", response={200: list[shapes.CaseLine], FAILURES: shapes.Failure})
def related_to(request: HttpRequest, reference: str) -> list[Case]:
    """Other cases about the same identifier, of those that are open to the official too."""
    official = official_of(request)
    return finding.related(official, find_case(official, reference))
