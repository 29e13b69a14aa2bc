"""Cases on either side of State XA's node; what State XB says is written here as its letters would say it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.node.provider import HERON, post_example, provider  # noqa: F401

from comity import canonical
from comity.letters.schema import Letter as Document
from comity.letters.schema import read_value
from comity.node import config, durable

STATUS = {
    "uncc": {
        "in_force_since": "2027-01-01",
        "XA": {"status": "party", "since": "2027-01-01"},
        "XB": {"status": "party", "since": "2027-01-01"},
    }
}
CONTENTS = {
    field: f"What is to be said of {field}."
    for field in (
        "requesting_authority",
        "conducting_authority",
        "subject_and_nature",
        "facts",
        "data_sought",
        "relation_to_offence",
        "custodian_or_location",
        "necessity",
        "intention_to_request",
        "assistance_sought",
        "purpose",
    )
}
NAME = "Nomen Nescio"
PERSON = {"type": "person", "value": NAME}
WORDS = {"text": "Words for the other side."}
ITEM = {
    "identifier": {"type": "email", "value": HERON},
    "data_kinds": ["subscriber", "traffic", "content"],
    "description": "The mailbox",
}


@pytest.fixture(autouse=True)
def assumed(monkeypatch: pytest.MonkeyPatch, keys: Any) -> None:
    """The Convention is in force for both invented States."""
    node = config.current()
    durable.make_directories(node.arriving)
    durable.make_directories(node.store)
    supposed = dataclasses.replace(node, assumptions=STATUS)
    monkeypatch.setattr(config, "current", lambda: supposed)


def facts(requesting: str = "XA", requested: str = "XB", measure: str = "preserve_data") -> dict[str, Any]:
    return {
        "requesting_state": requesting,
        "requested_state": requested,
        "as_of": "2027-06-12",
        "measure": measure,
        "data_kinds": ["subscriber", "traffic", "content"],
        "electronic_evidence": True,
        "urgent": True,
        "offences": [
            {
                "id": "uncc:art_7",
                "description": "access to a bank's servers",
                "max_penalty_years": 5,
                "by_ict": True,
                "criminal_in": {"XA": True, "XB": True},
            }
        ],
    }


@pytest.fixture
def drafter(official: Any) -> Any:
    return official("drafter", "signatory")


@pytest.fixture
def signatory(official: Any) -> Any:
    return official("signatory", "reviewer")


@pytest.fixture
def open_case(drafter: Any, clock: Any) -> Callable[..., Any]:
    """A case on the requesting side, just opened."""
    from comity.node.casework.acts.open_case import open_case
    from comity.node.directory import known

    def make(**changes: Any) -> Any:
        return open_case(
            drafter,
            peer=known.find("xb-247"),
            heading="Access to a bank",
            facts=facts() | changes,
            now=clock.now,
        )

    return make


@pytest.fixture
def pages_clock(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    """The pages' time is the test's."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)


@pytest.fixture
def to_sign(open_case: Any, drafter: Any, clock: Any) -> Any:
    """A request that waits for its signature."""
    from comity.node.casework.acts.save_draft import save_draft
    from comity.node.casework.acts.submit_for_review import submit_for_review

    draft = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    return submit_for_review(drafter, draft, now=clock.now)


