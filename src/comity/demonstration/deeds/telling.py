"""How a deed reports, and what the deeds share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec

from comity.node.accounts.models import Official
from comity.node.casework.models import Case
from comity.terms import Citation, ComityError, gettext_noop

P = ParamSpec("P")


class StoryBrokenError(ComityError):
    """Something the story rests on does not hold."""

    code = "story_broken"
    message = gettext_noop("This does not hold: {claim}")
    next_step = gettext_noop("Read the logs of the demonstration; this is a defect.")


@dataclass(frozen=True, slots=True)
class Told:
    """``done`` is false while the deed waits; ``proved`` are sentences for the person who watches."""

    done: bool
    proved: list[str] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)


WAITING = Told(done=False)


def deed(function: Callable[P, Told]) -> Callable[P, Told]:
    """Mark a function that the driver may call by its name."""
    function.is_deed = True  # type: ignore[attr-defined]
    return function


def expect(holds: bool, claim: str) -> None:
    """Raise StoryBrokenError, naming the claim, unless it holds."""
    if not holds:
        raise StoryBrokenError(claim=claim)


def refused(code: str, act: Callable[[], object]) -> str:
    """Try an act that must be refused with a code; return the refusal's sentence."""
    try:
        act()
    except ComityError as error:
        expect(error.code == code, f"an act is refused with {code}, not {error.code}")
        return str(error)
    raise StoryBrokenError(claim=f"an act that must be refused ({code}) is refused")


def official(username: str) -> Official:
    """An official of this node."""
    return Official.objects.get(username=username)


def the_case() -> Case | None:
    """The case of the story's main request on this node: it is the first."""
    return Case.objects.select_related("peer").order_by("pk").first()


def case_here() -> Case:
    """The story's case, which an earlier step made."""
    case = the_case()
    if case is None:
        raise StoryBrokenError(claim="the case is still here")
    return case


def in_words(identifier: str) -> str:
    """An id of the vocabulary, readable in the console."""
    return identifier.replace("_", " ")


def label(cite: str) -> str:
    """A citation as people write it."""
    return Citation.parse(cite).label
