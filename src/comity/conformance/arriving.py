"""The letters that the node under test sends to the tester: taken as a peer takes them, some not at once.

Small letters are put off until an urgent one is among them (``pressing``). Then three of the others are
turned away in six ways between them, a large one is cut off once, and each is accepted. What came is kept for
the steps about the node as a sender.
"""

from __future__ import annotations

import base64
import threading
import time
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
from comity.conformance.pressing import Pressing
from comity.conformance.reading import opened
from comity.delivery.envelope import read_envelope
from comity.letters.bodies.execution import RequestBody
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
PRESSED = "pressed"
"""What is done to small letters before all that: they are put off, and looked at whether they are urgent."""
_OF_SMALL = ((REDIRECTED, FORGED), (PUT_OFF, ALTERED), (FAILED, UNANSWERED))
_OF_LARGE = (CUT,)
WANTED = (len(_OF_SMALL), 1)
"""How many small and large letters are turned away before they are taken."""
_ACCEPTANCE = ReceiptName.RELAY_REMMD_ACCEPTANCE
_AFTER_THE_BODY = (PRESSED, FORGED, ALTERED, UNANSWERED, CUT)


@dataclass(slots=True)
class Came:
    """A letter: its envelopes as they came, every try, and its container when it is whole.

    ``turns`` are what is still to be done to it, once that was decided; ``turned`` the try to which each was
    done; ``pressed`` how often it was put off before; ``first`` from which byte on each try brought it;
    ``kept`` how many bytes there were when it was cut off; ``note`` the receipt once it was accepted, and
    ``after`` how many tries came though the sender had it.
    """

    envelope: Document
    turns: list[str] | None = None
    said: set[bytes] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    turned: dict[str, int] = field(default_factory=dict)
    pressed: int = 0
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

    def __init__(
        self, material: Material, *, refusing: bool = False, pressing: Pressing | None = None
    ) -> None:
        self._material, self._changed, self._refusing = material, threading.Condition(), refusing
        self._planned: dict[bool, list[Came]] = {True: [], False: []}
        self.pressing = pressing or Pressing()
        self.came: dict[str, Came] = {}
        self.broken: list[str] = []
        self.open = True

    def small(self) -> list[Came]:
        """The small letters that are turned away, in the order in which they came."""
        return self._planned[False]

    def large(self) -> list[Came]:
        """The large ones."""
        return self._planned[True]

    def urgent(self) -> list[Came]:
        """The small ones that were seen to be urgent."""
        return [self.came[each] for each in self.came if each in self.pressing.urgent]

    def refused(self) -> Came | None:
        """The small letter that is never taken, once it came."""
        return next((each for each in self.came.values() if each.turns == [NEVER]), None)

    def wait(self, patience: float) -> bool:
        """Whether all letters that are wanted were accepted within so many seconds, and the one came that is
        never taken, where there is to be one.
        """

        def enough() -> bool:
            done = [each.told for each in (*self.small(), *self.large())]
            urgent = all(each.told for each in self.urgent())
            refused = not self._refusing or self.refused() is not None
            return len(done) == sum(WANTED) and all(done) and urgent and refused

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
        if turn == PRESSED:
            return self._press(came, call, body)
        if size < LARGE:
            _sleep_until(self.pressing.opens)
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
        came = self.came.setdefault(envelope["letter"], Came(envelope))
        is_pressed = envelope["bytes"] < LARGE and self.pressing.goes_on(envelope["letter"], time.monotonic())
        turns = [PRESSED] if is_pressed else self._turns(came)
        if turns == [NEVER]:
            return failing()
        if len(came.said) < MOST_TOLD:
            came.said.add(raw)
        call = Call()
        came.calls.append(call)
        if came.told:
            came.after += 1
        turn = turns[0] if turns else ""
        if turn in _AFTER_THE_BODY and (request.method != "PUT" or not request.size):
            turn = ""
        if turn == PRESSED:
            came.pressed += 1
        elif turn:
            came.turned[turns.pop(0)] = len(came.calls) - 1
        return came, call, turn

    def _turns(self, came: Came) -> list[str]:
        """What is still to be done to a letter: decided when it is first not put off."""
        if came.turns is None:
            large = came.envelope["bytes"] >= LARGE
            planned, plans = self._planned[large], (_OF_LARGE,) if large else _OF_SMALL
            came.turns = []
            if came.envelope["letter"] in self.pressing.urgent:
                return came.turns
            if len(planned) < len(plans):
                came.turns = list(plans[len(planned)])
                planned.append(came)
            elif self._refusing and not large and self.refused() is None:
                came.turns = [NEVER]
        return came.turns

    def _press(self, came: Came, call: Call, body: bytes) -> Said:
        """Put a letter off; whether it is urgent is seen from what it says."""
        letter, is_urgent = came.envelope["letter"], self._is_urgent(body)
        with self._changed:
            at, said = self.pressing.put_off(letter, is_urgent, time.monotonic())
        _sleep_until(at)
        return call.answer(said)

    def _is_urgent(self, container: bytes) -> bool:
        """Whether a container holds a letter that is urgent; what cannot be opened is not (WIRE-24)."""
        try:
            asks = opened(container, self._material.tester, self._material.node).body
        except (ComityError, ValueError, RecursionError):
            return False
        return isinstance(asks, RequestBody) and (asks.urgent or asks.emergency is not None)

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


def _sleep_until(at: float) -> None:
    """Keep a caller waiting until then, by the steady clock."""
    time.sleep(max(0.0, at - time.monotonic()))
