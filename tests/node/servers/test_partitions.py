"""Real nodes on lines that break in every way: each letter arrives once, soon after they are whole again.

Negative control: on a line that nobody heals nothing arrives, so what arrives did cross it.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from tests.node.servers.conftest import Node, comity, eventually, introduce, send
from tests.node.servers.fault_proxy import FAULTS, Line

pytestmark = pytest.mark.story
SOON = 60.0
"""Seconds after the lines are whole again in which every letter has arrived."""
ROUNDS = int(os.environ.get("COMITY_PARTITIONS", "50"))
SEED = int(os.environ.get("COMITY_PARTITION_SEED", "20261129"))


class Lines:
    """Nodes, and a line of its own from each to each other one."""

    def __init__(self, nodes: list[Node], seed: int) -> None:
        self.nodes, self.chance = nodes, random.Random(seed)
        self.sent: dict[tuple[str, str], list[str]] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        for one, other in permutations(nodes, 2):
            line = self.lines[one.id, other.id] = Line(other.peer_listen)
            with sqlite3.connect(one.folder / "node.sqlite3") as directory:
                directory.execute(
                    "UPDATE directory_authority SET peer_url = ? WHERE id = ?",
                    (f"https://127.0.0.1:{line.port}", other.id),
                )

    def send(self, one: Node, other: Node, count: int) -> None:
        self.sent.setdefault((one.id, other.id), []).extend(send(one, other, count))

    def break_some(self) -> list[str]:
        """Break at least one line, each in a way of its own; both ways of a pair or one."""
        broken = self.chance.sample(sorted(self.lines), self.chance.randint(1, len(self.lines)))
        faults = [self.chance.choice(FAULTS) for _ in broken]
        for way, fault in zip(broken, faults, strict=True):
            self.lines[way].break_it(fault)
        return faults

    def heal(self) -> None:
        for line in self.lines.values():
            if line.fault:
                line.heal()

    def all_arrived(self) -> bool:
        return all(
            node.rows(
                "SELECT count(*) FROM exchange_letter l WHERE direction = 'out' AND stage = 'delivered' AND "
                "(SELECT count(*) FROM exchange_receipt WHERE letter_id = l.id) = 2"
            )
            == [(sum(len(ids) for (source, _), ids in self.sent.items() if source == node.id),)]
            for node in self.nodes
        )

    def arrive_soon(self) -> float:
        """Wait until every letter is there with both receipts; how long it took."""
        began = time.monotonic()
        eventually(self.all_arrived, "letters did not arrive")
        return time.monotonic() - began

    def assert_once(self) -> None:
        """Each letter is there once, on its recipient's node alone, with one case and the same receipts."""
        for node in self.nodes:
            node.stop()
        for node in self.nodes:
            wanted = sorted(
                letter.replace("-", "")
                for (_, target), letters in self.sent.items()
                if target == node.id
                for letter in letters
            )
            there = (
                "SELECT id FROM exchange_letter WHERE direction = 'in' AND stage = 'delivered' ORDER BY id"
            )
            assert [letter for (letter,) in node.rows(there)] == wanted
            cases = node.rows("SELECT peer_reference FROM casework_case WHERE side = 'requested'")
            assert len(cases) == len(set(cases)) == len(wanted)
            assert '"failed"' not in comity("ledger", "verify", node.folder, "--json").stdout
        issued = {
            node.id: set(node.rows(f"SELECT note FROM exchange_receipt WHERE issued_by = '{node.id}'"))
            for node in self.nodes
        }
        for node in self.nodes:
            for source, note in node.rows(
                f"SELECT issued_by, note FROM exchange_receipt WHERE issued_by <> '{node.id}'"
            ):
                assert (note,) in issued[source], "the very same receipt"


@pytest.fixture
def lines(pair: tuple[Node, Node]) -> Iterator[Lines]:
    made = Lines(list(pair), SEED)
    yield made
    for line in made.lines.values():
        line.close()


@pytest.fixture
def three(founded: tuple[Node, Node], pair: tuple[Node, Node], tmp_path: Path) -> Iterator[Lines]:
    third = Node(tmp_path / "uz", "UZ")
    third.make()
    for each in pair:
        introduce(third, each)
    made = Lines([*pair, third], SEED)
    yield made
    third.kill()
    for line in made.lines.values():
        line.close()


def test_letters_arrive_once_after_lines_were_broken_in_every_way(lines: Lines) -> None:
    for node in lines.nodes:
        node.start()
    kz, tm = lines.nodes
    for line in lines.lines.values():
        line.break_it("cut")
    lines.send(kz, tm, 3)
    lines.send(tm, kz, 1)
    eventually(
        lambda: kz.rows("SELECT count(*) FROM exchange_letter WHERE tried_code <> ''") > [(0,)],
        "no letter was tried",
    )
    assert not kz.rows("SELECT id FROM exchange_letter WHERE stage = 'delivered'"), "the line is the only way"
    for fault in FAULTS[1:]:
        lines.heal()
        for line in lines.lines.values():
            line.break_it(fault)
        time.sleep(lines.chance.uniform(0, 1))
    lines.heal()
    lines.arrive_soon()
    lines.assert_once()


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
def test_three_nodes_find_together_within_a_minute_after_each_partition(three: Lines) -> None:
    for node in three.nodes:
        node.start()
    longest, began = 0.0, time.monotonic()
    for _ in range(ROUNDS):
        faults = three.break_some()
        one, other = three.chance.sample(three.nodes, 2)
        three.send(one, other, three.chance.randint(1, 4))
        time.sleep(three.chance.uniform(0, 10))
        three.heal()
        took = three.arrive_soon()
        assert took <= SOON, (faults, took)
        longest = max(longest, took)
    count = sum(map(len, three.sent.values()))
    three.assert_once()
    sys.stderr.write(
        f"\n{ROUNDS} partitions, {count} letters, each once; there at most {longest:.1f} s after healing; "
        f"{time.monotonic() - began:.0f} s\n"
    )
