"""The letters that the node under test sends to the tester: taken as a peer takes them, some not at once.

Three small letters are turned away in six ways between them, a large one is cut off once; then each is
accepted. What came is kept for the steps about the node as a sender.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from comity.conformance.calls import (
    MOST_TOLD,
    SILENCE,
    Call,
    Request,
    Said,
    busy,
    elsewhere,
    failing,
    problem,
    tell,
)
from comity.conformance.material import Document, Material
from comity.delivery.envelope import read_envelope
from comity.proofs.notes import Signer
from comity.proofs.receipts import ReceiptName
from comity.terms import ComityError

LARGE = 1024 * 1024
"""From so many bytes on a container may come in slices (WIRE-14)."""
_MOST = 64 * 1024 * 1024
"""Bytes of all letters together that are taken: they are kept in memory."""
_MOST_LETTERS = 16
REDIRECTED, PUT_OFF, FAILED = "redirected", "put_off", "failed"
FORGED, ALTERED, UNANSWERED, CUT = "forged", "altered", "unanswered", "cut"
NEVER = "never"
"""What is done to a letter that is not taken, so that the node's time for it ends (RECEIPT-4)."""
_OF_SMALL = ((REDIRECTED, FORGED), (PUT_OFF, ALTERED), (FAILED, UNANSWERED))
_OF_LARGE = (CUT,)
WANTED = (len(_OF_SMALL), 1)
"""How many small and large letters are turned away before they are taken."""
_ACCEPTANCE = ReceiptName.RELAY_REMMD_ACCEPTANCE
_AFTER_THE_BODY = (FORGED, ALTERED, UNANSWERED, CUT)


@dataclass(slots=True)
class Came:
    """A letter: its envelopes as they came, every try, and its container when it is whole.

    ``turns`` are what is still to be done to it; ``turned`` the try to which each was done; ``first`` from
    which byte on each try brought it; ``kept`` how many bytes there were when it was cut off; ``note`` the
    receipt once it was accepted, and ``after`` how many tries came though the sender had it.
    """

    envelope: Document
    turns: list[str]
    said: set[bytes] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    turned: dict[str, int] = field(default_factory=dict)
    first: dict[int, int] = field(default_factory=dict)
    container: bytearray = field(default_factory=bytearray)
    kept: int = 0
    others: int = 0
    note: bytes = b""
    told: bool = False
    after: int = 0


