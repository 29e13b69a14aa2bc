"""The model as a sender: it brings receipts and letters, again where they were not taken."""

from __future__ import annotations

import http.client
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity import canonical
from comity.conformance import tester as testers
from comity.conformance.material import SHORT, Material
from comity.conformance.peer import said
from comity.conformance.wire import Answer, Line, client_context
from comity.proofs.notes import Verifier
from comity.proofs.receipts import ReceiptName, verify_receipt
from comity.terms import ComityError

if TYPE_CHECKING:
    from tests.unit.conformance.model import Model

    from comity.directory.cards import Card

PAUSE, LONGEST, LATER, LAST, LARGE = 0.05, 0.2, 1.0, 0.1, 1024 * 1024
Sent = tuple[dict[str, Any], bytes]
local = threading.local()
"""How long the last answer asked a thread to stay away."""


class ProblemError(ComityError):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__()
        self.status, self.said, self.headers = status, code, headers


@cache
def written(folder: Path, tester: Path) -> list[Sent]:
    """Four small letters, a large one and an urgent one, with their envelopes."""
    card = testers.read_card_at(tester / testers.CARD)
    own = testers.load(folder)
    material = Material(own, card, canonical.read_instant(own.card.created_at))
    letters = []
    for size, urgent in ((0, False), (0, False), (0, False), (0, False), (LARGE, False), (0, True)):
        document = material.request()
        document["body"]["urgent"] = urgent
        forms = SHORT | {"letter.kk.pdf": os.urandom(size)} if size else SHORT
        container = material.container(document, forms=forms)
        letters.append((material.envelope(document, container), container))
    return letters


class Lane:
    """One letter on its way at a time; of those that may go the first by rank, then the first that might."""

    def __init__(self) -> None:
        self._changed, self._numbers = threading.Condition(), itertools.count()
        self._waiting: list[tuple[int, int]] = []
        self._taken = False

    @contextmanager
    def turn(self, rank: int) -> Iterator[None]:
        """Wait for one's turn, and have it until the block ends."""
        with self._changed:
            own = rank, next(self._numbers)
            self._waiting.append(own)
            self._changed.wait_for(lambda: not self._taken and min(self._waiting) == own)
            self._waiting.remove(own)
            self._taken = True
        try:
            yield
        finally:
            with self._changed:
                self._taken = False
                self._changed.notify_all()


