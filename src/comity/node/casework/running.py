"""Which clocks of the law a case's events start, replace and end. Values and citations are the opinion's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comity import canonical
from comity.node.casework import assignments, hearing_times, opinions
from comity.node.casework.dialogue import answers
from comity.node.casework.models import Case, Item, Side
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory import known
from comity.node.exchange.models import Direction

PRESERVATION = "preservation_minimum"
UNTIL_DECISION = "preservation_until_decision"
ORDER_MAXIMUM = "preservation_order_maximum"
EXECUTION = "execution"
FORWARDING = "forward_to_competent"
STATUS_ANSWER = "status_answer"
CONSULTATION_REPLY = "consultation_reply"
SAFE_CONDUCT = "safe_conduct"
CONFIRMATION = "written_confirmation"
ANSWER_STATUS = "answer_status"
"""The duty that a question about the status starts, as the law's vocabulary names it."""
DECISION, STATUS, CONFIRMED = "decision", "status", "confirmation"
PRESERVE = "preserve_data"

STARTED = {
    PRESERVATION: "on_preservation",
    ORDER_MAXIMUM: "on_preservation",
    UNTIL_DECISION: "on_receipt",
    EXECUTION: "on_arrival",
    FORWARDING: "on_arrival",
    STATUS_ANSWER: "on_question",
    CONSULTATION_REPLY: "on_consultation",
    SAFE_CONDUCT: "on_release",
    CONFIRMATION: "on_oral_request",
}
"""The clocks that events of a case start here, each by the function that does."""
_FROM_RECEIPT = (EXECUTION, FORWARDING)


def begin(case: Case, rule: dict[str, Any], starts_at: datetime, until: str = "") -> Clock:
    """Start the clock of one of the opinion's rules, its days counted where the side that owes it is.

    One without a duration ("forthwith") runs until the event ``until``.
    """
    of = rule["of"] if rule.get("of") in Side.values else Side.REQUESTED
    working = opinions.library().calendar(_state_of(case, of)) if rule.get("working_days") else None
    return running.start(
        case.reference,
        rule["id"],
        rule["cite"],
        of,
        starts_at=starts_at,
        duration=rule.get("duration"),
        until=until,
        zone=zone_of(case, of),
        working=working,
        certain=opinions.applies(rule),
        forthwith=bool(until),
    )


def zone_of(case: Case, of: str) -> str:
    """The time zone of the authority on a side of the case."""
    return known.own().time_zone if of == case.side else case.peer.time_zone


def on_arrival(case: Case, received_at: datetime) -> None:
    """A request arrived at the requested side: what the law counts from its receipt begins on both nodes.

    That a request outside a body's competence goes on in time only the requested side can know: its clock
    runs there, until the request is forwarded or its execution begins.
    """
    for rule in _rules(case, *_FROM_RECEIPT):
        forthwith = not rule.get("duration")
        if opinions.applies(rule) or (case.side == Side.REQUESTED and not forthwith):
            begin(case, rule, received_at, until=DECISION if forthwith else "")


def on_preservation(case: Case, preserved_at: datetime) -> Clock:
    """Data were preserved: the minimum time for which they must stay so begins.

    The longest time that the order to the provider may last begins with it, on both nodes.
    """
    for rule in _rules(case, ORDER_MAXIMUM):
        begin(case, rule, preserved_at)
    return begin(case, opinions.clock(_opinion(case), PRESERVATION), preserved_at)


def preservations(case: Case) -> QuerySet[Clock]:
    """The running clocks of preservation: one, or several where items stay preserved for different times."""
    found = Clock.objects.filter(case_reference=case.reference, kind=PRESERVATION, state=ClockState.RUNNING)
    return found.order_by("due_at", "id")


