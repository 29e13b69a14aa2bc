"""What lies in a court bundle, file by file (contract: `exhibits/`, `letters/`, `receipts/`, `custody/`,
`ledger/`, the readable report, `case.json`; `remains/` of letters whose containers were erased).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from comity import canonical
from comity.node.exchange.models import Letter, Receipt, Stage
from comity.node.exhibits import (
    bundle_report,
    closing,
    continuing,
    custody,
    reading,
    remaining,
    renewals,
    viewing,
)
from comity.node.exhibits.models import Bundle, Exhibit
from comity.node.ledger import proofs, sequencer
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.witnesses import own
from comity.sealing.sources import PackageFile, in_memory

JSON = "application/json"
NOTE = "text/plain"
PDF = "application/pdf"
ASICE = "application/vnd.etsi.asic-e+zip"


def is_numbered(bundle: Bundle) -> bool:
    """Whether the ledger has given a place to everything the bundle proves."""
    return not _entries(bundle).filter(index=None).exists()


def gather(bundle: Bundle, now: datetime) -> list[PackageFile]:
    """The files in their order. Exhibits and letters are decrypted only while they are read."""
    exhibits = closing.open_of_case(bundle.case_reference)
    letters = list(_letters(bundle))
    kept = remaining.proved(_erased(bundle), now)
    told = [*letters, *(each.letter for each in kept)]
    receipts = list(
        Receipt.objects.filter(letter__in=told).select_related("letter").order_by("letter", "kind")
    )
    checkpoint = sequencer.latest()
    assert checkpoint is not None  # is_numbered has said that a head was signed
    reports = bundle_report.render(bundle, exhibits, letters, kept, receipts, checkpoint, now)
    lists = bundle_report.disclosure(bundle, now)
    return [
        *(_exhibit(each) for each in exhibits),
        *(_letter(each) for each in letters),
        *(_remains(each) for each in kept),
        *(_receipt(each) for each in receipts),
        *(_json(f"custody/{each.id}.json", custody.chain(each)) for each in exhibits),
        *(
            _json(f"custody/{each.exhibit_id}.{each.authority}.json", each.records)
            for each in continuing.told_in(exhibits, told)
        ),
        *_ledger(bundle, checkpoint),
        *(in_memory(f"report.{language}.pdf", PDF, pdf) for language, pdf in reports.items()),
        *(in_memory(f"disclosure.{language}.pdf", PDF, pdf) for language, pdf in lists.items()),
        _json("case.json", bundle.description),
    ]


def _letters(bundle: Bundle) -> QuerySet[Letter]:
    """The case's letters that have a container. One that holds a closed exhibit would hand it out."""
    holding = [each.letter for each in closing.closed_of_case(bundle.case_reference) if each.letter]
    return _sealed(bundle).exclude(container="").exclude(pk__in=holding)


def _erased(bundle: Bundle) -> QuerySet[Letter]:
    """The case's letters whose container was erased, but those that name an exhibit that is closed."""
    closed = closing.closed_of_case(bundle.case_reference)
    ids = [each.pk for each in closed]
    shut = {each.pk for each in closed if each.is_there} | set(closing.closed(ids)) | viewing.by_two(ids)
    naming = [each.letter for each in closed if each.letter and each.pk in shut]
    return _sealed(bundle).filter(container="").exclude(sealed_sha256="").exclude(pk__in=naming)


def _sealed(bundle: Bundle) -> QuerySet[Letter]:
    """The case's letters but those that were refused, which prove nothing here."""
    mine = Letter.objects.filter(case_reference=bundle.case_reference)
    return mine.exclude(stage=Stage.REFUSED).order_by("stage_at", "id")


def _entries(bundle: Bundle) -> QuerySet[Entry]:
    """The ledger's entries about the case, its letters and the custody of its exhibits."""
    letters = [str(each.pk) for shown in (_letters(bundle), _erased(bundle)) for each in shown.only("id")]
    exhibits = [str(each.id) for each in closing.open_of_case(bundle.case_reference)]
    subjects = [bundle.case_reference, *letters, *exhibits]
    return Entry.objects.filter(Q(subject__in=subjects), salt__isnull=False).order_by("id")


def _exhibit(exhibit: Exhibit) -> PackageFile:
    name, media_type, size, digest, opener = reading.attachment(str(exhibit.id))
    return PackageFile(name, media_type, opener, bytes=size, sha256=digest)


def _letter(letter: Letter) -> PackageFile:
    return PackageFile(f"letters/{letter.id}.asice", ASICE, partial(renewals.newest, letter))


def _remains(kept: remaining.Proved) -> PackageFile:
    media_type = JSON if kept.name.endswith(".json") else ASICE
    return PackageFile(kept.name, media_type, partial(remaining.newest, kept.letter))


def _receipt(receipt: Receipt) -> PackageFile:
    """Beside its letter's remains where the container was erased: older readers know whole letters alone."""
    folder = "receipts" if receipt.letter.container else "remains"
    return in_memory(f"{folder}/{receipt.letter_id}.{receipt.kind}.note", NOTE, receipt.note.encode())


def _json(name: str, value: Any) -> PackageFile:
    return in_memory(name, JSON, canonical.write(value))


def _ledger(bundle: Bundle, checkpoint: Checkpoint) -> Iterator[PackageFile]:
    yield in_memory("ledger/checkpoint.note", NOTE, own.cosigned_note(checkpoint).encode())
    proved = []
    for entry in _entries(bundle).filter(index__lt=checkpoint.size):
        proof = proofs.inclusion(entry, checkpoint)
        proof.pop("checkpoint")
        proved.append({"what": entry.kind, **proof})
    yield _json("ledger/proofs.json", proved)
