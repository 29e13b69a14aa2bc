"""The model's desk: it takes drills, answers what comes about its own, and tells its figures."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.unit.conformance.model_sender import ProblemError

from comity import canonical
from comity.proofs import drills
from comity.proofs.drills import Answer, DeskStanding, Drill, Record
from comity.proofs.notes import sign_line
from comity.terms import ComityError

if TYPE_CHECKING:
    from tests.unit.conformance.model import Model

Said = tuple[int, dict[str, str], bytes]


class Desk:
    """``own`` is the note of its drill to the tester."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._taken: dict[str, tuple[bytes, bytes]] = {}
        self._answers: dict[str, tuple[bytes, bytes]] = {}
        own = {"schema": "comity-drill/1", "drill": str(uuid.uuid4()), "from": model.card.id}
        target = model.tester.id if self.keeps("own_drill") else "zz-stranger"
        until = canonical.instant_text(model.now + timedelta(hours=1))
        own |= {"to": target, "sent_at": canonical.instant_text(model.now), "answer_by": until}
        self._own, self.own = own, sign_line("comity-drill/1", own, model.keys.log)

    def keeps(self, rule: str) -> bool:
        return self._model.keeps(rule)

    def serve(self, method: str, path: str, body: bytes) -> Said:
        if method == "GET":
            return 200, {}, self._told()
        return 200, {}, self._heard(body) if path == "/drills" else self._recorded(body)

    def _read(self, note: bytes, form: Any, rule: str) -> Any:
        try:
            return drills.read(note, self._model.verifier, form)
        except ComityError as error:
            if self.keeps({"note_unsigned": "drill_signed"}.get(error.code, rule)):
                raise
            raise ProblemError(200, "taken") from None

    def _heard(self, note: bytes) -> bytes:
        drill = self._read(note, Drill, "drill_form")
        if (drill.source, drill.target) != (self._model.tester.id, self._model.card.id):
            raise ProblemError(400 if self.keeps("drill_for_it") else 200, "drill_foreign")
        if not self.keeps("consent"):
            raise ProblemError(403, "drill_not_accepted")
        if drill.drill in self._taken and self.keeps("drill_repeats"):
            before, word = self._taken[drill.drill]
            if before != note and self.keeps("drill_number"):
                raise ProblemError(409, "drill_conflict")
            return word
        if self._taken and self.keeps("drill_pace") and drill.drill not in self._taken:
            raise ProblemError(429, "drill_too_soon", **{"Retry-After": "86400"})
        said = {"drill": drill.drill, "drill_sha256": drills.digest(note), "authority": self._model.card.id}
        said |= {"what": "reached", "at": canonical.instant_text(self._model.now)}
        if not self.keeps("drill_word"):
            said["drill_sha256"] = "00" * 32
        at = self._model.now - timedelta(seconds=len(self._taken))
        said["at"] = canonical.instant_text(at)
        word = drills.sign(Answer.model_validate(said), self._model.keys.log)
        self._taken[drill.drill] = note, word
        if not self.keeps("drill_repeats"):
            self._taken[str(uuid.uuid4())] = note, word
        return word

    def _recorded(self, note: bytes) -> bytes:
        answer = self._read(note, Answer, "drill_form")
        by_another = answer.authority != self._model.tester.id and self.keeps("drill_own_answer")
        if answer.drill != self._own["drill"] or by_another:
            raise ProblemError(404 if self.keeps("drill_known") else 200, "drill_unknown")
        if self._answers:
            before, record = next(iter(self._answers.values()))
            if before == note and self.keeps("record_repeats"):
                return record
            if before != note and self.keeps("one_answer"):
                raise ProblemError(400, "drill_answer_unacceptable")
        right = answer.what == "answered" and answer.drill_sha256 == drills.digest(self.own)
        right &= canonical.read_instant(answer.at) >= canonical.read_instant(self._own["sent_at"])
        if self.keeps("answer_checked") and not right:
            raise ProblemError(400, "drill_answer_unacceptable")
        at = self._model.now + timedelta(seconds=7 + len(self._answers))
        said = {"drill": answer.drill, "answer_sha256": drills.digest(note), "authority": self._model.card.id}
        said |= {"received_at": canonical.instant_text(at), "seconds": 7 if self.keeps("seconds") else 70}
        record = drills.sign(Record.model_validate(said), self._model.keys.log)
        if right or not self.keeps("record_repeats"):
            self._answers[uuid.uuid4().hex] = note, record
        return record

    def _told(self) -> bytes:
        none, now = drills.figure([]), self._model.now
        since = now - (drills.COUNTED if self.keeps("figures") else timedelta(days=9))
        said = {"authority": self._model.card.id, "to": self._model.tester.id, "own": none, "of_you": none}
        said |= {"at": canonical.instant_text(now), "since": canonical.instant_text(since), "accepts": None}
        return drills.sign(DeskStanding.model_validate(said), self._model.keys.log)
