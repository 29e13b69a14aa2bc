"""How a letter of the dialogue is heard: whole, or refused and nothing is changed (LETTER-4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from comity import canonical
from comity.letters import schema
from comity.letters.bodies import KINDS, Writer, writer_of
from comity.node.casework import (
    emergencies,
    events,
    limits,
    meetings,
    permissions,
    receiving,
    running,
    serving,
    statuses,
    words,
)
from comity.node.casework.dialogue import answers, keeping
from comity.node.casework.dialogue.saying import NO_ITEMS
from comity.node.casework.dialogue.turns import BY_VIDEO, TURNS
from comity.node.casework.letters import item_numbers, read, read_body
from comity.node.casework.models import Case, CaseKind, Item, Side
from comity.node.casework.receiving import ItemUnknownError
from comity.node.casework.uses import DISCLOSURE
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits import continuing
from comity.node.exhibits.models import Exhibit
from comity.terms import ComityError, gettext_noop


class AnswerUnknownError(ComityError):
    """The letter answers none of this side's letters that it could answer."""

    code = "answer_unknown"
    message = gettext_noop("The letter answers nothing that waits for it in case {case}.")
    next_step = gettext_noop("Answer the letter by its id, once.")


class SubjectDiffersError(ComityError):
    """The letter speaks of items where the case is information, or of none where it is a request."""

    code = "subject_differs"
    message = gettext_noop("The letter is not about what case {case} is.")
    next_step = gettext_noop("Name the items of a request; of information without request name none.")


class ConditionsDifferError(ComityError):
    """Conditions were accepted that were not offered."""

    code = "conditions_differ"
    message = gettext_noop("The conditions accepted in case {case} are not those that were offered.")
    next_step = gettext_noop("Accept the conditions as they were offered, or consult on others.")


class PermissionDiffersError(ComityError):
    """A use was permitted that was not asked for."""

    code = "permission_differs"
    message = gettext_noop("The permission given in case {case} is not of the use that was asked for.")
    next_step = gettext_noop("Permit the use as it was asked for, or decline it.")


class ExhibitUnknownError(ComityError):
    """The letter names an exhibit that was not given in the case."""

    code = "exhibit_unknown"
    message = gettext_noop("Case {case} has no exhibit {exhibit}.")
    next_step = gettext_noop("Name the exhibits as the result lists them.")


class HearingDiffersError(ComityError):
    """A hearing was agreed to that was not proposed."""

    code = "hearing_differs"
    message = gettext_noop("The hearing agreed to in case {case} is not the one that was proposed.")
    next_step = gettext_noop("Agree to the hearing as it was proposed, or propose another.")


class NotToBeHeardError(ComityError):
    """The item asks for something else than a hearing by video."""

    code = "not_to_be_heard"
    message = gettext_noop("Item {item} of case {case} does not ask for a hearing by video.")
    next_step = gettext_noop("Name only the items that ask for it.")


ABOUT = "safe_conduct"
_REASONED = frozenset({"refused", "postponed"})
"""The statuses that rest on a ground, which stays with the item."""
_ONCE = frozenset(
    {
        *("supplement", "consultation_reply", "conditions_accepted", "conditions_declined"),
        *("use_permission_granted", "use_permission_declined"),
        *("onward_permission_granted", "onward_permission_declined"),
        *("extension_granted", "extension_declined", "preservation_decision"),
        *("presence_declined", "hearing_agreed"),
    }
)
"""Answers of which a letter takes one; on the status one may be told as often as there is news."""


