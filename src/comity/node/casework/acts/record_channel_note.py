"""Record what went or came by diplomatic channels or through INTERPOL, and keep its documents."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework import channel_notes, enclosures, events, identities
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Side
from comity.node.casework.noted import ChannelNote, NoteDocument
from comity.node.casework.standing import NotYetHappenedError, begin
from comity.node.exchange.models import Letter
from comity.node.exhibits import intake
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries

ACT = "record_channel_note"
UNKNOWN = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]{1,80}")
_EVENTS = {"out": "channel_note_sent", "in": "channel_note_received"}


@transaction.atomic
def record_channel_note(
    official: Official,
    case: Case,
    *,
    direction: str,
    channel: str,
    happened_at: datetime,
    reference: str,
    sender: str,
    recipient: str,
    text: str,
    letter: uuid.UUID | None = None,
    now: datetime,
) -> ChannelNote:
    """Record one communication: ``direction`` is ``out`` or ``in``, ``reference`` the channel's number of it.

    Raises NotYetHappenedError for the future, NothingThereError for a letter of another case.
    """
    case = begin(official, ACT, case, Side(case.side))
    if happened_at > now:
        raise NotYetHappenedError
    said = {"reference": reference, "sender": sender, "recipient": recipient, "text": text}
    identities.demand_absent(case, said)
    if letter and not Letter.objects.filter(pk=letter, case_reference=case.reference).exists():
        raise NothingThereError(name=str(letter))
    note = ChannelNote.objects.create(
        case=case,
        number=case.channel_notes.count() + 1,
        direction=direction,
        channel=channel,
        happened_at=happened_at.replace(microsecond=0),
        letter=letter,
        by=official,
        at=now,
        **said,
    )
    content = {
        "what": ACT,
        "case": case.reference,
        "happened_at": canonical.instant_text(note.happened_at),
        "letter": str(letter) if letter else None,
        "by": official.pk,
    }
    entry = entries.append(ACT, case.reference, content | channel_notes.committed(note), now=now)
    about = {"channel": channel, "reference": reference}
    events.note(case, _EVENTS[direction], now=now, by=official, letter=letter, entry=entry, **about)
    return note


def add_note_document(
    official: Official,
    case: Case,
    number: int,
    *,
    stream: BinaryIO,
    raw_name: str,
    media_type: str,
    size: int,
    now: datetime,
) -> Exhibit:
    """Keep a document of a note as an exhibit of the case, hashed while it passes.

    Raises NothingThereError without such a note, EnclosureTooLargeError, EnclosureEmptyError,
    TooManyEnclosuresError.
    """
    authorise(official, ACT)
    demand_entitled(official, case)
    note = case.channel_notes.filter(number=number).first()
    if note is None:
        raise NothingThereError(name=str(number))
    _demand_room(note, raw_name, size)
    identities.demand_absent(case, raw_name)

    def keep(exhibit: Exhibit) -> None:
        locked = begin(official, ACT, case, Side(case.side))
        _demand_room(note, raw_name, exhibit.bytes)
        NoteDocument.objects.create(note=note, exhibit=exhibit.pk, by=official, at=now)
        events.note(locked, "channel_document_kept", now=now, by=official, number=exhibit.number)

    plain = media_type.lower()
    kind = plain if _MEDIA_TYPE.fullmatch(plain) else UNKNOWN
    described = intake.Description(case.reference, None, raw_name, kind, note.sender)
    return intake.take_in(official, stream, described, now=now, also=keep)


def _demand_room(note: ChannelNote, name: str, size: int) -> None:
    if size < 1:
        raise enclosures.EnclosureEmptyError(name=name)
    if size > enclosures.LARGEST:
        raise enclosures.EnclosureTooLargeError(name=name)
    if note.documents.count() >= enclosures.MOST:
        raise enclosures.TooManyEnclosuresError
