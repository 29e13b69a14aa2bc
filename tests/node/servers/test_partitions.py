"""Real nodes on lines that break in every way: each letter arrives once, soon after they are whole again.

Negative control: on a line that nobody heals nothing arrives, so what arrives did cross it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.node.servers.conftest import Node, eventually, introduce
from tests.node.servers.fault_proxy import FAULTS
from tests.node.servers.lines import Lines

pytestmark = pytest.mark.story
SOON = 60.0
"""Seconds after the lines are whole again in which every letter has arrived."""
ROUNDS = int(os.environ.get("COMITY_PARTITIONS", "50"))
SEED = int(os.environ.get("COMITY_PARTITION_SEED", "20261129"))


@pytest.fixture
def lines(pair: tuple[Node, Node]) -> Iterator[Lines]:
    made = Lines(list(pair), SEED)
    yield made
    made.close()


@pytest.fixture
def three(founded: tuple[Node, Node], pair: tuple[Node, Node], tmp_path: Path) -> Iterator[Lines]:
    third = Node(tmp_path / "uz", "UZ")
    third.make()
    for each in pair:
        introduce(third, each)
    made = Lines([*pair, third], SEED)
    yield made
    third.kill()
    made.close()


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
