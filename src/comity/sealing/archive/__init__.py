"""A node's stored evidence as files, verified without the node (docs/sealing.md, clause 15).

Receives the files by name and the ledger key to trust; returns a report of numbered steps; decrypts nothing.
Every row and file must be one that the ledger commits to, and whatever the ledger commits to must be there.
"""

from __future__ import annotations

from datetime import datetime

from comity.proofs.notes import Verifier
from comity.sealing.archive import steps
from comity.sealing.archive.files import (
    CONTAINER_FOLDER,
    CUSTODY,
    RECEIPTS,
    REMAINS_FOLDER,
    SEGMENT_FOLDER,
    SEGMENTS,
    TABLES,
    Folder,
    Source,
)
from comity.sealing.archive.refusals import LedgerKeyUnknownError
from comity.sealing.report import Report, Sentence, Step
from comity.terms import ComityError, Verdict

__all__ = [
    "CONTAINER_FOLDER",
    "CUSTODY",
    "RECEIPTS",
    "REMAINS_FOLDER",
    "SEGMENTS",
    "SEGMENT_FOLDER",
    "TABLES",
    "Folder",
    "Source",
    "verify",
]


def verify(source: Source, key: Verifier | None, *, as_of: datetime) -> Report:
    """Verify an archive under the ledger key of the node that it comes from."""
    report = Report(as_of)
    if key is None:
        error = LedgerKeyUnknownError()
        sentence = Sentence(error.message)
        report.steps.append(Step(1, "ledger", Verdict.INDETERMINATE, error.code, sentence))
        return report
    archive = steps.Archive(source, key, key.name.removesuffix(".comity"), report)
    for n, (name, run) in enumerate(steps.STEPS, start=1):
        try:
            step = Step(n, name, Verdict.PASSED, None, run(archive))
        except ComityError as error:
            step = Step(n, name, Verdict.FAILED, error.code, Sentence(error.message, **error.params))
        report.steps.append(step)
        if step.verdict is Verdict.FAILED:
            break
    return report
