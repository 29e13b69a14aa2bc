"""What a person of a provider does with an order, besides handing files over."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from comity.node.orders import answers, messages
from comity.node.orders.models import Message, Order, OrderKind, OrderState, Outcome
from comity.node.providers import producing, seeing
from comity.node.providers.models import Person, Reader
from comity.orders.form import IdentifierAnswer
from comity.terms import ComityError, gettext_noop


class FilesMissingError(ComityError):
    """An order to produce was to be answered as done without a file."""

    code = "provider_files_missing"
    message = gettext_noop(
        "Identifier {identifier} cannot be answered as done: no file was handed over for it."
    )
    next_step = gettext_noop("Hand the file over first, or give another answer.")


class FilesUnfinishedError(ComityError):
    """A file that was announced has not come whole."""

    code = "provider_files_unfinished"
    message = gettext_noop("“{name}” was announced and has not come whole.")
    next_step = gettext_noop("Send the rest of it, or take it back.")


class StatementMissingError(ComityError):
    """Nobody said that a file is what it is said to be."""

    code = "provider_statement_missing"
    message = gettext_noop("“{name}” has no statement of authenticity.")
    next_step = gettext_noop("Make the statement, then answer.")


class NotOfThisProviderError(ComityError):
    """Somebody of another provider was to be named."""

    code = "not_of_this_provider"
    message = gettext_noop("Only people of your own provider can be named.")
    next_step = gettext_noop("Choose among the people that the page offers.")


@transaction.atomic
def acknowledge(person: Person, order: uuid.UUID, state: OrderState, *, now: datetime) -> Order:
    """Confirm that the order was received, or that it is being carried out."""
    found = seeing.to_act_on(person, order)
    changed = answers.acknowledge(found, state, now)
    seeing.note(person, changed, f"provider_{state}", now)
    return changed


@transaction.atomic
def ask(person: Person, order: uuid.UUID, text: str, *, now: datetime) -> Message:
    """Ask the authority to clarify the order."""
    found = seeing.to_act_on(person, order)
    asked = messages.ask(found, f"{person.full_name}, {person.post}"[:300], text, now)
    seeing.note(person, found, "provider_asked", now)
    return asked


@transaction.atomic
def answer(person: Person, order: uuid.UUID, said: Sequence[IdentifierAnswer], *, now: datetime) -> Order:
    """Answer some identifiers. What is done with data, now or before, needs its files whole and stated."""
    found = seeing.to_act_on(person, order)
    answers.demand_open(found)  # from here on no file is announced meanwhile
    before = found.identifiers.filter(outcome=Outcome.DONE).values_list("number", flat=True)
    outcomes = dict.fromkeys(before, Outcome.DONE) | {each.number: each.outcome for each in said}
    for number, outcome in outcomes.items():
        if outcome == Outcome.DONE:
            _demand_files(found, number)
    changed = answers.answer_identifiers(found, said, now)
    numbers = ",".join(str(each.number) for each in said)
    seeing.note(person, changed, "provider_answered", now, identifiers=numbers)
    return changed


@transaction.atomic
def name_readers(person: Person, order: uuid.UUID, readers: Collection[int], *, now: datetime) -> None:
    """Say who besides the legal desk may see the order; whoever is left out sees it no more."""
    found = seeing.to_act_on(person, order)
    people = Person.objects.filter(pk__in=readers, provider=person.provider_id, is_active=True)
    if people.count() != len(set(readers)):
        raise NotOfThisProviderError
    found.readers.exclude(person__in=people).delete()
    for each in people:
        Reader.objects.get_or_create(order=found, person=each, defaults={"named_by": person, "named_at": now})
    named = ",".join(str(pk) for pk in sorted(people.values_list("pk", flat=True)))
    seeing.note(person, found, "provider_readers_named", now, readers=named)


def _demand_files(order: Order, identifier: int) -> None:
    files = [each for each in producing.files(order) if each.row.identifier == identifier]
    if order.kind == OrderKind.PRODUCE and not files:
        raise FilesMissingError(identifier=identifier)
    for each in files:
        if not each.arrived:
            raise FilesUnfinishedError(name=each.row.name)
        if each.row.statement_id is None:
            raise StatementMissingError(name=each.row.name)
