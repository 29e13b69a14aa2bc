"""Steps about the envelope, and about what a receiver refuses before it takes anything in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from comity import canonical
from comity.canonical import instant_text
from comity.conformance.material import Document
from comity.conformance.peer import demand, demand_problem, header, said, without
from comity.conformance.steps import Group
from comity.conformance.trial import Trial
from comity.delivery.envelope import LIFETIME
from comity.proofs.receipts import ReceiptName

GROUP = Group()
_CONTAINER = b"never sent"
_MALFORMED = "envelope_malformed"


@GROUP.step("WIRE-6")
def envelope_missing(trial: Trial) -> None:
    """An offer without an envelope is refused."""
    _malformed(trial, f"/letters/{uuid.uuid4()}", {})


@GROUP.step("WIRE-6")
def envelope_not_base64(trial: Trial) -> None:
    """An envelope that is not base64 is refused."""
    envelope = _envelope(trial)
    _malformed(trial, _path(envelope), {"Comity-Envelope": "***" + said(envelope)["Comity-Envelope"]})


@GROUP.step("WIRE-6", "COMMON-1")
def envelope_not_canonical(trial: Trial) -> None:
    """An envelope in another spelling than the canonical one is refused."""
    envelope = _envelope(trial)
    data = canonical.write(envelope)
    _malformed(trial, _path(envelope), header(data.replace(b'":', b'": ')))
    _malformed(trial, _path(envelope), header(b'{"schema":"comity-envelope/1",' + data[1:]))


@GROUP.step("WIRE-6", "COMMON-2")
def envelope_key_unknown(trial: Trial) -> None:
    """An envelope with an unknown key is refused."""
    envelope = _envelope(trial, priority="high")
    _malformed(trial, _path(envelope), said(envelope))


@GROUP.step("WIRE-6", "COMMON-2")
def envelope_key_missing(trial: Trial) -> None:
    """An envelope that lacks a key is refused."""
    envelope = _envelope(trial)
    for name in envelope:
        _malformed(trial, _path(envelope), said(without(envelope, name)))


@GROUP.step("WIRE-6", "COMMON-6")
def envelope_version_unknown(trial: Trial) -> None:
    """An envelope of another version is refused."""
    envelope = _envelope(trial, schema="comity-envelope/2")
    _malformed(trial, _path(envelope), said(envelope), "newer_version")


@GROUP.step("WIRE-6", "COMMON-3", "COMMON-4")
def envelope_values_malformed(trial: Trial) -> None:
    """An envelope whose values have another form is refused."""
    for changes in (
        {"letter": str(uuid.uuid1())},
        {"sha256": "AB" * 32},
        {"written_at": "2026-11-22T03:12:00+00:00"},
        {"from": "Not an id"},
        {"generation": 0},
    ):
        envelope = _envelope(trial, **changes)
        _malformed(trial, _path(envelope), said(envelope))


@GROUP.step("WIRE-6")
def envelope_of_another_address(trial: Trial) -> None:
    """An envelope under the address of another letter is refused."""
    _malformed(trial, f"/letters/{uuid.uuid4()}", said(_envelope(trial)))


@GROUP.step("WIRE-10", "RECEIPT-1", "RECEIPT-2")
def refused_unknown_sender(trial: Trial) -> None:
    """A letter from another sender than the caller is refused."""
    _refused(trial, "unknown_sender", **{"from": "zz-stranger"})


@GROUP.step("WIRE-10")
def refused_wrong_recipient(trial: Trial) -> None:
    """A letter to another authority is refused."""
    _refused(trial, "wrong_recipient", to="zz-stranger")


@GROUP.step("WIRE-10")
def refused_expired(trial: Trial) -> None:
    """An expired letter is refused."""
    written, ended = trial.now - timedelta(days=9), trial.now - timedelta(days=1)
    _refused(trial, "expired", written_at=instant_text(written), expires_at=instant_text(ended))


@GROUP.step("WIRE-10")
def refused_written_in_future(trial: Trial) -> None:
    """A letter from the future is refused."""
    later = trial.now + timedelta(hours=1)
    _refused(
        trial,
        "written_in_future",
        written_at=instant_text(later),
        expires_at=instant_text(later + timedelta(days=9)),
    )


@GROUP.step("WIRE-8", "WIRE-10")
def refused_life_too_long(trial: Trial) -> None:
    """A letter that would outlive its key is refused."""
    end = trial.now + LIFETIME + timedelta(hours=1)
    _refused(trial, "life_too_long", expires_at=instant_text(end))


@GROUP.step("WIRE-10")
def refused_size_exceeded(trial: Trial) -> None:
    """A container beyond every bound is refused."""
    _refused(trial, "size_exceeded", bytes=canonical.MAX_SAFE_INTEGER)


@GROUP.step("WIRE-10")
def refused_in_order(trial: Trial) -> None:
    """The first reason of the list is given."""
    ended = instant_text(trial.now - timedelta(days=1))
    written = instant_text(trial.now - timedelta(days=9))
    changes = {"from": "zz-stranger", "to": "zz-stranger", "written_at": written, "expires_at": ended}
    _refused(trial, "unknown_sender", **changes)
    _refused(trial, "wrong_recipient", **changes | {"from": trial.tester.id})


@GROUP.step("WIRE-11")
def refused_again(trial: Trial) -> None:
    """A refused offer gets the same bytes again."""
    envelope = _envelope(trial, to="zz-stranger")
    first, second = trial.offer(envelope), trial.offer(envelope)
    trial.receipt(first, ReceiptName.RELAY_REMMD_REJECTION, envelope, "wrong_recipient")
    demand("the bytes of the first refusal", first.body == second.body, "others")
    third = trial.put(envelope, _CONTAINER)
    demand("the same for the container", first.body == third.body, str(third))


def _envelope(trial: Trial, **changes: Any) -> Document:
    return trial.material.envelope(trial.material.request(), _CONTAINER, **changes)


def _path(envelope: Document) -> str:
    return f"/letters/{envelope['letter']}"


def _malformed(trial: Trial, path: str, headers: dict[str, str], *codes: str) -> None:
    demand_problem(trial.ask("POST", path, headers), 400, _MALFORMED, *codes)


def _refused(trial: Trial, code: str, **changes: Any) -> None:
    envelope = _envelope(trial, **changes)
    trial.receipt(trial.offer(envelope), ReceiptName.RELAY_REMMD_REJECTION, envelope, code)
