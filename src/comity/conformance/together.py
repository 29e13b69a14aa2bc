"""Steps about what comes several at once: each is answered as if alone. A node may leave it out."""

from __future__ import annotations

import os

from comity import canonical
from comity.conformance.handing import SMALL, made
from comity.conformance.material import Document
from comity.conformance.peer import demand, demand_problem
from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial
from comity.conformance.wire import Answer
from comity.delivery import several
from comity.proofs.notes import Signer
from comity.proofs.receipts import ReceiptName

GROUP = Group()
ACCEPTED, REJECTED = ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.RELAY_REMMD_REJECTION
_SAID = "comity-several"
_MALFORMED = ("several_malformed", "envelope_malformed")
Brought = tuple[Document, bytes]


@GROUP.step("WIRE-25")
def several_told(trial: Trial) -> None:
    """A node that takes several at once says how many, on whatever it answers."""
    answers = [trial.offer(made(trial)[0]), trial.ask("POST", "/nothing"), trial.ask("GET", "/checkpoint")]
    if not any(_SAID in answer.headers for answer in answers):
        raise NotOfferedError
    for answer in answers:
        said = answer.headers.get(_SAID, "")
        known = said.isdecimal() and 2 <= int(said) <= several.MOST
        demand(f"a number from 2 to {several.MOST}", known, said)


@GROUP.step("WIRE-25", "WIRE-10", "WIRE-11", "WIRE-13")
def letters_together(trial: Trial) -> None:
    """Of several letters each is answered as if it had come alone, in their order."""
    _demand_offered(trial)
    first, second, known, refused, differing = (made(trial) for _ in range(5))
    note = trial.accepted(*known)
    refused = (refused[0] | {"to": trial.tester.id}, refused[1])
    differing = (differing[0], os.urandom(SMALL))
    answers = _bring(trial, first, known, refused, differing, second)
    trial.receipt(answers[0], ACCEPTED, first[0])
    demand("the bytes of the first receipt", answers[1].body == note, str(answers[1]))
    trial.receipt(answers[2], REJECTED, refused[0], "wrong_recipient")
    demand_problem(answers[3], 503, "container_differs")
    trial.receipt(answers[4], ACCEPTED, second[0])
    again = trial.offer(first[0])
    demand("the bytes of the first receipt", again.body == answers[0].body, str(again))
    trial.wanted(trial.offer(differing[0]))


@GROUP.step("WIRE-25", "WIRE-13")
def letters_together_cut_off(trial: Trial) -> None:
    """A container that ends early has not arrived; those before it have."""
    _demand_offered(trial)
    whole, short = made(trial), made(trial)
    answers = _bring(trial, whole, (short[0], short[1][:-1]))
    trial.receipt(answers[0], ACCEPTED, whole[0])
    demand_problem(answers[1], 503, "cut_off")
    trial.wanted(trial.offer(short[0]))


@GROUP.step("WIRE-25")
def letters_together_malformed(trial: Trial) -> None:
    """Of what cannot be read, or is too much, nothing has arrived."""
    _demand_offered(trial)
    good = made(trial)
    large = trial.material.envelope(trial.material.request(), bytes(several.LETTER_BYTES))
    for body in (
        _body(good) + b"{}\n",
        _body(good) + canonical.write(large) + b"\n",
        _body(*[good] * (several.MOST + 1)),
    ):
        demand_problem(trial.ask("POST", "/letters/several", body=body), 400, *_MALFORMED)
    trial.wanted(trial.offer(good[0]))


@GROUP.step("WIRE-26", "WIRE-18")
def receipts_together(trial: Trial) -> None:
    """Of several receipts each is answered as if it had come alone, in their order."""
    _demand_offered(trial)
    stranger = Signer.generate(trial.tester.keys.log.name)
    notes = [trial.material.receipt(trial.material.request(), b"of no letter", by) for by in (None, stranger)]
    body = canonical.write({"notes": [each.decode() for each in (b"no note\n", *notes)]})
    answers = _answers(trial.ask("POST", "/receipts/several", body=body), 3)
    demand_problem(answers[0], 400, "note_malformed")
    demand_problem(answers[1], 409, "receipt_foreign")
    demand_problem(answers[2], 400, "note_unsigned")


@GROUP.step("WIRE-26")
def receipts_together_malformed(trial: Trial) -> None:
    """What is no list of receipts is refused."""
    _demand_offered(trial)
    wrong = [{"notes": []}, {"notes": ["x"] * (several.MOST + 1)}, {"more": 1, "notes": ["x"]}]
    for body in (b"no list", *map(canonical.write, wrong)):
        demand_problem(trial.ask("POST", "/receipts/several", body=body), 400, "several_malformed")


def _demand_offered(trial: Trial) -> None:
    """Raise NotOfferedError for a node that says nothing of several."""
    if _SAID not in trial.offer(made(trial)[0]).headers:
        raise NotOfferedError


def _bring(trial: Trial, *brought: Brought) -> list[Answer]:
    return _answers(trial.ask("POST", "/letters/several", body=_body(*brought)), len(brought))


def _body(*brought: Brought) -> bytes:
    return b"".join(canonical.write(envelope) + b"\n" + container for envelope, container in brought)


def _answers(answer: Answer, count: int) -> list[Answer]:
    """What each was answered, in its order."""
    demand(f"200 with {count} answers", answer.status == 200, str(answer))
    said = several.read_answers(answer.body, count)
    return [Answer(each.status, {}, each.body.encode()) for each in said]
