"""What the parts of a letter's body say of one another, by what the letter is about.

Each check receives a parsed letter and yields what contradicts itself; ``comity.letters.validation`` asks
them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterProblem:
    """One contradiction: a stable code, the field it was found at, one sentence."""

    code: str
    where: str
    text: str


def repeated(values: Iterable[object]) -> bool:
    """Whether any of these stands twice."""
    return any(count > 1 for count in Counter(values).values())
