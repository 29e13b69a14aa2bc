"""Record what went or came by diplomatic channels or through INTERPOL, and keep its documents."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

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


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it came: its content of ``size`` bytes, its name, and of which kind it is said to be."""

    stream: BinaryIO
    raw_name: str
    media_type: str
    size: int

    def described(self, case: Case, sender: str) -> intake.Description:
        """As an exhibit of the case that its sender gave."""
        plain = self.media_type.lower()
        kind = plain if _MEDIA_TYPE.fullmatch(plain) else UNKNOWN
        return intake.Description(case.reference, None, self.raw_name, kind, sender)


def record_with_document(
    official: Official, case: Case, document: Document, *, sender: str, now: datetime, **said: Any
) -> ChannelNote:
    """Record one communication and keep its first document, both or neither; ``said`` as above.

    Raises what ``record_channel_note`` and ``add_note_document`` raise.
    """
    _demand_may_keep(official, case, document)
    made: list[ChannelNote] = []

    def keep(exhibit: Exhibit) -> None:
        note = record_channel_note(official, case, sender=sender, now=now, **said)
        _keep(official, case, note, exhibit, now)
        made.append(note)

    intake.take_in(official, document.stream, document.described(case, sender), now=now, also=keep)
    return made[0]


def add_note_document(
    official: Official, case: Case, number: int, document: Document, *, now: datetime
) -> Exhibit:
    """Keep a document of a note as an exhibit of the case, hashed while it passes.

    Raises NothingThereError without such a note, EnclosureTooLargeError, EnclosureEmptyError,
    TooManyEnclosuresError.
    """
    _demand_may_keep(official, case, document)
    note = case.channel_notes.filter(number=number).first()
    if note is None:
        raise NothingThereError(name=str(number))
    _demand_room(note)

    def keep(exhibit: Exhibit) -> None:
        _keep(official, case, note, exhibit, now)

    described = document.described(case, note.sender)
    return intake.take_in(official, document.stream, described, now=now, also=keep)


def _keep(official: Official, case: Case, note: ChannelNote, exhibit: Exhibit, now: datetime) -> None:
    """In the transaction in which the document becomes an exhibit."""
    locked = begin(official, ACT, case, Side(case.side))
    _demand_room(note)
    _demand_size(exhibit.raw_name, exhibit.bytes)
    NoteDocument.objects.create(note=note, exhibit=exhibit.pk, by=official, at=now)
    events.note(locked, "channel_document_kept", now=now, by=official, number=exhibit.number)


def _demand_may_keep(official: Official, case: Case, document: Document) -> None:
    authorise(official, ACT)
    demand_entitled(official, case)
    _demand_size(document.raw_name, document.size)
    identities.demand_absent(case, document.raw_name)


def _demand_size(name: str, size: int) -> None:
    if size < 1:
        raise enclosures.EnclosureEmptyError(name=name)
    if size > enclosures.LARGEST:
        raise enclosures.EnclosureTooLargeError(name=name)


def _demand_room(note: ChannelNote) -> None:
    if note.documents.count() >= enclosures.MOST:
        raise enclosures.TooManyEnclosuresError