def hear(row: Letter, letter: schema.Letter, now: datetime) -> None:
    """What a letter of the other side changes; GenerationStaleError, CaseUnknownError or an error above."""
    kind, body = KINDS[letter.kind], letter.body.as_json()
    side = Side.REQUESTED if writer_of(letter.kind, letter.body) == Writer.REQUESTING else Side.REQUESTING
    case = receiving.case_of(row, letter, side)
    _demand_its_subject(case, letter.kind, body)
    items = _items(case, [item["number"] for item in body["items"]])
    answered = _answered(case, letter)
    receiving.advance(case, row, letter)
    if kind.actual is not None:
        statuses.set_actual(case, items, kind.actual)
    if kind.desired is not None:
        statuses.set_desired(case, items, kind.desired)
    limits.lay_down(case, [limit.as_json() for limit in letter.limits], row.id, now)
    if letter.kind in _EFFECTS:
        _EFFECTS[letter.kind](case, row, body, answered, now)
    running.on_letter(case, letter.kind, body, now)
    if side == Side.REQUESTING and case.actual in statuses.FINISHED:
        running.on_decision(case, now)
    case.changed_at = now
    case.save()
    words.keep(case)
    told = ", ".join(str(item.number) for item in items) or NO_ITEMS
    events.note(case, f"{letter.kind}_received", now=now, letter=row.id, items=told)


def _demand_its_subject(case: Case, kind: str, body: dict[str, Any]) -> None:
    """A letter about a request names items. Information has none: its receiver gives notice of a disclosure,
    its sender consults on it, either replies. Raises SubjectDiffersError.
    """
    informed = case.kind == CaseKind.INFORMATION
    fits = informed != bool(body["items"])
    if kind == "exculpatory_notice":
        fits = fits and informed == (body.get("by") is not None)
    if kind == answers.CONSULTATION and informed:
        fits = fits and (body["about"], body["by"]) == (DISCLOSURE, Side.REQUESTING)
    if not fits:
        raise SubjectDiffersError(case=case.reference)


def _items(case: Case, numbers: list[int]) -> list[Item]:
    found = {item.number: item for item in case.items.filter(number__in=numbers)}
    for number in numbers:
        if number not in found:
            raise ItemUnknownError(case=case.reference, item=number)
    return [found[number] for number in numbers]


def _answered(case: Case, letter: schema.Letter) -> list[Letter]:
    """The letters of this side that it answers, of the kinds that it may answer."""
    kinds = KINDS[letter.kind].answers
    if not kinds:
        return []
    ours = answers.unanswered(case, Direction.OUT, kinds) if letter.kind in _ONCE else answers.of_case(case)
    cited = set(letter.answers)
    found = [
        each
        for each in ours
        if each.direction == Direction.OUT and each.kind in kinds and str(each.id) in cited
    ]
    if not found or (letter.kind in _ONCE and len(found) != len(cited)):
        raise AnswerUnknownError(case=case.reference)
    return found


