"""The endpoints: parse, authorise, call one act or one query, answer.

Every list is by keyset: ``after`` of one page asks for the next. Absent and forbidden answer alike.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Body, NinjaAPI, Status
from ninja.security import HttpBearer

from comity import __version__
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.api import access as people
from comity.node.api import (
    alerts,
    assigning,
    attendance,
    call_backs,
    channel_notes,
    clocks,
    contents,
    copies,
    defence,
    delegating,
    deliveries,
    directory,
    drafting,
    drills,
    duty,
    emergencies,
    enclosing,
    finding,
    hearings,
    intake,
    keeping,
    law,
    markings,
    node_clock,
    oral,
    orders,
    passing,
    preparing,
    proofs,
    provider_people,
    reports,
    shapes,
    tokens,
    translating,
    use,
    witnesses,
)
from comity.node.api.entering import find_case, find_readable, official_of
from comity.node.api.shapes import FAILURES
from comity.node.casework import limits, opinions
from comity.node.casework.acts.approve_draft import approve_draft
from comity.node.casework.acts.comment_on_draft import CommentUnknownError
from comity.node.casework.acts.follow_path import follow_path
from comity.node.casework.acts.open_case import open_case
from comity.node.casework.acts.register_information import tie_information
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.submit_for_review import return_draft, submit_for_review
from comity.node.casework.dialogue.openings import openings
from comity.node.casework.entitlement import may_read, visible
from comity.node.casework.models import Case, Event, Limit
from comity.node.casework.patterns import TemplateUnknownError
from comity.node.casework.saved_views import ViewUnknownError
from comity.node.casework.versions import VersionUnknownError
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange.models import Letter
from comity.node.exhibits import access, case_uco
from comity.node.exhibits.openings import RangeNotThereError
from comity.node.ledger.models import Checkpoint
from comity.node.ledger.wall_clock import ClockSteppedError
from comity.node.pages.programs import StrictJson, tell_failures
from comity.node.witnesses.heads import HeadUnseenError
from comity.reasoning import check
from comity.terms import ComityError, gettext_noop
from comity.treaties.errors import InstrumentUnknownError, ProvisionUnknownError
from comity.treaties.topics import TopicUnknownError

PAGE = 50
logger = logging.getLogger(__name__)


class Bearer(HttpBearer):
    """Who a token belongs to."""

    def authenticate(self, request: HttpRequest, token: str) -> Official | None:
        """The token's owner, or None (401)."""
        return tokens.owner(token, now=timezone.now())


class TokenNeededError(ComityError):
    """The request carries no valid token."""

    code = "token_needed"
    message = gettext_noop("The API answers only to a valid token.")
    next_step = gettext_noop("Ask the administrator for one: comity node person token --help")


api = NinjaAPI(
    title="Comity",
    version=__version__,
    description="A State's node. Signing takes a person and has no endpoint.",
    auth=Bearer(),
    parser=StrictJson(),
    docs_url=None,
    urls_namespace="api",
)
api.add_router("/law", law.router)
api.add_router("", people.router)
api.add_router("", finding.router)
api.add_router("", clocks.router)
api.add_router("", alerts.router)
api.add_router("", call_backs.router)
api.add_router("", orders.router)
api.add_router("", emergencies.router)
api.add_router("", channel_notes.router)
api.add_router("", drafting.router)
api.add_router("", use.router)
api.add_router("", assigning.router)
api.add_router("", attendance.router)
api.add_router("", hearings.router)
api.add_router("", witnesses.router)
api.add_router("", node_clock.router)
api.add_router("", markings.router)
api.add_router("", oral.router)
api.add_router("", translating.router)
api.add_router("", enclosing.router)
api.add_router("", keeping.router)
api.add_router("", copies.router)
api.add_router("", contents.router)
api.add_router("", proofs.router)
api.add_router("", deliveries.router)
api.add_router("", defence.router)
api.add_router("", intake.router)
api.add_router("", preparing.router)
api.add_router("", delegating.router)
api.add_router("", directory.router)
api.add_router("", duty.router)
api.add_router("", passing.router)
api.add_router("", drills.router)
api.add_router("", reports.router)
api.add_router("", provider_people.router)
STATUS: dict[type[ComityError], int] = {
    NotAuthorisedError: 403,
    NothingThereError: 404,
    HeadUnseenError: 404,
    VersionUnknownError: 404,
    CommentUnknownError: 404,
    TemplateUnknownError: 404,
    ViewUnknownError: 404,
    InstrumentUnknownError: 404,
    ProvisionUnknownError: 404,
    TopicUnknownError: 404,
    RangeNotThereError: 416,
    ClockSteppedError: 503,
}
tell_failures(api, STATUS, otherwise=400, stranger=TokenNeededError, log=logger)


