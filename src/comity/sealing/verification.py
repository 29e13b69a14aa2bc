"""Verifies a package without any server: numbered steps, one report (docs/sealing.md, clause 11).

Receives the file, the anchors, an identity and the time; returns the report; never writes a file that has a
name, never asks a network, and believes nothing that the package says about whom to trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from comity.sealing.case import Case, UndecidedError
from comity.sealing.report import Report, Sentence, Step
from comity.sealing.steps import content, validity
from comity.sealing.trust import Trust
from comity.terms import ComityError, Verdict, gettext_noop

Run = Callable[[Case], Sentence]
STEPS: tuple[tuple[str, Run], ...] = (
    ("encryption", content.open_encryption),
    ("container", content.open_container),
    ("manifest", content.read_manifest),
    ("files", content.hash_files),
    ("signature", content.check_signature),
    ("time", validity.check_time),
    ("certificate", validity.check_certificate),
    ("revocation", validity.check_revocation),
)
NOT_REACHED = "not_reached"


def verify(
    source: Path | IO[bytes],
    *,
    trust: Trust | None,
    identities: Sequence[str] | None,
    as_of: datetime,
) -> Report:
    """Verify a package. ``identities`` are age identities; ``as_of`` is an aware time (UTC)."""
    with examined(source, trust=trust, identities=identities, as_of=as_of) as case:
        return case.report


@contextmanager
def examined(
    source: Path | IO[bytes],
    *,
    trust: Trust | None,
    identities: Sequence[str] | None,
    as_of: datetime,
) -> Iterator[Case]:
    """Verify, and keep the verified bytes open: who takes files out takes them from here."""
    if isinstance(source, Path):
        with (
            source.open("rb") as stream,
            examined(stream, trust=trust, identities=identities, as_of=as_of) as case,
        ):
            yield case
        return
    case = Case(source, trust, identities, as_of, Report(as_of))
    try:
        _run(case)
        yield case
    finally:
        case.close()


def _run(case: Case) -> None:
    failed = False
    for n, (name, run) in enumerate(STEPS, start=1):
        if failed:
            unreached = Sentence(gettext_noop("Not reached: an earlier step did not pass."))
            case.report.steps.append(Step(n, name, Verdict.INDETERMINATE, NOT_REACHED, unreached))
            continue
        step = _carried_out(case, n, name, run)
        case.report.steps.append(step)
        failed = step.verdict is Verdict.FAILED or step.code == "identity_needed"


def _carried_out(case: Case, n: int, name: str, run: Run) -> Step:
    try:
        return Step(n, name, Verdict.PASSED, None, run(case))
    except UndecidedError as error:
        return Step(n, name, Verdict.INDETERMINATE, error.code, Sentence(error.message, **error.params))
    except ComityError as error:
        return Step(n, name, Verdict.FAILED, error.code, Sentence(error.message, **error.params))
