"""The drills that the node under test sends to the tester, and the tester's word that each arrived."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from comity import canonical
from comity.conformance.calls import Request, Said, problem, tell
from comity.conformance.tester import Tester
from comity.directory.cards import Card
from comity.proofs import drills
from comity.proofs.notes import Verifier
from comity.terms import ComityError

MOST = 10_000


class Asked:
    """Answers ``POST /drills``: the node was heard (DRILL-2). What is no drill of its is refused."""

    def __init__(self, tester: Tester, node: Card) -> None:
        self._tester, self._node = tester, node
        self._verifier, self._changed = Verifier.parse(node.log_key), threading.Condition()
        self.notes: list[bytes] = []
        self.refused: list[str] = []

    def wait(self, patience: float) -> bytes | None:
        """The first drill; None when none came in so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.notes or self.refused, patience)
            return self.notes[0] if self.notes else None

    def answer(self, request: Request) -> Said:
        """Answer one request."""
        note = request.read(MOST)
        if (request.method, request.path) != ("POST", "/drills"):
            return problem(404, "not_served")
        with self._changed:
            try:
                drill = drills.read(note, self._verifier, drills.Drill)
            except ComityError as error:
                tell(self.refused, error.code)
                return problem(400, error.code)
            finally:
                self._changed.notify_all()
            if (drill.source, drill.target) != (self._node.id, self._tester.id):
                tell(self.refused, "drill_foreign")
                return problem(400, "drill_foreign")
            self.notes = self.notes or [note]
            return Said(200, self.word(drill.drill, note, "reached"))

    def word(self, drill: str, note: bytes, what: str, at: str = "") -> bytes:
        """The tester's signed word about the drill of a note: ``reached``, or somebody ``answered``."""
        said = {
            "drill": drill,
            "drill_sha256": drills.digest(note),
            "authority": self._tester.id,
            "what": what,
            "at": at or canonical.instant_text(datetime.now(UTC)),
        }
        return drills.sign(drills.Answer.model_validate(said), self._tester.keys.log)
