"""The JSON shapes of the API: strict, nothing unknown accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from django.db.models import prefetch_related_objects
from ninja import Schema
from ninja.operation import Operation
from pydantic import ConfigDict, Field

from comity.letters.bodies import DataKind, Emergency, Identifier, LanguageCode
from comity.letters.schema import written
from comity.node.casework.dialogue.openings import Opening, asked_before, discharged
from comity.node.casework.models import Access, Case
from comity.node.exchange.models import Letter as StoredLetter
from comity.node.exhibits.access import limits_of
from comity.node.exhibits.models import Exhibit
from comity.shapes import Instant, Line, Prose, Uuid
from comity.treaties.search import LONGEST, PAGE

FAILURES = frozenset({400, 403, 404})
"""The statuses that a failure comes with, besides 401."""


_new_answer: Callable[[Any, Any], type[Schema] | None] = Operation._create_response_model


@cache
def _answer(shape: Any) -> type[Schema] | None:
    """The model by which answers of one shape are written and described.

    Ninja makes one for each status of each operation anew, two of three of them those of a failure: a fifth
    of the time in which a node starts.
    """
    return _new_answer(None, shape)


def _create_response_model(self: Operation, response_param: Any) -> type[Schema] | None:
    return _answer(response_param)


Operation._create_response_model = _create_response_model  # type: ignore[method-assign]


class Strict(Schema):
    """Input that refuses unknown keys and silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewCase(Strict):
    """What a case starts from: facts of contracts.md and the authority asked."""

    heading: Line = Field(max_length=200)
    peer: str = Field(min_length=1, max_length=50, description="the authority's id in the directory")
    facts: dict[str, Any]
    template: int | None = Field(default=None, ge=1, le=2**63 - 1, description="of the organisation's")


class Tie(Strict):
    """The case that information is tied to, by its reference here."""

    reference: str = Field(min_length=1, max_length=40)


class PathStep(Strict):
    """A provider on a disclosed path, by its place in it, and the authority of its State that is asked."""

    letter: Uuid
    place: int = Field(ge=1, le=50)
    peer: str = Field(min_length=1, max_length=50, description="the authority's id in the directory")


class DraftTarget(Strict):
    """Whom or what an item is about."""

    type: Identifier
    value: Line


class DraftItem(Strict):
    """One thing to ask for; number, measure and desired status follow from the draft."""

    identifier: DraftTarget
    data_kinds: list[DataKind] = Field(default=[], max_length=4)
    period: dict[Literal["from", "to"], Instant] | None = None
    description: Prose | Literal[""] = ""


class Draft(Strict):
    """Changes to the draft of the next request; what is not named stays as it is."""

    contents: dict[Identifier, Prose | Literal[""]] = {}
    items: list[DraftItem] = Field(default=[], max_length=1000)
    urgent: bool = False
    confidential: bool = False
    no_user_notice: bool = False
    language: LanguageCode | Literal[""] = Field(default="", description="of the original, ISO 639")
    emergency: Emergency | None = Field(default=None, description="where data are asked for to avert one")


class Failure(Schema):
    """Every error: one sentence, a stable code, a next step."""

    code: str
    message: str
    next_step: str


class ItemOut(Schema):
    """One thing asked for, desired and actual apart."""

    number: int
    measure: str
    identifier_type: str
    identifier_value: str
    desired: str
    actual: str
    note: str


class CaseLine(Schema):
    """A case in a list."""

    reference: str
    peer_reference: str
    kind: str
    side: str
    peer: str = Field(alias="peer_id")
    heading: str
    instrument: str
    desired: str
    actual: str
    changed_at: datetime


class CaseOut(CaseLine):
    """A case with its items."""

    facts: dict[str, Any]
    opinion: dict[str, Any] | None
    draft: dict[str, Any] | None
    preparation: str
    items: list[ItemOut]


class CasePage(Schema):
    """A page of cases, latest first; ``after`` asks for the next one."""

    cases: list[CaseLine]
    after: str | None


class Search(Schema):
    """Words and filters; what is empty does not matter."""

    q: str = Field(default="", max_length=LONGEST, description="words in any language, or a reference")
    side: str = Field(default="", max_length=40)
    status: str = Field(default="", max_length=40)
    measure: str = Field(default="", max_length=40)
    state: str = Field(default="", max_length=8, description="the other State")
    treaty: str = Field(default="", max_length=40)
    urgent: bool = False
    due: bool = Field(default=False, description="a time limit ends within 24 hours or is overdue")
    mine: bool = Field(default=False, description="only cases the token's owner is named on")
    after: int | None = Field(default=None, ge=0, le=2**63 - 1, description="of the page before")


