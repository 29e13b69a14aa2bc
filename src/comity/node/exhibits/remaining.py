"""What remains of letters whose containers were erased: kept, found, verified (docs/sealing.md, clause 18).

The document of letter, manifest and signature, or the newest container that it was sealed into. A container
that is still there has remains too, made of it when it is sealed again: the first seal then stays provable
should the container go later.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from comity.node import config, folders, store
from comity.node.directory import anchors
from comity.node.exchange import reading
from comity.node.exchange.models import Letter
from comity.node.exchange.workspace import digest
from comity.sealing import encryption, longterm, remains
from comity.sealing.case import Case
from comity.sealing.refusals import PackageRefusedError
from comity.sealing.report import Report
from comity.sealing.verification import examined_or_remains
from comity.terms import Verdict


@dataclass(frozen=True, slots=True)
class Proved:
    """A letter whose container was erased, what verifying its remains gave, and their place in a bundle."""

    letter: Letter
    report: Report
    name: str


def key(letter: Letter) -> str:
    """Where the store keeps the document about a letter's erased container."""
    return f"remains/{letter.pk}.age"


def newer_keys(letter: Letter) -> str:
    """The folder of the store in which the containers lie that the remains were sealed into."""
    return f"remains/{letter.pk}"


def keep(letter: Letter) -> str | None:
    """Keep the letter, the manifest and the signature of its container before it goes; their SHA-256.

    None where there is nothing to keep: the container does not have the form, or went already.
    """
    if not store.exists(key(letter)) and letter.container and store.exists(letter.container):
        encrypted = io.BytesIO()
        try:
            found = io.BytesIO(_made(letter))
        except PackageRefusedError:
            return None
        encryption.encrypt(found, encrypted, [folders.storage_recipient(config.current())])
        encrypted.seek(0)
        store.put(key(letter), encrypted)
    if not store.exists(key(letter)):
        return None
    with reading.stored(key(letter)) as stored:
        return digest(stored)[0]


def newest(letter: Letter) -> IO[bytes]:
    """The newest container that the remains were sealed into, else the document; the caller closes it."""
    last = letter.renewals.filter(of_remains=True).last()
    if last is not None:
        return reading.stored(last.key)
    return io.BytesIO(_made(letter)) if letter.container else reading.stored(key(letter))


def ends(letter: Letter) -> datetime | None:
    """The moment after which the newest of the remains prove nothing; None where nothing remained."""
    if not letter.container and not store.exists(key(letter)):
        return None
    with newest(letter) as opened:
        if remains.is_remains(opened):
            return remains.proof_ends(opened.read())
        return longterm.proof_ends(opened)


@contextmanager
def examined(letter: Letter, now: datetime) -> Iterator[Case]:
    """The verified case of the newest of the remains."""
    with (
        newest(letter) as opened,
        examined_or_remains(opened, trust=anchors.trust(), identities=None, as_of=now) as case,
    ):
        yield case


def proved(letters: Iterable[Letter], now: datetime) -> list[Proved]:
    """Those of letters without a container whose remains pass at this time."""
    found = []
    for letter in letters:
        if not store.exists(key(letter)):
            continue
        with examined(letter, now) as case:
            if case.report.verdict is Verdict.PASSED:
                ending = "asice" if case.remains is None else "json"
                found.append(Proved(letter, case.report, f"remains/{letter.pk}.{ending}"))
    return found


def _made(letter: Letter) -> bytes:
    with reading.container(letter) as opened:
        return remains.keep(opened)
