"""Which letters of a case answer which: what is still open, and whether the sides consulted."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from comity.node.casework.letters import Reading, read, read_body
from comity.node.casework.models import Case
from comity.node.exchange.models import Direction, Letter, Stage

REPLY = "consultation_reply"
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
    "preservation_expiring": frozenset({"extension_asked", "request"}),
    "preservation_unhelpful": frozenset({"preservation_decision"}),
    "conditions_offered": frozenset({"conditions_accepted", "conditions_declined"}),
    "use_permission_asked": frozenset({"use_permission_granted", "use_permission_declined"}),
    "onward_permission_asked": frozenset({"onward_permission_granted", "onward_permission_declined"}),
    "exculpatory_notice": frozenset({"consultation"}),  # where this side wishes to be consulted
}
"""The letters that wait for an answer, and the kinds that answer them."""
_FAILED = frozenset({Stage.FAILED, Stage.REFUSED})
_LARGE = frozenset({"result"})
"""Letters that may be large and answer nothing here: they are not read."""


def of_case(case: Case) -> list[Letter]:
    """The letters of a case that count, oldest first; a refused or failed one says nothing."""
    letters = Letter.objects.filter(case_reference=case.reference).exclude(stage__in=_FAILED)
    letters = letters.exclude(kind__in=_LARGE).defer("report")
    return list(letters.order_by("stage_at", "generation"))


def unanswered(letters: Iterable[Letter], direction: Direction, kinds: Collection[str]) -> list[Letter]:
    """The letters of the kinds sent in a direction that no letter of the other direction answers."""
    letters = list(letters)
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
    letters = of_case(case)
    covered: set[int] = set()
    for letter in letters:
        content = read(letter)
        if (
            letter.kind == "consultation"
            and content
            and content.body["about"] == about
            and any(_replies(reply, letter) for reply in letters)
        ):
            covered |= {item["number"] for item in content.body["items"]}
    return covered >= set(numbers)


def _replies(reply: Letter, letter: Letter) -> bool:
    if reply.kind != REPLY or reply.direction == letter.direction:
        return False
    content: Reading | None = read(reply)
    return content is not None and str(letter.id) in content.answers


def met(case: Case, numbers: Collection[int]) -> set[str]:
    """The duties of consultation that the letters of the case have met for these items."""
    return {duty for duty, about in CONSULTED.items() if consulted(case, about, numbers)}