def _status(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """Each item stands as the requested side says."""
    for told in body["items"]:
        item = case.items.get(number=told["number"])
        item.note = told["note"]
        if told["actual"] not in _REASONED:
            item.ground = item.reasons = ""
        statuses.set_actual(case, [item], told["actual"])


def _postponement(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    for told in body["items"]:
        case.items.filter(number=told["number"]).update(ground=told["ground"]["cite"], reasons=body["text"])


def _accepted(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """Exactly what was offered binds from now on."""
    if any(read_body(each)["conditions"] != body["conditions"] for each in answered):
        raise ConditionsDifferError(case=case.reference)
    limits.lay_down(case, body["conditions"], row.id, now)


def _extension_asked(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """An extension is asked while the preservation runs, or not at all."""
    items, at = _items(case, [item["number"] for item in body["items"]]), row.received_at or now
    keeping.demand_running(case, items, at)
    keeping.demand_longer(case, items, canonical.read_instant(body["until"]), at)


def _extension_granted(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """The clock of the items runs to the new end here too, by this State's own reading of the law."""
    items = _items(case, [item["number"] for item in body["items"]])
    until = canonical.read_instant(body["until"])
    _demand_named(answered, items)
    keeping.demand_longer(case, items, until, now)
    keeping.extend(case, items, until, now)


def _preservation_decided(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """What the requesting side no longer wants preserved is withdrawn."""
    items = _items(case, [item["number"] for item in body["items"]])
    _demand_named(answered, items)
    if body["decision"] == "withdraw":
        statuses.set_desired(case, items, "withdrawn")


def _demand_named(letters: list[Letter], items: list[Item]) -> None:
    """Raise ItemUnknownError for an item that a letter which is answered does not name."""
    for letter in letters:
        named = set(item_numbers(letter))
        for item in items:
            if item.number not in named:
                raise ItemUnknownError(case=letter.case_reference, item=item.number)


def _permitted(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """A grant is of what was asked, for fewer proceedings perhaps; its conditions bind from now on."""
    if not all(permissions.fits(read_body(each), body) for each in answered):
        raise PermissionDiffersError(case=case.reference)
    limits.lay_down(case, body["conditions"], row.id, now)


def _about_exhibits(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """Only exhibits of the case are spoken of; nothing changes."""
    given = Exhibit.objects.filter(case_reference=case.reference, pk__in=body["exhibits"])
    there = {str(each) for each in given.values_list("pk", flat=True)}
    for exhibit in body["exhibits"]:
        if exhibit not in there:
            raise ExhibitUnknownError(case=case.reference, exhibit=exhibit)


def _custody_told(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """How custody went on with whoever received the exhibits; a chain that is not whole is refused."""
    unknown = continuing.keep(case.reference, case.peer_id, body["custody"], row.id, now)
    if unknown:
        raise ExhibitUnknownError(case=case.reference, exhibit=unknown)


def _to_be_heard(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """A hearing is of items that ask for one; nothing changes until both sides say the same."""
    for told in body["items"]:
        if case.items.get(number=told["number"]).measure != BY_VIDEO:
            raise NotToBeHeardError(case=case.reference, item=told["number"])


def _agreed(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """The hearing that stands is exactly the one that was proposed."""
    _to_be_heard(case, row, body, answered, now)
    if any(meetings.particulars(read_body(each)) != meetings.particulars(body) for each in answered):
        raise HearingDiffersError(case=case.reference)


def _safe_conduct(
    case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime
) -> None:
    """Of persons who were asked to come alone; the time to leave runs here too, by the provision here."""
    rule = next((each for each in (case.opinion or {}).get("clocks", []) if each["id"] == ABOUT), None)
    for person in body["persons"]:
        serving.demand_measure(case, person["number"], {serving.APPEAR})
        if rule is None or person["released_at"] is None:
            continue
        released_at, until = (canonical.read_instant(person[name]) for name in ("released_at", "until"))
        clock = running.on_release(case, rule, released_at, until)
        if person["left_at"] and not person["returned_at"]:
            running.on_departure(clock, now)


def _validated(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """The emergency as a whole was validated, once, by a letter written within its time."""
    content = read(row)
    written_at = canonical.read_instant(content.written_at) if content else now
    numbers = [item["number"] for item in body["items"]]
    emergencies.validate(emergencies.demand_validatable(case, numbers, written_at), row.pk, now)


def _revoked(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """The emergency as a whole is revoked, once."""
    numbers = [item["number"] for item in body["items"]]
    emergencies.revoke(case, emergencies.demand_revocable(case, numbers), row.pk, now)


def _path_told(case: Case, row: Letter, body: dict[str, Any], answered: list[Letter], now: datetime) -> None:
    """A path that was asked for in an emergency was disclosed."""
    emergencies.on_received(case, row.kind, body, row.pk, now)


_EFFECTS: dict[str, Callable[[Case, Letter, dict[str, Any], list[Letter], datetime], None]] = {
    "status": _status,
    "postponement": _postponement,
    "conditions_accepted": _accepted,
    "extension_asked": _extension_asked,
    "extension_granted": _extension_granted,
    "preservation_decision": _preservation_decided,
    "use_permission_granted": _permitted,
    "onward_permission_granted": _permitted,
    "use_permission_asked": _about_exhibits,
    "onward_permission_asked": _about_exhibits,
    "exculpatory_notice": _about_exhibits,
    "custody_update": _custody_told,
    "safe_conduct": _safe_conduct,
    "hearing_proposed": _to_be_heard,
    "hearing_agreed": _agreed,
    "emergency_validated": _validated,
    "emergency_revoked": _revoked,
    "path_disclosure": _path_told,
}
"""What a kind of letter changes beyond the status it gives to its items."""

HANDLERS = dict.fromkeys(sorted({turn.letter for turn in TURNS.values()}), hear)
"""The kinds of letter that are heard here."""
