"""Exhibits of a verified result, files of a verified request: out of the container into encrypted segments.

A job, because content is bulk: the streams go first, then one short transaction makes the rows. Repeating it
changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters import schema
from comity.node.directory import known
from comity.node.exchange import reading as containers
from comity.node.exchange.models import Letter
from comity.node.exhibits import content, custody, destroyed, intake
from comity.node.exhibits.intake import ContentDiffersError
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.names import kept_name
from comity.node.exhibits.streams import from_pieces
from comity.proofs.custody import CustodyAct
from comity.sealing.reading import Package

JOB = "exhibits.arrive"
POST = "automatic intake"
"""Whose act ``received_abroad`` is: the node's own, on arrival, before any official opens the letter."""

_listeners: list[Callable[[str, str, int, datetime], None]] = []


def listen(listener: Callable[[str, str, int, datetime], None]) -> None:
    """Register who is told, once per letter, of arrived files: ``(case, kind of letter, count, now)``."""
    if listener not in _listeners:
        _listeners.append(listener)


def arrive(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.arrive``: take in every file that the letter carries."""
    row = Letter.objects.select_related("peer").get(pk=payload["letter"])
    letter = schema.parse(bytes(row.canonical or b""))
    carried = {uuid.UUID(each.exhibit): each for each in letter.attachments if each.exhibit}
    there = set(Exhibit.objects.filter(pk__in=carried).values_list("pk", flat=True))
    missing = {exhibit: each for exhibit, each in carried.items() if exhibit not in there}
    if not missing:
        return
    with containers.container(row) as opened:
        package = Package(opened)
        stored = {exhibit: _store(package, each) for exhibit, each in missing.items()}
    with transaction.atomic():
        for exhibit, parts in stored.items():
            _enter(row, letter, exhibit, carried[exhibit], parts, now)
        if stored.keys() & destroyed.listed():  # a letter that a restore lost came again, and what was in it
            destroyed.apply(now)
        for listener in _listeners:
            listener(row.case_reference, row.kind, len(carried), now)


def _store(package: Package, attachment: schema.Attachment) -> content.StoredContent:
    stored = content.write(from_pieces(package.stream(attachment.name)))
    if (stored.bytes, stored.sha256) != (attachment.bytes, attachment.sha256):
        raise ContentDiffersError(name=attachment.name)
    return stored


def _enter(
    row: Letter,
    letter: schema.Letter,
    exhibit_id: uuid.UUID,
    attachment: schema.Attachment,
    stored: content.StoredContent,
    now: datetime,
) -> None:
    body = letter.body.as_json()
    told_of = body.get("items", ())  # information has none
    items = {exhibit: item["number"] for item in told_of for exhibit in item.get("exhibits", ())}
    exhibit, made = intake.create(
        exhibit_id,
        stored,
        case_reference=row.case_reference,
        item_number=items.get(attachment.exhibit),
        raw_name=kept_name(attachment.name.rpartition("/")[2]),
        media_type=attachment.media_type,
        source=str(row.peer),
        origin=row.peer_id,
        letter=row.id,
        now=now,
    )
    if made:
        told = [record for record in body.get("custody", ()) if record["exhibit"] == attachment.exhibit]
        if "custody" in body:
            custody.keep_foreign(exhibit, told)
        own = known.own()
        by = {"name": str(own), "post": POST, "authority": own.id}
        note = f"from {row.peer_id}, letter {row.id}, verified"
        act = CustodyAct.RECEIVED_ABROAD if told else CustodyAct.RECEIVED  # only a result tells custody
        custody.record_by(exhibit, act, by=by, note=note, now=now)
