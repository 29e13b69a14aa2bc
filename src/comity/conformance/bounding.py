"""Steps about the bounds that a node may set its peers; skipped where none is met."""

from __future__ import annotations

import http.client
import os
import select
import time
from contextlib import ExitStack

from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial, demand, said
from comity.proofs.receipts import ReceiptName

GROUP = Group()
_SMALL, AT_ONCE = 4096, 16
_MOMENT = 0.3
"""Seconds after which a request whose body is missing counts as one that is waited for."""
_LONGEST = 30


@GROUP.step("WIRE-16")
def requests_bounded(trial: Trial) -> None:
    """Too many requests at once are put off with the time to come again, and nothing is lost by it."""
    container = os.urandom(_SMALL)
    envelope = trial.material.envelope(trial.material.request(), container)
    path = f"/letters/{envelope['letter']}"
    with ExitStack() as held:
        for _ in range(AT_ONCE):
            begun = trial.line.begun("PUT", path, said(envelope), _SMALL)
            if answer := _answered(held.enter_context(begun)):
                break
            envelope = trial.material.envelope(trial.material.request(), container)
            path = f"/letters/{envelope['letter']}"
        else:
            raise NotOfferedError
        wait = answer.headers.get("Retry-After", "")
        demand("429", answer.status == 429, str(answer.status))
        demand("Retry-After in seconds", wait.isdecimal() and int(wait) > 0, wait)
        code = b'"peer_connections_quota"' in answer.read(_SMALL)
        demand("peer_connections_quota", code, "another code")
    time.sleep(min(int(wait), _LONGEST))
    again = trial.settled(lambda: trial.put(envelope, container), 429, 503)
    trial.receipt(again, ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)


def _answered(connection: http.client.HTTPSConnection) -> http.client.HTTPResponse | None:
    """What is answered to the mere head of a request; None while its body is waited for."""
    readable, _, _ = select.select([connection.sock], [], [], _MOMENT)
    return connection.getresponse() if readable else None
