"""Letters' containers are sealed again before their proof ends (docs/sealing.md, clause 13).

A job finds until when each proves itself; in the year before, it stands on the desk; an official has it
sealed again. The older container stays as it was; the newer ones lie beside it. What remains of one is sealed
again with it, and by itself once it was erased (clause 18).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db import transaction
from django.db.models import QuerySet

from comity import canonical
from comity.node import config, folders, store
from comity.node.accounts.models import Official
from comity.node.databases import rows
from comity.node.directory import anchors
from comity.node.durable import FileExistsAlreadyError
from comity.node.exchange import reading
from comity.node.exchange.models import Letter
from comity.node.exchange.sealing import own_keys
from comity.node.exchange.workspace import digest, workspace
from comity.node.exhibits import custody, erasing, remaining
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.proof_rows import LetterProof, Renewal
from comity.node.jobs import Later, outbox
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.sealing import longterm, renewing
from comity.sealing.case import Case
from comity.sealing.refusals import RemainsOfAnotherError
from comity.sealing.verification import examined, verify
from comity.terms import ComityError, Verdict, gettext_noop

FIND, JOB = "exhibits.proof", "exhibits.reseal"
_AFTER_OTHERS = 500
NOTHING_REMAINS = "nothing_remains"
"""Of a letter whose container was erased when nothing was kept of it."""
PORTION = 50
"""Containers looked at in one run: letters are not kept waiting behind an archive."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A newer container in the store: its key, its own SHA-256 and size, until when it proves itself."""

    of_remains: bool
    key: str
    sha256: str
    bytes: int
    ends: datetime


class NotDueError(ComityError):
    """The letter proves itself for more than a year yet, or its proof has ended."""

    code = "renewal_not_due"
    message = gettext_noop("The container of letter {letter} is not due to be sealed again.")
    next_step = gettext_noop(
        "It stands on the list in the year before its proof ends; a later seal proves it no more."
    )


def ask_due(now: datetime) -> None:
    """Queue the day's look at the containers of which it is not known until when they prove themselves."""
    outbox.ask(FIND, f"{FIND}:{now:%Y-%m-%d}", {}, now=now, priority=_AFTER_OTHERS)


def sealed(letter: Letter, ends: datetime) -> None:
    """Note until when a letter proves itself that was sealed here just now: no look at it is needed."""
    rows.insert(LetterProof(letter=letter, ends=ends), unless_there=True)