@api.post("/advise", response={200: dict[str, Any], FAILURES: shapes.Failure})
def advise(request: HttpRequest, facts: Body[dict[str, Any]]) -> dict[str, Any]:
    """An opinion on facts, in the shape of ``comity advise --json``."""
    return opinions.form(facts, timezone.now())


@api.post("/check", response={200: dict[str, Any], FAILURES: shapes.Failure})
def check_request(request: HttpRequest, draft: Body[dict[str, Any]]) -> dict[str, Any]:
    """What is missing or inconsistent in a drafted request."""
    return {"problems": [problem.as_dict() for problem in check(draft, opinions.library())]}


@api.get("/cases", response={200: shapes.CasePage, FAILURES: shapes.Failure})
def list_cases(request: HttpRequest, side: str = "", after: str = "") -> dict[str, Any]:
    """Cases, latest first, fifty a page."""
    cases = visible(official_of(request)).order_by("-changed_at", "-id")
    if side:
        cases = cases.filter(side=side)
    if after:
        last = find_case(official_of(request), after)
        cases = cases.filter(changed_at__lte=last.changed_at).exclude(
            changed_at=last.changed_at, id__gte=last.pk
        )
    page = list(cases[: PAGE + 1])
    return {"cases": page[:PAGE], "after": page[PAGE - 1].reference if len(page) > PAGE else None}


@api.post("/cases", response={201: shapes.CaseOut, FAILURES: shapes.Failure})
def new_case(request: HttpRequest, new: shapes.NewCase) -> Status[Case]:
    """Open a case on the requesting side; its opinion is found at once."""
    peer = Authority.objects.filter(pk=new.peer, own=False).first()
    if peer is None:
        raise NothingThereError(name=new.peer)
    case = open_case(
        official_of(request),
        peer=peer,
        heading=new.heading,
        facts=new.facts,
        template=new.template,
        now=timezone.now(),
    )
    return Status(201, case)


@api.post("/cases/{reference}/path", response={201: shapes.CaseOut, FAILURES: shapes.Failure})
def follow(request: HttpRequest, reference: str, step: shapes.PathStep) -> Status[Case]:
    """Follow a disclosed path: the draft of a request to preserve to the State of one of its providers."""
    official = official_of(request)
    opened = follow_path(
        official,
        find_readable(official, reference),
        letter=step.letter,
        place=step.place,
        peer=known.find(step.peer),
        now=timezone.now(),
    )
    return Status(201, opened)


