"""Steps about how much a node takes of one peer: each is seen only where its operator stated the bound.

They come last, since the peer has used up its allowance then. Bytes are announced and not brought: what a
node would have to take in beyond its bound it puts off before it comes.
"""

from __future__ import annotations

import os
import time

from comity.conformance.handing import HALF, LARGE, brought_in_part, given_up, made
from comity.conformance.material import Document
from comity.conformance.peer import LONGEST_WAIT, demand, demand_problem, said
from comity.conformance.steps import Group
from comity.conformance.trial import Trial
from comity.conformance.wire import Answer
from comity.proofs.receipts import ReceiptName

GROUP = Group()
_TINY = 16
"""Bytes of a letter that counts as one and weighs nothing."""
_SOME = 64 * 1024
"""Bytes that are free again after seconds, of the largest allowance that can be stated (1 GiB a day)."""
_HOUR, _DAY = 3600, 86_400
_ACCEPTANCE = ReceiptName.RELAY_REMMD_ACCEPTANCE


@GROUP.step("WIRE-16")
def bytes_bounded(trial: Trial) -> None:
    """What would be more bytes than a peer may bring in a day is put off before it comes."""
    most = trial.stated.number("bytes_a_day")
    trial.accepted(*made(trial, _SOME))
    _put_off(_announced(trial, most), "peer_bytes_quota", _DAY)


@GROUP.step("WIRE-16")
def unopened_bounded(trial: Trial) -> None:
    """What would be more bytes than may lie unopened or unfinished is put off before it comes."""
    most = trial.stated.number("bytes_unopened")
    envelope, container = made(trial, LARGE)
    trial.wanted(brought_in_part(trial, envelope, container, range(HALF)), HALF)
    try:
        _put_off(_announced(trial, most), "peer_unopened_quota", _DAY)
    finally:
        given_up(trial, envelope, range(HALF, LARGE))


@GROUP.step("WIRE-16")
def letters_bounded(trial: Trial) -> None:
    """The letters that a peer brings in an hour are bounded, and what was put off is taken in its time."""
    answer, envelope, container = _filled(trial)
    wait = _put_off(answer, "peer_letters_quota", _HOUR)
    if wait <= LONGEST_WAIT:
        time.sleep(wait)
        again = trial.settled(lambda: trial.put(envelope, container), 429, 503)
        trial.receipt(again, _ACCEPTANCE, envelope)


@GROUP.step("WIRE-16")
def others_taken(trial: Trial) -> None:
    """While one peer has used up what it may bring, another's letter is taken."""
    second = trial.other()
    _filled(trial)
    envelope, container = made(second, _TINY)
    second.receipt(second.put_once(envelope, container), _ACCEPTANCE, envelope)


def _filled(trial: Trial) -> tuple[Answer, Document, bytes]:
    """Bring letters until one is put off: as many as were stated, and those that came free meanwhile."""
    most, began, sent = trial.stated.number("letters_an_hour"), time.monotonic(), 0
    while sent <= most * (1 + (time.monotonic() - began) / _HOUR):
        container = os.urandom(_TINY)
        envelope = trial.material.envelope(trial.material.request(), container)
        answer = trial.put_once(envelope, container)
        if answer.status != 200:
            return answer, envelope, container
        sent += 1
    return answer, envelope, container


def _announced(trial: Trial, size: int) -> Answer:
    """Announce a letter of so many bytes, and begin it where it is wanted; nothing of it is brought."""
    envelope = trial.material.envelope(trial.material.request(), b"", bytes=size)
    path = f"/letters/{envelope['letter']}"
    answer = trial.line.ask("POST", path, said(envelope))
    if answer.status != 202:
        return answer
    with trial.line.begun("PUT", path, said(envelope), size) as connection:
        return Answer.of(connection.getresponse())


def _put_off(answer: Answer, code: str, longest: int) -> int:
    """Demand 429 with this code, and the seconds after which to come again."""
    demand_problem(answer, 429, code)
    told = answer.headers.get("retry-after", "")
    demand(f"Retry-After of 1 to {longest}", told.isdecimal() and 0 < int(told) <= longest, told)
    return int(told)
