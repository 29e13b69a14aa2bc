"""Steps about the bounds that a node may set its peers; skipped where none is met."""

from __future__ import annotations

import os
import select
import time
from contextlib import ExitStack
from http.client import HTTPSConnection

from comity.conformance.handing import made
from comity.conformance.material import Document
from comity.conformance.peer import LONGEST_WAIT, demand, said
from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial
from comity.proofs.receipts import ReceiptName

GROUP = Group()
_SMALL, AT_ONCE = 4096, 12
MOMENT = 3.0
"""Seconds after which requests whose bodies are missing count as ones that are all waited for."""
PROMPT = 5.0
"""Seconds within which another peer is answered: who is silent may hold its own for ten (WIRE-5)."""
_ACCEPTANCE = ReceiptName.RELAY_REMMD_ACCEPTANCE


@GROUP.step("WIRE-16")
def requests_bounded(trial: Trial) -> None:
    """Too many requests at once are put off with the time to come again, and nothing is lost by it."""
    container = os.urandom(_SMALL)
    with ExitStack() as held:
        answered = _pressed(trial, held, container)
        if answered is None:
            raise NotOfferedError
        connection, envelope = answered
        answer = connection.getresponse()
        wait = answer.headers.get("Retry-After", "")
        demand("429", answer.status == 429, str(answer.status))
        demand("Retry-After in seconds", wait.isdecimal() and int(wait) > 0, wait)
        demand("peer_connections_quota", b'"peer_connections_quota"' in answer.read(_SMALL), "another code")
    time.sleep(min(int(wait), LONGEST_WAIT))
    again = trial.settled(lambda: trial.put(envelope, container), 429, 503)
    trial.receipt(again, _ACCEPTANCE, envelope)


@GROUP.step("WIRE-16")
def others_answered(trial: Trial) -> None:
    """While as many requests of one peer wait as may, another peer's is answered."""
    second = trial.other()
    envelope, container = made(second)
    with ExitStack() as held:
        _pressed(trial, held, os.urandom(_SMALL))
        began = time.monotonic()
        second.receipt(second.put_once(envelope, container), _ACCEPTANCE, envelope)
        took = time.monotonic() - began
    demand(f"an answer within {PROMPT:g} seconds", took <= PROMPT, f"after {took:.1f} seconds")


def _pressed(trial: Trial, held: ExitStack, container: bytes) -> tuple[HTTPSConnection, Document] | None:
    """Begin more requests than any node answers at once; the one that was answered before its body came."""
    begun = {}
    for _ in range(AT_ONCE):
        envelope = trial.material.envelope(trial.material.request(), container)
        head = ("PUT", f"/letters/{envelope['letter']}", said(envelope), len(container))
        connection = held.enter_context(trial.line.begun(*head))
        begun[connection.sock] = connection, envelope
    answered, _, _ = select.select(list(begun), [], [], MOMENT)
    return begun[answered[0]] if answered else None