@api.post("/cases/{reference}/tie", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def tie(request: HttpRequest, reference: str, to: shapes.Tie) -> Case:
    """Tie information that came without request to a case."""
    official = official_of(request)
    case, other = find_case(official, reference), find_case(official, to.reference)
    tie_information(official, case, other, now=timezone.now())
    return case if may_read(official, case) else shapes.record_only(case)


@api.get("/cases/{reference}", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def one_case(request: HttpRequest, reference: str) -> Case:
    """A case with its items, facts and opinion; without what they say for whoever only oversees it."""
    official = official_of(request)
    case = find_case(official, reference)
    return case if may_read(official, case) else shapes.record_only(case)


@api.put("/cases/{reference}/draft", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def write_draft(request: HttpRequest, reference: str, changes: shapes.Draft) -> Case:
    """Keep changes to the draft of the next request."""
    official = official_of(request)
    return save_draft(
        official,
        find_case(official, reference),
        changes.model_dump(exclude_unset=True),
        now=timezone.now(),
    )


@api.post("/cases/{reference}/review", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def submit_draft(request: HttpRequest, reference: str) -> Case:
    """Hand a complete draft to whoever signs."""
    official = official_of(request)
    return submit_for_review(official, find_case(official, reference), now=timezone.now())


@api.post("/cases/{reference}/approval", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def approve(request: HttpRequest, reference: str) -> Case:
    """Approve the draft in review, as a reviewer; signing it takes a person on the page."""
    official = official_of(request)
    return approve_draft(official, find_case(official, reference), now=timezone.now())


@api.post("/cases/{reference}/return", response={200: shapes.CaseOut, FAILURES: shapes.Failure})
def give_back(request: HttpRequest, reference: str, why: shapes.Why) -> Case:
    """Give a draft in review back to its drafter, with a reason."""
    official = official_of(request)
    return return_draft(official, find_case(official, reference), why.reason, now=timezone.now())


@api.get("/cases/{reference}/turns", response={200: list[shapes.TurnOut], FAILURES: shapes.Failure})
def turns_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What the token's owner may write to the other side now, with the duties that the law ties to it.

    Writing it takes a signature, so it takes a person on the page of the act.
    """
    official = official_of(request)
    case = find_case(official, reference)
    return [shapes.turn(case, each) for each in openings(case, official, list(case.items.all()))]


@api.get("/cases/{reference}/limits", response={200: list[shapes.LimitOut], FAILURES: shapes.Failure})
def limits_of(request: HttpRequest, reference: str) -> list[Limit]:
    """The limits that bind in the case, those of accepted conditions among them."""
    return list(limits.of_answer(find_case(official_of(request), reference)))


@api.get("/cases/{reference}/timeline", response={200: list[shapes.EventOut], FAILURES: shapes.Failure})
def timeline_of(request: HttpRequest, reference: str) -> list[Event]:
    """What happened in the case, oldest first."""
    return list(find_case(official_of(request), reference).events.all())


@api.get("/cases/{reference}/letters", response={200: list[shapes.LetterOut], FAILURES: shapes.Failure})
def letters_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The letters of the case with their receipts and verification reports."""
    official = official_of(request)
    case = find_case(official, reference)
    readable = may_read(official, case)
    letters = Letter.objects.filter(case_reference=case.reference).prefetch_related("receipts")
    return [shapes.letter(each, readable=readable) for each in letters.order_by("stage_at", "id")]


@api.get("/exhibits/{number}", response={200: shapes.ExhibitOut, FAILURES: shapes.Failure})
def one_exhibit(request: HttpRequest, number: str) -> dict[str, Any]:
    """An exhibit and its custody in both States."""
    exhibit = access.visible(official_of(request)).prefetch_related("custody").filter(number=number).first()
    if exhibit is None:
        raise NothingThereError(name=number)
    return shapes.exhibit(exhibit)


@api.get("/exhibits/{number}/case", response={200: dict[str, Any], FAILURES: shapes.Failure})
def exhibit_as_case(request: HttpRequest, number: str) -> dict[str, Any]:
    """An exhibit and its custody as CASE/UCO JSON-LD."""
    exhibit = access.visible(official_of(request)).filter(number=number).first()
    if exhibit is None:
        raise NothingThereError(name=number)
    return case_uco.document(exhibit)


@api.get("/ledger/checkpoint", response={200: shapes.Head, FAILURES: shapes.Failure})
def ledger_head(request: HttpRequest) -> dict[str, Any]:
    """The latest signed checkpoint."""
    authorise(official_of(request), "view_ledger")
    head = Checkpoint.objects.order_by("-size").first()
    return {"size": head.size if head else 0, "checkpoint": head.note if head else None}
