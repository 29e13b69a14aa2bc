"""Seals an older container again in a newer one, while it still proves itself (docs/sealing.md, clause 13).

Receives a verified case, an authority and the time; returns what was sealed; never changes a byte of the
older container, and seals nothing that does not pass: a new seal would lend its time to something unproved.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

from comity.sealing import remains, writing
from comity.sealing.case import Case
from comity.sealing.container import SealedPackage
from comity.sealing.keys import Authority
from comity.sealing.longterm import RENEWALS
from comity.sealing.manifest import Kind
from comity.sealing.reading import MEDIA_TYPE, part_of
from comity.sealing.refusals import RenewedTooOftenError
from comity.sealing.sources import PackageFile, in_memory
from comity.sealing.steps.renewal import RENEWED
from comity.terms import ComityError, Verdict, gettext_noop


class RenewalRefusedError(ComityError):
    """What does not verify is not sealed again."""

    code = "renewal_refused"
    message = gettext_noop("The package does not verify now ({codes}), so it is not sealed again.")
    next_step = gettext_noop(
        "Verify it with the anchors of everyone who sealed it; ask for an undamaged copy."
    )


def renew(
    path: Path, case: Case, *, signer: Authority, now: datetime, recipients: Sequence[str] = ()
) -> SealedPackage:
    """Write at ``path`` a container that holds the one of the case, or what remains of one (clause 18.3).

    Raise RenewalRefusedError unless it passed, RenewedTooOftenError when it was sealed again RENEWALS times.
    """
    if case.report.verdict is not Verdict.PASSED:
        raise RenewalRefusedError(codes=", ".join(case.report.codes) or case.report.verdict)
    if case.innermost.depth >= RENEWALS:
        raise RenewedTooOftenError(limit=RENEWALS)
    kind = Kind.RENEWAL if case.innermost.remains is None else Kind.REMAINS
    return writing.seal(
        path, [_older(case)], about={}, signer=signer, now=now, kind=kind, recipients=recipients
    )


def _older(case: Case) -> PackageFile:
    if case.remains is not None:
        return in_memory(remains.DOCUMENT, "application/json", case.remains)
    name = RENEWED if case.innermost.remains is None else remains.SEALED_AGAIN
    return PackageFile(name, MEDIA_TYPE.decode(), lambda: _whole(case.stream))


def _whole(stream: IO[bytes]) -> IO[bytes]:
    """The stream from its beginning; closing it leaves the stream itself open."""
    return part_of(stream, 0, stream.seek(0, io.SEEK_END))
