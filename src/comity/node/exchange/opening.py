"""Job ``exchange.open_arrival``: decrypt, verify, and only then let a letter change anything.

A letter that does not verify, or that its room refuses, changes nothing: it stays in the quarantine and its
sender gets a signed NON_DELIVERY with the code (WIRE-20, WIRE-21).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.db import transaction

from comity import canonical
from comity.delivery import envelope, several
from comity.letters.schema import MAX_BYTES, LetterNotUnderstoodError, Part, read_value
from comity.letters.schema import Letter as Document
from comity.letters.validation import require_sound
from comity.node import config, folders
from comity.node.databases import rows
from comity.node.directory import anchors
from comity.node.exchange import announcing, arrivals, national, receipts, transport
from comity.node.exchange.delivering import SEND_RECEIPT
from comity.node.exchange.models import Letter, Stage, TransportKey
from comity.node.exchange.outgoing import lane, letters_of
from comity.node.exchange.sealing import LETTER, keep, tidy
from comity.node.exchange.workspace import digest, spare
from comity.node.jobs import Alone, in_time, outbox
from comity.node.ledger import entries
from comity.proofs.receipts import Reason, ReceiptName
from comity.sealing import encryption
from comity.sealing.report import Report
from comity.sealing.trust import Trust
from comity.sealing.verification import examined
from comity.terms import ComityError, Verdict, gettext_noop

_HELD = 1 << 20
"""Bytes of a container that is opened in memory; what is larger lies in a file without a name."""


class SealUnprovedError(ComityError):
    """Verifying the container did not pass; ``reason`` is the code of the first step that did not."""

    code = "seal_unproved"
    message = gettext_noop("The container does not verify: {reason}.")
    next_step = gettext_noop("Ask the sender to send it again; the container is kept in the quarantine.")


class EnvelopeFalseError(ComityError):
    """What the seal covers is not what the envelope said."""

    code = "envelope_false"
    message = gettext_noop("The sealed letter says another {part} than its envelope.")
    next_step = gettext_noop("Ask the sender; the container is kept in the quarantine.")


class WrongRecipientError(ComityError):
    """The sealed letter is addressed to another authority."""

    code = "wrong_recipient"
    message = gettext_noop("The sealed letter is addressed to another authority.")
    next_step = gettext_noop("Ask the sender to address a letter to this authority.")


@dataclass(frozen=True, slots=True)
class _Opened:
    document: Document
    written: bytes
    """The letter as it was signed."""
    report: Report
    sealed_sha256: str
    container: str = ""
    """Where it is stored, encrypted to this node."""


def open_arrival(payload: dict[str, Any], now: datetime) -> None:
    """Open one accepted letter; one that was opened or refused already is left alone."""
    letter = rows.get(Letter, id=payload["letter"])
    delivered = False
    if letter.stage == Stage.ACCEPTED:
        try:
            delivered = _deliver([(letter, _opened(letter, anchors.trust(), now))], now)
        except ComityError as error:
            if error.temporary:
                raise
            _refuse(letter, _code(error), str(error), now)
    _tidy(letter, is_as_its_row=delivered)


def open_several(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
    """The same of several small ones: each is verified by itself, then their rooms act in one transaction.

    They stay in their order: the first that does not verify goes alone, to be refused, before those behind
    it; and so do all where one of the rooms refuses its letter.
    """
    opened, trust = [], anchors.trust()
    for letter in in_time(letters_of(payloads)):
        if letter.stage != Stage.ACCEPTED or (letter.bytes or 0) >= several.LETTER_BYTES:
            break
        try:
            opened.append((letter, _opened(letter, trust, now)))
        except ComityError:
            break
    try:
        delivered = bool(opened) and _deliver(opened, now)
    except ComityError:
        delivered = False
    if not delivered:
        return [Alone() for _ in opened or payloads[:1]]
    for letter, _ in opened:
        _tidy(letter, is_as_its_row=True)
    return [None for _ in opened]


def _opened(letter: Letter, trust: Trust, now: datetime) -> _Opened:
    """What a letter in the quarantine holds, once it is decrypted, verified and stored under our own key."""
    with spare() as path, SpooledTemporaryFile(_HELD, dir=str(path.parent)) as sealed:
        key, is_former = _decrypt(config.current().arriving / letter.travelling, sealed)
        opened = _verified(letter, sealed, trust, now)
        if is_former:
            _remind(letter, now)
        announcing.demand_alive(key, canonical.read_instant(opened.report.signatures[0]["stamped_at"]))
        sealed.seek(0)
        with path.open("x+b") as stored:
            encryption.encrypt(sealed, stored, [folders.storage_recipient(config.current())])
            stored.seek(0)
            sha256, _ = digest(stored)
        return replace(opened, container=keep(path, letter, sha256))


def _tidy(letter: Letter, *, is_as_its_row: bool) -> None:
    """Remove what other runs stored of it; what waits in the quarantine only where it was not refused."""
    if not is_as_its_row:
        letter.refresh_from_db()
    tidy(letter)
    if letter.stage != Stage.REFUSED:
        (config.current().arriving / letter.travelling).unlink(missing_ok=True)


def _remind(letter: Letter, now: datetime) -> None:
    """Tell a peer that encrypts to a former key the present one again."""
    present = transport.current()
    if present is not None:
        transport.announce_to(letter.peer_id, present, str(letter.id), now)


def _decrypt(quarantine: Path, sealed: IO[bytes]) -> tuple[TransportKey | None, bool]:
    """Decrypt with whichever of our transport keys opens it; say which, and whether it is a former one."""
    for at, (key, identity) in enumerate(transport.openers()):
        with quarantine.open("rb") as travelling:
            try:
                encryption.decrypt(travelling, sealed, [identity])
            except encryption.NotForThisIdentityError:
                continue
        return key, at > 0
    raise encryption.NotForThisIdentityError


def _verified(letter: Letter, sealed: IO[bytes], trust: Trust, now: datetime) -> _Opened:
    """The letter inside a container that passes every step and was sealed by the peer that sent it."""
    sealed.seek(0)
    with examined(sealed, trust=trust, identities=None, as_of=now) as case:
        report = case.report
        if report.verdict is not Verdict.PASSED:
            raise SealUnprovedError(reason=next(iter(report.codes), "unknown"))
        if report.kind != "letter" or report.by != letter.peer_id:
            raise SealUnprovedError(reason="sealed_by_another")
        document, written = read_value(case.letter), case.package.read(LETTER, MAX_BYTES)
    require_sound(document)
    _compare(letter, document)
    envelope.demand_life(document.written_at, document.expires_at)
    sealed.seek(0)
    return _Opened(document, written, report, digest(sealed)[0])


def _compare(letter: Letter, document: Document) -> None:
    """Recipient, sender, id, generation and expiry inside the seal count; the envelope must agree.

    Clause WIRE-7.
    """
    if document.target != config.current().id:
        raise WrongRecipientError
    sealed_and_said = {
        "letter": (document.id, str(letter.id)),
        "sender": (document.source, letter.peer_id),
        "generation": (document.generation, letter.generation),
        "expiry": (document.expires_at, canonical.instant_text(letter.expires_at)),
    }
    for part, (sealed, said) in sealed_and_said.items():
        if sealed != said:
            raise EnvelopeFalseError(part=part)


def _deliver(opened: Sequence[tuple[Letter, _Opened]], now: datetime) -> bool:
    """Mark letters delivered and let their rooms act, in one transaction; false, and nothing of it, where
    another run was first with one.
    """
    entering = [(letter, each, _act(each.document), _found(letter, each, now)) for letter, each in opened]
    with transaction.atomic():
        for letter, each, act, columns in entering:
            if not rows.update(letter, columns, stage=Stage.ACCEPTED.value):
                transaction.set_rollback(True)
                return False
            content = {"what": "letter_received", "letter": each.document.id, "sha256": each.sealed_sha256}
            entries.append("letter_received", each.document.id, content, now=now)
            act(letter, each.document, now)
            attest_to_sender(letter, ReceiptName.DELIVERY, now)
    return True


def _act(document: Document) -> arrivals.Handler:
    act = arrivals.handler_of(document.kind)
    if act is None:
        raise LetterNotUnderstoodError(where="kind", why=f"“{document.kind}” has no place on this node")
    return act


def _found(letter: Letter, opened: _Opened, now: datetime) -> list[str]:
    """Set what was found in the container; the columns to save."""
    document, data, report = opened.document, opened.written, opened.report
    found = {
        "kind": document.kind,
        "canonical": data,
        "report": report.as_dict(),
        "stepup": report.step_up,
        "national": report.national,
        "sealed_sha256": opened.sealed_sha256,
        "container": opened.container,
        "stage": Stage.DELIVERED.value,
        "stage_at": now,
        **_judged(document, data, report, now),
    }
    for name, value in found.items():
        setattr(letter, name, value)
    return list(found)


def _judged(document: Document, data: bytes, report: Report, now: datetime) -> dict[str, Any]:
    """What this node finds of the signatory's national signatures, by its own anchors."""
    name, judged = next(each.name for each in document.people if each.part == Part.SIGNATORY), {}
    if report.national is not None:
        judged["national_report"] = national.judge(report.national, data, now, name=name)
    if report.signed_pdf is not None:
        judged["signed_pdf_report"] = national.judge_pdf(report.signed_pdf, now, name=name)
    return judged


