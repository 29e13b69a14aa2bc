"""Hostile claims: times, revocations, letters, court bundles whose seal holds and whose content does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests import bundles, packages
from tests.hostile.classes import hostile

from comity import canonical
from comity.sealing import revocation, timestamp
from comity.sealing.manifest import Kind
from comity.sealing.sources import in_memory

NOW = packages.NOW


@hostile("timestamp_in_future")
def a_seal_from_tomorrow() -> bytes:
    return packages.sealed(now=NOW + timedelta(days=1))


@hostile("signing_time_contradicted")
def a_seal_that_claims_to_be_younger_than_its_stamp() -> bytes:
    own = packages.authority()
    return packages.sealed(
        stamp=lambda data: timestamp.issue(data, own.time_service, NOW - timedelta(hours=1))
    )


@hostile("certificate_revoked")
def a_seal_of_a_revoked_certificate() -> bytes:
    own = packages.authority()
    revoked = NOW - timedelta(hours=1)
    answer = revocation.issue(own.seal.certificate, own.ca, own.revocation_service, NOW, revoked)
    return packages.sealed(answer=answer)


@hostile("certificate_purpose")
def a_seal_of_the_key_that_stamps_time() -> bytes:
    own = packages.authority()
    object.__setattr__(own, "seal", own.time_service)
    answer = revocation.issue(own.seal.certificate, own.ca, own.revocation_service, NOW)
    return packages.sealed(signer=own, answer=answer)


def letter(changes: dict[str, Any], **more: bytes) -> bytes:
    """A letter of kz-247 with one fault."""
    document: dict[str, Any] = {
        "schema": "comity-letter/1",
        "kind": "status_asked",
        "id": bundles.LETTER_ID,
        "from": "kz-247",
        "to": "tm-247",
        "attachments": [],
        "body": {},
    }
    return bundles.letter_package(document | changes, more, packages.authority())


@hostile("letter_not_of_sealer")
def a_letter_of_another_authority() -> bytes:
    return letter({"from": "tm-247"})


@hostile("letter_unreadable")
def a_letter_of_another_schema() -> bytes:
    return letter({"schema": "comity-note/9"})


@hostile("letter_unreadable")
def a_package_that_says_letter_and_holds_none() -> bytes:
    return packages.sealed([in_memory("a.txt", "text/plain", b"x")], kind=Kind.LETTER)


@hostile("letter_parts_differ")
def a_letter_with_an_attachment_that_it_does_not_name() -> bytes:
    return letter({}, **{"exhibits/extra.bin": b"planted"})


def bundle(**changes: bytes) -> bytes:
    """A court bundle without any letter: an exhibit and the custody of kz-247 in its ledger."""
    records = bundles.custody([("received", "kz-247"), ("exported", "kz-247")])
    ledger = bundles.Ledger(packages.authority(), [{"what": "start"}, *records])
    files = {
        "exhibits/KZ-2026-000001-E1/access.log": bundles.LOG,
        f"custody/{bundles.EXHIBIT}.json": canonical.write(records),
        "ledger/checkpoint.note": ledger.note,
        "ledger/proofs.json": canonical.write(ledger.proofs()),
    } | changes
    listed = [in_memory(name, "application/octet-stream", data) for name, data in files.items()]
    return packages.sealed(listed, kind=Kind.COURT_BUNDLE)


CUSTODY = f"custody/{bundles.EXHIBIT}.json"


@hostile("inner_letter_failed")
def a_bundle_with_something_that_is_no_letter() -> bytes:
    return bundle(**{f"letters/{bundles.LETTER_ID}.asice": b"no container"})


@hostile("inner_letter_failed")
def a_bundle_in_a_bundle() -> bytes:
    return bundle(**{f"letters/{bundles.LETTER_ID}.asice": bundle()})


@hostile("receipt_misplaced")
def a_bundle_with_a_receipt_of_no_letter() -> bytes:
    return bundle(**{f"receipts/{bundles.LETTER_ID}.DELIVERY.note": b"nothing"})


@hostile("ledger_unreadable")
def a_bundle_with_proofs_of_another_form() -> bytes:
    return bundle(**{"ledger/proofs.json": b'[{"index":1}]'})


@hostile("bundle_unreadable")
def a_bundle_with_custody_that_is_not_canonical() -> bytes:
    return bundle(**{CUSTODY: b"[ ]"})


@hostile("custody_broken")
def a_bundle_whose_custody_lacks_a_record() -> bytes:
    records = bundles.custody([("received", "kz-247"), ("opened", "kz-247"), ("exported", "kz-247")])
    return bundle(**{CUSTODY: canonical.write([records[0], records[2]])})


@hostile("custody_unproved")
def a_bundle_with_custody_that_no_ledger_holds() -> bytes:
    records = bundles.custody([("received", "kz-247"), ("copied", "kz-247")])
    return bundle(**{CUSTODY: canonical.write(records)})


@hostile("exhibit_unaccounted")
def a_bundle_with_an_exhibit_without_custody() -> bytes:
    return bundle(**{"exhibits/KZ-2026-000001-E2/extra.log": b"planted"})
