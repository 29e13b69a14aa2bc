"""Whatever a peer sends again, whenever and however often: nothing changes, and it gets the first receipt."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.node import config
from comity.node.directory import known
from comity.node.exchange import allowances, announcing, incoming, keeping, receipts, sealing
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry
from comity.proofs.receipts import ReceiptName
from comity.proofs.transport_keys import KeyNotice, sign_notice
from comity.terms import ComityError

ROOMS = ("exchange", "ledger", "jobs", "witnesses", "directory", "casework")
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired", "acted")]


def peer_row():
    return known.find("xb-247")


def everything():
    """How many rows of each kind there are, the last entry of the ledger, every file in the quarantine."""
    tables = [model._meta.db_table for room in ROOMS for model in apps.get_app_config(room).get_models()]
    counts = ", ".join(f'(SELECT COUNT(*) FROM "{table}")' for table in tables)  # asked hundreds of times
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        rows = dict(zip(tables, cursor.fetchone(), strict=True))
    files = sorted(path.name for path in config.current().arriving.iterdir())
    return rows, Entry.objects.order_by("-id").values_list("id", "commitment").first(), files


@pytest.fixture
def said(peer, clock, run_jobs, wire, frozen, acted):
    """Acts of a peer that were answered once: what does each again, and the first answer."""
    run_jobs()
    acts = []

    def did(act):
        acts.append((act, act()))

    def bring(document, envelope, container):
        did(lambda: incoming.accept(io.BytesIO(container), envelope, peer_row(), clock.now))
        did(lambda: incoming.answer_offer(envelope, peer_row(), clock.now))

    for n in range(3):
        document = letter("xb-247", "xa-247", clock.now, generation=n + 1)
        container = peer.seal(document, clock.now)
        bring(document, peer.envelope(document, container), container)
    for changes in (
        {"to": "xc-247"},
        {"expires_at": canonical.instant_text(clock.now - timedelta(days=1))},
        {"from": "xc-247"},
    ):
        document = letter("xb-247", "xa-247", clock.now)
        bring(document, peer.envelope(document, b"sealed", **changes), b"sealed")
    run_jobs()
    assert len(acted) == 3
    row = Letter.objects.get(id=frozen.id)
    for name in (ReceiptName.DELIVERY, ReceiptName.RETRIEVAL):
        note = peer.receipt(row, name, clock.now)
        did(lambda note=note: keeping.keep(note, peer_row(), clock.now).note)
    key = KeyNotice(
        authority="xb-247",
        number=2,
        recipient=known.own().recipient,
        valid_from=canonical.instant_text(clock.now),
        valid_until=canonical.instant_text(clock.now + timedelta(days=80)),
    )
    notice = sign_notice(key, peer.keys.log)
    did(lambda: announcing.learn(notice, peer_row(), clock.now).recipient_number)
    run_jobs()
    return acts


def replayed(said, clock, count):
    """Do acts of the first day again, over two years; how often something else came of it."""
    chance, before, harmed = random.Random(7), everything(), 0
    for _ in range(count):
        act, answer = chance.choice(said)
        clock.advance(hours=chance.uniform(0, 2 * 365 * 24 / count))
        if chance.random() < 0.1:
            allowances.forget()  # the node was started anew
            sealing.own_keys.cache_clear()
        try:
            harmed += act() != answer
        except ComityError as refused:
            harmed += refused.code not in ("key_notice_unacceptable",)
        harmed += everything() != before
    return harmed


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_what_is_sent_again_changes_nothing_and_gets_the_first_answer(said, clock, count, acted):
    assert replayed(said, clock, count) == 0
    assert len(acted) == 3, "each letter acted once"


def test_without_the_memory_of_letters_a_replay_leaves_something(said, clock, monkeypatch):
    judge = incoming.judge_arrival
    monkeypatch.setattr(
        incoming, "judge_arrival", lambda *e, known, **others: judge(*e, known=None, **others)
    )
    assert replayed(said, clock, 30) > 0


def test_without_the_stored_receipt_a_replayed_letter_is_answered_anew(said, clock, monkeypatch):
    monkeypatch.setattr(receipts, "issue", lambda *_, now: SimpleNamespace(note=f"signed at {now}"))
    assert replayed(said, clock, 30) > 0
