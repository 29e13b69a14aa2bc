"""Steps about two peers: what one of them brought is nothing of the other's.

The tester is both, under two cards; skipped where the node knows one of them alone.
"""

from __future__ import annotations

import uuid

from comity.conformance.drilling import asked
from comity.conformance.handing import HALF, LARGE, brought_in_part, made
from comity.conformance.peer import Peer, demand, demand_problem
from comity.conformance.sending import brought
from comity.conformance.steps import Group
from comity.conformance.trial import NotOfferedError, Trial
from comity.conformance.wire import Answer
from comity.proofs import letter_entries
from comity.proofs.receipts import ReceiptName, StatedEntry

GROUP = Group()
_ACCEPTANCE, _REJECTION = ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.RELAY_REMMD_REJECTION


@GROUP.step("WITNESS-6", "LEDGER-3")
def entries_shown(trial: Trial) -> None:
    """What the node's ledger holds about a letter is shown to the peer that brought it, with proofs."""
    envelope, container = made(trial)
    trial.accepted(envelope, container)
    stated = [each.content.get("receipt") for each in entries_of(trial, envelope["letter"])]
    demand(f"an entry about {_ACCEPTANCE}", str(_ACCEPTANCE) in stated, ", ".join(map(str, stated)))


@GROUP.step("WITNESS-6")
def entries_of_another(trial: Trial) -> None:
    """Of a letter of another peer it shows nothing: not even that there is one."""
    second = trial.other()
    envelope, container = made(trial)
    trial.accepted(envelope, container)
    of_another, of_none = (_entries(second, each) for each in (envelope["letter"], str(uuid.uuid4())))
    for answer in (of_another, of_none):
        demand_problem(answer, 404, "letter_unknown")
    demand("what is said of a letter that is none", of_another.body == of_none.body, "another answer")


@GROUP.step("WIRE-10")
def letter_of_another(trial: Trial) -> None:
    """A letter of another peer is neither announced nor brought by this one."""
    second = trial.other()
    envelope, container = made(trial)
    trial.wanted(trial.offer(envelope))
    for answer in (second.offer(envelope), second.put(envelope, container)):
        second.receipt(answer, _REJECTION, envelope, "unknown_sender")
    trial.accepted(envelope, container)


@GROUP.step("WIRE-10", "WIRE-15")
def slices_of_another(trial: Trial) -> None:
    """What was brought in part is continued by its own peer alone, also where another uses the same id."""
    second = trial.other()
    envelope, container = made(trial, LARGE)
    trial.wanted(brought_in_part(trial, envelope, container, range(HALF)), HALF)
    rest = brought_in_part(second, envelope, container, range(HALF, LARGE))
    second.receipt(rest, _REJECTION, envelope, "unknown_sender")
    answer = second.offer(second.material.envelope(second.material.request(id=envelope["letter"]), container))
    demand("nothing that another brought", not answer.offset, f"{answer} from byte {answer.offset}")
    trial.wanted(trial.offer(envelope), HALF)
    last = brought_in_part(trial, envelope, container, range(HALF, LARGE))
    trial.receipt(last, _ACCEPTANCE, envelope)


@GROUP.step("WIRE-10")
def id_of_another(trial: Trial) -> None:
    """An id that is known of another peer is refused."""
    second = trial.other()
    envelope, container = made(trial)
    trial.accepted(envelope, container)
    other = second.material.envelope(second.material.request(id=envelope["letter"]), container)
    second.receipt(second.offer(other), _REJECTION, other, "replayed")


@GROUP.step("WIRE-22")
def receipt_to_its_sender(trial: Trial) -> None:
    """A receipt goes to the peer whose letter it is about, and to no other."""
    second = trial.other()
    envelope, container = made(second)
    second.accepted(envelope, container)
    taken = second.inbox.wait(envelope["letter"], trial.patience)
    misled = trial.inbox.wait(envelope["letter"], 0) is not None
    demand("no receipt at the other peer", not misled, "one")
    demand("the receipt", taken is not None, "none in time")


@GROUP.step("WIRE-18")
def receipt_by_another(trial: Trial) -> None:
    """A receipt by another peer than the one that the letter went to is refused."""
    second = trial.other()
    note = second.material.attest(brought(trial)[0].envelope, ReceiptName.RETRIEVAL)
    demand_problem(second.ask("POST", "/receipts", body=note), 409, "receipt_foreign")


@GROUP.step("DRILL-4")
def drill_answered_by_another(trial: Trial) -> None:
    """An answer by another peer than the one that the drill went to is refused."""
    second = trial.other()
    note, drill = asked(trial)
    word = trial.asked.word(drill.drill, note, "answered", of=second.tester)
    demand_problem(second.line.ask("POST", "/drills/answers", body=word), 404, "drill_unknown")


def entries_of(peer: Peer, letter: str) -> list[StatedEntry]:
    """The entries that are shown of a letter, verified; NotOfferedError where the node shows none."""
    answer = _entries(peer, letter)
    demand("200 with entries", answer.status == 200, str(answer))
    return letter_entries.verify(answer.body, peer.verifier, peer.node.id, letter)[0].entries


def _entries(peer: Peer, letter: str) -> Answer:
    answer = peer.ask("GET", f"/letters/{letter}/entries")
    if answer.problem.get("code") == "not_served":
        raise NotOfferedError
    return answer
