"""The composition root: who does the work that lower rooms only know by name."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock
from comity.node.exchange import delivering, opening, outgoing, receipts, sealing
from comity.node.exchange.incoming import OPEN
from comity.node.jobs import outbox
from comity.node.ledger import entries


def connect() -> None:
    """Register every handler. Connecting twice changes nothing."""
    outbox.handler(outgoing.SEAL, sealing.seal)
    outbox.handler(receipts.DELIVER, delivering.deliver)
    outbox.handler(delivering.SEND_RECEIPT, delivering.send_receipt)
    outbox.handler(OPEN, opening.open_arrival)
    clocks.handler("*", _note_end)


def _note_end(clock: Clock, now: datetime) -> None:
    """The ledger remembers that a clock ran out."""
    content = {
        "what": "clock_ran_out",
        "clock": clock.kind,
        "cite": clock.cite,
        "case": clock.case_reference,
        "at": canonical.instant_text(now),
    }
    entries.append("clock_ran_out", clock.case_reference, content, now=now)
