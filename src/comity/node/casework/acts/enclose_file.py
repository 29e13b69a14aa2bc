"""Let a file travel with a request, or take it out of the draft again."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import enclosures, events, identities
from comity.node.casework.acts.change_access import assign
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Enclosure, Side
from comity.node.casework.standing import begin, demand_side
from comity.node.directory import known
from comity.node.exhibits import intake
from comity.node.exhibits.models import Exhibit

_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]{1,80}")
UNKNOWN = "application/octet-stream"


def enclose_file(
    official: Official,
    case: Case,
    *,
    stream: BinaryIO,
    raw_name: str,
    media_type: str,
    size: int,
    now: datetime,
) -> Exhibit:
    """Keep a file that goes with the next request; whoever adds one has written on the draft.

    The content is stored before the transaction, hashed while it passes; another size than announced is
    refused. Raises EnclosureTooLargeError, EnclosureEmptyError or TooManyEnclosuresError.
    """
    authorise(official, "save_draft")
    demand_entitled(official, case)
    demand_side(case, Side.REQUESTING)
    case.refresh_from_db()
    enclosures.demand_preparing(case)
    enclosures.demand_room(case, raw_name, size)
    identities.demand_absent(case, raw_name)

    def enclose(exhibit: Exhibit) -> None:
        locked = begin(official, "save_draft", case, Side.REQUESTING)
        enclosures.demand_preparing(locked)
        enclosures.demand_room(locked, raw_name, exhibit.bytes)
        Enclosure.objects.create(case=locked, exhibit=exhibit.pk, by=official, at=now)
        _written_on(official, locked, now)
        events.note(locked, "file_enclosed", now=now, by=official, number=exhibit.number)

    plain = media_type.lower()
    described = intake.Description(
        case.reference,
        None,
        raw_name,
        plain if _MEDIA_TYPE.fullmatch(plain) else UNKNOWN,
        str(known.own()),
    )
    return intake.take_in(official, stream, described, now=now, also=enclose)


@transaction.atomic
def take_out_file(official: Official, case: Case, exhibit: uuid.UUID, *, now: datetime) -> None:
    """The file does not go with the request; its content and its custody stay with the case."""
    case = begin(official, "save_draft", case, Side.REQUESTING)
    enclosures.demand_preparing(case)
    found = case.enclosures.filter(exhibit=exhibit, letter=None).first()
    if found is None:
        raise enclosures.EnclosureUnknownError
    found.delete()
    _written_on(official, case, now)
    number = Exhibit.objects.get(pk=exhibit).number
    events.note(case, "file_taken_out", now=now, by=official, number=number)


def _written_on(official: Official, case: Case, now: datetime) -> None:
    """What goes with a draft is part of it: who chose it does not sign it alone."""
    case.drafter, case.changed_at = official, now
    case.save(update_fields=["drafter", "changed_at"])
    assign(official, case, now)
