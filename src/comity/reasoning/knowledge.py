"""Three-valued answers (Kleene): yes, no, or undetermined with the facts that would decide it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from comity.terms import Outcome


@dataclass(frozen=True, slots=True)
class Missing:
    """What a predicate returns when it cannot tell: the paths of the facts it would need."""

    facts: tuple[str, ...]

    @classmethod
    def of(cls, *facts: str) -> Missing:
        """Name the missing facts by their paths (``offences[0].max_penalty_years``)."""
        return cls(facts)


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome; ``missing`` names facts only while the outcome is undetermined."""

    outcome: Outcome
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: bool | Missing) -> Answer:
        """Turn what a predicate returned into an answer."""
        if isinstance(known, Missing):
            return cls(Outcome.UNDETERMINED, known.facts)
        return YES if known else NO

    def __invert__(self) -> Answer:
        if self.outcome is Outcome.UNDETERMINED:
            return self
        return NO if self.outcome is Outcome.APPLIES else YES


YES = Answer(Outcome.APPLIES)
NO = Answer(Outcome.DOES_NOT_APPLY)


def all_of(answers: Iterable[Answer]) -> Answer:
    """Every one must hold: one “no” decides, otherwise everything missing is listed."""
    return _combine(answers, decisive=Outcome.DOES_NOT_APPLY, otherwise=YES)


def any_of(answers: Iterable[Answer]) -> Answer:
    """One “yes” decides; nothing at all to hold is a “no”."""
    return _combine(answers, decisive=Outcome.APPLIES, otherwise=NO)


def _combine(answers: Iterable[Answer], *, decisive: Outcome, otherwise: Answer) -> Answer:
    missing: dict[str, None] = {}
    for answer in answers:
        if answer.outcome is decisive:
            return answer
        if answer.missing:
            missing.update(dict.fromkeys(answer.missing))
    return Answer(Outcome.UNDETERMINED, tuple(missing)) if missing else otherwise
