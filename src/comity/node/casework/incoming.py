"""What a verified letter changes in a case. Called by the exchange inside the transaction that delivers it.

A letter that does not fit (of another side, another case, an older generation) is refused with its code and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from comity import canonical
from comity.letters import bodies, schema
from comity.node.casework import (
    drafts,
    emergencies,
    events,
    limits,
    opinions,
    receiving,
    references,
    running,
    safe_conducts,
    serving,
    statuses,
    waiting,
    words,
)
from comity.node.casework.acts.sign_request import item_values
from comity.node.casework.averting import AVERT
from comity.node.casework.dialogue import hearing
from comity.node.casework.models import Case, CaseKind, Item, Preparation, Side
from comity.node.databases import rows
from comity.node.directory import known
from comity.node.exchange.models import Letter, Stage
from comity.node.exhibits import arrival
from comity.node.jobs import outbox
from comity.proofs.receipts import ReceiptName
from comity.terms import ComityError, gettext_noop


class StatesDifferError(ComityError):
    """The facts of a request are about other States than its sender and its recipient."""

    code = "states_differ"
    message = gettext_noop("The request speaks of {requesting} and {requested}, not of sender and recipient.")
    next_step = gettext_noop("Send it to the State it is meant for.")


def request(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """A request: a new case, or a further generation of one that is here."""
    body = letter.body.as_json()
    _demand_own_states(row, body["facts"])
    case = Case.objects.select_for_update().filter(
        side=Side.REQUESTED, peer=row.peer, peer_reference=letter.case.requesting
    ).first() or _open(row, letter, drafts.heading(body), now)
    if case.kind != CaseKind.REQUEST:
        raise receiving.CaseUnknownError(reference=letter.case.requesting or "?", peer=row.peer_id)
    receiving.advance(case, row, letter)
    case.facts, case.opinion = body["facts"], opinions.form(body["facts"], now)
    case.instrument, case.desired = body["instrument"], statuses.desired_by(body["measure"])
    case.urgent = body["urgent"] or body["measure"] == AVERT
    case.confidential = body["confidential"]
    case.no_user_notice, case.changed_at = body["no_user_notice"], now
    case.save()
    for item in body["items"]:
        Item.objects.update_or_create(case=case, number=item["number"], defaults=item_values(item))
    words.keep(case)
    running.on_arrival(case, row.received_at or now)
    written_at = canonical.read_instant(letter.written_at)
    emergencies.on_request(case, row.pk, body, asked_at=row.received_at or now, written_at=written_at)
    events.note(case, "request_received", now=now, letter=row.id, generation=letter.generation)
    _take_files(row, letter, case, now)


def information(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """Information that nobody asked for: a case of its own, with the restrictions of its sender."""
    body = letter.body.as_json()
    _demand_own_states(row, body["facts"])
    case = Case.objects.select_for_update().filter(
        side=Side.REQUESTED, peer=row.peer, peer_reference=letter.case.requesting
    ).first() or _open(row, letter, body["subject"], now)
    if case.received_generation and case.kind != CaseKind.INFORMATION:
        raise receiving.CaseUnknownError(reference=letter.case.requesting or "?", peer=row.peer_id)
    receiving.advance(case, row, letter)
    case.kind, case.instrument, case.changed_at = CaseKind.INFORMATION, body["instrument"], now
    case.facts, case.opinion = body["facts"], opinions.form(body["facts"], now)
    told = [limit.as_json() for limit in letter.limits]
    case.confidential = any(limit["id"] == "confidential" for limit in told)
    case.save()
    limits.lay_down(case, told, row.id, now)
    words.keep(case)
    events.note(case, "information_received", now=now, letter=row.id)
    _take_files(row, letter, case, now)


def _take_files(row: Letter, letter: schema.Letter, case: Case, now: datetime) -> None:
    """Files that came along are taken in by a job: bulk never runs in a transaction."""
    if letter.attachments:
        payload = {"letter": str(row.id), "case": case.reference}
        outbox.ask(arrival.JOB, f"{arrival.JOB}:{row.id}", payload, now=now)


def registration(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """The other side has registered the request; a running preservation goes on until the decision."""
    body: bodies.RegistrationBody = letter.body  # type: ignore[assignment]
    case = _requesting(row, letter)
    case.peer_reference = body.reference
    _take_actual(case, {item.number: {"actual": item.actual} for item in body.items})
    running.on_receipt(case, canonical.read_instant(body.received_at), now)
    _finish(case, now)
    events.note(case, "registration_received", now=now, letter=row.id, reference=body.reference)


def preservation_done(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """The data are preserved: the clock runs here too, by this State's own reading of the law."""
    body: bodies.PreservationDoneBody = letter.body  # type: ignore[assignment]
    case = _requesting(row, letter)
    _take_actual(case, {item.number: {"actual": item.actual, "note": item.note} for item in body.items})
    clock = running.on_preservation(case, canonical.read_instant(body.preserved_at))
    numbers = [item.number for item in body.items if item.actual == "preserved"]
    case.items.filter(number__in=numbers).update(preserved_until=clock.due_at)
    _finish(case, now)
    events.note(case, "preservation_received", now=now, letter=row.id, until=body.until)


