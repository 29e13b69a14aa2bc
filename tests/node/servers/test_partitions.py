"""Real nodes on lines that break in every way: each letter arrives once, soon after they are whole again.

The short form of ``make soak-partitions`` (docs/reliability.md) and its negative controls: with one
protection switched off letters or receipts are lost, or attested in two ways. On a line that nobody heals
nothing arrives, so what arrives did cross it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults import partitions
from tests.faults.partitions import SEED
from tests.faults.unprotected import CONTROLS
from tests.node.servers.conftest import Node, eventually
from tests.node.servers.fault_proxy import FAULTS
from tests.node.servers.lines import Lines

pytestmark = pytest.mark.story
ROUNDS, ROUNDS_OF_A_CONTROL = 10, 4


@pytest.fixture
def lines(pair: tuple[Node, Node]) -> Iterator[Lines]:
    made = Lines(list(pair), SEED)
    yield made
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


SHORT = "receipts_signed_anew"
"""The one control that need not wait for what does not come."""


@pytest.mark.parametrize(
    "control", [SHORT, *(pytest.param(each, marks=pytest.mark.long) for each in CONTROLS if each != SHORT)]
)
def test_with_a_protection_switched_off_it_shows(pair: tuple[Node, Node], control: str) -> None:
    outcome = partitions.play(list(pair), ROUNDS_OF_A_CONTROL, SEED, control)
    assert outcome.faults != [], f"{outcome.rounds} partitions and nothing was lost: the rig proves nothing"
    if control == SHORT:  # found, and not only stumbled over
        assert "is not the one of" in outcome.faults[0], outcome.faults


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
def test_three_nodes_find_together_within_a_minute_after_each_partition(tmp_path: Path) -> None:
    outcome = partitions.play(partitions.found(tmp_path), ROUNDS, SEED)
    assert outcome.faults == []
    assert outcome.rounds == ROUNDS
    assert len(outcome.by_fault) == len(FAULTS)
