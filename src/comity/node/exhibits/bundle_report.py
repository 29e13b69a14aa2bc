"""The readable report of a court bundle, in the node's languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comity import canonical
from comity.letters.disclosure_list import render_disclosure_list
from comity.letters.labels import Language
from comity.letters.report import render_report
from comity.letters.schema import parse
from comity.node.directory import anchors, known
from comity.node.exchange.models import Letter, Receipt
from comity.node.exhibits import continuing, custody, renewals
from comity.node.exhibits.models import Bundle, Continuation, Exhibit
from comity.node.exhibits.remaining import Proved
from comity.node.ledger.models import Checkpoint
from comity.proofs.checkpoints import open_checkpoint, origin
from comity.proofs.notes import Verifier
from comity.sealing.verification import verify


def render(
    bundle: Bundle,
    exhibits: Sequence[Exhibit],
    sent: Sequence[Letter],
    kept: Sequence[Proved],
    receipts: Sequence[Receipt],
    checkpoint: Checkpoint,
    now: datetime,
) -> dict[str, bytes]:
    """The report as PDF by language; ``kept``: what remains of letters whose containers were erased."""
    continued = list(continuing.told_in(exhibits, [*sent, *(each.letter for each in kept)]))
    data = {
        "heading": bundle.description["heading"],
        "case": bundle.description["case"],
        "made_at": canonical.instant_text(now),
        "made_by": custody.keeper(bundle.asked_by),
        "authorities": {
            each["id"]: {"name": each["name"], "state": each["state"]}
            for each in bundle.description["authorities"]
        },
        "exhibits": [_exhibit(bundle, each, continued) for each in exhibits],
        "letters": [*map(_letter, sent), *(_letter(each.letter) | {"remains": each.name} for each in kept)],
        "seals": [
            *(seal for each in sent if (seal := _seal(each, now))),
            *(_told(each.letter, each.report.as_dict()) for each in kept),
        ],
        "receipts": [_receipt(each) for each in receipts],
        "ledger": _ledger(checkpoint),
    }
    return {language.value: render_report(data, language) for language in Language}


def disclosure(bundle: Bundle, now: datetime) -> dict[str, bytes]:
    """What the defence is shown, as it stood when the bundle was asked for, by language; none of a list
    on which nothing was decided."""
    told = bundle.description.get("disclosure", {"listed": []})
    if not told["listed"]:
        return {}
    about = {"case": bundle.case_reference, "heading": bundle.description["heading"]}
    data = {**about, **told, "made_at": canonical.instant_text(now)}
    return {language.value: render_disclosure_list(data, language) for language in Language}


def _exhibit(bundle: Bundle, exhibit: Exhibit, continued: Sequence[Continuation]) -> dict[str, Any]:
    limits = bundle.description["limits"]
    return {
        "number": exhibit.number,
        "name": exhibit.raw_name,
        "media_type": exhibit.media_type,
        "bytes": exhibit.bytes,
        "sha256": exhibit.sha256,
        "origin": exhibit.origin,
        "limits": [
            {name: each[name] for name in ("id", "cite", "text")}
            for each in limits
            if each["letter"] == str(exhibit.letter)
        ],
        "custody": custody.chain(exhibit),
        "continued": [
            record for each in continued if each.exhibit_id == exhibit.pk for record in each.records
        ],
    }


def _seal(row: Letter, now: datetime) -> dict[str, Any] | None:
    """Whose seal a letter has, by which certificate and clock, and how long that is known to hold: by the
    newest container, where the letter was sealed again.

    None where the seal does not verify: such a bundle proves nothing and is not offered.
    """
    report = row.report
    if not report or not report.get("signatures") or row.renewals.filter(of_remains=False).exists():
        with renewals.newest(row) as opened:
            report = verify(opened, trust=anchors.trust(), identities=None, as_of=now).as_dict()
    return _told(row, report) if report["signatures"] else None


def _told(row: Letter, report: dict[str, Any]) -> dict[str, Any]:
    found = report["signatures"][-1]  # the innermost: who sealed the letter itself
    return {
        "letter": str(row.id),
        **{name: found[name] for name in ("by", "certificate", "stamped_at")},
        **{name: report[name] for name in ("time_source", "revocation_known_until", "proof_ends")},
    }


def _letter(row: Letter) -> dict[str, Any]:
    letter = parse(bytes(row.canonical or b""))
    return {
        "id": letter.id,
        "kind": letter.kind,
        "from": letter.source,
        "to": letter.target,
        "written_at": letter.written_at,
        "sha256": row.sealed_sha256,
    }


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "letter": str(receipt.letter_id),
        "receipt": receipt.kind,
        "from": receipt.issued_by,
        "at": canonical.instant_text(receipt.at),
    }


def _ledger(checkpoint: Checkpoint) -> dict[str, Any]:
    own = known.own()
    head = open_checkpoint(checkpoint.note.encode(), Verifier.parse(own.log_key), origin(own.id))
    return {"origin": origin(own.id), "size": head.size, "root": head.root.hex()}