def find(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.proof``: look at a portion of them, until none is left."""
    fresh = Letter.objects.filter(proof=None).exclude(container="", sealed_sha256="")
    found: list[LetterProof] = []
    try:
        few = fresh.only("id", "container", "report", "sealed_sha256")
        for letter in few.order_by("stage_at")[:PORTION]:
            found.append(_look(letter))
    finally:  # what was found before one that cannot be read now is kept
        LetterProof.objects.bulk_create(found, ignore_conflicts=True)
    if len(found) == PORTION:
        raise Later(0)


def _look(letter: Letter) -> LetterProof:
    """Until when the letter, or what remains of it, proves itself; why nobody can say."""
    ends, code = None, ""
    try:
        ends = _ends(letter) if letter.container else remaining.ends(letter)
    except ComityError as error:
        if error.temporary:
            raise
        code = error.code
    if ends is None and not letter.container:
        code = code or NOTHING_REMAINS
    return LetterProof(letter=letter, ends=ends, code=code)


def _ends(letter: Letter) -> datetime:
    """What the letter's verification found, else what its time-stamp alone says."""
    known = (letter.report or {}).get("proof_ends")
    if known:
        return canonical.read_instant(known)
    with reading.container(letter) as opened:
        return longterm.proof_ends(opened)


def due(now: datetime) -> QuerySet[LetterProof]:
    """The letters whose proof ends within a year or has ended, the first to end first."""
    ending = LetterProof.objects.filter(ends__lte=now + longterm.AHEAD)
    return ending.select_related("letter__peer", "asked_by").order_by("ends", "letter_id")


def ask(official: Official, letter: Letter, *, now: datetime) -> LetterProof:
    """Queue the sealing; asked twice, it is done once. Inside the act's transaction.

    Raises NotDueError; ``seal`` refuses what does not verify now and what was sealed again four times.
    """
    proof = LetterProof.objects.select_for_update().filter(letter=letter).first()
    if proof is None or proof.ends is None or not longterm.is_due(proof.ends, now):
        raise NotDueError(letter=letter.pk)
    if proof.asked_by_id is None:
        proof.asked_by, proof.code = official, ""
        proof.save()
        n = _next(letter, of_remains=not letter.container)
        asked = {"letter": str(letter.pk), "n": n}
        entries.append(
            "renewal_asked",
            letter.case_reference,
            {"what": "renewal_asked", **asked, "by": official.pk},
            now=now,
        )
        outbox.ask(JOB, f"{JOB}:{letter.pk}:{n}:{now.timestamp()}", asked, now=now)
    return proof


def seal(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.reseal``: verify, seal, verify what was sealed, store, then the rows; once."""
    letter = Letter.objects.get(pk=payload["letter"])
    proof = LetterProof.objects.select_related("asked_by").filter(letter=letter).first()
    if proof is None or proof.asked_by is None:  # done, or the container was erased meanwhile
        _tidy(letter)
        return
    try:
        made = [
            *_sealed_remains(letter, now),
            *([_sealed_container(letter, now)] if letter.container else []),
        ]
    except ComityError as error:
        if error.temporary:
            raise
        LetterProof.objects.filter(letter=letter).update(asked_by=None, code=error.code)
        return
    _enter(letter, proof.asked_by, made, now)
    _tidy(letter)


def _tidy(letter: Letter) -> None:
    """Remove what runs that did not count have stored: of an erased letter every whole container."""
    letter.refresh_from_db()
    named = letter.renewals.all() if letter.container else letter.renewals.filter(of_remains=True)
    kept = set(named.values_list("key", flat=True))
    for folder in (erasing.newer_keys(letter), remaining.newer_keys(letter)):
        for key in set(store.keys(folder)) - kept - {remaining.key(letter)}:
            store.delete(key)


def _sealed_container(letter: Letter, now: datetime) -> _Made:
    with newest(letter) as older, examined(older, trust=anchors.trust(), identities=None, as_of=now) as case:
        return _sealed(case, erasing.newer_keys(letter), now)


def _sealed_remains(letter: Letter, now: datetime) -> list[_Made]:
    """What remains of the letter's container, should it go; none beside one that leaves nothing to prove."""
    try:
        with remaining.examined(letter, now) as case:
            told = case.innermost.letter
            if case.report.verdict is Verdict.PASSED and (told is None or told["id"] != str(letter.pk)):
                raise RemainsOfAnotherError(name=str(letter.pk))
            return [_sealed(case, remaining.newer_keys(letter), now, of_remains=True)]
    except ComityError as error:
        if error.temporary or not letter.container:
            raise
        return []  # not of Comity's form, or its first stamp ended under the newer containers


def _sealed(case: Case, folder_key: str, now: datetime, *, of_remains: bool = False) -> _Made:
    """Seal the case again into the store; what is stored is verified."""
    with workspace() as folder:
        recipients = [folders.storage_recipient(config.current())]
        renewing.renew(folder / "newer", case, signer=own_keys(), now=now, recipients=recipients)
        with (folder / "newer").open("rb") as encrypted:
            key = f"{folder_key}/{digest(encrypted)[0]}.age"
        with suppress(FileExistsAlreadyError):  # the same ciphertext: an earlier run came this far
            store.adopt(key, folder / "newer")
    with reading.stored(key) as newer:
        sha256, size = digest(newer)
        newer.seek(0)
        report = verify(newer, trust=anchors.trust(), identities=None, as_of=now)
    if report.verdict is not Verdict.PASSED or report.proof_ends is None:
        store.delete(key)
        raise renewing.RenewalRefusedError(codes=", ".join(report.codes))
    return _Made(of_remains, key, sha256, size, report.proof_ends)


@transaction.atomic
def _enter(letter: Letter, by: Official, made: list[_Made], now: datetime) -> None:
    """The rows; none of a container whose letter was erased while it was being sealed."""
    held = Letter.objects.select_for_update().get(pk=letter.pk)
    if held.container != letter.container:
        for each in made:
            store.delete(each.key)
        return
    for each in made:
        n = _next(letter, of_remains=each.of_remains)
        Renewal.objects.create(
            letter=letter,
            n=n,
            of_remains=each.of_remains,
            key=each.key,
            sha256=each.sha256,
            bytes=each.bytes,
            sealed_at=now,
            by=by,
        )
        what = "remains_renewed" if each.of_remains else "container_renewed"
        until = canonical.instant_text(each.ends)
        about = {"letter": str(letter.pk), "n": n, "sha256": each.sha256, "until": until}
        entries.append(what, letter.case_reference, {"what": what, **about}, now=now)
        if not each.of_remains:
            _note_custody(letter, by, n, until, now)
    LetterProof.objects.filter(letter=letter).update(ends=made[-1].ends, asked_by=None)


def _note_custody(letter: Letter, by: Official, n: int, until: str, now: datetime) -> None:
    note = f"letter {letter.pk} sealed again ({n}); it proves itself until {until}"
    for exhibit in Exhibit.objects.filter(
        pk__in=filter(None, erasing.carried(letter)), wrapped_key__isnull=False
    ):
        custody.record(exhibit, CustodyAct.SEALED, official=by, note=note, now=now)


def _next(letter: Letter, *, of_remains: bool) -> int:
    return letter.renewals.filter(of_remains=of_remains).count() + 1


def newest(letter: Letter) -> IO[bytes]:
    """The newest container around a letter's, decrypted into a file that vanishes when it is closed."""
    last = letter.renewals.filter(of_remains=False).last()
    return reading.stored(last.key) if last else reading.container(letter)
