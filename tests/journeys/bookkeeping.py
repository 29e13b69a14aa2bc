"""What must be true of two nodes after the story, read from their databases without their software."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from comity.proofs.custody import check_chain, read_records

LETTERS = {
    "kz": Counter(
        {
            "request": 2,
            "use_permission_asked": 1,
            "information": 1,
            "oral_confirmation": 1,
            "status_asked": 1,
        }
    ),
    "tm": Counter({"registration": 3, "preservation_done": 1, "result": 1, "use_permission_granted": 1}),
}
CASES = {"kz": 3, "tm": 4}
"""The request, the information, the call; and the number under which its confirmation came."""
ONCE = {
    "case_opened",
    "preservation_ordered",
    "production_ordered",
    "preservation_reported",
    "preservation_received",
    "result_released",
    "result_received",
    "exhibits_received",
    "use_recorded",
    "bundle_asked",
}


def faults(folder: Path) -> list[str]:
    """Everything lost, doubled or broken in a finished demonstration; an empty list when nothing is."""
    books = {side: _Book(folder / side / "node.sqlite3") for side in ("kz", "tm")}
    return [
        *_letters(books["kz"], books["tm"], "kz"),
        *_letters(books["tm"], books["kz"], "tm"),
        *(fault for book in books.values() for fault in book.faults()),
        *_exhibits(books["kz"], books["tm"]),
        *_provider(folder / "provider" / "provider.sqlite3"),
    ]


class _Book:
    def __init__(self, path: Path) -> None:
        self.name = path.parent.name
        self.path = path

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return db.execute(question).fetchall()
        finally:
            db.close()

    def faults(self) -> Iterator[str]:
        if (cases := self.ask("SELECT count(*) FROM casework_case")) != [(CASES[self.name],)]:
            yield f"{self.name}: {cases} cases"
        doubled = [kind for kind, n in self.ask(_EVENTS) if n > 1 and kind in ONCE]
        if doubled:
            yield f"{self.name}: events doubled: {doubled}"
        stuck = self.ask("SELECT kind, last_code FROM jobs_job WHERE state = 'given_up'")
        if stuck:
            yield f"{self.name}: jobs given up: {stuck}"
        indexes = [row[0] for row in self.ask('SELECT "index" FROM ledger_entry ORDER BY "index"')]
        if indexes != list(range(len(indexes))):
            yield f"{self.name}: the ledger has gaps or unnumbered entries"
        for fault in self.ask(_CLOCKS):
            yield f"{self.name}: more than one clock {fault[0]}"
        yield from self._custody()

    def _custody(self) -> Iterator[str]:
        chains: dict[str, list[Any]] = {}
        for exhibit, record in self.ask(
            "SELECT exhibit_id, record FROM exhibits_custodyrecord ORDER BY exhibit_id, n"
        ):
            chains.setdefault(exhibit, []).append(json.loads(record))
        if len(chains) != 3:
            yield f"{self.name}: custody of {len(chains)} exhibits instead of 3"
        for exhibit, chain in chains.items():
            for finding in check_chain(read_records(chain)):
                yield f"{self.name}: custody of {exhibit}: {finding.code}"
            doubled = [act for act, n in Counter(record["act"] for record in chain).items() if n > 1]
            if doubled:
                yield f"{self.name}: custody of {exhibit} doubled: {doubled}"


_EVENTS = "SELECT kind, count(*) FROM casework_event GROUP BY case_id, kind"
_CLOCKS = "SELECT kind FROM clocks_clock GROUP BY kind HAVING count(*) > 1"


def _letters(sender: _Book, receiver: _Book, side: str) -> Iterator[str]:
    """Every letter of one side: written once, at the other side once, with its receipts."""
    sent = sender.ask("SELECT id, kind, generation, stage FROM exchange_letter WHERE direction = 'out'")
    kinds = Counter(kind for _, kind, _, _ in sent)
    numbered = sender.ask("SELECT case_reference, generation FROM exchange_letter WHERE direction = 'out'")
    if kinds != LETTERS[side]:
        yield f"{side} wrote {dict(kinds)}"
    if len(set(numbered)) != len(sent):
        yield f"{side} used a generation twice"
    arrived = receiver.ask("SELECT id, kind, stage FROM exchange_letter WHERE direction = 'in'")
    if {(each[0], each[1]) for each in sent} != {(each[0], each[1]) for each in arrived}:
        yield f"what {side} sent is not what arrived"
    for stage in {each[-1] for each in (*sent, *arrived)} - {"delivered", "retrieved"}:
        yield f"a letter of {side} stands at {stage}"
    for book in (sender, receiver):
        for letter, _, _, _ in sent:
            kinds_there = Counter(
                row[0] for row in book.ask(f"SELECT kind FROM exchange_receipt WHERE letter_id = '{letter}'")
            )
            if not {"RELAY_REMMD_ACCEPTANCE", "DELIVERY"} <= kinds_there.keys():
                yield f"{book.name} lacks receipts of {letter}"
            if max(kinds_there.values(), default=0) > 1:
                yield f"{book.name} has a receipt of {letter} twice"


def _exhibits(one: _Book, other: _Book) -> Iterator[str]:
    question = "SELECT id, sha256, bytes FROM exhibits_exhibit ORDER BY id"
    mine, theirs = one.ask(question), other.ask(question)
    if mine != theirs:
        yield "the exhibits of both sides differ"
    if len({each[1] for each in mine}) != 3:
        yield f"there are {len(mine)} exhibits, not three different ones"
    orders = other.ask("SELECT kind, state FROM orders_order ORDER BY kind")
    if orders != [("preserve", "done"), ("produce", "done")]:
        yield f"orders are {orders}"


def _provider(path: Path) -> Iterator[str]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    kinds = [row[0] for row in db.execute("SELECT kind FROM legal_order ORDER BY kind")]
    db.close()
    if kinds != ["preserve", "produce"]:
        yield f"the provider was ordered {kinds}"
