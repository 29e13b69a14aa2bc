"""Tie the letter that confirms an oral request to the minute of it: both are one case from then on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import correspondence, emergencies, events, oral, running, waiting, words
from comity.node.casework.acts.sign_request import item_values
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Event, Item, LetterTranslation, Limit, Marking, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.clocks.models import Clock
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.node.orders.models import Order

_AS_ASKED = (
    *("peer_reference", "facts", "opinion", "instrument", "desired"),
    *("urgent", "confidential", "no_user_notice", "received_generation"),
)
"""What the letter says of a case, taken over from the one that it opened."""


@transaction.atomic
def tie_confirmation(official: Official, case: Case, minute: Case, *, now: datetime) -> Case:
    """The letter of ``case``, which nobody registered yet, confirms what ``minute`` noted.

    All that came with the letter moves into the minute's case, which keeps its number, its orders and its
    exhibits; the letter's items are its items, those that were said only count as withdrawn. Returns that
    case; it still waits to be registered. Raises NotNowError where either is not at that point.
    """
    case = begin(official, "tie_confirmation", case, Side.REQUESTED)
    minute = Case.objects.select_for_update().get(pk=minute.pk)
    demand_entitled(official, minute)
    letter, noted = correspondence.last_received(case, "oral_confirmation"), oral.awaiting(minute)
    fits = minute.side == Side.REQUESTED and minute.peer_id == case.peer_id and minute.pk != case.pk
    untouched = not (case.registered_generation or case.joined_to_id or case.protected_persons.exists())
    if letter is None or noted is None or not fits or not untouched:
        raise NotNowError(case=case.reference, standing=case.actual)
    received_at = letter.received_at or now
    noted.letter, noted.confirmed_at = letter.pk, received_at
    noted.save(update_fields=["letter", "confirmed_at"])
    _take_items(minute, read_body(letter)["items"])
    for name in _AS_ASKED:
        setattr(minute, name, getattr(case, name))
    minute.changed_at = now
    minute.save()
    _move(case, minute, now)
    running.on_confirmation(minute, received_at)
    content = {
        "what": "confirmation_tied",
        "case": minute.reference,
        "joined": case.reference,
        "letter": str(letter.pk),
        "by": official.pk,
    }
    entry = entries.append("confirmation_tied", minute.reference, content, now=now)
    events.note(
        minute,
        "confirmation_tied",
        now=now,
        by=official,
        letter=letter.pk,
        entry=entry,
        reference=case.reference,
    )
    return minute


def _take_items(minute: Case, written: list[dict[str, Any]]) -> None:
    """Number the items as the letter does; what was noted of the same identifier goes on as that item."""
    noted = {(each.identifier_type, each.identifier_value): each for each in minute.items.all()}
    numbers: dict[int, int] = {}
    values: list[tuple[Item, dict[str, Any]]] = []
    for item in written:
        there = noted.pop(oral.identifier(item), None)
        if there is not None:
            numbers[there.number] = item["number"]
        row = there or Item(case=minute)
        values.append((row, {**item_values(item), "number": item["number"]}))
    for place, only_said in enumerate(noted.values(), start=len(written) + 1):
        numbers[only_said.number] = place
        gone = {"number": place, "desired": "withdrawn", "actual": "withdrawn"}
        values.append((only_said, gone))
    _number_anew(minute, numbers)
    for row, known in values:
        for name, value in known.items():
            setattr(row, name, value)
        row.save()


def _number_anew(minute: Case, numbers: dict[int, int]) -> None:
    """Give orders and exhibits the new numbers of their items, and set the items' old ones free."""
    held = [
        (row, numbers.get(row.item_number or 0, row.item_number))
        for model in (Order, Exhibit)
        for row in model.objects.filter(case_reference=minute.reference).only("pk", "item_number")
    ]
    for row, number in held:
        row.item_number = number
        row.save(update_fields=["item_number"])
    for item in minute.items.all():
        Item.objects.filter(pk=item.pk).update(number=-item.number)


def _move(case: Case, minute: Case, now: datetime) -> None:
    """What the letter brought with it, into the minute's case; the number it came under is left empty."""
    for model in (Letter, Clock, Exhibit):
        model.objects.filter(case_reference=case.reference).update(case_reference=minute.reference)
    for told in (Event, Limit, Marking, LetterTranslation):
        told.objects.filter(case=case).update(case=minute)
    for given in case.access.all():
        if minute.access.filter(official=given.official, organisation=given.organisation).exists():
            given.delete()
        else:
            given.case = minute
            given.save(update_fields=["case"])
    emergencies.take_over(minute, case)
    case.items.all().delete()
    case.peer_reference, case.joined_to, case.changed_at = "", minute, now
    case.save()
    for each in (case, minute):
        waiting.keep(each)
        words.keep(each)
