"""Verifies a package without any server: numbered steps, one report (docs/sealing.md, clause 11).

Receives the file, the anchors, an identity and the time; returns the report; never writes a file that has a
name, never asks a network, and believes nothing that the package says about whom to trust.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

from comity.sealing import remains
from comity.sealing.carrying import Run, carry_out
from comity.sealing.case import Case
from comity.sealing.manifest import Kind
from comity.sealing.refusals import NestedTooDeepError
from comity.sealing.report import Report
from comity.sealing.steps import bundle, content, letter, renewal, validity
from comity.sealing.trust import Trust

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
KIND_STEPS: dict[str, tuple[tuple[str, Run], ...]] = {
    Kind.LETTER: (("letter", letter.check_letter),),
    Kind.COURT_BUNDLE: bundle.STEPS,
    Kind.RENEWAL: renewal.STEPS,
    Kind.REMAINS: renewal.STEPS,
}


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
    _open_inside(case)
    try:
        _run(case)
        yield case
    finally:
        case.close()


@contextmanager
def examined_or_remains(
    source: IO[bytes],
    *,
    trust: Trust | None,
    identities: Sequence[str] | None,
    as_of: datetime,
) -> Iterator[Case]:
    """The same of a file that may be what remains of an erased container (clause 18), which is no package:
    whoever wants a whole one asks ``examined``.
    """
    if remains.is_remains(source):
        yield remains.examine(source.read(remains.MOST + 1), trust=trust, as_of=as_of)
        return
    with examined(source, trust=trust, identities=identities, as_of=as_of) as case:
        yield case


def _run(case: Case) -> None:
    carry_out(case, ((n, name, run) for n, (name, run) in enumerate(_steps(case), start=1)))


def _steps(case: Case) -> Iterator[tuple[str, Run]]:
    """Steps 1 to 8, then those of the kind that the manifest says (known after step 3)."""
    yield from STEPS
    yield from KIND_STEPS.get(case.report.kind or "", ())
    if case.report.kind == Kind.LETTER and letter.has_step_up(case):
        yield "signatory", letter.check_signatory
    if case.report.kind == Kind.LETTER and letter.has_national(case):
        yield "national", letter.check_national
    if case.report.kind == Kind.LETTER and letter.has_signed_pdf(case):
        yield "signed_pdf", letter.check_signed_pdf


def _open_inside(case: Case) -> None:
    case.examine_inner = partial(_examined_inside, case)
    case.examine_renewed = partial(_examined_renewed, case)


def _examined_renewed(outer: Case, stream: IO[bytes], at: datetime) -> Case:
    """Verify the older container of a renewal as of the renewal's stamp; it stays open with the outer."""
    inner = outer.keep_case(Case(stream, outer.trust, None, at, Report(at), depth=outer.depth + 1))
    _open_inside(inner)
    if outer.examine_inner is _refuse_deeper:
        inner.examine_inner = _refuse_deeper
    _run(inner)
    return inner


def _examined_inside(outer: Case, stream: IO[bytes]) -> Case:
    """Verify a letter inside a bundle: never encrypted; nothing is opened in it but what was sealed again."""
    inner = Case(stream, outer.trust, None, outer.as_of, Report(outer.as_of))
    inner.examine_inner = _refuse_deeper
    inner.examine_renewed = partial(_examined_renewed, inner)
    with closing(inner):
        _run(inner)
    return inner


def _refuse_deeper(_: IO[bytes]) -> Case:
    raise NestedTooDeepError
