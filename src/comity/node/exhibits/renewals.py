"""Letters' containers are sealed again before their proof ends (docs/sealing.md, clause 13).

A job finds until when each proves itself; in the year before, it stands on the desk; an official has it
sealed again. The older container stays as it was; the newer ones lie beside it.
"""

from __future__ import annotations

from contextlib import suppress
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
from comity.node.exhibits import custody, erasing
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.proof_rows import LetterProof, Renewal
from comity.node.jobs import Later, outbox
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.sealing import longterm, renewing
from comity.sealing.verification import examined, verify
from comity.terms import ComityError, Verdict, gettext_noop

FIND, JOB = "exhibits.proof", "exhibits.reseal"
_AFTER_OTHERS = 500
PORTION = 50
"""Containers looked at in one run: letters are not kept waiting behind an archive."""


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
    fresh = Letter.objects.filter(proof=None).exclude(container="")
    found: list[LetterProof] = []
    try:
        for letter in fresh.only("id", "container", "report").order_by("stage_at")[:PORTION]:
            found.append(_look(letter))
    finally:  # what was found before one that cannot be read now is kept
        LetterProof.objects.bulk_create(found, ignore_conflicts=True)
    if len(found) == PORTION:
        raise Later(0)


def _look(letter: Letter) -> LetterProof:
    """What the letter's verification found, else what its time-stamp alone says."""
    ends, code = None, ""
    try:
        known = (letter.report or {}).get("proof_ends")
        if known:
            ends = canonical.read_instant(known)
        else:
            with reading.container(letter) as opened:
                ends = longterm.proof_ends(opened)
    except ComityError as error:
        if error.temporary:
            raise
        code = error.code
    return LetterProof(letter=letter, ends=ends, code=code)


def due(now: datetime) -> QuerySet[LetterProof]:
    """The letters whose proof ends within a year or has ended, the first to end first."""
    ending = LetterProof.objects.filter(ends__lte=now + longterm.AHEAD).exclude(letter__container="")
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
        n = letter.renewals.count() + 1
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
    proof = LetterProof.objects.select_related("asked_by").get(letter=letter)
    if proof.asked_by is None or not letter.container or letter.renewals.filter(n=payload["n"]).exists():
        return
    try:
        key, inside, ends = _sealed(letter, now)
    except ComityError as error:
        if error.temporary:
            raise
        LetterProof.objects.filter(letter=letter).update(asked_by=None, code=error.code)
        return
    _enter(letter, proof.asked_by, payload["n"], inside, key, ends, now)


def _sealed(letter: Letter, now: datetime) -> tuple[str, tuple[str, int], datetime]:
    """The key of the newer container, its SHA-256 and size, its end; what is stored is verified."""
    with workspace() as folder, newest(letter) as older:
        recipients = [folders.storage_recipient(config.current())]
        with examined(older, trust=anchors.trust(), identities=None, as_of=now) as case:
            renewing.renew(folder / "newer", case, signer=own_keys(), now=now, recipients=recipients)
        with (folder / "newer").open("rb") as encrypted:
            key = f"renewals/{letter.pk}/{digest(encrypted)[0]}.age"
        with suppress(FileExistsAlreadyError):  # the same ciphertext: an earlier run came this far
            store.adopt(key, folder / "newer")
    with reading.stored(key) as newer:
        inside = digest(newer)
        newer.seek(0)
        report = verify(newer, trust=anchors.trust(), identities=None, as_of=now)
    if report.verdict is not Verdict.PASSED or report.proof_ends is None:
        store.delete(key)
        raise renewing.RenewalRefusedError(codes=", ".join(report.codes))
    return key, inside, report.proof_ends


@transaction.atomic
def _enter(
    letter: Letter, by: Official, n: int, inside: tuple[str, int], key: str, ends: datetime, now: datetime
) -> None:
    until = canonical.instant_text(ends)
    sha256, size = inside
    Renewal.objects.create(letter=letter, n=n, key=key, sha256=sha256, bytes=size, sealed_at=now, by=by)
    LetterProof.objects.filter(letter=letter).update(ends=ends, asked_by=None)
    about = {"letter": str(letter.pk), "n": n, "sha256": sha256, "until": until}
    entries.append(
        "container_renewed", letter.case_reference, {"what": "container_renewed", **about}, now=now
    )
    note = f"letter {letter.pk} sealed again ({n}); it proves itself until {until}"
    for exhibit in Exhibit.objects.filter(
        pk__in=filter(None, erasing.carried(letter)), wrapped_key__isnull=False
    ):
        custody.record(exhibit, CustodyAct.SEALED, official=by, note=note, now=now)


def newest(letter: Letter) -> IO[bytes]:
    """The newest container around a letter's, decrypted into a file that vanishes when it is closed."""
    last = letter.renewals.last()
    return reading.stored(last.key) if last else reading.container(letter)
