"""Steps about callers that are silent or slow: who is heard to its end, and who is hung up on (WIRE-5).

What is asked takes seconds: the first step sends all three callers, and each step waits for its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException

from comity.conformance.handing import made
from comity.conformance.material import Document
from comity.conformance.peer import LONGEST_WAIT, demand, demand_problem, said
from comity.conformance.steps import Group
from comity.conformance.trial import Trial
from comity.conformance.wire import Answer, Heard
from comity.proofs.receipts import ReceiptName

GROUP = Group()
PATIENCE = 10.0
"""Seconds for which a caller may keep a node waiting."""
SILENT = 8.0
"""Seconds of silence that are fewer."""
LONGEST = 15.0
"""Seconds for which the tester waits to be hung up on."""
DRIPS, PAUSE = 60, 0.2
"""In how many drips a body comes, and the seconds from one to the next: in all more than the patience."""
_DRIP = 4096
"""Bytes of one: 20 KiB a second, where less than 16 count as slow."""
_NEAR = 0.2
"""Seconds by which two clocks may differ."""
Pieces = list[tuple[float, bytes]]
"""What a caller brings of its body, and how many seconds after the head each piece."""


@GROUP.step("WIRE-5", "WIRE-12")
def silent_caller_heard(trial: Trial) -> None:
    """Who is silent for less than 10 seconds between head and body is heard to its end."""
    envelope, heard = _heard(trial, _silent)
    trial.receipt(_answer(heard), ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)


@GROUP.step("WIRE-5", "WIRE-13")
def slow_body_heard(trial: Trial) -> None:
    """A body that takes longer, and is no slower than 16 KiB a second, is read to its last byte."""
    _, heard = _heard(trial, _slow)
    demand_problem(_answer(heard), 503, "container_differs")


@GROUP.step("WIRE-5")
def silence_ended(trial: Trial) -> str:
    """Who brings nothing for 10 seconds may be hung up on, and nobody is before."""
    _, heard = _heard(trial, _endless)
    if heard.after >= LONGEST:
        return f"not hung up on within {LONGEST:g} seconds"
    demand(f"{PATIENCE:g} seconds", heard.after >= PATIENCE - _NEAR, f"{heard.after:.1f} seconds")
    return f"hung up on after {heard.after:.1f} seconds"


def _silent(trial: Trial) -> tuple[Document, Pieces]:
    envelope, container = made(trial)
    return envelope, [(SILENT, container)]


def _slow(trial: Trial) -> tuple[Document, Pieces]:
    """Its last byte is another one, so that nothing of it has arrived."""
    envelope, container = made(trial, DRIPS * _DRIP)
    brought = container[:-1] + bytes([container[-1] ^ 1])
    return envelope, [((n + 1) * PAUSE, brought[n * _DRIP : (n + 1) * _DRIP]) for n in range(DRIPS)]


def _endless(trial: Trial) -> tuple[Document, Pieces]:
    return made(trial)[0], []


def _heard(trial: Trial, caller: Callable[[Trial], tuple[Document, Pieces]]) -> tuple[Document, Heard]:
    """The envelope of a caller, and what it heard."""
    if not trial.callers:
        with_bodies = {each.__name__: each(trial) for each in (_silent, _slow, _endless)}
        pool = ThreadPoolExecutor(len(with_bodies))
        trial.callers = {
            name: (envelope, pool.submit(_called, trial, envelope, pieces))
            for name, (envelope, pieces) in with_bodies.items()
        }
        pool.shutdown(wait=False)
    envelope, heard = trial.callers[caller.__name__]
    return envelope, heard.result()


def _answer(heard: Heard) -> Answer:
    demand("an answer", heard.answer is not None, f"none after {heard.after:.1f} seconds")
    assert heard.answer is not None
    return heard.answer


def _called(trial: Trial, envelope: Document, pieces: Pieces) -> Heard:
    """What a caller hears; where it is asked to come again (WIRE-16), what it hears then."""
    heard = _called_once(trial, envelope, pieces)
    if heard.answer is not None and heard.answer.status == 429:
        told = heard.answer.headers.get("retry-after", "")
        time.sleep(min(int(told), LONGEST_WAIT) if told.isdecimal() else 0)
        heard = _called_once(trial, envelope, pieces)
    return heard


def _called_once(trial: Trial, envelope: Document, pieces: Pieces) -> Heard:
    began, path, answer = time.monotonic(), f"/letters/{envelope['letter']}", None
    begun = trial.line.begun("PUT", path, said(envelope), envelope["bytes"])
    with suppress(OSError, HTTPException), begun as connection:  # hung up on, or left alone
        head = time.monotonic()
        if not pieces:
            connection.sock.settimeout(LONGEST)
        with suppress(OSError):  # what was answered already is heard all the same
            for at, piece in pieces:
                time.sleep(max(0.0, head + at - time.monotonic()))
                connection.send(piece)
        answer = Answer.of(connection.getresponse())
    return Heard(answer, time.monotonic() - began)
