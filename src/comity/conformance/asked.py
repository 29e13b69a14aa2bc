"""The drills that the node under test sends to the tester, and the tester's word that each arrived."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from comity import canonical
from comity.conformance.calls import MOST_TOLD, Request, Said, problem, tell
from comity.conformance.tester import Tester
from comity.directory.cards import Card
from comity.proofs import drills
from comity.proofs.notes import Verifier
from comity.terms import ComityError

MOST = 10_000
_DAY = 86_400
"""Seconds for which a node is asked to stay away that sent more drills than are remembered (DRILL-3)."""


class Asked:
    """Answers ``POST /drills``: the node was heard (DRILL-2). What is no drill of its is refused.

    A drill that comes again is answered with the bytes of the first word.
    """

    def __init__(self, tester: Tester, node: Card) -> None:
        self._tester, self._node = tester, node
        self._verifier, self._changed = Verifier.parse(node.log_key), threading.Condition()
        self.notes: list[bytes] = []
        self._words: dict[str, tuple[bytes, bytes]] = {}
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
            return self._heard(drill.drill, note)

    def _heard(self, drill: str, note: bytes) -> Said:
        """The word about a drill, the first one if it was given already; so many drills are remembered."""
        if drill not in self._words:
            if len(self._words) >= MOST_TOLD:
                return problem(429, "drill_too_soon", **{"Retry-After": str(_DAY)})
            self._words[drill] = note, self.word(drill, note, "reached")
        heard, word = self._words[drill]
        return Said(200, word) if heard == note else problem(409, "drill_conflict")

    def word(self, drill: str, note: bytes, what: str, at: str = "", of: Tester | None = None) -> bytes:
        """The tester's signed word about the drill of a note: ``reached``, or somebody ``answered``.

        ``of`` is who says it where it is another.
        """
        who = of or self._tester
        said = {
            "drill": drill,
            "drill_sha256": drills.digest(note),
            "authority": who.id,
            "what": what,
            "at": at or canonical.instant_text(datetime.now(UTC)),
        }
        return drills.sign(drills.Answer.model_validate(said), who.keys.log)
