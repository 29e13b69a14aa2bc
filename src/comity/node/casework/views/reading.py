"""The case page: how the request stands, what is due, what happened, the letters, exhibits and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from comity.letters.bodies import REQUESTS
from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.casework import (
    assignments,
    call_backs,
    emergencies,
    finding,
    limits,
    meetings,
    opinions,
    oral,
    order_lists,
    ordering,
    preparing,
    safe_conducts,
    serving,
    timeline,
    uses,
    waiting,
)
from comity.node.casework.deadlines import Deadline
from comity.node.casework.dialogue import answers, keeping, path
from comity.node.casework.dialogue.openings import by_purpose, openings
from comity.node.casework.entitlement import may_read
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Side
from comity.node.casework.options import Standing, buttons
from comity.node.casework.running import PRESERVATION
from comity.node.casework.views.common import find, show
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits.models import Exhibit

_BEGINNING = (*REQUESTS, "information")
"""The kinds of letter that a case begins with."""


@require_GET
def case(request: HttpRequest, reference: str) -> HttpResponse:
    """The page of one case; its letters are read once for all its parts."""
    found = find(request, reference)
    if found.reference != reference:
        return redirect("case", found.reference)
    with answers.read_once():
        return _page(request, found, reference)


def _page(request: HttpRequest, found: Case, reference: str) -> HttpResponse:
    official: Official = request.user  # type: ignore[assignment]
    letters = list(_letters(found))
    standing = Standing(
        case=found,
        official=official,
        items=list(found.items.all()),
        orders=list(order_lists.of_case(found)),
        exhibits=list(Exhibit.objects.filter(case_reference=reference).order_by("number")),
        newest_request=_newest_request(letters),
    )
    context: dict[str, Any] = {
        "readable": (readable := may_read(official, found)),
        "items": standing.items or (_drafted_items(found) if readable else []),
        "orders": standing.orders,
        "exhibits": standing.exhibits,
        "buttons": buttons(standing),
        "purposes": by_purpose(list(openings(found, official, standing.items))),
        "letters": letters,
        "sealed": next((letter for letter in letters if letter.sealed_sha256 or letter.report), None),
        "clocks": (clocks := list(_clocks(reference))),
        "deadlines": [Deadline(clock, found) for clock in clocks],
        "due": _due(found, clocks, standing),
        "events": [(event, timeline.sentence(event)) for event in found.events.select_related("by", "entry")],
        "meetings": meetings.of_case(found),
        "attendance": serving.pages(standing.items),
        "touched": bool(readable and safe_conducts.warnings(found, timezone.now())),
        "needed": call_backs.needed(found, timezone.now()) if readable else None,
        "emergency": emergencies.of(found),
        "prepared": preparing.waiting(found) if readable and may(official, "prepare_letter") else (),
        "assignments": list(assignments.standing(found)),
        "linked": finding.linked(official, found),
        "related": finding.related(official, found),
        "same_person": finding.related_by_person(official, found),
        "limits": limits.of_answer(found),
        "spoken": list(found.oral_requests.all()),
        "unconfirmed": oral.waits_for_writing(found),
        "basis": (found.draft or {}).get("basis") or _basis(found, standing.newest_request),
        "may_view_ledger": may(official, "view_ledger"),
        "may_take_in": may(official, "take_in_exhibit"),
        "may_view_exhibit": may(official, "view_exhibit"),
    }
    return show(request, "casework/case.html", found, **context)


@require_GET
def opinion(request: HttpRequest, reference: str) -> HttpResponse:
    """The opinion on which the case rests, as it was found when the facts last changed."""
    found = find(request, reference)
    return show(request, "casework/case_opinion.html", found, opinion=found.opinion)


def _clocks(reference: str) -> QuerySet[Clock]:
    return Clock.objects.filter(case_reference=reference).select_related("entry").order_by("starts_at", "id")


def _letters(found: Case) -> Any:
    letters = Letter.objects.filter(case_reference=found.reference).prefetch_related("receipts")
    return letters.order_by("-stage_at")


def _newest_request(letters: list[Letter]) -> Letter | None:
    arrived = [one for one in letters if one.direction == Direction.IN and one.kind in _BEGINNING]
    return max(arrived, key=lambda one: one.generation, default=None)


def _drafted_items(found: Case) -> list[dict[str, Any]]:
    """Before the first letter the items stand in the draft alone."""
    return [
        {
            "number": item["number"],
            "measure": item["measure"],
            "identifier_type": item["identifier"]["type"],
            "identifier_value": item["identifier"]["value"],
            "data_kinds": item["data_kinds"],
            "desired": item["desired"],
            "description": item["description"],
        }
        for item in (found.draft or {}).get("items", [])
        if isinstance(item, dict) and "identifier" in item
    ]


def _basis(found: Case, request: Letter | None) -> list[str]:
    """The provisions that the request names, where the draft has gone with its letter or was never ours."""
    if found.side == Side.REQUESTING:
        request = (
            Letter.objects.filter(
                case_reference=found.reference, direction=Direction.OUT, kind__in=_BEGINNING
            )
            .order_by("-generation")
            .first()
        )
    return list(read_body(request).get("basis", []))


def _preserving(found: Case, standing: Standing) -> Iterator[dict[str, Any]]:
    """What a preservation that ends, or that was extended, asks of this side."""
    if found.side == Side.REQUESTING:
        told = answers.unanswered(found, Direction.IN, {"preservation_expiring"})
        yield from ({"ending": letter} for letter in told)
        yield from ({"path": letter} for letter, _ in path.received(found))
        return
    yield from order_lists.due(found, standing.orders, standing.items, timezone.now())
    renewing = opinions.power_for(found.opinion or {}, opinions.EXTEND, Side.REQUESTED)
    for item in standing.items:
        if ordering.to_renew(item):
            yield {"order_anew": item, "cite": renewing}
    if keeping.to_tell_ending(found, timezone.now()):
        yield {"tell_ending": True}


def _open_letters(found: Case, direction: Direction) -> list[Letter]:
    """Letters of one side that wait for the other's answer, as far as no line of their own tells of them."""
    told = {"preservation_unhelpful", "preservation_expiring"}
    return answers.unanswered(found, direction, waiting.OWED - told)


def _due(found: Case, clocks: list[Clock], standing: Standing) -> dict[str, list[dict[str, Any]]]:
    """What each side owes: running clocks by whose duty they measure, and what follows from them."""
    running = [clock for clock in clocks if clock.state == ClockState.RUNNING]
    ours: list[dict[str, Any]] = [{"clock": clock} for clock in running if clock.of == found.side]
    theirs: list[dict[str, Any]] = [{"clock": clock} for clock in running if clock.of != found.side]
    ending = next((clock for clock in running if clock.kind == PRESERVATION and clock.due_at), None)
    if ending is not None and found.side == Side.REQUESTING:
        ours.append({"ask_before": ending})
    ours += _preserving(found, standing)
    ours += [{"answer": letter} for letter in _open_letters(found, Direction.IN)]
    theirs += [{"awaited": letter} for letter in keeping.undecided(found)]
    theirs += [{"answer": letter} for letter in _open_letters(found, Direction.OUT)]
    if may(standing.official, "note_no_answer"):
        ours += [{"silent": read_body(letter)} for letter in answers.overdue(found, timezone.now())]
    ours += [{"notify": each, "owed": uses.notice_owed(found)} for each in uses.unannounced(found)]
    if standing.unregistered:
        ours.append({"register": standing.newest_request})
    return {"ours": ours, "theirs": theirs}