class SearchKept(Strict):
    """The words and filters that a view keeps."""

    words: str = Field(default="", max_length=LONGEST)
    side: str = Field(default="", max_length=40)
    status: str = Field(default="", max_length=40)
    measure: str = Field(default="", max_length=40)
    state: str = Field(default="", max_length=8)
    treaty: str = Field(default="", max_length=40)
    urgent: bool = False
    due: bool = False
    mine: bool = False


class NewView(Strict):
    """A search kept under a name; with one's organisation where ``shared``."""

    name: Line = Field(max_length=100)
    asked: SearchKept
    shared: bool = False


class ViewOut(Schema):
    """A saved view."""

    id: int
    name: str
    asked: dict[str, Any]
    owner: str = Field(alias="owner.username")
    organisation: str | None = Field(alias="organisation_id")


class Finds(Schema):
    """A page of what was found; ``after`` asks for the next one, which may be there when this is empty."""

    cases: list[CaseLine]
    after: int | None


class NewAccess(Strict):
    """Whom a case is opened to: one of the two, and why."""

    official: str = Field(default="", max_length=150, description="a user name")
    organisation: str = Field(default="", max_length=50, description="an organisation's id")
    reason: Line = Field(max_length=400)


class Withdrawal(Strict):
    """Why access ends."""

    reason: Line = Field(max_length=400)


class Why(Strict):
    """Why a draft goes back to its drafter."""

    reason: Line = Field(max_length=400)


class AccessOut(Schema):
    """One to whom a case was opened."""

    id: int
    official: str | None
    organisation: str | None
    reason: str
    given_by: str
    given_at: datetime


class ClockOut(Schema):
    """A clock of a case.

    ``certain`` is false where it is owed only if an unknown fact is so; ``zone`` and ``working_days`` say by
    which calendar its days were counted; ``ledger`` is the index of the record that it ran out.
    """

    case: str = Field(alias="case_reference")
    kind: str
    cite: str
    of: str
    starts_at: datetime
    due_at: datetime | None
    until: str
    state: str
    ended_at: datetime | None
    certain: bool
    zone: str
    working_days: str
    ledger: int | None = Field(default=None, alias="entry.index")


class ClocksAsked(Schema):
    """Filters of clocks; what is empty does not matter."""

    list: Literal["dated", "event", "ended"] = "dated"
    side: Literal["", "requesting", "requested"] = ""
    kind: str = Field(default="", max_length=60)
    within: Literal["", "24h", "3d", "7d"] = ""
    whose: Literal["", "ours", "theirs"] = ""
    after: int | None = Field(default=None, ge=0, le=2**63 - 1, description="of the page before")


class ClockPage(Schema):
    """A page of clocks, the most urgent first; ``after`` asks for the next one."""

    clocks: list[ClockOut]
    after: int | None


class ReminderOut(Schema):
    """A reminder that nobody has taken note of, and its clock."""

    id: int
    noted_at: datetime
    clock: ClockOut


class LimitOut(Schema):
    """A limit that binds in the case, with the letter that made it bind."""

    limit: str
    cite: str
    text: str
    letter: UUID
    since: datetime


class DutyOut(Schema):
    """A duty that the law ties to a turn."""

    id: str
    cite: str
    met: bool


class TurnOut(Schema):
    """A turn of the dialogue that is open now: its letter, items, what waits for it, what the law asks."""

    act: str
    letter: str
    items: list[int]
    waiting: list[UUID]
    blocked: str
    asked_before: list[DutyOut]
    discharges: list[DutyOut]


class EventOut(Schema):
    """A line of the timeline: ``kind`` is stable, ``params`` fill its sentence."""

    at: datetime
    kind: str
    params: dict[str, Any]
    letter: UUID | None


class ReceiptOut(Schema):
    """A receipt with its signed note."""

    kind: str
    issued_by: str
    at: datetime
    note: str


class LetterOut(Schema):
    """A letter, how far it has come, and what proves it."""

    id: str
    kind: str
    direction: str
    generation: int
    stage: str
    letter: dict[str, Any] | None
    report: dict[str, Any] | None
    step_up: dict[str, Any] | None
    national: dict[str, Any] | None
    signed_pdf: dict[str, Any] | None
    receipts: list[ReceiptOut]


class BindingLimit(Schema):
    """A limit that binds the use of an exhibit."""

    limit: str
    cite: str
    text: str


class ExhibitOut(Schema):
    """An exhibit, its custody, and the limits that bind its use."""

    number: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    origin: str
    source: str
    custody: list[dict[str, Any]]
    limits: list[BindingLimit]