def on_extension(case: Case, items: Iterable[Item], until: datetime, cite: str, now: datetime) -> Clock:
    """Items stay preserved longer; clocks to whose end no item of the case is kept any more are replaced.

    When the order to the provider is renewed for it, only the requested side knows: on the other node the
    longest time of the order, where it would end before, is no longer counted.
    """
    if case.side == Side.REQUESTING:
        ending = Clock.objects.filter(case_reference=case.reference, kind=ORDER_MAXIMUM, due_at__lt=until)
        ending.filter(state=ClockState.RUNNING).update(state=ClockState.CEASED, ended_at=now)
    for item in items:
        item.preserved_until = until
        item.save(update_fields=["preserved_until"])
    zone = zone_of(case, Side.REQUESTED)
    longer = running.start(
        case.reference, PRESERVATION, cite, Side.REQUESTED, starts_at=now, due_at=until, zone=zone
    )
    kept = set(case.items.filter(actual="preserved").values_list("preserved_until", flat=True))
    past = [clock for clock in preservations(case) if clock.pk != longer.pk and clock.due_at not in kept]
    for clock in past:
        fate = (
            {"state": ClockState.CEASED}
            if clock != past[-1]
            else {"state": ClockState.REPLACED, "replaced_by": longer}
        )
        Clock.objects.filter(pk=clock.pk).update(ended_at=now, **fate)
    return longer


def on_renewed_order(case: Case, preserved_at: datetime, now: datetime) -> None:
    """The provider keeps the data under a further order: the longest time of an order begins anew."""
    for rule in _rules(case, ORDER_MAXIMUM):
        running.cease(case.reference, ORDER_MAXIMUM, now)
        begin(case, rule, preserved_at)


def on_receipt(case: Case, received_at: datetime, now: datetime) -> None:
    """A request was registered: a running preservation goes on until the decision on it, where the law says.

    The rule is asked of the measure that started the preservation, whatever this request's own measure is.
    """
    if case.side == Side.REQUESTING:
        on_arrival(case, received_at)
    preserving = list(preservations(case))
    for clock in preserving[:1]:
        opinion = opinions.form({**case.facts, "measure": PRESERVE}, now)
        rule = opinions.clock(opinion, UNTIL_DECISION)
        running.replace(clock, kind=UNTIL_DECISION, cite=rule["cite"], starts_at=received_at, until=DECISION)
    if preserving:
        case.items.update(preserved_until=None)
        running.cease(case.reference, PRESERVATION, now)


def on_forwarding(case: Case, received_at: datetime, now: datetime) -> None:
    """The request went on to the competent body: the clock of it, where the law sets one, is met."""
    for rule in _rules(case, FORWARDING):
        begin(case, rule, received_at)
    running.meet(case.reference, FORWARDING, now)


def on_execution(case: Case, now: datetime) -> None:
    """This body executes the request itself, so there is nothing to pass on."""
    if not assignments.passed_on(case):
        running.cease(case.reference, FORWARDING, now)


def on_assignment(case: Case, now: datetime, *, elsewhere: bool) -> None:
    """The execution was assigned. To another body of this State it is passed on, and the other side is to be
    told at the same time: until the letter that tells it the clock of passing on runs.
    """
    if not elsewhere:
        running.cease(case.reference, FORWARDING, now)


def on_question(case: Case, asked_at: datetime) -> None:
    """The requesting side asked how the request stands: the duty to answer runs until it is answered."""
    duty = next((each for each in _opinion(case)["duties"] if each.get("id") == ANSWER_STATUS), None)
    if duty is not None:
        running.start(
            case.reference,
            STATUS_ANSWER,
            duty["cite"],
            Side.REQUESTED,
            starts_at=asked_at,
            until=STATUS,
            zone=zone_of(case, Side.REQUESTED),
            certain=opinions.applies(duty),
            forthwith=True,
        )


