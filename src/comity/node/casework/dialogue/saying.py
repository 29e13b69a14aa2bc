"""How a turn is taken: the same steps for each, around what an act itself decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from comity.letters.bodies import REQUESTS
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, duties, events, running, signing, statuses, writing
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.turns import TURNS, Turn
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, demand_side
from comity.node.exchange.models import Direction, Letter
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

NO_ITEMS = "–"
"""What the timeline says where a letter is about information, which has no items."""


class NothingToAnswerError(ComityError):
    """The act answers a letter, and the case has no such letter that is still unanswered."""

    code = "nothing_to_answer"
    message = gettext_noop("Case {case} holds no letter of the other side that this would answer.")
    next_step = gettext_noop("Open the case again and see which letters wait for an answer.")


def begin_turn(official: Official, act: str, case: Case, numbers: Collection[int]) -> tuple[Case, list[Item]]:
    """The case, locked and fresh, and its items of these numbers, once the act is open for each of them.

    Raises NotAuthorisedError, NothingThereError, WrongSideError, NotNowError, DutiesUnmetError; where one
    prepares its letter and another signs, what ``signing.demand_two`` does.
    """
    authorise(official, act)
    turn = TURNS[act]
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    demand_its_side(case, turn)
    signing.demand_two(official, act, case)
    if turn.is_about_information(case) and not numbers:
        return case, []
    items = [item for item in turn.items(case, case.items.all()) if item.number in set(numbers)]
    if not items or len(items) != len(set(numbers)):
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    if act in duties.CONDITIONED:
        duties.demand(case, act, answers.met(case, numbers) | {"give_reasons"})
    return case, items


def demand_its_side(case: Case, turn: Turn) -> None:
    """Raise WrongSideError where the turn is the other side's alone."""
    sides = turn.sides(case)
    if len(sides) == 1:
        demand_side(case, Side(next(iter(sides))))


def answered_letter(case: Case, act: str, letter: str | None = None) -> Letter:
    """The unanswered letter of the other side that the act answers: the one named, or the newest."""
    waiting = answers.unanswered(case, Direction.IN, TURNS[act].replies)
    found = [each for each in waiting if letter is None or str(each.id) == letter]
    if not found:
        raise NothingToAnswerError(case=case.reference)
    return max(found, key=lambda each: each.generation)


def say(
    official: Official,
    act: str,
    case: Case,
    items: Sequence[Item],
    body: dict[str, Any],
    *,
    replying: Sequence[Letter] = (),
    limits: list[dict[str, Any]] | None = None,
    now: datetime,
) -> Letter:
    """Write the letter of a turn, give its items the status it announces, note it in ledger and timeline.

    ``limits`` travel with the letter; the caller lays them down on this side.
    """
    turn = TURNS[act]
    if turn.kind.actual is not None:
        statuses.set_actual(case, items, turn.kind.actual)
    if turn.kind.desired is not None:
        statuses.set_desired(case, items, turn.kind.desired)
    named = [{"number": item.number} for item in items]
    cited = [str(each.id) for each in replying] or _default_answers(case, turn.kind.answers)
    letter = writing.write(
        case,
        turn.letter,
        {"items": named} | body,
        writing.signatory(official, act, now),
        answers=cited,
        limits=limits,
        now=now,
    )
    running.on_letter(case, turn.letter, body, now)
    if case.side == Side.REQUESTED and case.actual in statuses.FINISHED:
        running.on_decision(case, now)
    case.changed_at = now
    case.save()
    numbers = [item.number for item in items]
    content = {
        "what": act,
        "case": case.reference,
        "items": numbers,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append(act, case.reference, content, now=now)
    told = ", ".join(str(number) for number in numbers) or NO_ITEMS
    events.note(case, act, now=now, by=official, letter=letter.id, entry=entry, items=told)
    return letter


def _default_answers(case: Case, kinds: Collection[str]) -> list[str]:
    return correspondence.answering(case, *REQUESTS) if "request" in kinds else []
