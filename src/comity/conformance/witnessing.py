"""Steps about the node as a witness, and about its own head; skipped where the node offers neither.

The tester never signs two heads that contradict each other: that would stand against its ledger for ever.
"""

from __future__ import annotations

import os

from comity.conformance.peer import demand
from comity.conformance.steps import Group
from comity.conformance.tester import Ledger
from comity.conformance.trial import NotOfferedError, Trial
from comity.conformance.wire import Answer
from comity.proofs import cosignatures, merkle
from comity.proofs.checkpoints import Checkpoint, open_checkpoint, origin, sign_checkpoint
from comity.proofs.notes import Signer
from comity.proofs.witnessing import Submission

GROUP = Group()
_WIDTH, _HEIGHT = 256, 8
"""Hashes in a tile, and the levels of the tree that it spans (C2SP tlog-tiles)."""
_SIZE = "text/x.tlog.size"


@GROUP.step("WITNESS-3", "LEDGER-1", "LEDGER-2")
def head_shown(trial: Trial) -> None:
    """The node's own head is shown, and its tiles lead to its root."""
    answer = trial.ask("GET", "/checkpoint")
    if answer.status == 404:
        raise NotOfferedError
    demand("200 with a checkpoint", answer.status == 200, str(answer))
    head = open_checkpoint(answer.body, trial.verifier, origin(trial.node.id))
    root = merkle.root(head.size, lambda level, index: _subtree(trial, head.size, level, index))
    demand("tiles that lead to the root of the head", root == head.root, "another root")


@GROUP.step("WITNESS-1")
def witness_malformed(trial: Trial) -> None:
    """A request that is none is refused."""
    _status(_submit(trial, b"new 0\n\nnothing"), 400)


@GROUP.step("WITNESS-1")
def witness_origin_unknown(trial: Trial) -> None:
    """A head of an unknown ledger is refused."""
    stranger = Signer.generate("zz-stranger.comity")
    head = Checkpoint(origin("zz-stranger"), 1, merkle.leaf_hash(b""))
    _status(_submit(trial, Submission(0, (), sign_checkpoint(head, stranger)).as_bytes()), 404)


@GROUP.step("WITNESS-1")
def witness_unsigned(trial: Trial) -> None:
    """A head that another key signed is refused."""
    stranger = Signer.generate(trial.tester.keys.log.name)
    note = _grown(trial).head(stranger)
    _status(_submit(trial, Submission(0, (), note).as_bytes()), 403)


@GROUP.step("WITNESS-1")
def witness_elsewhere(trial: Trial) -> None:
    """A head that does not begin where the witness stands is answered with its size."""
    _known(trial)


@GROUP.step("WITNESS-1")
def witness_unproved(trial: Trial) -> None:
    """A head whose proof does not hold is not cosigned until the proof comes."""
    ledger, known = _grown(trial), _known(trial)
    path, note = tuple(ledger.continued(known)), ledger.head()
    broken = Submission(known, (*path, bytes(merkle.HASH_BYTES)), note)
    _status(_submit(trial, broken.as_bytes()), 422)
    _status(_submit(trial, Submission(known, path, note).as_bytes()), 200)  # nothing stands against it then


@GROUP.step("WITNESS-1", "WITNESS-2", "WITNESS-4")
def witness_cosigns(trial: Trial) -> None:
    """A head that continues the last one is cosigned, and remembered."""
    ledger, known = _grown(trial), _known(trial)
    note = ledger.head()
    body = Submission(known, tuple(ledger.continued(known)), note).as_bytes()
    answer = _submit(trial, body)
    _status(answer, 200)
    found = cosignatures.read(note + answer.body, [trial.verifier])
    demand("the witness's cosignature", len(found) == 1, "none")
    kept = trial.ask("GET", f"/witness/checkpoint/{trial.tester.id}")
    demand("the head that was cosigned", kept.status == 200 and kept.body == note, str(kept))
    size = len(ledger.leaves)
    demand("the head to be remembered", _known(trial) == size, "another size")


def _grown(trial: Trial) -> Ledger:
    """The tester's ledger with one more entry."""
    trial.tester.ledger.grow(merkle.leaf_hash(os.urandom(32)))
    trial.tester.save()
    return trial.tester.ledger


def _known(trial: Trial) -> int:
    """The size at which the witness stands: what it answers to a head that claims to begin at itself."""
    ledger = _grown(trial)
    size = len(ledger.leaves)
    answer = _submit(trial, Submission(size, (), ledger.head()).as_bytes())
    text = answer.body.decode("ascii", "replace").removesuffix("\n")
    told = answer.status == 409 and answer.headers.get("content-type") == _SIZE
    demand("409 with a size", told and text.isdecimal() and int(text) < size, str(answer))
    return int(text)


def _submit(trial: Trial, body: bytes) -> Answer:
    answer = trial.ask("POST", "/witness/add-checkpoint", body=body)
    if answer.problem.get("code") == "not_served":
        raise NotOfferedError
    return answer


def _status(answer: Answer, status: int) -> None:
    demand(str(status), answer.status == status, str(answer))


def _subtree(trial: Trial, size: int, level: int, index: int) -> bytes:
    """A complete subtree's hash, from the tile in which it lies."""
    row, inside = divmod(level, _HEIGHT)
    first = index << inside
    number, begin = divmod(first, _WIDTH)
    hashes = _tile(trial, row, number, (size >> (row * _HEIGHT)) - number * _WIDTH)
    return merkle.root_of(hashes[begin : begin + (1 << inside)])


def _tile(trial: Trial, level: int, number: int, width: int) -> list[bytes]:
    groups = [f"{number:03}"[-3:]]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    partial = f".p/{width}" if width < _WIDTH else ""
    answer = trial.ask("GET", f"/tile/{level}/{'/'.join(groups)}{partial}")
    wanted = min(width, _WIDTH) * merkle.HASH_BYTES
    demand(f"a tile of {wanted} bytes", answer.status == 200 and len(answer.body) == wanted, str(answer))
    return [answer.body[at : at + merkle.HASH_BYTES] for at in range(0, wanted, merkle.HASH_BYTES)]