def on_letter(case: Case, kind: str, body: dict[str, Any], now: datetime) -> None:
    """A letter of the dialogue was written or heard: the clocks of questions and answers."""
    if kind == "status_asked":
        on_question(case, now)
    elif kind == STATUS:
        asking = Direction.OUT if case.side == Side.REQUESTING else Direction.IN
        if not answers.unanswered(case, asking, {"status_asked"}):
            running.meet(case.reference, STATUS_ANSWER, now)
    elif kind == answers.CONSULTATION and body.get("reply_by"):
        on_consultation(case, body, now)
    elif kind == answers.REPLY:
        asked = Direction.IN if body["by"] == case.side else Direction.OUT
        if not answers.unanswered(case, asked, {answers.CONSULTATION}):
            running.meet(case.reference, CONSULTATION_REPLY, now, of=body["by"])
    hearing_times.keep_if_any(case, kind, body, now)


def on_release(case: Case, rule: dict[str, Any], released_at: datetime, ends_at: datetime) -> Clock:
    """A person was told that they are no longer needed: the time to leave under safe conduct runs."""
    return running.start(
        case.reference,
        SAFE_CONDUCT,
        rule["cite"],
        Side.REQUESTING,
        starts_at=released_at,
        due_at=ends_at,
        zone=zone_of(case, Side.REQUESTING),
    )


def on_departure(clock: Clock | None, now: datetime) -> None:
    """The person left in time: nothing is left for the clock to measure."""
    if clock is not None:
        Clock.objects.filter(pk=clock.pk, state=ClockState.RUNNING).update(state=ClockState.MET, ended_at=now)


def on_oral_request(case: Case, cite: str, made_at: datetime) -> None:
    """A request was made orally: the time for its confirmation in writing, by the provision of the form."""
    rules = [each for each in _opinion(case)["clocks"] if each["id"] == CONFIRMATION]
    for rule in sorted(rules, key=lambda each: each["cite"] != cite)[:1]:
        begin(case, rule, made_at, until="" if rule.get("duration") else CONFIRMED)


def on_confirmation(case: Case, confirmed_at: datetime) -> None:
    """The oral request was confirmed in writing: in time, if the letter was here before the time ran out.

    An official may tie the letter to the minute later than it came; what counts is when it came.
    """
    running.meet(case.reference, CONFIRMATION, confirmed_at)
    late = Clock.objects.filter(case_reference=case.reference, kind=CONFIRMATION, due_at__gte=confirmed_at)
    late.filter(state=ClockState.RAN_OUT).update(state=ClockState.MET, ended_at=confirmed_at)


def on_unconfirmed(case: Case, now: datetime) -> None:
    """No confirmation is awaited any more."""
    running.cease(case.reference, CONFIRMATION, now)


def on_consultation(case: Case, body: dict[str, Any], now: datetime) -> None:
    """A side was consulted and asked to answer by a day, under the provision that asks for consultation."""
    cite = opinions.consulted_under(_opinion(case), case.instrument, body["about"])
    if cite is not None:
        of = Side.REQUESTED if body["by"] == Side.REQUESTING else Side.REQUESTING
        running.start(
            case.reference,
            CONSULTATION_REPLY,
            cite,
            of,
            starts_at=now,
            due_at=canonical.read_instant(body["reply_by"]),
            zone=zone_of(case, of),
        )


def on_decision(case: Case, now: datetime) -> None:
    """The request was answered, refused or withdrawn as a whole."""
    running.meet(case.reference, UNTIL_DECISION, now)
    end = running.cease if case.actual == "withdrawn" else running.meet
    end(case.reference, EXECUTION, now)
    for kind in (FORWARDING, ORDER_MAXIMUM, STATUS_ANSWER, CONSULTATION_REPLY):
        running.cease(case.reference, kind, now)
    hearing_times.keep_if_any(case, "", {}, now)


def _rules(case: Case, *kinds: str) -> Iterator[dict[str, Any]]:
    """The opinion's clocks of these kinds, of each kind the first."""
    for kind in kinds:
        yield from [each for each in _opinion(case)["clocks"] if each["id"] == kind][:1]


def _state_of(case: Case, of: str) -> str:
    return known.own().state if of == case.side else case.peer.state


def _opinion(case: Case) -> dict[str, Any]:
    return {"clocks": [], "duties": [], **(case.opinion or {})}
