"""The court bundle: one sealed file with exhibits, custody, letters, receipts and ledger proofs.

Made by a job from what is stored; kept encrypted to the node's storage key; verified before it is offered.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from datetime import datetime
from typing import IO, Any, BinaryIO

from django.db import transaction

from comity.node import config, folders, store
from comity.node.accounts.models import Official
from comity.node.directory import anchors
from comity.node.exhibits import bundle_files, closing, custody
from comity.node.exhibits.models import Bundle, BundleState
from comity.node.jobs import Later, outbox
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.sealing import encryption, keys
from comity.sealing.container import SealedPackage, write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind
from comity.sealing.verification import verify
from comity.terms import ComityError, Verdict, gettext_noop

JOB = "exhibits.bundle"


class BundleNotProvedError(ComityError):
    """The finished bundle does not verify, so it is not offered."""

    code = "bundle_not_proved"
    message = gettext_noop("The court bundle does not verify: {codes}.")
    next_step = gettext_noop("Run comity node check; the bundle is made again after the cause is gone.")


class BundleNotReadyError(ComityError):
    """The bundle is still being made."""

    code = "bundle_not_ready"
    message = gettext_noop("The court bundle is not finished yet.")
    next_step = gettext_noop("Wait a moment and open the page again.")


def ask(official: Official, case_reference: str, description: dict[str, Any], *, now: datetime) -> Bundle:
    """Record the export of every exhibit of the case and queue the making; inside the act's transaction."""
    bundle = Bundle.objects.create(
        id=uuid.uuid4(),
        case_reference=case_reference,
        description=description,
        asked_by=official,
        asked_at=now,
    )
    closing.demand_decided(case_reference)
    for exhibit in closing.open_of_case(case_reference):
        note = f"into court bundle {bundle.id}"
        custody.record(exhibit, CustodyAct.EXPORTED, official=official, note=note, now=now)
    content = {"what": "bundle_asked", "case": case_reference, "bundle": str(bundle.id), "by": official.pk}
    entries.append("bundle_asked", case_reference, content, now=now)
    outbox.ask(JOB, f"{JOB}:{bundle.id}", {"bundle": str(bundle.id)}, now=now)
    return bundle


def make(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.bundle``: seal, verify, encrypt, store; after the ledger has numbered everything."""
    bundle = Bundle.objects.get(pk=payload["bundle"])
    if bundle.state == BundleState.READY:
        return
    if not bundle_files.is_numbered(bundle):
        raise Later(1)
    Bundle.objects.filter(pk=bundle.pk).update(state=BundleState.MAKING)
    with tempfile.TemporaryFile(dir=config.current().arriving) as plain:
        size = _seal(bundle, plain, now).bytes
        _demand_proved(plain, now)
        plain.seek(0)
        sha256 = hashlib.file_digest(plain, "sha256").hexdigest()
        key = _keep(bundle, plain, sha256)
    with transaction.atomic():
        content = {"what": "bundle_made", "bundle": str(bundle.id), "sha256": sha256}
        entries.append("bundle_made", bundle.case_reference, content, now=now)
        Bundle.objects.filter(pk=bundle.pk).update(
            state=BundleState.READY, key=key, bytes=size, sha256=sha256, ready_at=now
        )


def opened(bundle: Bundle) -> IO[bytes]:
    """The finished bundle, decrypted into a file without a name that vanishes when it is closed."""
    if bundle.state != BundleState.READY:
        raise BundleNotReadyError
    plain = tempfile.TemporaryFile(dir=config.current().arriving)  # noqa: SIM115 -- the caller closes it
    with store.open(bundle.key) as encrypted:
        encryption.decrypt(encrypted, plain, [folders.storage_identity(config.current())])
    plain.seek(0)
    return plain


def _seal(bundle: Bundle, out: BinaryIO, now: datetime) -> SealedPackage:
    about = {"case": bundle.case_reference, "bundle": str(bundle.id)}
    files = bundle_files.gather(bundle, now)
    signer = keys.load(config.current().keys)
    with PlainFlow(out) as flow:
        return write_container(
            flow, files, kind=Kind.COURT_BUNDLE, about=about, signer=signer, now=now, disclosable=True
        )


def _demand_proved(plain: BinaryIO, now: datetime) -> None:
    plain.seek(0)
    report = verify(plain, trust=anchors.trust(), identities=None, as_of=now)
    if report.verdict != Verdict.PASSED:
        raise BundleNotProvedError(codes=", ".join(report.codes))


def _keep(bundle: Bundle, plain: BinaryIO, sha256: str) -> str:
    plain.seek(0)
    key = f"bundles/{bundle.id}/{sha256}.asice.age"
    with tempfile.TemporaryFile(dir=config.current().arriving) as encrypted:
        encryption.encrypt(plain, encrypted, [folders.storage_recipient(config.current())])
        encrypted.seek(0)
        store.put(key, encrypted)
    return key
