"""Each contradiction is planted alone in a sound letter and must be found under its own code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests import contradictions, samples

from comity.letters.schema import read_value
from comity.letters.validation import LetterUnsoundError, find_problems, require_sound


def codes(value: dict[str, Any]) -> list[str]:
    return [problem.code for problem in find_problems(read_value(value))]


@pytest.mark.parametrize("kind", sorted(samples.EVERY_KIND))
def test_a_sound_letter_has_no_problems(kind: str) -> None:
    assert codes(samples.EVERY_KIND[kind]()) == []
    require_sound(read_value(samples.EVERY_KIND[kind]()))


@pytest.mark.parametrize(("code", "make", "change"), contradictions.PLANTED)
def test_a_planted_contradiction_is_found(
    code: str, make: Callable[[], dict[str, Any]], change: contradictions.Change
) -> None:
    value = contradictions.planted(make, change)
    assert set(codes(value)) == {code}
    with pytest.raises(LetterUnsoundError) as caught:
        require_sound(read_value(value))
    assert caught.value.params["problem"] == code
