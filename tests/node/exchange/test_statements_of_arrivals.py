"""How many statements a letter costs the node that receives it: each was asked for once, and is needed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from tests.node.exchange.conftest import letter

from comity.node import jobs
from comity.node.directory import known
from comity.node.exchange import delivering, incoming, opening, together
from comity.node.ledger import sequencer

pytestmark = pytest.mark.django_db

TAKEN_IN, OPENED, RECEIPTED = 14, 5, 13
"""Taking in with the signed acceptance; verifying, filing and attesting; numbering, signing and sending the
receipt. Those of a transaction itself are not counted."""
TOGETHER = 8
EACH_TAKEN_IN, EACH_OPENED, EACH_RECEIPTED = 6.25, 4.25, 2.5
"""The same of each of eight letters that came together."""
IDS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")


@contextmanager
def statements() -> Iterator[list[str]]:
    """What the database is asked while the block runs."""
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "SELECT pg_advisory")):
            asked.append(sql[:90])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def take_in(shown: str, envelope: Any, container: bytes, clock: Any) -> None:
    """As the peers' endpoint does with the letter of whoever ``shown`` (a certificate) admits."""
    row = known.by_fingerprint(shown, clock.now)
    incoming.accept(io.BytesIO(container), envelope, row, clock.now)


def test_a_letter_costs_its_receiver_no_more_statements_than_it_needs(peer, clock, wired, wire, acted):
    first, second = (letter("xb-247", "xa-247", clock.now, id=each) for each in IDS)
    shown = known.find("xb-247").tls_fingerprint
    one, other = (peer.seal(each, clock.now) for each in (first, second))
    take_in(shown, peer.envelope(first, one), one, clock)
    opening.open_arrival({"letter": first["id"]}, clock.now)
    sequencer.sequence(clock.now)
    envelope = peer.envelope(second, other)
    with statements() as taken:
        take_in(shown, envelope, other, clock)
    with statements() as opened:
        opening.open_arrival({"letter": second["id"]}, clock.now)
    with statements() as sent:
        delivering.send_receipt({"letter": second["id"], "receipt": "DELIVERY"}, clock.now)
    assert (len(acted), len(wire.receipts)) == (2, 1)
    for asked, most in ((taken, TAKEN_IN), (opened, OPENED), (sent, RECEIPTED)):
        assert len(asked) <= most, "\n".join(asked)


def test_letters_that_come_together_share_what_is_asked_once(peer, clock, wired, wire, acted, monkeypatch):
    monkeypatch.setattr(jobs, "TOGETHER", 60.0)
    brought, payloads = [], []
    for _ in range(TOGETHER):
        document = letter("xb-247", "xa-247", clock.now)
        container = peer.seal(document, clock.now)
        brought.append((peer.envelope(document, container), container))
        payloads.append({"letter": document["id"], "receipt": "DELIVERY"})
    sequencer.sequence(clock.now)
    with statements() as taken:
        incoming.accept_several(brought, known.find("xb-247"), clock.now)
    with statements() as opened:
        assert opening.open_several(payloads, clock.now) == [None] * TOGETHER
    with statements() as sent:
        assert together.send_receipts(payloads, clock.now) == [None] * TOGETHER
    assert (len(acted), len(wire.receipts)) == (TOGETHER, TOGETHER)
    for asked, most in ((taken, EACH_TAKEN_IN), (opened, EACH_OPENED), (sent, EACH_RECEIPTED)):
        assert len(asked) <= most * TOGETHER, f"{len(asked) / TOGETHER} a letter:\n" + "\n".join(asked)
