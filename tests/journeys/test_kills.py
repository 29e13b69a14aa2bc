"""Nodes are killed at random moments of the story; it completes, with nothing lost and nothing doubled.

Seeded: ``COMITY_KILL_SEED`` repeats a run. A kill is SIGKILL to a node's whole process group, and in every
second case to the process that acts for its officials as well.
"""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.journeys.bookkeeping import faults
from tests.journeys.playing import Play

FIRST, LAST = 3, 28
"""The steps within which nodes are killed: from the first act to the court bundle."""
SEED = int(os.environ.get("COMITY_KILL_SEED", "20261123"))

pytestmark = [pytest.mark.story]


@dataclass(frozen=True)
class Kill:
    """When (so long after a step began) and whom."""

    step: int
    delay: float
    side: str
    with_officials: bool


def plan(seed: int, count: int) -> list[Kill]:
    """The kills of one play: in random steps, at random moments, on random sides."""
    chance = random.Random(seed)
    return [
        Kill(chance.randint(FIRST, LAST), chance.uniform(0, 1.5), chance.choice(("kz", "tm")), bool(n % 2))
        for n in range(count)
    ]


class Killer:
    """Carries the plan out while a play goes on; counts the kills that hit something."""

    def __init__(self, folder: Path, kills: list[Kill]) -> None:
        self.folder, self.kills = folder, kills
        self.hits = 0
        self.threads: list[threading.Thread] = []

    def at_step(self, number: int) -> None:
        for kill in self.kills:
            if kill.step == number:
                self.threads.append(threading.Thread(target=self._carry_out, args=(kill,)))
                self.threads[-1].start()

    def _carry_out(self, kill: Kill) -> None:
        time.sleep(kill.delay)
        for name in (kill.side, f"{kill.side}-acts") if kill.with_officials else (kill.side,):
            with suppress(ProcessLookupError, FileNotFoundError):  # it has died, or the story is over
                group = json.loads((self.folder / "running.json").read_text()).get(name)
                if group:
                    os.killpg(group, signal.SIGKILL)
                    self.hits += name == kill.side


def play_with_kills(folder: Path, seed: int, count: int) -> int:
    """Play the story once under kills; the number that hit."""
    killer = Killer(folder, plan(seed, count))
    play = Play(folder)
    status = play.follow(killer.at_step)
    for thread in killer.threads:
        thread.join()
    story = f"seed {seed}, {killer.kills}\n{play.text}"
    assert status == 0, story
    assert faults(folder) == [], story
    return killer.hits


@pytest.mark.timeout(900)
def test_kills_in_one_play_lose_and_double_nothing(tmp_path: Path) -> None:
    """Whole nodes and their officials; at every call that changes the disk tests/faults kills."""
    hits = play_with_kills(tmp_path, SEED, 3)
    assert hits >= 1


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("play", range(5))
def test_fifty_kills_over_five_plays_lose_and_double_nothing(tmp_path: Path, play: int) -> None:
    hits = play_with_kills(tmp_path, SEED + 100 + play, 10)
    assert hits >= 6
