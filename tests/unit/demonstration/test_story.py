"""The story says which step did not hold, waits for what takes time, and outlives processes that die."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.demonstration import story, users
from comity.demonstration.places import Places
from comity.demonstration.processes import DriverDiedError
from comity.demonstration.story import StepFailedError, Story, steps

PORTS = {"kz": 1, "kz-peer": 2, "tm": 3, "tm-peer": 4, "provider": 5}
Answer = Callable[[str, int], dict[str, Any]]


class FakeDriver:
    """Answers deeds as a test wants, counting how often each was asked for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: dict[str, int] = {}

    def ask(self, deed: str, **_: Any) -> dict[str, Any]:
        self.asked[deed] = self.asked.get(deed, 0) + 1
        return self.answer(deed, self.asked[deed])


def done(deed: str, times: int) -> dict[str, Any]:
    return {"done": True, "proved": [f"{deed} holds"], "told": {"exhibits": {}, "due": "then"}}


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[str]]:
    monkeypatch.setattr(users, "deceive", lambda url: ["written"])
    monkeypatch.setattr(users, "delete_traces", lambda url: ["deleted"])
    monkeypatch.setattr(story, "_PAUSE_SECONDS", 0)

    def play(answer: Answer) -> list[str]:
        said: list[str] = []
        drivers: Any = {side: FakeDriver(answer) for side in ("kz", "tm")}
        Story(Places(tmp_path, PORTS), drivers, lambda: None, said.append).play()
        return said

    return play


def test_every_step_is_told_in_order_with_what_it_proved(play: Any, tmp_path: Path) -> None:
    said = play(done)
    titles = [step.title for step in steps(Places(tmp_path, PORTS))]
    assert [line[4:] for line in said if line[:3].strip(" .").isdigit()] == titles
    assert "      sign holds" in said


def test_a_step_that_does_not_hold_ends_the_story_and_is_named(play: Any) -> None:
    def broken(deed: str, times: int) -> dict[str, Any]:
        if deed == "report":
            return {"error": {"code": "story_broken", "message": "the clock is the law's"}}
        return done(deed, times)

    with pytest.raises(StepFailedError, match=r"the preservation is reported.*the clock is the law's"):
        play(broken)


def test_what_takes_time_is_asked_again(play: Any) -> None:
    def slow(deed: str, times: int) -> dict[str, Any]:
        return done(deed, times) if times >= 3 else {"done": False, "proved": [], "told": {}}

    assert "      wait_for_delivery holds" in play(slow)


def test_what_never_happens_ends_the_story(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "PATIENCE_SECONDS", 0.05)

    def never(deed: str, times: int) -> dict[str, Any]:
        return {"done": deed != "register", "proved": [], "told": {}}

    with pytest.raises(StepFailedError, match="the duty officer registers it"):
        play(never)


def test_a_process_that_dies_in_an_act_does_not_end_the_story(play: Any) -> None:
    def mortal(deed: str, times: int) -> dict[str, Any]:
        if times == 1:
            raise DriverDiedError(name="kz")
        return done(deed, times)

    assert "      export_for_the_court holds" in play(mortal)


def test_sides_that_tell_different_things_end_the_story(play: Any) -> None:
    def differing(deed: str, times: int) -> dict[str, Any]:
        answer = done(deed, times)
        return answer | {"told": {"exhibits": {"1": deed}, "due": "then"}}

    with pytest.raises(StepFailedError, match="they differ on exhibits"):
        play(differing)
