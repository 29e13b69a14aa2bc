"""The composition root: who does the work that lower rooms only know by name."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.node.alerts import messages as alert_messages
from comity.node.alerts import noticing, people, watching
from comity.node.alerts import sending as sending_alerts
from comity.node.casework import (
    emergencies,
    entitlement,
    events,
    hearing_times,
    incoming,
    limits,
    markings,
    order_times,
    ordering,
    taking_in,
)
from comity.node.clocks import reminders
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock, Reminder
from comity.node.desk import roster
from comity.node.directory import updating
from comity.node.drills import answering, asking
from comity.node.exchange import (
    announcing,
    arrivals,
    attachments,
    delivering,
    drilling,
    opening,
    outgoing,
    receipts,
    renewing,
    sealing,
    together,
    transport,
    unfinished,
    updates,
    witnessing,
)
from comity.node.exchange.incoming import OPEN
from comity.node.exhibits import (
    access,
    arrival,
    bundle,
    closing,
    erasing,
    integrity,
    reading,
    renewals,
    uploads,
    viewing,
    working_copies,
)
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.orders import answers, messages, sending
from comity.node.reports import receiving
from comity.node.webhooks import telling


def connect() -> None:
    """Register every handler. Connecting twice changes nothing."""
    outbox.handler(outgoing.SEAL, sealing.seal)
    outbox.handler(receipts.DELIVER, delivering.deliver)
    outbox.handler(delivering.SEND_RECEIPT, delivering.send_receipt)
    outbox.handler_of_several(outgoing.SEAL, sealing.seal_several)
    outbox.handler_of_several(OPEN, opening.open_several)
    outbox.handler_of_several(receipts.DELIVER, together.deliver)
    outbox.handler_of_several(delivering.SEND_RECEIPT, together.send_receipts, excused=together.OF_PEER)
    outbox.handler(delivering.SEND_REJECTION, delivering.send_rejection)
    outbox.handler(OPEN, opening.open_arrival)
    outbox.handler(transport.ANNOUNCE, announcing.tell)
    outbox.handler(transport.KEEP, transport.keep)
    outbox.handler(renewing.KEEP, renewing.keep)
    outbox.handler(renewing.TRY, renewing.attempt)
    arrivals.handler(updates.KIND, updates.hear)
    outbox.handler(witnessing.ASK, witnessing.ask)
    outbox.handler(witnessing.SETTLE, witnessing.settle)
    outbox.handler(asking.SEND, drilling.send)
    outbox.handler(answering.ANSWER, drilling.answer)
    outbox.handler(drilling.LEARN, drilling.learn)
    outbox.handler(unfinished.FORGET, unfinished.forget)
    attachments.opener(reading.attachment)
    arrivals.on_receipt(incoming.acknowledged)
    arrivals.on_sealed(renewals.sealed)
    for kind, act in incoming.HANDLERS.items():
        arrivals.handler(kind, act)
    access.limit(entitlement.exhibits)
    access.bound_by(limits.binding)
    closing.known_by(markings.closures)
    viewing.known_by(markings.by_two)
    outbox.handler(arrival.JOB, arrival.arrive)
    outbox.handler(bundle.JOB, bundle.make)
    outbox.handler(integrity.JOB, integrity.check)
    outbox.handler(erasing.JOB, erasing.erase)
    outbox.handler(working_copies.JOB, working_copies.make)
    outbox.handler(renewals.FIND, renewals.find)
    outbox.handler(renewals.JOB, renewals.seal)
    outbox.handler(working_copies.ERASE, working_copies.erase)
    outbox.handler(uploads.JOB, uploads.finish)
    uploads.listen(taking_in.on_upload)
    arrival.listen(incoming.exhibits_arrived)
    for kind, work in sending.HANDLERS.items():
        outbox.handler(kind, work)
    answers.listen(ordering.on_answer)
    messages.listen(ordering.on_message)
    clocks.handler("*", _note_end)
    clocks.handler(emergencies.VALIDATION, emergencies.lapsed)
    for moment in (hearing_times.TEST, hearing_times.HEARING, order_times.END, order_times.SECRECY):
        clocks.moment(moment)
    clocks.handler(hearing_times.HEARING, hearing_times.begun)
    events.listen(telling.on_event)
    incoming.on_receipt(telling.on_receipt)
    outbox.handler(telling.JOB, telling.send)
    events.listen(noticing.on_event)
    arrivals.on_refused(noticing.on_refused)
    people.on_duty(roster.on_duty)
    outbox.handler(alert_messages.JOB, sending_alerts.send)
    watching.shifts(roster.beginning)
    outbox.handler(updating.UPDATE, updating.update)
    outbox.handler(receiving.ENTER, receiving.enter)
    reminders.listen(_note_reminder)


def _note_end(clock: Clock, now: datetime) -> None:
    """The ledger (its next checkpoint signs it) and the case's timeline remember that a clock ran out."""
    content = {
        "what": "clock_ran_out",
        "clock": clock.kind,
        "cite": clock.cite,
        "case": clock.case_reference,
        "of": clock.of,
        "certain": clock.certain,
        "started_at": canonical.instant_text(clock.starts_at),
        "due_at": canonical.instant_text(clock.due_at) if clock.due_at else None,
        "zone": clock.zone,
        "working_days": clock.working_days or None,
        "at": canonical.instant_text(now),
    }
    clock.entry = entries.append("clock_ran_out", clock.case_reference, content, now=now)
    clock.save(update_fields=["entry"])
    events.of_clock(clock.case_reference, "clock_ran_out", now, entry=clock.entry, clock=clock.kind)


def _note_reminder(reminder: Reminder, now: datetime) -> None:
    """The case's timeline remembers that a clock was going to end, or waited for long."""
    clock = reminder.clock
    if clock.due_at is None:
        since = canonical.instant_text(clock.starts_at)
        events.of_clock(clock.case_reference, "clock_waits", now, clock=clock.kind, since=since)
        return
    until = canonical.instant_text(clock.due_at)
    events.of_clock(clock.case_reference, "clock_reminder", now, clock=clock.kind, until=until)
