"""Steps about handing a container over: durable or not at all, once, whole or in slices."""

from __future__ import annotations

import os
from typing import Any

from comity.conformance.material import Document
from comity.conformance.peer import Peer, demand, demand_problem, said
from comity.conformance.steps import Group
from comity.conformance.trial import Trial
from comity.conformance.wire import Answer
from comity.proofs.receipts import ReceiptName

GROUP = Group()
SMALL, LARGE = 4096, 1024 * 1024
"""Bytes of containers of which the second may come in slices, and is no larger than it takes (WIRE-14)."""
HALF = LARGE // 2


@GROUP.step("WIRE-9")
def offer_wanted(trial: Trial) -> None:
    """A letter that is offered is wanted."""
    trial.wanted(trial.offer(made(trial)[0]))


@GROUP.step("WIRE-13")
def cut_off(trial: Trial) -> None:
    """A container that was cut off has not arrived."""
    envelope, container = made(trial)
    _cut(trial, envelope, container[: SMALL // 2])
    answer = trial.settled(lambda: trial.offer(envelope))
    demand("202: it is still wanted", answer.status == 202, str(answer))


@GROUP.step("WIRE-13")
def container_differs(trial: Trial) -> None:
    """Other bytes than the envelope names have not arrived."""
    envelope, container = made(trial)
    demand_problem(trial.put(envelope, container[:-1] + _other(container[-1:])), 503, "container_differs")
    trial.wanted(trial.offer(envelope))


@GROUP.step("WIRE-12", "RECEIPT-1")
def accepted(trial: Trial) -> None:
    """A whole container is acknowledged with a receipt that proves itself."""
    trial.accepted(*made(trial))


@GROUP.step("WIRE-11")
def repeated(trial: Trial) -> None:
    """A letter that is known gets the bytes of the same receipt."""
    envelope, container = made(trial)
    note = trial.accepted(envelope, container)
    for again in (trial.offer(envelope), trial.put(envelope, container)):
        demand("the bytes of the first receipt", again.body == note, str(again))


@GROUP.step("WIRE-10")
def replayed(trial: Trial) -> None:
    """An id that is known is refused for another container."""
    envelope, container = made(trial)
    trial.accepted(envelope, container)
    other = made(trial, id=envelope["letter"])[0]
    trial.receipt(trial.offer(other), ReceiptName.RELAY_REMMD_REJECTION, other, "replayed")


@GROUP.step("WIRE-14")
def slice_of_small(trial: Trial) -> None:
    """A part of a small container is refused."""
    envelope, container = made(trial)
    answer = trial.put(envelope, container[:100], part=range(100), of=SMALL)
    demand_problem(answer, 503, "container_differs")


@GROUP.step("WIRE-14")
def slices(trial: Trial) -> None:
    """A large container arrives in slices."""
    envelope, container = made(trial, LARGE)
    trial.wanted(brought_in_part(trial, envelope, container, range(HALF)), HALF)
    trial.wanted(trial.offer(envelope), HALF)
    last = brought_in_part(trial, envelope, container, range(HALF, LARGE))
    trial.receipt(last, ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)


@GROUP.step("WIRE-14")
def slice_elsewhere(trial: Trial) -> None:
    """A slice that begins elsewhere, or is no part, is refused."""
    envelope, container = made(trial, LARGE)
    trial.wanted(brought_in_part(trial, envelope, container, range(HALF)), HALF)
    answer = brought_in_part(trial, envelope, container, range(HALF + 1, LARGE))
    demand_problem(answer, 409, "offset_differs")
    demand(f"byte {HALF} is wanted", answer.offset == HALF, str(answer.offset))
    beyond = trial.put(envelope, b"x", part=range(LARGE, LARGE + 1), of=LARGE)
    demand_problem(beyond, 400, "envelope_malformed")
    given_up(trial, envelope, range(HALF, LARGE))


@GROUP.step("WIRE-15")
def slices_differ(trial: Trial) -> None:
    """Slices that make another whole than the envelope names have not arrived."""
    envelope, container = made(trial, LARGE)
    trial.wanted(brought_in_part(trial, envelope, bytes(LARGE), range(HALF)), HALF)
    demand_problem(brought_in_part(trial, envelope, container, range(HALF, LARGE)), 503, "container_differs")
    trial.wanted(trial.offer(envelope))


@GROUP.step("WIRE-9", "WIRE-15")
def resumed(trial: Trial) -> None:
    """What was cut off goes on where the node says."""
    envelope, container = made(trial, LARGE)
    sent = LARGE // 2
    _cut(trial, envelope, container[:sent])

    def go_on() -> Answer:
        answer = trial.settled(lambda: trial.offer(envelope))
        offset = answer.offset
        there = answer.status == 202 and offset is not None and offset <= sent
        demand(f"202 from a byte up to {sent}", there, f"{answer} from byte {offset}")
        assert offset is not None
        return brought_in_part(trial, envelope, container, range(offset, LARGE))

    rest = trial.settled(go_on, 409, 503)  # 409: more of what was sent has been written meanwhile
    trial.receipt(rest, ReceiptName.RELAY_REMMD_ACCEPTANCE, envelope)


def made(peer: Peer, size: int = SMALL, **changes: Any) -> tuple[Document, bytes]:
    """A letter's envelope and bytes that stand for its container; opening them is another matter."""
    container = os.urandom(size)
    return peer.material.envelope(peer.material.request(**changes), container), container


def _cut(trial: Trial, envelope: Document, body: bytes) -> None:
    path = f"/letters/{envelope['letter']}"
    trial.line.cut("PUT", path, said(envelope), body, envelope["bytes"])


def brought_in_part(peer: Peer, envelope: Document, container: bytes, part: range) -> Answer:
    """What the node answers to these bytes of a container."""
    whole = None if part == range(len(container)) else part
    return peer.put(envelope, container[part.start : part.stop], part=whole, of=len(container))


def given_up(peer: Peer, envelope: Document, rest: range) -> None:
    """Bring other bytes for the rest: then nothing has arrived, and nothing of it has to stay (WIRE-15)."""
    brought_in_part(peer, envelope, bytes(rest.stop), rest)


def _other(byte: bytes) -> bytes:
    return bytes([byte[0] ^ 1])
