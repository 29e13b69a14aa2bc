"""Job ``exchange.seal``: from frozen bytes to the one stored container that is ever sent.

Rendering, sealing and encrypting happen outside any transaction and may be repeated after a crash; the row
takes one result, and objects that no row names are removed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from comity import canonical, treaties
from comity.letters.rendering import Correspondent, Names, render_letter
from comity.letters.schema import Letter as Document
from comity.letters.schema import parse
from comity.node import config, folders, store
from comity.node.databases import rows
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.durable import FileExistsAlreadyError
from comity.node.exchange import arrivals
from comity.node.exchange.announcing import usable_recipient
from comity.node.exchange.attachments import open_attachment
from comity.node.exchange.models import Letter, SignedPdf, Stage
from comity.node.exchange.outgoing import ORDINARY, URGENT, lane, letter_of, letters_of
from comity.node.exchange.receipts import DELIVER
from comity.node.exchange.workspace import digest, workspace
from comity.node.jobs import Alone, in_time, outbox
from comity.node.ledger import entries
from comity.sealing import encryption, keys, longterm, national, signed_pdf, stepup
from comity.sealing.container import write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile, in_memory
from comity.terms import ComityError

LETTER, LANGUAGES = "letter.json", ("en", "kk", "ru")
IN_MEMORY = 1024 * 1024
"""Bytes of attachments up to which a container is put together in memory."""


def seal(payload: dict[str, Any], now: datetime) -> None:
    """Seal one frozen letter; a letter that is sealed already is left alone."""
    letter = letter_of(payload)
    if letter.stage == Stage.FROZEN and not _enter([_sealed(letter, known.own(), now)], now):
        letter.refresh_from_db()
    tidy(letter)


def seal_several(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
    """The same of several without attachments, entered in one transaction.

    They stay in their order: the first that cannot be sealed now goes alone, before those behind it.
    """
    own, sealed = known.own(), []
    for letter in in_time(letters_of(payloads)):
        if letter.stage != Stage.FROZEN or letter.attachments:
            break
        try:
            sealed.append(_sealed(letter, own, now))
        except ComityError:
            break
    if not sealed or not _enter(sealed, now):
        return [Alone() for _ in sealed or payloads[:1]]
    for each in sealed:
        tidy(each.letter)
    return [None for _ in sealed]


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A letter with its containers stored; ``size``: bytes of what was sealed, ``signed``: by a token."""

    letter: Letter
    size: int
    signed: bool


def _sealed(letter: Letter, own: Authority, now: datetime) -> _Sealed:
    """Put a letter's containers into the store."""
    between, recipient = [own, letter.peer], usable_recipient(letter.peer, now)
    signed, document = rows.those(SignedPdf, letter_id=letter.id), parse(bytes(letter.canonical or b""))
    with workspace() as folder, _room(document, folder) as plain:
        files = [*_readable(document, between, signed), *_of_signatory(letter, signed), *_attached(document)]
        inside = _write(document, files, plain, now)
        node = config.current()
        stored = _encrypt(plain, folder / "stored", folders.storage_recipient(node))
        travelling = _encrypt(plain, folder / "travelling", recipient)
        container = keep(folder / "stored", letter, stored[0])
        outside = keep(folder / "travelling", letter, travelling[0])
    letter.container, letter.travelling, letter.sealed_sha256 = container, outside, inside[0]
    letter.sha256, letter.bytes = travelling
    return _Sealed(letter, inside[1], bool(signed))


def sweep(letter: Letter) -> None:
    """Remove the containers of runs that did not count: only what the row names was sent or is kept."""
    letter.refresh_from_db()
    tidy(letter)


def tidy(letter: Letter) -> None:
    """The same of a letter that is as its row."""
    for key in list(store.keys(f"letters/{letter.id}")):
        if key not in (letter.container, letter.travelling):
            store.delete(key)


def keep(finished: Path, letter: Letter, sha256: str) -> str:
    """Move an encrypted container into the store, named by its own hash."""
    key = f"letters/{letter.id}/{sha256}.age"
    try:
        store.adopt(key, finished)
    except FileExistsAlreadyError:  # the same ciphertext: an earlier run came this far
        finished.unlink()
    return key


@lru_cache(maxsize=1)
def own_keys() -> keys.Authority:
    """The authority's keys, read once."""
    return keys.load(config.current().keys)


