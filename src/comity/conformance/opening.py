"""Steps about what the node makes of a letter when it opens it: the receipts that it brings to the tester.

All letters are sent first, so that the node opens them while the others are asked about.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from comity import canonical
from comity.conformance import forging
from comity.conformance.material import SHORT, Document
from comity.conformance.peer import RuleBrokenError, demand_receipt
from comity.conformance.steps import Group, Step, sentence
from comity.conformance.trial import Trial
from comity.proofs.receipts import ReceiptName
from comity.sealing.keys import Authority
from comity.sealing.manifest import Kind

GROUP = Group()
Sent = tuple[Document, bytes]
"""An envelope and the container that goes with it."""


@dataclass(frozen=True, slots=True)
class Case:
    """A letter to be opened, and the codes with which it may be refused; none: it is delivered."""

    make: Callable[[Trial], Sent]
    codes: tuple[str, ...]


CASES: dict[str, Case] = {}


def case(code: str, *clauses: str) -> Callable[[Callable[[Trial], Sent]], None]:
    """Enter a step by the letter that it sends; ``code`` may name several, and nothing for a sound one."""

    def entered(make: Callable[[Trial], Sent]) -> None:
        name = make.__name__
        CASES[name] = Case(make, tuple(code.split()))
        GROUP.steps.append(Step(name, clauses, sentence(make), partial(_opened, name)))

    return entered


def _opened(name: str, trial: Trial) -> None:
    if not trial.sent:
        for each, other in CASES.items():
            trial.sent[each] = _send(trial, other.make)
    _judge(trial, trial.sent[name], CASES[name].codes)


def _send(trial: Trial, make: Callable[[Trial], Sent]) -> Document:
    envelope, container = make(trial)
    trial.accepted(envelope, container)
    return envelope


def _judge(trial: Trial, envelope: Document, codes: tuple[str, ...]) -> None:
    """Demand the receipt DELIVERY, or NON_DELIVERY with one of the codes, at the tester's own endpoint."""
    name = ReceiptName.NON_DELIVERY if codes else ReceiptName.DELIVERY
    receipt = trial.inbox.wait(envelope["letter"], trial.patience)
    if receipt is None:
        came = f"receipts that do not verify: {', '.join(trial.inbox.refused)}" if trial.inbox.refused else ""
        raise RuleBrokenError(
            expected=f"{name} at {trial.tester.card.peer_url}", found=came or "no receipt in time"
        )
    demand_receipt(receipt, name, envelope, codes, trial)


def _sealed(trial: Trial, said: Document | None = None, **options: Any) -> Sent:
    """A request, sealed as ``options`` say; the envelope speaks of the letter ``said`` instead of its own."""
    document = options.pop("document", None) or trial.material.request()
    container = trial.material.container(document, **options)
    return trial.material.envelope(said or document, container), container


@case("", "WIRE-20", "WIRE-22", "LETTER-1", "LETTER-7")
def delivered(trial: Trial) -> Sent:
    """A sound letter is delivered."""
    document = trial.material.request(generation=2)
    return _sealed(trial, document=document, forms=trial.material.readable(document))


@GROUP.step("LETTER-3", "WIRE-21")
def generation_stale(trial: Trial) -> None:
    """An older generation of the same case is refused."""
    delivered = CASES["delivered"]
    first = trial.sent.get("delivered") or _send(trial, delivered.make)
    _judge(trial, first, ())
    older = trial.material.request(generation=1, case=trial.material.case_of(first["letter"]))
    _judge(trial, _send(trial, lambda trial: _sealed(trial, document=older)), ("generation_stale",))


@case("not_understood", "LETTER-11", "WIRE-21")
def kind_unknown(trial: Trial) -> Sent:
    """A letter of an unknown kind is refused."""
    return _sealed(trial, document=trial.material.request(kind="song"))


@case("newer_version", "LETTER-11", "COMMON-6")
def version_unknown(trial: Trial) -> Sent:
    """A letter of a later version is refused as such."""
    return _sealed(trial, document=trial.material.request(schema="comity-letter/2"))


@case("not_understood", "LETTER-11", "COMMON-2")
def part_unknown(trial: Trial) -> Sent:
    """A letter with an unknown part is refused."""
    return _sealed(trial, document=trial.material.request(priority="high"))


@case("letter_unreadable", "COMMON-1", "LETTER-11")
def letter_spelled_otherwise(trial: Trial) -> Sent:
    """A letter whose bytes are not canonical is refused."""
    return _sealed(trial, written=lambda document: canonical.write(document).replace(b'":', b'": ', 1))


@case("letter_unsound", "LETTER-5", "WIRE-21")
def letter_contradicts(trial: Trial) -> Sent:
    """A letter that contradicts itself (who drafted the request signed it) is refused."""
    document = trial.material.request()
    people = [each | {"name": "One person"} for each in document["people"]]
    return _sealed(trial, document=document | {"people": people})


@case("letter_parts_differ", "LETTER-7", "WIRE-21")
def form_missing(trial: Trial) -> Sent:
    """A letter without one of its readable forms is refused."""
    return _sealed(trial, forms=dict(list(SHORT.items())[1:]))


