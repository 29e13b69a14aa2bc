"""Which letters of a case answer which: what is still open, and whether the sides consulted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from comity import canonical
from comity.letters.bodies import REQUESTS
from comity.node.casework.letters import Reading, item_numbers, read, read_body
from comity.node.casework.models import Case, Event
from comity.node.exchange.models import Direction, Letter, Stage

CONSULTATION, REPLY = "consultation", "consultation_reply"
UNANSWERED = "consultation_unanswered"
"""The line of the timeline by which an official put on record that a consultation was not answered."""
CONSULTED = {"consult_before_refusal": "refusal", "consult_before_postponement": "postponement"}
"""Duties that an answered consultation meets, and what the consultation is about."""
EXPECTED = {
    "registration": frozenset({"supplement"}),  # where it tells of deficiencies
    "supplement_asked": frozenset({"supplement"}),
    "status_asked": frozenset({"status"}),
    "withdrawal": frozenset({"status"}),
    "supplement": frozenset({"status"}),
    "consultation": frozenset({REPLY}),
    "costs": frozenset({REPLY}),
    "confidentiality_impossible": frozenset({REPLY}),
    "extension_asked": frozenset({"extension_granted", "extension_declined"}),
    "preservation_expiring": frozenset({"extension_asked", *REQUESTS}),
    "preservation_unhelpful": frozenset({"preservation_decision"}),
    "conditions_offered": frozenset({"conditions_accepted", "conditions_declined"}),
    "use_permission_asked": frozenset({"use_permission_granted", "use_permission_declined"}),
    "onward_permission_asked": frozenset({"onward_permission_granted", "onward_permission_declined"}),
    "presence_asked": frozenset({"presence_granted", "presence_declined"}),
    "hearing_proposed": frozenset({"hearing_agreed", "hearing_proposed"}),
    "exculpatory_notice": frozenset({"consultation"}),  # where this side wishes to be consulted
}
"""The letters that wait for an answer, and the kinds that answer them."""
_ARRIVED = frozenset({Stage.RELAYED, Stage.DELIVERED, Stage.RETRIEVED})
"""A letter of ours that the other side's node has, by its receipt."""
_FAILED = frozenset({Stage.FAILED, Stage.REFUSED})
_LARGE = frozenset({"result"})
"""Letters that may be large and answer nothing here: they are not read."""


_Test = Callable[[Case, Letter, Iterable[Letter]], bool]
"""What must hold of a consultation among the letters of its case."""


_kept: ContextVar[dict[str, list[Letter]] | None] = ContextVar("kept", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within this, where nothing changes, the letters of a case are read once for all that asks for them."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def of_case(case: Case) -> list[Letter]:
    """The letters of a case that count, oldest first; a refused or failed one says nothing."""
    kept = _kept.get()
    if kept is None:
        return _read(case)
    if case.reference not in kept:
        kept[case.reference] = _read(case)
    return list(kept[case.reference])


def _read(case: Case) -> list[Letter]:
    letters = Letter.objects.filter(case_reference=case.reference).exclude(stage__in=_FAILED)
    letters = letters.exclude(kind__in=_LARGE).defer("report")
    return list(letters.order_by("stage_at", "generation"))


def unanswered(case: Case, direction: Direction, kinds: Collection[str]) -> list[Letter]:
    """The case's letters of the kinds sent in a direction that no letter of the other direction answers."""
    letters = of_case(case)
    replies = frozenset[str]().union(*(EXPECTED.get(kind, ()) for kind in kinds))
    answered = {
        (cited, letter.kind)
        for letter in letters
        if letter.direction != direction and letter.kind in replies and (content := read(letter))
        for cited in content.answers
    }
    return [
        letter
        for letter in letters
        if letter.direction == direction
        and letter.kind in kinds
        and not any((str(letter.id), kind) in answered for kind in EXPECTED.get(letter.kind, ()))
        and (letter.kind != "registration" or read_body(letter).get("deficiencies"))
    ]


def consulted(case: Case, about: str, numbers: Collection[int]) -> bool:
    """Whether the sides consulted about it for each of the items: a consultation, and the other's reply."""
    return _covered(_consultations(case, about, _is_replied)) >= set(numbers)


def no_answer_by(case: Case, about: str, numbers: Collection[int]) -> str | None:
    """The last day by which an answer was asked for, where some of the items rest on its absence alone.

    None where the sides consulted on each of the items, or where for one of them nothing was tried.
    """
    silent = _consultations(case, about, _is_recorded)
    if consulted(case, about, numbers) or not tried(case, about, numbers):
        return None
    return max(str(read_body(letter)["reply_by"]) for letter in silent)


def tried(case: Case, about: str, numbers: Collection[int]) -> bool:
    """Whether for each item the sides consulted, or it is on record that the other side did not answer."""
    replied = _covered(_consultations(case, about, _is_replied))
    return replied | _covered(_consultations(case, about, _is_recorded)) >= set(numbers)


def _consultations(case: Case, about: str, holds: _Test) -> list[Letter]:
    letters = of_case(case)
    return [
        letter
        for letter in letters
        if letter.kind == CONSULTATION
        and read_body(letter).get("about") == about
        and holds(case, letter, letters)
    ]


def _covered(letters: Iterable[Letter]) -> set[int]:
    return {number for letter in letters for number in item_numbers(letter)}


def _is_replied(case: Case, letter: Letter, letters: Iterable[Letter]) -> bool:
    return any(_replies(reply, letter) for reply in letters)


def _is_recorded(case: Case, letter: Letter, letters: Iterable[Letter]) -> bool:
    """Whether an official has put on record that this side's consultation was not answered in time."""
    ours = letter.direction == Direction.OUT
    return ours and Event.objects.filter(case=case, kind=UNANSWERED, letter=letter.pk).exists()


def overdue(case: Case, now: datetime) -> list[Letter]:
    """Consultations of this side that reached the other, whose day has passed, and that nothing answered.

    Those that are on record as unanswered already are left out.
    """
    return [
        letter
        for letter in unanswered(case, Direction.OUT, {CONSULTATION})
        if letter.stage in _ARRIVED
        and (day := read_body(letter).get("reply_by"))
        and canonical.read_instant(day) < now
        and not _is_recorded(case, letter, ())
    ]


def _replies(reply: Letter, letter: Letter) -> bool:
    if reply.kind != REPLY or reply.direction == letter.direction:
        return False
    content: Reading | None = read(reply)
    return content is not None and str(letter.id) in content.answers


def met(case: Case, numbers: Collection[int]) -> set[str]:
    """The duties of consultation that are met for these items: the law asks to consult, not to agree."""
    return {duty for duty, about in CONSULTED.items() if tried(case, about, numbers)}