@pytest.fixture
def signed_case(open_case: Any, drafter: Any, signatory: Any, clock: Any) -> Any:
    """A case whose preservation request is signed."""
    from comity.node.casework.acts.save_draft import save_draft
    from comity.node.casework.acts.sign_request import sign_request
    from comity.node.casework.acts.submit_for_review import submit_for_review

    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    sign_request(signatory, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def arrive(clock: Any) -> Callable[..., Any]:
    """Let a letter of State XB arrive, as the exchange would after verifying it."""
    from django.db import transaction

    from comity.node.casework import incoming
    from comity.node.directory import known
    from comity.node.exchange.models import Direction, Letter, Stage

    @transaction.atomic
    def deliver(document: Document) -> Any:
        row = Letter.objects.create(
            id=document.id,
            kind=document.kind,
            direction=Direction.IN,
            peer=known.find("xb-247"),
            generation=document.generation,
            stage=Stage.DELIVERED,
            canonical=document.as_bytes(),
            received_at=clock.now,
            stage_at=clock.now,
            expires_at=canonical.read_instant(document.expires_at),
        )
        incoming.HANDLERS[document.kind](row, document, clock.now)
        row.refresh_from_db()
        return row

    return deliver


@pytest.fixture
def from_xb(clock: Any) -> Callable[..., Document]:
    """A letter of State XB."""

    def write(kind: str, body: dict[str, Any], **changes: Any) -> Document:
        return read_value(letter(kind, body, clock.now) | changes)

    return write


def letter(kind: str, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    at = canonical.instant_text(now)
    return {
        "schema": "comity-letter/1",
        "kind": kind,
        "id": str(uuid.uuid4()),
        "case": {"requesting": "XB-2027-000007", "requested": None},
        "generation": 1,
        "from": "xb-247",
        "to": "xa-247",
        "written_at": at,
        "expires_at": canonical.instant_text(now + timedelta(days=30)),
        "answers": [],
        "people": [
            {"part": "drafter", "name": "A", "post": "Officer", "at": at},
            {"part": "signatory", "name": "B", "post": "Head", "at": at},
        ],
        "limits": [],
        "attachments": [],
        "body": body,
    }


def request_body(measure: str = "preserve_data") -> dict[str, Any]:
    desired = {"preserve_data": "preserved", "access_stored_data": "disclosed"}.get(measure, "executed")
    item = {"number": 1, "measure": measure, "period": None, "desired": desired, **ITEM}
    return {
        "measure": measure,
        "instrument": "uncc",
        "basis": ["uncc:art_42"],
        "urgent": True,
        "facts": facts("XB", "XA", measure),
        "contents": CONTENTS,
        "items": [item],
        "confidential": True,
        "no_user_notice": True,
    }


@pytest.fixture
def consulted(official: Any, arrive: Any, from_xb: Any, clock: Any) -> Callable[..., None]:
    """Let the sides consult: this side asks, State XB replies."""
    from comity.node.casework.acts.consult import consult

    def ask_and_hear(case: Any, about: str, items: Any = (1,)) -> None:
        asked = consult(
            official("signatory"), case, items, text="Could it be done otherwise?", about=about, now=clock.now
        )
        case.refresh_from_db()
        arrive(from_xb(**reply(case, [str(asked.id)], items)))
        case.refresh_from_db()

    return ask_and_hear


def reply(case: Any, answers: list[str], items: Any = (1,)) -> dict[str, Any]:
    """State XB's reply in a consultation, as ``from_xb`` takes it."""
    by = "requesting" if case.side == "requested" else "requested"
    body = {"items": [{"number": n} for n in items], "text": "On these terms, perhaps.", "by": by}
    return {"kind": "consultation_reply", "body": body, "answers": answers} | heads(case)


@pytest.fixture
def preserved_here(arrive: Any, from_xb: Any, official: Any, post_example: Any, clock: Any) -> Any:  # noqa: F811
    """A request of State XB to preserve, carried out and reported by this side."""
    from tests.node.terms import TERMS

    from comity.node.casework.acts.order_preservation import order_preservation
    from comity.node.casework.acts.register_request import register_request
    from comity.node.casework.acts.report_preservation import report_preservation
    from comity.node.casework.models import Case
    from comity.node.orders.models import Order

    officer = official("registrar", "executing_officer", "duty_officer", "signatory")
    arrive(from_xb("request", request_body()))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    order = order_preservation(
        officer, case, case.items.get(), provider=post_example, terms=TERMS, now=clock.now
    )
    answer = {"state": "done", "at": canonical.instant_text(clock.now), "note": "", "files": []}
    Order.objects.filter(pk=order.pk).update(state="done", answer=answer, answered_at=clock.now)
    report_preservation(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def preserved_there(signed_case: Any, arrive: Any, from_xb: Any, clock: Any) -> Any:
    """A request of this side to preserve, which State XB has carried out and reported."""
    from comity.node.exchange.models import Letter

    asked = [str(Letter.objects.get(kind="request").id)]
    body = {
        "reference": "XB-2027-000009",
        "items": [{"number": 1, "actual": "preserved", "note": ""}],
        "preserved_at": canonical.instant_text(clock.now),
        "until": canonical.instant_text(clock.now + timedelta(days=60)),
        "clock": {"id": "preservation_minimum", "cite": "uncc:art_42__para_8"},
    }
    arrive(from_xb("preservation_done", body, answers=asked, **heads(signed_case)))
    signed_case.refresh_from_db()
    return signed_case


def heads(case: Any) -> dict[str, Any]:
    """The numbers of a case and the next generation of State XB's letters in it."""
    own, peer = case.reference, case.peer_reference or None
    ours = case.side == "requesting"
    numbers = {"requesting": own if ours else peer, "requested": (peer or "XB-2027-000009") if ours else own}
    return {"case": numbers, "generation": case.received_generation + 1}


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "executing_officer", "duty_officer", "signatory")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Any:
    """A request for access by State XB, registered here: this is the requested side."""
    from comity.node.casework.acts.register_request import register_request
    from comity.node.casework.models import Case

    arrive(from_xb("request", request_body("access_stored_data")))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def ours(signed_case: Any, arrive: Any, from_xb: Any, clock: Any) -> Any:
    """A request of this side that State XB has registered: this is the requesting side."""
    from comity.node.exchange.models import Letter

    body = {
        "reference": "XB-2027-000009",
        "received_at": canonical.instant_text(clock.now),
        "items": [{"number": 1, "actual": "registered"}],
        "deficiencies": [],
    }
    asked = Letter.objects.get(kind="request")
    arrive(from_xb("registration", body, answers=[str(asked.id)], **heads(signed_case)))
    signed_case.refresh_from_db()
    return signed_case


@pytest.fixture
def hear(arrive: Any, from_xb: Any) -> Callable[..., Any]:
    """Let State XB say something in a case; by default about item 1, answering what it may answer."""

    from comity.letters.bodies import KINDS
    from comity.node.exchange.models import Direction, Letter

    def say(case: Any, kind: str, *, answering: Any = None, **body: Any) -> Any:
        case.refresh_from_db()
        if answering is None:
            out = Letter.objects.filter(direction=Direction.OUT, kind__in=KINDS[kind].answers)
            answering = [str(each.id) for each in out.order_by("-generation")[:1]]
        said = {"items": [{"number": 1}], **WORDS} | body
        row = arrive(from_xb(kind, said, answers=answering, **heads(case)))
        case.refresh_from_db()
        return row

    return say


def said(letter: Any) -> Any:
    """The letter as its receiver would read it; it must be sound."""
    from comity.letters.schema import parse
    from comity.letters.validation import find_problems

    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    return document


def nothing_changed(case: Any, before: dict[str, Any]) -> bool:
    case.refresh_from_db()
    return facts_of(case) == before


def facts_of(case: Any) -> dict[str, Any]:
    items = list(case.items.values("number", "desired", "actual", "ground", "reasons", "note"))
    return {
        "items": items,
        "generation": case.received_generation,
        "status": (case.desired, case.actual, case.peer_reference),
        "limits": case.limits.count(),
        "events": case.events.count(),
    }


@pytest.fixture
def sent(open_case: Any, drafter: Any, signatory: Any, clock: Any) -> Callable[..., Any]:
    """A request of this side for what a measure asks, signed."""

    from comity.node.casework.acts.save_draft import save_draft
    from comity.node.casework.acts.sign_request import sign_request
    from comity.node.casework.acts.submit_for_review import submit_for_review

    def send(measure: str, **particulars: Any) -> Any:
        case = open_case(measure=measure, data_kinds=[])
        item = {"identifier": PERSON, "description": "For the main hearing", **particulars}
        case = save_draft(drafter, case, {"contents": _contents(case), "items": [item]}, now=clock.now)
        submit_for_review(drafter, case, now=clock.now)
        sign_request(signatory, case, now=clock.now)
        case.refresh_from_db()
        return case

    return send


def _contents(case: Any) -> dict[str, str]:
    asked = {each["field"] for each in (case.opinion or {})["contents"]}
    return {field: f"What is to be said of {field}." for field in asked | CONTENTS.keys()}


def by_two(act: Callable[..., Any]) -> Callable[..., Any]:
    """An act whose letter one official prepares and another signs, done by two."""

    def prepared_and_signed(official: Any, case: Any, *arguments: Any, **more: Any) -> Any:
        from comity.node.accounts.models import Official
        from comity.node.casework import signing
        from comity.node.casework.models import Case, Prepared

        now = Case.objects.get(pk=case.pk)
        first, _made = Official.objects.get_or_create(username="preparer")
        made = Prepared.objects.create(
            case=now,
            act=act.__name__,
            entered=[],
            by=first,
            at=more["now"],
            sent=now.sent_generation,
            received=now.received_generation,
        )
        with signing.held(signing.Ceremony(uuid.uuid4(), prepared=made)):
            return act(official, case, *arguments, **more)

    return prepared_and_signed
