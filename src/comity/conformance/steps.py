"""The numbered steps of an examination, and how they are carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, TypeVar

from comity.conformance.trial import NotSeenError, Trial
from comity.terms import ComityError

PASSED, FAILED, SKIPPED, NOTED = "passed", "failed", "skipped", "noted"
"""The last: what a node may do either way, and did; nothing was demanded beyond that."""


Run = Callable[[Trial], str | None]
Entered = TypeVar("Entered", bound=Run)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must hold: its clauses in docs/spec, and what finds out.

    ``run`` returns what it saw where a node may do as it likes: that is told.
    """

    id: str
    clauses: tuple[str, ...]
    text: str
    run: Run


@dataclass(frozen=True, slots=True)
class Found:
    """What a step found; ``code`` and ``found`` say why it did not pass, ``found`` alone what was noted."""

    n: int
    step: Step
    verdict: str
    code: str | None = None
    found: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "n": self.n,
            "id": self.step.id,
            "clauses": list(self.step.clauses),
            "verdict": self.verdict,
            "code": self.code,
            "text": self.step.text,
            "found": self.found,
        }


class Group:
    """The steps of one matter, in the order in which they were entered."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, *clauses: str) -> Callable[[Entered], Entered]:
        """Enter a function as a step of these clauses, under its name and the sentence it is described by."""

        def entered(run: Entered) -> Entered:
            self.steps.append(Step(run.__name__, clauses, sentence(run), run))
            return run

        return entered


def sentence(run: Callable[..., object]) -> str:
    """What a step says that it asks: the first line of its description."""
    return (run.__doc__ or "").partition("\n")[0].removesuffix(".")


def carried_out(steps: Sequence[Step], trial: Trial) -> Iterator[Found]:
    """Carry out the steps in order; one that fails ends none of the others."""
    for n, step in enumerate(steps, start=1):
        try:
            seen = step.run(trial)
        except NotSeenError as error:
            yield Found(n, step, SKIPPED, error.code, str(error))
        except ComityError as error:
            yield Found(n, step, FAILED, error.code, str(error))
        except (OSError, ValueError, HTTPException, RecursionError) as error:  # whatever a node may answer
            yield Found(n, step, FAILED, "no_answer", type(error).__name__)
        else:
            yield Found(n, step, NOTED if seen else PASSED, found=seen or "")


def verdict(found: Iterable[Found]) -> str:
    """Whether any step failed."""
    return FAILED if any(each.verdict == FAILED for each in found) else PASSED