class Head(Schema):
    """The ledger's latest checkpoint as a signed note."""

    size: int
    checkpoint: str | None


class LawAsked(Schema):
    """Words to search for in the law."""

    q: str = Field(max_length=LONGEST, description="words in Kazakh, Russian or English, or a citation")
    instrument: str = Field(default="", description="only in this one, for example uncc")
    start: int = Field(default=0, ge=0, le=99_999)
    limit: int = Field(default=PAGE, ge=1, le=100)


class LawPassage(Schema):
    """A provision's own words with all below it, and the rules on each."""

    cite: str
    label: str
    also: list[str]
    number: str
    heading: str
    chapter: str
    text_language: str
    text: str
    children: list[LawPassage]
    closing: str
    refers_to: list[str]
    rules: list[dict[str, Any]]
    flaws: list[str]
    repairs: list[dict[str, Any]]
    source_lines: list[int]


class LawTerm(Schema):
    """One term; ``place`` is where the published Kazakh text has it, null where the term is ours."""

    id: str
    en: str
    kk: str
    ru: str
    place: str | None
    note: str


class LawTopic(Schema):
    """A topic by its name in each language, and its places by treaty."""

    id: str
    name: dict[str, str]
    places: dict[str, list[str]]


class LawProvision(LawPassage):
    """A provision with all that has to do with it."""

    article: dict[str, dict[str, str]] | None = None
    questions: list[dict[str, Any]]
    lives: list[dict[str, Any]]
    referred_from: list[str]
    topics: list[LawTopic]


class LawPiece(Schema):
    """A piece of a found text; ``hit`` where it is a word that was found."""

    text: str
    hit: bool


class LawHit(Schema):
    """A provision that has all the words, and the text that shows them."""

    cite: str
    label: str
    grade: str
    field: str
    language: str
    pieces: list[LawPiece]


class LawFound(Schema):
    """What was found; ``citations`` are the places that the words name by number."""

    citations: list[str]
    total: int
    hits: list[LawHit]


def record_only(case: Case) -> Case:
    """A case as whoever only oversees it gets it: without facts, draft, and what its items name and say."""
    prefetch_related_objects([case], "items")
    case.facts, case.draft = {}, None
    for item in case.items.all():
        item.identifier_value = item.note = ""
    return case


def access(row: Access) -> dict[str, Any]:
    """A row of access as AccessOut."""
    return {
        "id": row.pk,
        "official": row.official.username if row.official else None,
        "organisation": row.organisation_id,
        "reason": row.reason,
        "given_by": row.given_by.username,
        "given_at": row.given_at,
    }


def letter(stored: StoredLetter, *, readable: bool) -> dict[str, Any]:
    """A stored letter as LetterOut; its text, where it is open, is that of the sealed ``letter.json``."""
    return {
        "id": str(stored.pk),
        "kind": stored.kind,
        "direction": stored.direction,
        "generation": stored.generation,
        "stage": stored.stage,
        "letter": written(bytes(stored.canonical)) if readable and stored.canonical else None,
        "report": stored.report,
        "step_up": stored.stepup if readable else None,
        "national": stored.national_report if readable else None,
        "signed_pdf": stored.signed_pdf_report if readable else None,
        "receipts": [
            {"kind": each.kind, "issued_by": each.issued_by, "at": each.at, "note": each.note}
            for each in stored.receipts.all()
        ],
    }


def turn(case: Case, opening: Opening) -> dict[str, Any]:
    """An open turn as TurnOut."""
    numbers = [item.number for item in opening.items]
    before = asked_before(case, opening.turn, numbers)
    return {
        "act": opening.turn.act,
        "letter": opening.turn.letter,
        "items": numbers,
        "waiting": [letter.pk for letter in opening.waiting],
        "blocked": opening.blocked,
        "asked_before": [{"id": one.duty.id, "cite": one.duty.cite, "met": one.met} for one in before],
        "discharges": [
            {"id": duty.id, "cite": duty.cite, "met": True} for duty in discharged(case, opening.turn)
        ],
    }


def exhibit(stored: Exhibit) -> dict[str, Any]:
    """A stored exhibit as ExhibitOut."""
    return {
        "number": stored.number,
        "name": stored.raw_name,
        "media_type": stored.media_type,
        "bytes": stored.bytes,
        "sha256": stored.sha256,
        "origin": stored.origin,
        "source": stored.source,
        "custody": [each.record for each in stored.custody.all()],
        "limits": [{"limit": each.limit, "cite": each.cite, "text": each.text} for each in limits_of(stored)],
    }
