"""The model as a node that takes several letters or receipts in one request."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

from tests.unit.conformance.model_sender import ProblemError

from comity.delivery import several
from comity.delivery.envelope import write_envelope

if TYPE_CHECKING:
    from tests.unit.conformance.model import Model, Said

HEADER = "Comity-Several"


class Several:
    """What came together, each answered as if it had come alone."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def told(self) -> dict[str, str]:
        """How many it takes at once."""
        if not self._model.keeps("several"):
            return {}
        return {HEADER: str(several.MOST if self._model.keeps("several_number") else 1000)}

    def serve(self, path: str, body: bytes) -> Said:
        answers = self._letters(body) if path.startswith("/letters") else self._receipts(body)
        if not self._model.keeps("several_order"):
            answers.reverse()
        if not self._model.keeps("several_apart") and (bad := [each for each in answers if each[0] >= 400]):
            answers = bad[:1] * len(answers)
        said = [several.Said(status=status, body=data.decode()) for status, _, data in answers]
        return 200, {}, several.write_answers(said)

    def _letters(self, body: bytes) -> list[Said]:
        brought: Any = several.read_letters(io.BytesIO(body))
        if self._model.keeps("several_read_first"):
            brought = list(brought)
        return [self._letter(envelope, container) for envelope, container in brought]

    def _letter(self, envelope: Any, container: bytes) -> Said:
        said = {"Comity-Envelope": base64.b64encode(write_envelope(envelope)).decode()}
        path = f"/letters/{envelope.letter}"
        return self._model.told(lambda: self._model.letter("PUT", path, said, container))

    def _receipts(self, body: bytes) -> list[Said]:
        try:
            notes = several.read_receipts(body)
        except several.SeveralMalformedError:
            if b'"more"' in body and not self._model.keeps("several_closed"):
                return []
            if self._model.keeps("several_form"):
                raise
            raise ProblemError(500, "unexpected") from None
        return [self._model.told(lambda note=note: self._model.receipt(note)) for note in notes]
