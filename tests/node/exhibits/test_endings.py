"""The node says in time which containers have to be sealed again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from comity.node import config, diagnosing, durable
from comity.node.exchange import ending
from comity.node.exchange.models import Letter


@pytest.mark.parametrize(
    ("year", "due", "over", "code"),
    [(2030, 0, 0, None), (2035, 1, 0, "proof_ending"), (2036, 0, 1, "proof_ended")],
)
@pytest.mark.parametrize("known", [False, True])
def test_a_container_is_due_in_the_year_before_its_proof_ends(
    year: int, due: int, over: int, code: str | None, known: bool, result: Letter
) -> None:
    durable.make_directories(config.current().arriving)
    if known:
        result.report = {"proof_ends": "2035-12-31T23:59:59Z"}
        result.save()
    now = datetime(year, 7, 1, tzinfo=UTC)
    found = ending.endings(now)
    assert (found.kept, found.due, found.over) == (1, due, over)
    assert diagnosing._proofs(now).code == code


def test_a_node_without_letters_has_nothing_to_seal_again(case: Any, clock: Any) -> None:
    assert ending.endings(clock.now) == ending.Endings(0, 0, 0, None)
    assert diagnosing._proofs(clock.now).code is None