@case("wrong_recipient", "WIRE-21")
def recipient_inside(trial: Trial) -> Sent:
    """A letter to another authority than its envelope says is refused."""
    document = trial.material.request()
    return _sealed(trial, document, document=document | {"to": "zz-stranger"})


@case("envelope_false", "WIRE-7", "WIRE-21")
def generation_inside(trial: Trial) -> Sent:
    """A letter with another generation than its envelope is refused."""
    document = trial.material.request()
    return _sealed(trial, document, document=document | {"generation": 2})


@case("envelope_false", "WIRE-7", "WIRE-21")
def id_inside(trial: Trial) -> Sent:
    """A letter with another id than its envelope is refused."""
    document = trial.material.request()
    return _sealed(trial, document, document=document | {"id": str(uuid.uuid4())})


@case("envelope_false", "WIRE-7", "WIRE-21")
def expiry_inside(trial: Trial) -> Sent:
    """A letter with another expiry than its envelope is refused."""
    document = trial.material.request()
    return _sealed(trial, document, document=document | {"expires_at": _earlier(document["expires_at"])})


@case("certificate_untrusted", "WIRE-21")
def sealed_by_stranger(trial: Trial) -> Sent:
    """A letter that a stranger sealed in the tester's name is refused."""
    return _sealed(trial, signer=_stranger(trial))


@case("signature_broken", "WIRE-21")
def seal_broken(trial: Trial) -> Sent:
    """A letter whose seal is of other bytes is refused."""
    keys = trial.tester.keys
    return _sealed(trial, signer=replace(keys, seal=forging.of_other_bytes(keys.seal)))


@case("timestamp_broken", "WIRE-21")
def stamp_broken(trial: Trial) -> Sent:
    """A letter whose time-stamp is of other bytes is refused."""
    keys = trial.tester.keys
    return _sealed(trial, signer=replace(keys, time_service=forging.of_other_bytes(keys.time_service)))


@case("certificate_untrusted", "WIRE-21")
def stamped_by_stranger(trial: Trial) -> Sent:
    """A letter that a stranger's service stamped is refused."""
    stamping = _stranger(trial).time_service
    return _sealed(trial, signer=replace(trial.tester.keys, time_service=stamping))


@case("revocation_broken", "WIRE-21")
def answer_broken(trial: Trial) -> Sent:
    """A letter whose answer about revocation is of other bytes is refused."""
    keys = trial.tester.keys
    answering = forging.of_other_bytes(keys.revocation_service)
    return _sealed(trial, signer=replace(keys, revocation_service=answering))


@case("certificate_untrusted revocation_broken", "WIRE-21")
def answered_by_stranger(trial: Trial) -> Sent:
    """A letter of whose certificate a stranger says that it was not revoked is refused."""
    answering = _stranger(trial).revocation_service
    return _sealed(trial, signer=replace(trial.tester.keys, revocation_service=answering))


@case("file_changed", "WIRE-21")
def file_exchanged(trial: Trial) -> Sent:
    """A file that was exchanged for one of the same size and CRC-32 is found."""
    return _sealed(trial, spoil=lambda sealed: forging.exchanged(sealed, next(iter(SHORT.values()))))


@case("sealed_by_another", "WIRE-21")
def no_letter(trial: Trial) -> Sent:
    """A package that is no letter is refused."""
    return _sealed(trial, kind=Kind.FILES)


@case("not_for_this_identity", "WIRE-21")
def encrypted_to_another(trial: Trial) -> Sent:
    """A container that is encrypted to somebody else is refused."""
    return _sealed(trial, recipient=trial.tester.keys.recipient)


@case("trailing_bytes", "WIRE-21")
def bytes_behind(trial: Trial) -> Sent:
    """Bytes behind the container's end are found."""
    return _sealed(trial, spoil=lambda sealed: sealed + b"\n")


@case("cut_off", "WIRE-21")
def end_missing(trial: Trial) -> Sent:
    """A container without its end is refused."""
    return _sealed(trial, spoil=lambda sealed: sealed[:-30])


@case("content_damaged", "WIRE-21")
def byte_changed(trial: Trial) -> Sent:
    """A changed byte of a file is found."""
    return _sealed(trial, spoil=lambda sealed: sealed.replace(b'"kind":"request"', b'"kind":"requesT"', 1))


@case("encryption_broken", "WIRE-21")
def payload_changed(trial: Trial) -> Sent:
    """An encrypted file whose payload was changed is refused."""
    document = trial.material.request()
    container = trial.material.container(document)
    container = container[:-1] + bytes([container[-1] ^ 1])
    return trial.material.envelope(document, container), container


@case("encryption_header_changed", "WIRE-21")
def head_changed(trial: Trial) -> Sent:
    """An encrypted file whose head was changed is refused."""
    document = trial.material.request()
    head, mark, rest = trial.material.container(document).partition(b"\n--- ")
    other = b"A" if rest[:1] != b"A" else b"B"
    container = head + mark + other + rest[1:]
    return trial.material.envelope(document, container), container


def _earlier(instant: str) -> str:
    return canonical.instant_text(canonical.read_instant(instant) - timedelta(seconds=1))


def _stranger(trial: Trial) -> Authority:
    return forging.stranger(trial.tester.keys.description, trial.now)
