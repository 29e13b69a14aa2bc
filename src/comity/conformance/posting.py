"""Steps about receipts and transport keys that the caller brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from comity import canonical
from comity.conformance.material import Document
from comity.conformance.peer import demand, demand_problem
from comity.conformance.steps import Group
from comity.conformance.trial import Trial
from comity.proofs.notes import Signer, sign_line
from comity.proofs.transport_keys import KeyNotice, sign_notice

GROUP = Group()
_CONTAINER = b"of no letter"


@GROUP.step("WIRE-18")
def receipt_malformed(trial: Trial) -> None:
    """What is no signed note is refused."""
    demand_problem(trial.ask("POST", "/receipts", body=b"no note\n"), 400, "note_malformed")


@GROUP.step("WIRE-18", "RECEIPT-2")
def receipt_unsigned(trial: Trial) -> None:
    """A receipt that another key signed is refused."""
    stranger = Signer.generate(trial.tester.keys.log.name)
    note = trial.material.receipt(trial.material.request(), _CONTAINER, stranger)
    demand_problem(trial.ask("POST", "/receipts", body=note), 400, "note_unsigned")


@GROUP.step("WIRE-18", "RECEIPT-2")
def receipt_altered(trial: Trial) -> None:
    """A receipt that was changed after it was signed is refused."""
    note = trial.material.receipt(trial.material.request(), _CONTAINER)
    changed = note.replace(b'"DELIVERY"', b'"RETRIEVAL"')
    demand_problem(trial.ask("POST", "/receipts", body=changed), 400, "note_signature_wrong")


@GROUP.step("WIRE-18")
def receipt_foreign(trial: Trial) -> None:
    """A receipt of no letter of the node's is refused."""
    note = trial.material.receipt(trial.material.request(), _CONTAINER)
    demand_problem(trial.ask("POST", "/receipts", body=note), 409, "receipt_foreign")


@GROUP.step("WIRE-19")
def key_told(trial: Trial) -> None:
    """A transport key is learnt, and learnt once."""
    for _ in range(2):
        answer = trial.ask("POST", "/keys", body=_notice(trial))
        demand("204", answer.status == 204, str(answer))


@GROUP.step("WIRE-19")
def key_malformed(trial: Trial) -> None:
    """A note that tells no transport key is refused."""
    note = sign_line("comity-note/1", {"authority": trial.tester.id}, trial.tester.keys.log)
    demand_problem(trial.ask("POST", "/keys", body=note), 400, "key_notice_malformed")


@GROUP.step("WIRE-19")
def key_unsigned(trial: Trial) -> None:
    """A transport key that another key vouches for is refused."""
    stranger = Signer.generate(trial.tester.keys.log.name)
    answer = trial.ask("POST", "/keys", body=_notice(trial, signer=stranger))
    demand_problem(answer, 400, "note_unsigned")


@GROUP.step("WIRE-19")
def key_unacceptable(trial: Trial) -> None:
    """A transport key that cannot be is refused."""
    ninety_one = canonical.instant_text(trial.now + timedelta(days=91))
    ended = canonical.instant_text(trial.now - timedelta(days=1))
    wrong: list[Document] = [
        {"authority": trial.node.id},
        {"valid_until": ninety_one},
        {"valid_until": ended},
        {"valid_from": canonical.instant_text(trial.now + timedelta(hours=1))},
    ]
    for changes in wrong:
        answer = trial.ask("POST", "/keys", body=_notice(trial, **changes))
        demand_problem(answer, 400, "key_notice_unacceptable")


@GROUP.step("WIRE-19")
def key_outdated(trial: Trial) -> None:
    """Another key under a known number is refused."""
    answer = trial.ask("POST", "/keys", body=_notice(trial, recipient=trial.node.recipient))
    demand_problem(answer, 409, "key_notice_outdated")


def _notice(trial: Trial, signer: Signer | None = None, **changes: Any) -> bytes:
    """The notice of the tester's one key, which a node knows from the card."""
    values = {
        "authority": trial.tester.id,
        "number": trial.tester.card.recipient_number,
        "recipient": trial.tester.card.recipient,
        "valid_from": canonical.instant_text(trial.now - timedelta(hours=1)),
        "valid_until": canonical.instant_text(trial.now + timedelta(days=80)),
    }
    return sign_notice(KeyNotice.model_validate(values | changes), signer or trial.tester.keys.log)
