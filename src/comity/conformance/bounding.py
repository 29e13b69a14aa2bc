"""Steps about the bounds that a node may set its peers; skipped where none is met."""

from __future__ import annotations

import os
import select
import time
from contextlib import ExitStack

from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial, demand, said
from comity.proofs.receipts import ReceiptName

GROUP = Group()
_SMALL, AT_ONCE = 4096, 12
MOMENT = 3.0
"""Seconds after which requests whose bodies are missing count as ones that are all waited for."""
_LONGEST = 30


@GROUP.step("WIRE-16")
def requests_bounded(trial: Trial) -> None:
    """Too many requests at once are put off with the time to come again, and nothing is lost by it."""
    container, begun = os.urandom(_SMALL), {}
    with ExitStack() as held:
        for _ in range(AT_ONCE):
            envelope = trial.material.envelope(trial.material.request(), container)
            head = ("PUT", f"/letters/{envelope['letter']}", said(envelope), _SMALL)
            connection = held.enter_context(trial.line.begun(*head))
            begun[connection.sock] = connection, envelope
        answered, _, _ = select.select(list(begun), [], [], MOMENT)
        if not answered:
            raise NotOfferedError
        connection, envelope = begun[answered[0]]
        answer = connection.getresponse()
        wait = answer.headers.get("Retry-After", "")
        demand("429", answer.status == 429, str(answer.status))
        demand("Retry-After in seconds", wait.isdecimal() and int(wait) > 0, wait)
        demand("peer_connections_quota", b'"peer_connections_quota"' in answer.read(_SMALL), "another code")
    time.sleep(min(int(wait), _LONGEST))
    again = trial.settled(lambda: trial.put(envelope, container), 429, 503)
    trial.receipt(again, ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)