def _room(document: Document, folder: Path) -> IO[bytes]:
    """Where a container is put together before it is encrypted; of a small letter no disk sees it."""
    if sum(each.bytes for each in document.attachments) <= IN_MEMORY:
        return io.BytesIO()
    return (folder / "sealed").open("w+b")


def _write(document: Document, files: list[PackageFile], out: IO[bytes], now: datetime) -> tuple[str, int]:
    """Write the container; its SHA-256 (hex) and bytes."""
    about = {"letter": document.id, "kind": document.kind, "from": document.source, "to": document.target}
    with PlainFlow(out) as flow:
        write_container(flow, files, kind=Kind.LETTER, about=about, signer=own_keys(), now=now)
    out.seek(0)
    return digest(out)


def _readable(
    document: Document, between: Sequence[Authority], signed: Sequence[SignedPdf]
) -> list[PackageFile]:
    """What is signed, and its readable forms; the one that a national token signed, as it was signed."""
    readable = {readable_name(language): readable_form(document, language, between) for language in LANGUAGES}
    for each in signed:
        readable[each.form] = bytes(each.data)[: each.base]
    return [
        in_memory(LETTER, "application/json", document.as_bytes()),
        *(in_memory(name, "application/pdf", pdf) for name, pdf in readable.items()),
    ]


def readable_name(language: str) -> str:
    """The entry of a readable form in a letter's container."""
    return f"letter.{language}.pdf"


def readable_form(document: Document, language: str, between: Sequence[Authority] | None = None) -> bytes:
    """The PDF of a letter in one of its languages, as it lies in the container.

    ``between`` are its sender and recipient, where the caller has them.
    """
    sides = known.named([document.source, document.target]) if between is None else between
    titles = {each.id: each.short for each in treaties.load().instruments.values()}
    names = Names({each.id: Correspondent(each.name(language), each.state) for each in sides}, titles)
    return render_letter(document, language, names)


def _of_signatory(letter: Letter, signed: Sequence[SignedPdf]) -> list[PackageFile]:
    files = []
    if letter.stepup is not None:
        files.append(in_memory(stepup.STEP_UP, stepup.MEDIA_TYPE, canonical.write(letter.stepup)))
    if letter.national is not None:
        files.append(in_memory(national.NATIONAL, national.MEDIA_TYPE, bytes(letter.national)))
    for each in signed:
        files.append(in_memory(signed_pdf.SIGNED_PDF, signed_pdf.MEDIA_TYPE, bytes(each.data)))
    return files


def _attached(document: Document) -> list[PackageFile]:
    return [
        PackageFile(each.name, each.media_type, open_attachment(each), bytes=each.bytes, sha256=each.sha256)
        for each in document.attachments
    ]


def _encrypt(plain: IO[bytes], target: Path, recipient: str) -> tuple[str, int]:
    """Encrypt a container into a file; the file's SHA-256 (hex) and bytes."""
    plain.seek(0)
    with target.open("w+b") as out:
        encryption.encrypt(plain, out, [recipient])
        out.seek(0)
        return digest(out)


def _enter(sealed: Sequence[_Sealed], now: datetime) -> bool:
    """Write the results into their rows; false, and nothing of it, where another run was first with one."""
    with transaction.atomic():
        for each in sealed:
            if not _enter_one(each, now):
                transaction.set_rollback(True)
                return False
    return True


def _enter_one(sealed: _Sealed, now: datetime) -> bool:
    letter = sealed.letter
    letter.stage, letter.stage_at, letter.sealed_at = Stage.SEALED.value, now, now
    if not rows.update(letter, _RESULT, stage=Stage.FROZEN.value):
        return False
    if sealed.signed:
        SignedPdf.objects.filter(letter=letter).delete()
    content = {
        "what": "letter_sealed",
        "letter": str(letter.id),
        "sha256": letter.sealed_sha256,
        "bytes": sealed.size,
    }
    entries.append("letter_sealed", str(letter.id), content, now=now)
    priority = URGENT if letter.urgent else ORDINARY
    payload = {"letter": str(letter.id)}
    way = lane(letter.peer_id)
    outbox.ask(DELIVER, f"{DELIVER}:{letter.id}", payload, now=now, priority=priority, lane=way)
    arrivals.tell_sealed(letter, longterm.sealed_ends(own_keys().time_service, now))
    return True


_RESULT = ("container", "travelling", "sealed_sha256", "sha256", "bytes", "stage", "stage_at", "sealed_at")
