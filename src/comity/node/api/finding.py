"""Search and related cases over the API."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Status

from comity.node.accounts.authority import authorise
from comity.node.api import shapes
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES
from comity.node.casework import finding, saved_views
from comity.node.casework.acts.keep_view import delete_view, keep_view
from comity.node.casework.acts.note_no_answer import note_no_answer
from comity.node.casework.models import Case, Event, SavedView

router = Router()
_PAGE = 50
_HIGHEST = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=_HIGHEST)]


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
    """Cases that an act joined to it, then those about the same identifier; only those that are open."""
    official = official_of(request)
    case = find_case(official, reference)
    return [*finding.linked(official, case), *finding.related(official, case)]


@router.get("/cases/{reference}/same-person", response={200: list[shapes.CaseLine], FAILURES: shapes.Failure})
def naming_the_same(request: HttpRequest, reference: str) -> list[Case]:
    """Other cases that name a person of this one, of those that are open to the official too."""
    official = official_of(request)
    return finding.related_by_person(official, find_case(official, reference))


@router.get("/views", response={200: list[shapes.ViewOut], FAILURES: shapes.Failure})
def list_views(request: HttpRequest, after: int = 0) -> list[SavedView]:
    """Saved views by id, one's own and those of one's organisation, fifty at a time."""
    official = official_of(request)
    authorise(official, "keep_views")
    found = saved_views.open_to(official).filter(pk__gt=min(max(after, 0), _HIGHEST))
    return list(found.order_by("pk")[:_PAGE])


@router.post("/views", response={201: shapes.ViewOut, FAILURES: shapes.Failure})
def new_view(request: HttpRequest, new: shapes.NewView) -> Status[SavedView]:
    """Keep a search under a name; one's own view of that name is replaced."""
    asked = finding.Asked(**new.asked.model_dump())
    kept = keep_view(official_of(request), new.name, asked, shared=new.shared, now=timezone.now())
    return Status(201, kept)


@router.post("/views/{view}/delete", response={204: None, FAILURES: shapes.Failure})
def end_view(request: HttpRequest, view: Number) -> Status[None]:
    """Delete one's own view."""
    delete_view(official_of(request), view)
    return Status(204, None)


@router.post(
    "/cases/{reference}/letters/{letter}/no-answer",
    response={200: list[shapes.EventOut], FAILURES: shapes.Failure},
)
def record_silence(request: HttpRequest, reference: str, letter: UUID) -> list[Event]:
    """Put on record that a consultation was not answered in time; answers the case's timeline."""
    official = official_of(request)
    case = find_case(official, reference)
    note_no_answer(official, case, letter=str(letter), now=timezone.now())
    return list(case.events.all())