class Arriving:
    """Takes the node's letters; ``open`` until the steps have seen enough.

    ``refusing``: one more small letter is never taken.
    """

    def __init__(self, material: Material, *, refusing: bool = False) -> None:
        self._material, self._changed, self._refusing = material, threading.Condition(), refusing
        self.came: dict[str, Came] = {}
        self.broken: list[str] = []
        self.open = True

    def small(self) -> list[Came]:
        """The small letters that were turned away, in the order in which they came."""
        return [each for each in self.came.values() if each.envelope["bytes"] < LARGE][: WANTED[0]]

    def refused(self) -> Came | None:
        """The small letter that is never taken, once it came."""
        return next((each for each in self.came.values() if each.turns == [NEVER]), None)

    def large(self) -> list[Came]:
        """The large ones."""
        return [each for each in self.came.values() if each.envelope["bytes"] >= LARGE][: WANTED[1]]

    def wait(self, patience: float) -> bool:
        """Whether all letters that are wanted were accepted within so many seconds, and the one came that is
        never taken, where there is to be one.
        """

        def enough() -> bool:
            done = [each.told for each in (*self.small(), *self.large())]
            refused = not self._refusing or self.refused() is not None
            return len(done) == sum(WANTED) and all(done) and refused

        with self._changed:
            return self._changed.wait_for(enough, patience)

    def answer(self, request: Request) -> Said:
        """Answer an offer or a container (WIRE-9 to WIRE-15).

        What is slow to come keeps nobody waiting: it is read while nothing is locked.
        """
        try:
            raw = base64.b64decode(request.headers.get("comity-envelope", ""), validate=True)
            envelope = read_envelope(raw).as_json()
        except (ValueError, ComityError):
            with self._changed:
                tell(self.broken, "envelope_malformed")
            return problem(400, "envelope_malformed")
        with self._changed:
            begun = self._begun(raw, envelope, request)
        if isinstance(begun, Said):
            return begun
        came, call, turn = begun
        size = came.envelope["bytes"]
        wanted = size // 2 if turn == CUT else size + 1  # one more shows that it is longer
        body = request.read(wanted if request.method == "PUT" else 0)
        with self._changed:
            try:
                return call.answer(self._turned(turn, came, request, body))
            finally:
                self._changed.notify_all()

    def _begun(self, raw: bytes, envelope: Document, request: Request) -> Said | tuple[Came, Call, str]:
        """The letter, this try and what is done to it; or what is said without reading on."""
        if not self.open:
            return failing()
        if request.path != f"/letters/{envelope['letter']}":
            tell(self.broken, "another_address")
        there = sum(each.envelope["bytes"] for each in self.came.values())
        is_new = envelope["letter"] not in self.came
        if is_new and (len(self.came) >= _MOST_LETTERS or there + envelope["bytes"] > _MOST):
            return busy()
        came = self._of(envelope)
        if came.turns == [NEVER]:
            return failing()
        if len(came.said) < MOST_TOLD:
            came.said.add(raw)
        call = Call()
        came.calls.append(call)
        if came.told:
            came.after += 1
        turn = came.turns[0] if came.turns else ""
        if turn in _AFTER_THE_BODY and (request.method != "PUT" or not request.size):
            turn = ""
        if turn:
            came.turned[came.turns.pop(0)] = len(came.calls) - 1
        return came, call, turn

    def _of(self, envelope: Document) -> Came:
        if envelope["letter"] not in self.came:
            large = envelope["bytes"] >= LARGE
            before = len(self.large() if large else self.small())
            plans = (_OF_LARGE,) if large else _OF_SMALL
            turns = list(plans[before]) if before < len(plans) else []
            if self._refusing and not large and not turns and self.refused() is None:
                turns = [NEVER]
            self.came[envelope["letter"]] = Came(envelope, turns)
        return self.came[envelope["letter"]]

    def _turned(self, turn: str, came: Came, request: Request, body: bytes) -> Said:
        at_once: dict[str, Callable[[], Said]] = {
            REDIRECTED: lambda: elsewhere(self._material.tester.card.peer_url),
            PUT_OFF: busy,
            FAILED: failing,
        }
        if turn in at_once:
            return at_once[turn]()
        if turn == CUT:
            self._take(came, request, body)
            came.kept = len(came.container)
            return SILENCE
        if not came.note and request.method == "POST":
            return Said(202, b"", {"Comity-Offset": str(len(came.container))})
        if not came.note:
            self._take(came, request, body)
        return self._false(turn, came) if turn in (FORGED, ALTERED) else self._judged(turn, came, request)

    def _false(self, turn: str, came: Came) -> Said:
        """A receipt that proves nothing."""
        own = self._material.tester.keys.log
        note = self._material.attest(
            came.envelope, _ACCEPTANCE, Signer.generate(own.name) if turn == FORGED else own
        )
        return Said(200, note.replace(b'"at":"2', b'"at":"1') if turn == ALTERED else note)

    def _judged(self, turn: str, came: Came, request: Request) -> Said:
        """The receipt of a container that is whole, unless its answer is to be lost."""
        if not came.note:
            if len(came.container) < came.envelope["bytes"]:
                if "content-range" not in request.headers:
                    return problem(503, "cut_off")
                return Said(202, b"", {"Comity-Offset": str(len(came.container))})
            if sha256(came.container).hexdigest() != came.envelope["sha256"]:
                came.others += 1
                came.container.clear()
                return problem(503, "container_differs")
            came.note = self._material.attest(came.envelope, _ACCEPTANCE)
        if turn == UNANSWERED:
            return SILENCE
        came.told = True
        return Said(200, came.note)

    def _take(self, came: Came, request: Request, body: bytes) -> None:
        """The bytes that a try brings, behind those that are here or from the beginning."""
        ranged = request.headers.get("content-range", "bytes 0-").removeprefix("bytes ")
        first = int(ranged.partition("-")[0])
        came.first[len(came.calls) - 1] = first
        if first == len(came.container) or first == 0:
            del came.container[first:]
            came.container += body
