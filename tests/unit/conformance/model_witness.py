"""The model as a witness, and its own head and tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.proofs import checkpoints, cosignatures, merkle
from comity.proofs.notes import open_note, read_note
from comity.proofs.witnessing import Submission
from comity.terms import ComityError

if TYPE_CHECKING:
    from tests.unit.conformance.model import Model

Said = tuple[int, dict[str, str], bytes]


class Witness:
    """``head`` is what it cosigned last: size, root, note."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.head: tuple[int, bytes, bytes] = (0, merkle.EMPTY_ROOT, b"")

    def serve(self, method: str, path: str, body: bytes) -> Said | None:
        """Answer what is asked of a witness; None for anything else."""
        if (method, path) == ("POST", "/witness/add-checkpoint"):
            return self._cosigned(body)
        if (method, path) == ("GET", f"/witness/checkpoint/{self._model.tester.id}"):
            return 200, {}, self.head[2]
        if (method, path) == ("GET", "/checkpoint"):
            return 200, {}, self._model.ledger.head()
        if method == "GET" and path.startswith("/tile/0/000"):
            tile = b"".join(self._model.ledger.leaves)
            return 200, {}, tile if self._model.keeps("tiles") else tile[::-1]
        return None

    def _cosigned(self, body: bytes) -> Said:
        try:
            submission = Submission.parse(body)
            text, _ = read_note(submission.note)
            head = checkpoints.Checkpoint.parse(text)
        except ComityError:
            return 400 if self._model.keeps("witness_form") else 404, {}, b""
        if head.origin != checkpoints.origin(self._model.tester.id):
            return 404 if self._model.keeps("witness_origin") else 403, {}, b""
        try:
            open_note(submission.note, [self._model.verifier])
        except ComityError:
            if self._model.keeps("witness_signature"):
                return 403, {}, b""
        size, root, _ = self.head
        if self._model.keeps("witness_size") and submission.old_size != size:
            return 409, {"Content-Type": "text/x.tlog.size"}, f"{size}\n".encode()
        try:
            merkle.check_consistency(size, root, head.size, head.root, submission.path)
        except merkle.ConsistencyUnprovenError:
            if self._model.keeps("witness_proof"):
                return 422, {}, b""
        if self._model.keeps("witness_memory"):
            self.head = (head.size, head.root, submission.note)
        signed = text if self._model.keeps("witness_cosigns") else text + "other\n"
        return 200, {}, cosignatures.cosign(signed, self._model.keys.log, self._model.now).encode()
