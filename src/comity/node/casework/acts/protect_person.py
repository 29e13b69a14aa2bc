"""Keep a person's identity apart from the case, name who may read it, open it on record."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.schema import written
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, identities, words
from comity.node.casework.attending import SafeConduct
from comity.node.casework.entitlement import demand_entitled, is_entitled
from comity.node.casework.identities import SHORTEST, Identity
from comity.node.casework.marked import IdentityReader, ProtectedPerson
from comity.node.casework.models import Case, Composition, Item
from comity.node.exchange.models import Letter
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class NameTooShortError(ComityError):
    """The name is too short to be kept out of texts."""

    code = "name_too_short"
    message = gettext_noop("A name of fewer than three letters cannot be kept out of texts.")
    next_step = gettext_noop("Give the name in full, each spelling on a line.")


class IdentityToldError(ComityError):
    """A letter of the case has the name already, and letters are never changed."""

    code = "identity_told"
    message = gettext_noop("A letter of case {case} has the name already; letters are never changed.")
    next_step = gettext_noop("Restrict who sees the case, and open a new case for what follows.")


class ReaderNotEntitledError(ComityError):
    """The official does not see the case, so the identity would be of no use to them."""

    code = "reader_not_entitled"
    message = gettext_noop("The case is not open to {name}.")
    next_step = gettext_noop("Give them access to the case first.")


@transaction.atomic
def protect_person(
    official: Official,
    case: Case,
    *,
    names: Collection[str],
    details: str = "",
    readers: Collection[Official] = (),
    reason: str,
    now: datetime,
) -> ProtectedPerson:
    """Seal an identity and put the pseudonym in its place in the draft, its versions, items and comments.

    ``names`` are the name and its other spellings. Whoever does this is its first reader. IdentityToldError
    where a letter has the name already.
    """
    case = _begin(official, case, "protect_person")
    identity = Identity(_spellings(names), details)
    for letter in Letter.objects.filter(case_reference=case.reference, canonical__isnull=False):
        told = written(bytes(letter.canonical or b""))
        if identities.names(identity, [told["body"], told["limits"], told["attachments"]]):
            raise IdentityToldError(case=case.reference)
    person = ProtectedPerson.objects.create(
        case=case,
        number=case.protected_persons.count() + 1,
        sealed=identities.seal(identity),
        reason=reason,
        by=official,
        at=now,
    )
    identities.demand_absent(case, reason)
    _replace(case, identity, person.pseudonym)
    for reader in dict.fromkeys((official, *readers)):
        _name(official, person, reader, now)
    _remember("person_protected", official, person, now)
    return person


@transaction.atomic
def name_reader(official: Official, person: ProtectedPerson, to: Official, *, now: datetime) -> None:
    """Name a further reader of an identity; only a reader may."""
    _begin(official, person.case, "protect_person")
    _demand_reader(official, person)
    _name(official, person, to, now)
    _remember("identity_reader_named", official, person, now, name=str(to))


@transaction.atomic
def open_identity(official: Official, person: ProtectedPerson, *, purpose: str, now: datetime) -> Identity:
    """The identity, for a stated purpose; ledger and timeline keep who had it opened, and for what."""
    _begin(official, person.case, "open_identity")
    _demand_reader(official, person)
    identities.demand_absent(person.case, purpose)
    _remember("identity_opened", official, person, now, purpose_stated=purpose)
    return identities.unseal(person)


def _begin(official: Official, case: Case, act: str) -> Case:
    authorise(official, act)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    return locked


def _demand_reader(official: Official, person: ProtectedPerson) -> None:
    """For everybody else there is no identity here."""
    if not person.readers.filter(official=official).exists():
        raise NothingThereError(name=person.pseudonym)


def _name(official: Official, person: ProtectedPerson, reader: Official, now: datetime) -> None:
    if not is_entitled(reader, person.case):
        raise ReaderNotEntitledError(name=str(reader))
    IdentityReader.objects.get_or_create(
        person=person, official=reader, defaults={"given_by": official, "given_at": now}
    )


def _spellings(names: Collection[str]) -> list[str]:
    spelled = [" ".join(name.split()) for name in names if name.strip()]
    if not spelled or any(sum(letter.isalpha() for letter in name) < SHORTEST for name in spelled):
        raise NameTooShortError
    return list(dict.fromkeys(spelled))


def _replace(case: Case, identity: Identity, pseudonym: str) -> None:
    """Take the name out of everything of the case that may still be changed, search included."""

    def clean(value: Any) -> Any:
        return identities.without(identity, pseudonym, value)

    case.draft, case.facts, case.heading = clean(case.draft), clean(case.facts), clean(case.heading)
    case.save()
    for version in case.versions.all():
        version.body = clean(version.body)
        version.save(update_fields=["body"])
    for comment in case.comments.all():
        comment.text = clean(comment.text)
        comment.save(update_fields=["text"])
    for event in case.events.all():
        event.params = clean(event.params)
        event.save(update_fields=["params"])
    for use in case.uses.all():
        use.description, use.recipient = clean(use.description), clean(use.recipient)
        use.unannounced, use.proceedings = clean(use.unannounced), clean(use.proceedings)
        use.save(update_fields=["description", "recipient", "unannounced", "proceedings"])
    for marking in case.markings.all():
        marking.reason, marking.decision = clean(marking.reason), clean(marking.decision)
        marking.save(update_fields=["reason", "decision"])
    for access in case.access.all():
        access.reason = clean(access.reason)
        access.save(update_fields=["reason"])
    for translation in case.letter_translations.all():
        translation.texts = clean(translation.texts)
        translation.save(update_fields=["texts"])
    Composition.objects.filter(case=case).delete()  # what was only shown for signing is shown anew
    for item in case.items.all():
        item.identifier_value, item.description = clean(item.identifier_value), clean(item.description)
        item.note, item.reasons = clean(item.note), clean(item.reasons)
        item.particulars = clean(item.particulars)
        item.save()
        _replace_in_records(item, clean)
    words.keep(case)


def _replace_in_records(item: Item, clean: Callable[[Any], Any]) -> None:
    for attempt in item.attempts.all():
        attempt.handed_to, attempt.note = clean(attempt.handed_to), clean(attempt.note)
        attempt.place, attempt.server = clean(attempt.place), clean(attempt.server)
        attempt.save(update_fields=["handed_to", "note", "place", "server"])
    for invitation in item.invitations.all():
        invitation.note, invitation.informed_by = clean(invitation.note), clean(invitation.informed_by)
        invitation.save(update_fields=["note", "informed_by"])
    for conduct in SafeConduct.objects.filter(item=item):
        conduct.note, conduct.released_by = clean(conduct.note), clean(conduct.released_by)
        conduct.save(update_fields=["note", "released_by"])
    for answer in item.case.conduct_answers.all():
        answer.reasons = clean(answer.reasons)
        answer.save(update_fields=["reasons"])


def _remember(what: str, official: Official, person: ProtectedPerson, now: datetime, **told: Any) -> None:
    reference = person.case.reference
    content = {"what": what, "case": reference, "person": person.pseudonym, "by": official.pk, **told}
    entry = entries.append(what, reference, content, now=now)
    events.note(person.case, what, now=now, by=official, entry=entry, person=person.pseudonym, **told)
