"""What the model takes of one peer, and what it attests of silence."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.unit.conformance.model_sender import ProblemError

from comity import canonical
from comity.conformance.trial import Stated
from comity.delivery.envelope import Envelope
from comity.node.allowance import DAY, Allowance
from comity.proofs.receipts import ReceiptName, verify_receipt

if TYPE_CHECKING:
    from tests.unit.conformance.model import Model


class Bounds:
    """What one peer may bring: ``stated``, where a number that is none bounds nothing."""

    def __init__(self, model: Model, stated: Stated) -> None:
        self._model, self._stated = model, stated
        self._given: dict[tuple[str, str], Allowance] = {}

    def demand(self, size: int) -> None:
        """Refuse what is too much (429)."""
        stated, keeps = self._stated, self._model.keeps
        if stated.letters_an_hour and keeps("letters_quota"):
            self._refuse("peer_letters_quota", self._of("letters").wait(1, time.monotonic()))
        if stated.bytes_a_day and keeps("bytes_quota"):
            self._refuse("peer_bytes_quota", self._of("bytes").wait(size, time.monotonic()))
        lying = sum(len(part) for place, part in self._model.parts.items() if self._peer() in place)
        if stated.bytes_unopened and keeps("unopened_quota") and lying + size > stated.bytes_unopened:
            self._refuse("peer_unopened_quota", 3600)

    def charge(self, letters: int, size: int) -> None:
        """Take off what came."""
        if self._stated.letters_an_hour:
            self._of("letters").charge(letters, time.monotonic())
        if self._stated.bytes_a_day:
            self._of("bytes").charge(size, time.monotonic())

    def _peer(self) -> str:
        return self._model.asker.id if self._model.keeps("allowances_apart") else self._model.tester.id

    def _of(self, what: str) -> Allowance:
        letters = self._stated.letters_an_hour
        most, period = (letters, letters) if what == "letters" else (self._stated.bytes_a_day, DAY)
        return self._given.setdefault((self._peer(), what), Allowance(most, period, time.monotonic()))

    def _refuse(self, code: str, wait: int) -> None:
        if wait:
            told = {"Retry-After": str(wait)} if self._model.keeps("quota_told") else {}
            raise ProblemError(429, code if self._model.keeps("quota_named") else "busy", **told)


class Silence:
    """What the model attests of its own letters when nobody is heard in time."""

    def __init__(self, model: Model, stated: Stated) -> None:
        self._model, self._stated = model, stated
        self._done: set[tuple[str, ReceiptName]] = set()

    def attest(self, letter: str) -> None:
        """Attest what is due of a letter, once."""
        sent = {each[0]["letter"]: each[0] for each in self._model.sender.written()}
        if letter not in sent:
            return
        if letter not in self._model.attested:
            self._model.enter(letter, {"what": "letter_sealed", "letter": letter})
        kept = self._model.sender.kept.get(letter)
        heard = kept is not None and verify_receipt(kept, self._model.verifier)[0].receipt
        keeps, stated = self._model.keeps, self._stated
        if letter in self._model.sender.late and keeps("silence_of_relay"):
            self._once(sent[letter], ReceiptName.RELAY_REMMD_FAILURE, stated.relay_hours)
        if (not heard or not keeps("silence_despite")) and keeps("silence"):
            self._once(sent[letter], ReceiptName.NON_DELIVERY, stated.delivery_hours)
        if heard is ReceiptName.DELIVERY and keeps("silence_opened"):
            self._once(sent[letter], ReceiptName.NON_RETRIEVAL, stated.retrieval_hours)

    def _once(self, envelope: dict[str, Any], name: ReceiptName, hours: float) -> None:
        written, now = canonical.read_instant(envelope["written_at"]), datetime.now(UTC)
        due = written + timedelta(hours=hours)
        at = max(due, now.replace(microsecond=0)) if self._model.keeps("silence_time") else written
        if (envelope["letter"], name) in self._done or (now < due and self._model.keeps("silence_time")):
            return
        self._done.add((envelope["letter"], name))
        reason = {"code": "timed_out", "text": "no receipt came in time"}
        self._model.attest(Envelope.model_validate(envelope), name, reason, at)
