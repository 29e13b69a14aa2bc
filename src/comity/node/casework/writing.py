"""Letters as casework writes them: one place that puts envelope, people and body together."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from comity import canonical
from comity.delivery.envelope import LIFETIME
from comity.letters.schema import SCHEMA
from comity.node.casework import emergencies, events, identities, languages, oral, signing, waiting, words
from comity.node.casework.models import Case, Side
from comity.node.directory import known
from comity.node.exchange import outgoing
from comity.node.exchange.models import Letter
from comity.node.exchange.people import person, signatory
from comity.node.exhibits.models import Exhibit

__all__ = ["compose", "numbers", "person", "signatory", "write"]


def numbers(case: Case) -> dict[str, str | None]:
    """The case as each side numbers it; null where that side has not numbered it yet."""
    own, peer = case.reference, case.peer_reference or None
    if case.side == Side.REQUESTED:
        return {"requesting": peer, "requested": own}
    return {"requesting": own, "requested": peer}


def compose(
    case: Case,
    kind: str,
    body: dict[str, Any],
    people: list[dict[str, str]],
    *,
    now: datetime,
    letter_id: uuid.UUID | None = None,
    answers: list[str] | None = None,
    limits: list[dict[str, Any]] | None = None,
    attachments: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The next letter of a case as it would be frozen; nothing is changed."""
    return {
        "schema": SCHEMA,
        "kind": kind,
        "id": str(letter_id or signing.letter_id()),
        "case": numbers(case),
        "generation": case.sent_generation + 1,
        "from": known.own().id,
        "to": case.peer_id,
        "written_at": canonical.instant_text(now),
        "expires_at": canonical.instant_text(now + LIFETIME),
        "answers": answers or [],
        "people": people,
        "limits": limits or [],
        "attachments": attachments or [],
        "body": body,
    }


def write(
    case: Case,
    kind: str,
    body: dict[str, Any],
    people: list[dict[str, str]],
    *,
    now: datetime,
    letter_id: uuid.UUID | None = None,
    answers: list[str] | None = None,
    limits: list[dict[str, Any]] | None = None,
    attachments: list[dict[str, Any]] | None = None,
) -> Letter:
    """Freeze the next letter of a case and raise its generation; the caller saves the case.

    Raises ConfirmationAwaitedError where what was asked orally is not confirmed in writing yet, and what
    ``emergencies.demand_cleared`` does where it gives data for an emergency. What its
    ceremony says of language and translations goes into the body; TranslationUnreadyError for half a
    translation.
    """
    oral.demand_confirmed(case)
    emergencies.demand_cleared(case, kind, body, attachments or (), now)
    body = {**body, **signing.spoken()}
    languages.demand_whole(case, body, limits or [])
    letter = compose(
        case,
        kind,
        body,
        people,
        now=now,
        letter_id=letter_id,
        answers=answers,
        limits=limits,
        attachments=attachments,
    )
    exhibits = [each["exhibit"] for each in letter["attachments"]]
    files = Exhibit.objects.filter(pk__in=exhibits).values_list("raw_name", flat=True)
    identities.demand_absent(case, [body, letter["limits"], letter["attachments"], *files])
    case.sent_generation = letter["generation"]
    frozen = outgoing.freeze(
        letter,
        peer=case.peer,
        case_reference=case.reference,
        attachments=exhibits,
        urgent=case.urgent,
        now=now,
    )
    waiting.keep(case)
    words.keep(case)
    emergencies.on_written(case, kind, body, attachments or (), frozen.pk, now)
    for each in people:
        if each["part"] == "delegator":
            events.note(case, "acted_by_delegation", now=now, letter=frozen.id, name=each["name"])
    signing.bind(case, frozen, next(each["name"] for each in people if each["part"] == "signatory"), now)
    return frozen