def result(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """The result: statuses and limits now, the exhibits by a job."""
    body: bodies.ResultBody = letter.body  # type: ignore[assignment]
    case = _requesting(row, letter)
    for item in body.items:
        serving.demand_asked(case, item)
        if item.appearance and item.appearance.answer == serving.CONSENTS:
            safe_conducts.expect(case, item.number, now)
    _take_actual(case, {item.number: {"actual": item.actual, "note": item.note} for item in body.items})
    limits.lay_down(case, [limit.as_json() for limit in letter.limits], row.id, now)
    if body.whole:
        running.on_decision(case, now)
    emergencies.on_received(case, letter.kind, body.as_json(), row.pk, now)
    _finish(case, now)
    events.note(case, "result_received", now=now, letter=row.id)
    _take_files(row, letter, case, now)


def refusal(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """Items were refused, each with its ground and reasons."""
    body: bodies.RefusalBody = letter.body  # type: ignore[assignment]
    case = _requesting(row, letter)
    refused = {
        item.number: {"actual": "refused", "ground": item.ground.cite, "reasons": item.reasons}
        for item in body.items
    }
    _take_actual(case, refused)
    if case.actual in statuses.FINISHED:
        running.on_decision(case, now)
    _finish(case, now)
    for item in body.items:
        events.note(
            case, "refusal_received", now=now, letter=row.id, item=item.number, ground=item.ground.cite
        )


def exhibits_arrived(case_reference: str, kind: str, count: int, now: datetime) -> None:
    """Note that the files of a letter were taken in; wiring registers this with their room."""
    case = Case.objects.get(reference=case_reference)
    events.note(case, _ARRIVED.get(kind, "exhibits_received"), now=now, count=count)


_listeners: list[Callable[[Case, Letter, ReceiptName, datetime], None]] = []


def on_receipt(listener: Callable[[Case, Letter, ReceiptName, datetime], None]) -> None:
    """Register who is told of receipts about the letters of a case."""
    if listener not in _listeners:
        _listeners.append(listener)


def acknowledged(row: Letter, receipt: ReceiptName, now: datetime) -> None:
    """A receipt about a letter of ours: once the peer's node has a request, it is sent.

    What a letter that failed was to answer waits again, until it turns out to have arrived after all. Both
    stand on the timeline, so that whoever is alerted by it hears of them.
    """
    if row.kind in bodies.REQUESTS and receipt == ReceiptName.RELAY_REMMD_ACCEPTANCE:
        Case.objects.filter(reference=row.case_reference, preparation=Preparation.SIGNED).update(
            preparation=Preparation.SENT
        )
    for case in rows.those(Case, reference=row.case_reference):
        if receipt not in (ReceiptName.RETRIEVAL, ReceiptName.NON_RETRIEVAL):
            waiting.keep(case)
        _note(case, row, receipt, now)
        for listener in _listeners:
            listener(case, row, receipt, now)


def _note(case: Case, row: Letter, receipt: ReceiptName, now: datetime) -> None:
    """Say on the timeline that a letter of ours did not arrive, was not opened, or arrived after all."""
    if receipt in _FAILURES and row.stage == Stage.FAILED:
        events.note(case, "letter_failed", now=now, letter=row.pk, why=row.refusal_code)
    elif receipt == ReceiptName.NON_RETRIEVAL:
        events.note(case, "letter_unopened", now=now, letter=row.pk)
    elif receipt in _ARRIVALS and row.stage != Stage.FAILED and row.may_have_failed:
        said = case.events.filter(letter=row.pk, kind__in=("letter_failed", "letter_arrived_late"))
        if said.order_by("-id").values_list("kind", flat=True).first() == "letter_failed":
            events.note(case, "letter_arrived_late", now=now, letter=row.pk)


_FAILURES = frozenset(
    {ReceiptName.RELAY_REMMD_FAILURE, ReceiptName.RELAY_REMMD_REJECTION, ReceiptName.NON_DELIVERY}
)
_ARRIVALS = (ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.DELIVERY)
_ARRIVED = {**dict.fromkeys(bodies.REQUESTS, "enclosures_received"), "information": "files_received"}
"""What the timeline calls the files that came along, by kind of letter; with a result they are exhibits."""
HANDLERS: dict[str, Callable[[Letter, schema.Letter, datetime], None]] = {
    **dict.fromkeys(bodies.REQUESTS, request),
    "information": information,
    "registration": registration,
    "preservation_done": preservation_done,
    "refusal": refusal,
    **hearing.HANDLERS,
    "result": result,  # turns that answer in words write it too
}
"""What wiring registers with the exchange, by kind of letter; ``acknowledged`` hears of receipts."""


def _open(row: Letter, letter: schema.Letter, heading: str, now: datetime) -> Case:
    own = known.own()
    return Case.objects.create(
        reference=references.following(own.state, now.year),
        peer_reference=letter.case.requesting or "",
        side=Side.REQUESTED,
        peer=row.peer,
        heading=heading,
        opened_at=now,
        changed_at=now,
    )


def _requesting(row: Letter, letter: schema.Letter) -> Case:
    """The case on this, the requesting side that the letter is about, advanced to its generation."""
    case = receiving.case_of(row, letter, Side.REQUESTING)
    receiving.advance(case, row, letter)
    return case


def _demand_own_states(row: Letter, facts: dict[str, Any]) -> None:
    named = facts.get("requesting_state"), facts.get("requested_state")
    if named != (row.peer.state, known.own().state):
        raise StatesDifferError(requesting=named[0], requested=named[1])


def _take_actual(case: Case, told: dict[int, dict[str, Any]]) -> None:
    """What the requested side says of its items; ItemUnknownError for a letter that names another."""
    there = set(case.items.values_list("number", flat=True))
    for number in told:
        if number not in there:
            raise receiving.ItemUnknownError(case=case.reference, item=number)
    for item in case.items.filter(number__in=told):
        Item.objects.filter(pk=item.pk).update(
            **{key: str(value) for key, value in told[item.number].items()}
        )
    case.actual = statuses.of_case(case.items.values_list("actual", flat=True))


def _finish(case: Case, now: datetime) -> None:
    case.changed_at = now
    case.save()
    words.keep(case)
