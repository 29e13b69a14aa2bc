"""Lines that break between running nodes: each letter arrives once, soon after they are whole again.

``python -m tests.faults.partitions``. The nodes are the product's own, with TLS and all their processes; each
way between two of them leads through a port that is broken and healed. The same seed breaks the same lines;
what nodes do meanwhile is theirs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from tests.faults.unprotected import CONTROLS
from tests.node.servers.conftest import Node, introduce
from tests.node.servers.lines import Lines

SOON = 60.0
"""Seconds after the lines are whole again in which every letter has arrived."""
BROKEN = 10.0
"""Seconds that lines stay broken at most."""
SEED = 20261129
STATES = ("KZ", "TM", "UZ")


@dataclass
class Outcome:
    """What a series of partitions showed."""

    seed: int
    control: str
    rounds: int = 0
    letters: int = 0
    longest: float = 0.0
    """Seconds from healing until every letter had both receipts."""
    by_fault: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0
    stopped_early: bool = False

    def summary(self) -> str:
        """One line for people."""
        found = f"FOUND: {self.faults[0]}" if self.faults else "each letter once"
        early = ", stopped early" if self.stopped_early else ""
        return (
            f"{self.rounds} partitions, {self.letters} letters (seed {self.seed}), "
            f"{self.seconds:.0f} s{early}: {found}, at most {self.longest:.1f} s after healing"
        )


def play(nodes: list[Node], rounds: int, seed: int, control: str = "") -> Outcome:
    """So many partitions of nodes that know each other and do not run; it stops at the first fault."""
    outcome, began = Outcome(seed, control), time.monotonic()
    lines = Lines(nodes, seed)
    try:
        for node in nodes:
            node.program = ("tests.faults.unprotected", control) if control else node.program
            node.start()
        while outcome.rounds < rounds and not outcome.faults:
            _round(lines, outcome)
            outcome.seconds = round(time.monotonic() - began, 1)
            sys.stderr.write(
                f"{outcome.rounds} of {rounds} partitions, {outcome.letters} letters, "
                f"{outcome.longest:.1f} s at most, {outcome.seconds:.0f} s\n"
            )
        if not outcome.faults:
            _judge_at_the_end(lines, outcome)
    except KeyboardInterrupt:
        outcome.stopped_early = True
    finally:
        lines.close()
        for node in nodes:
            node.kill()
    return outcome


def _round(lines: Lines, outcome: Outcome) -> None:
    one, other = lines.chance.sample(lines.nodes, 2)
    faults = _break(lines, one, other, outcome.control)
    lines.send(one, other, lines.chance.randint(1, 4))
    time.sleep(BROKEN if outcome.control else lines.chance.uniform(0, BROKEN))
    lines.heal()
    outcome.rounds += 1
    outcome.by_fault.update(faults)
    outcome.letters = sum(map(len, lines.sent.values()))
    try:
        outcome.longest = max(outcome.longest, round(lines.arrive_soon(SOON), 1))
    except AssertionError as error:
        outcome.faults.append(f"{error} within {SOON:.0f} s after {faults}")
        return
    outcome.faults += lines.wrong()


def _break(lines: Lines, one: Node, other: Node, control: str) -> list[str]:
    """Break any lines, or for a control that one of the letters on which it shows; how they were broken."""
    if not control:
        return lines.break_some()
    this = CONTROLS[control]
    way, fault = (other.id, one.id) if this.back else (one.id, other.id), lines.chance.choice(this.faults)
    lines.lines[way].break_it(fault)
    return [fault]


def _judge_at_the_end(lines: Lines, outcome: Outcome) -> None:
    try:
        lines.assert_once()
    except AssertionError as error:
        outcome.faults.append(f"at the end: {error}")


def found(place: Path) -> list[Node]:
    """Three nodes that know each other."""
    nodes = [Node(place / state.lower(), state) for state in STATES]
    for node in nodes:
        node.make()
    for one, other in combinations(nodes, 2):
        introduce(one, other)
    return nodes


def main() -> int:
    """Play one series and say what happened as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--control", default="", choices=("", *CONTROLS), help="switch one protection off")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        outcome = play(found(Path(place)), asked.count, asked.seed, asked.control)
    sys.stdout.write(json.dumps(vars(outcome), indent=1) + f"\n{outcome.summary()}\n")
    return 1 if outcome.faults or outcome.stopped_early else 0


if __name__ == "__main__":
    raise SystemExit(main())