class Sender:
    """Calls the tester; ``over`` ends it."""

    def __init__(self, model: Model) -> None:
        self._model, self.over, self._lane = model, threading.Event(), Lane()
        self.kept: dict[str, bytes] = {}
        self.late: set[str] = set()

    def keep(self, note: bytes) -> tuple[int, dict[str, str], bytes]:
        """Keep a receipt about a letter that was sent."""
        model, letters = self._model, {each[0]["letter"] for each in self.written()}
        receipt, _ = verify_receipt(note, model.verifier) if model.keeps("receipt_verified") else (None, None)
        own = receipt is not None and receipt.letter in letters and model.keeps("receipt_own")
        if model.asker is model.second and model.keeps("receipt_by_its_peer"):
            own = False
        if own and receipt.receipt is ReceiptName.RELAY_REMMD_ACCEPTANCE and model.keeps("late_receipt"):
            self.late.add(receipt.letter)
            return 204, {}, b""
        if own and receipt.receipt is ReceiptName.RELAY_REMMD_ACCEPTANCE:
            own = False
        if not own and model.keeps("receipt_known"):
            raise ProblemError(409, "receipt_foreign")
        if own and self.kept.setdefault(receipt.letter, note) != note and model.keeps("receipt_conflict"):
            raise ProblemError(409, "receipt_conflict")
        return 204, {}, b""

    def bring(self, note: bytes, said_of: tuple[Any, ...]) -> None:
        """Bring a receipt to the peer whose letter it is about, beside whatever else is done."""
        second = said_of[0].source == self._model.second.id
        to = self._model.second if second else self._model.tester

        def once(attempt: int) -> bool:
            again = note
            if attempt and not self._model.keeps("same_receipt"):
                with self._model.lock:
                    self._model.asker = to
                    again = self._model.attest(*said_of)
            own = to if self._model.keeps("own_address") else self._model.tester
            return self._asked("POST", "/receipts", {}, again, to=own).status == 204

        threading.Thread(target=self._until, args=(once,), daemon=True).start()

    def send_all(self) -> None:
        """Send every letter, all at once."""
        for each in self.written() if self._model.keeps("letters") else []:
            threading.Thread(target=self._send, args=each, daemon=True).start()
        drill = self._model.desk.own
        self._until(lambda _: self._asked("POST", "/drills", {}, drill).status in (200, 400))

    def written(self) -> list[Sent]:
        """The letters that are sent."""
        at = {"written_at": canonical.instant_text(self._model.now)}
        sealed = written(self._model.folder, self._model.tester_folder)
        few = sealed if self._model.stated.relay_hours else sealed[1:]
        letters = [(envelope | at, container) for envelope, container in few]
        if self._model.keeps("sealed_letters"):
            return letters
        material = Material(testers.load(self._model.folder), self._model.tester, self._model.now)
        junk = os.urandom(4096)
        large = [each for each in letters if each[0]["bytes"] >= LARGE]
        small = [material.request(id=each[0]["letter"]) for each in letters if each not in large]
        return [(material.envelope(each, junk), junk) for each in small] + large

    def _send(self, envelope: dict[str, Any], container: bytes) -> None:
        path = f"/letters/{envelope['letter']}" if self._model.keeps("letter_address") else "/letters/1"
        urgent = envelope["letter"] == written(self._model.folder, self._model.tester_folder)[-1][0]["letter"]
        rank = 0 if urgent and self._model.keeps("urgent_first") else 1
        self.over.wait(LAST if urgent else 0)

        def once(attempt: int) -> bool:
            with self._lane.turn(rank):
                return tried(attempt)

        def tried(attempt: int) -> bool:
            same = self._model.keeps("same_envelope")
            other = canonical.instant_text(self._model.now - timedelta(seconds=attempt))
            headers = said(envelope if same else envelope | {"written_at": other})
            first = 0
            if len(container) >= LARGE:
                offered = self._asked("POST", path, headers)
                if offered.status == 202 and self._model.keeps("resumes"):
                    first = offered.offset or 0
            if first:
                headers["Content-Range"] = f"bytes {first}-{len(container) - 1}/{len(container)}"
            answer = self._asked("PUT", path, headers, container[first:])
            return answer.status == 200 and self._proves(answer.body)

        self._until(once)
        with suppress(OSError):  # the tester may be gone by then
            if not self._model.keeps("stops"):
                once(0)
            if not self._model.keeps("stops_later"):
                self.over.wait(LATER)
                once(0)

    def _proves(self, note: bytes) -> bool:
        try:
            verify_receipt(note, Verifier.parse(self._model.tester.log_key))
        except ComityError as error:
            rule = {"note_unsigned": "receipt_key", "note_signature_wrong": "receipt_text"}[error.code]
            return not self._model.keeps(rule)
        return True

    def _until(self, once: Any) -> None:
        """Try until it is done, by pauses that double or as long as was asked for."""
        for attempt in range(50):
            local.wait = 0.0
            try:
                done = once(attempt)
            except (OSError, http.client.HTTPException):
                done = False
            if done or not self._model.keeps("comes_again"):
                return
            own = min(PAUSE * 2**attempt, LONGEST) if self._model.keeps("pauses") else 0.0
            asked = local.wait if self._model.keeps("retry_after") else 0.0
            if self.over.wait(max(own, asked)):
                return

    def _asked(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b"", to: Card | None = None
    ) -> Answer:
        to = to or self._model.tester
        own = self._model.folder / testers.KEYS
        pinned = to.certificates.tls if self._model.keeps("pins_server") else ""
        context = client_context((own / "tls.crt", own / "tls.key"), pinned)
        line = Line(*testers.place(to.peer_url), context, 10)
        answer = line.ask(method, path, headers, body)
        if answer.status == 307 and not self._model.keeps("no_redirects"):
            line.ask(method, "/" + answer.headers["location"].rpartition("/")[2], headers, body)
        local.wait = float(answer.headers.get("retry-after", 0))
        return answer