def attest_to_sender(letter: Letter, name: ReceiptName, now: datetime, reason: Reason | None = None) -> None:
    """Attest a hop of an incoming letter and ask for the receipt to be sent, in the caller's transaction.

    Clause WIRE-22.
    """
    receipts.attest(letter, name, now=now, reason=reason)
    payload = {"letter": str(letter.id), "receipt": name.value}
    key, way = f"{SEND_RECEIPT}:{letter.id}:{name}", lane(letter.peer_id)
    outbox.ask(SEND_RECEIPT, key, payload, now=now, priority=20, lane=way)


def _refuse(letter: Letter, code: str, text: str, now: datetime) -> None:
    with transaction.atomic():
        row = Letter.objects.select_for_update().get(id=letter.id)
        if row.stage != Stage.ACCEPTED:
            return
        row.stage, row.stage_at, row.refusal_code = Stage.REFUSED, now, code
        row.save(update_fields=["stage", "stage_at", "refusal_code"])
        if not receipts.is_attested(row, ReceiptName.NON_DELIVERY):  # else it was read again, in vain
            attest_to_sender(row, ReceiptName.NON_DELIVERY, now, Reason(code=code, text=text[:300]))
            arrivals.tell_refused(row, now)


def _code(error: ComityError) -> str:
    return str(error.params["reason"]) if isinstance(error, SealUnprovedError) else error.code
