"""A clock that is ahead before the machine starts is told by the times that witnesses signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.node import config, diagnosing, health
from comity.node.api import tokens
from comity.node.directory.models import Authority
from comity.node.ledger import entries, sequencer
from comity.node.ledger.models import Checkpoint
from comity.node.witnesses import clock as witnessed
from comity.node.witnesses.models import Cosignature


@pytest.fixture
def witnesses(keys: Any) -> list[str]:
    """Three confirmed peers, all asked to cosign."""
    for other in ("xc-247", "xd-247"):
        row = Authority.objects.get(id="xb-247")
        row.id = row.pk = other
        row.save(force_insert=True)
    return ["xb-247", "xc-247", "xd-247"]


def head(clock: Any) -> Checkpoint:
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    made = sequencer.sequence(clock.now)
    assert made is not None
    return made


def cosign(made: Checkpoint, witness: str, minutes: float) -> None:
    """The witness cosigns at so many minutes after the time of the head."""
    at = made.made_at + timedelta(minutes=minutes)
    Cosignature.objects.create(checkpoint=made, witness_id=witness, line="-", at=at)


def test_two_witnesses_tell_a_clock_that_is_ahead_and_one_does_not(witnesses: list[str], clock: Any) -> None:
    made = head(clock)
    assert witnessed.ahead() is None, "nobody has cosigned yet"
    cosign(made, witnesses[0], -60)
    assert witnessed.ahead() is None, "one witness's clock may be behind"
    cosign(made, witnesses[1], 0.1)
    assert witnessed.ahead() is None
    cosign(made, witnesses[2], -20)
    assert witnessed.ahead() == timedelta(minutes=20), "what at least two say"


def test_five_minutes_are_granted_and_a_late_cosignature_says_nothing(
    witnesses: list[str], clock: Any
) -> None:
    made = head(clock)
    for witness in witnesses[:2]:
        cosign(made, witness, -5)
    cosign(made, witnesses[2], 60 * 24)
    assert witnessed.ahead() is None
    Cosignature.objects.filter(witness_id__in=witnesses[:2]).update(at=made.made_at - timedelta(seconds=301))
    assert witnessed.ahead() == timedelta(seconds=301)


def test_it_is_over_when_a_head_of_the_right_time_was_cosigned(witnesses: list[str], clock: Any) -> None:
    wrong = head(clock)
    for witness in witnesses:
        cosign(wrong, witness, -30)
    assert witnessed.ahead() is not None
    right = head(clock)
    for witness in witnesses[:2]:
        cosign(right, witness, 0)
    assert witnessed.ahead() is None


def test_whom_nobody_asks_to_cosign_any_more_tells_nothing(witnesses: list[str], clock: Any) -> None:
    made = head(clock)
    for witness in witnesses[:2]:
        cosign(made, witness, -30)
    Authority.objects.filter(id=witnesses[0]).update(confirmed_at=None)
    assert witnessed.ahead() is None


def test_the_doctor_the_page_the_api_and_the_metrics_say_so_and_nothing_stops(
    witnesses: list[str], clock: Any, official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    auditor = official("auditor")
    client = Client()
    client.force_login(auditor)
    secret = tokens.make(auditor, "-", days=1, now=clock.now, roles=["auditor"])
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    made = head(clock)
    said = "clock is ahead of theirs"
    assert said not in client.get("/ledger/witnesses/").content.decode()
    assert program.get("/api/ledger/witnesses").json()["clock_ahead_seconds"] is None
    assert [each.code for each in diagnosing._clock(clock.now)] == [None]
    for witness in witnesses[:2]:
        cosign(made, witness, -10)
    assert said in client.get("/ledger/witnesses/").content.decode()
    assert program.get("/api/ledger/witnesses").json()["clock_ahead_seconds"] == 600
    assert [each.code for each in diagnosing._clock(clock.now)] == [None, "clock_ahead"]
    assert b"comity_clock_ahead_seconds 600.0" in health.figures(config.current(), clock.now)
    assert head(clock).size == made.size + 1, "two peers stop nobody"
