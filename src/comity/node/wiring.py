"""The composition root: who does the work that lower rooms only know by name."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.node.casework import entitlement, events, incoming, ordering
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock
from comity.node.exchange import arrivals, attachments, delivering, opening, outgoing, receipts, sealing
from comity.node.exchange.incoming import OPEN
from comity.node.exhibits import access, arrival, bundle, reading
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.orders import answers, sending


def connect() -> None:
    """Register every handler. Connecting twice changes nothing."""
    outbox.handler(outgoing.SEAL, sealing.seal)
    outbox.handler(receipts.DELIVER, delivering.deliver)
    outbox.handler(delivering.SEND_RECEIPT, delivering.send_receipt)
    outbox.handler(OPEN, opening.open_arrival)
    attachments.opener(reading.attachment)
    arrivals.on_receipt(incoming.acknowledged)
    for kind, act in incoming.HANDLERS.items():
        arrivals.handler(kind, act)
    access.limit(entitlement.exhibits)
    outbox.handler(arrival.JOB, arrival.arrive)
    outbox.handler(bundle.JOB, bundle.make)
    arrival.listen(incoming.exhibits_arrived)
    for kind, work in sending.HANDLERS.items():
        outbox.handler(kind, work)
    answers.listen(ordering.on_answer)
    clocks.handler("*", _note_end)


def _note_end(clock: Clock, now: datetime) -> None:
    """The ledger and the case's timeline remember that a clock ran out."""
    content = {
        "what": "clock_ran_out",
        "clock": clock.kind,
        "cite": clock.cite,
        "case": clock.case_reference,
        "at": canonical.instant_text(now),
    }
    entry = entries.append("clock_ran_out", clock.case_reference, content, now=now)
    events.clock_ran_out(clock.case_reference, clock.kind, entry, now)
