"""Commands of the packages room: ``verify``, ``open``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from comity.cli.lines import print_json
from comity.sealing import keys, opening, trust, verification
from comity.sealing.case import Case
from comity.sealing.report import Report
from comity.terms import ComityError, Verdict, gettext_noop


class TimeUnreadableError(ComityError):
    """Not a time."""

    code = "time_unreadable"
    message = gettext_noop("“{text}” is not a time.")
    next_step = gettext_noop("Write it as 2026-11-22T03:12:00Z, or as a date.")


class PackageUnreadableError(ComityError):
    """The file to verify cannot be read at all."""

    code = "package_unreadable"
    message = gettext_noop("“{path}” cannot be read: {reason}.")
    next_step = gettext_noop("Check the path and your permission to read it.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    _register_verify(commands)
    _register_open(commands)


def _register_verify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = commands.add_parser("verify", help="verify a package, step by step, without any server")
    verify.add_argument("package", type=Path, metavar="PACKAGE")
    verify.add_argument(
        "--trust", type=Path, metavar="DIR", help="the anchors: key folder or exported directory"
    )
    verify.add_argument("--identity", type=Path, metavar="KEY", help="key folder or file, if it is encrypted")
    verify.add_argument("--as-of", metavar="TIME", help="verify as at this time (default: now)")
    verify.add_argument("--json", action="store_true")
    verify.set_defaults(run=verify_package)


def _register_open(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    take = commands.add_parser("open", help="verify a package and take its files out")
    take.add_argument("package", type=Path, metavar="PACKAGE")
    take.add_argument("--identity", type=Path, metavar="KEY", help="key folder or file, if it is encrypted")
    take.add_argument(
        "--trust", type=Path, metavar="DIR", help="the anchors: key folder or exported directory"
    )
    take.add_argument("-o", "--out", type=Path, required=True, metavar="DIR", help="a new folder")
    take.add_argument("--as-of", metavar="TIME", help="verify as at this time (default: now)")
    take.add_argument("--json", action="store_true")
    take.set_defaults(run=open_package)


def verify_package(arguments: argparse.Namespace) -> int:
    """``comity verify``: a package, or the folder that ``comity evidence export`` wrote."""
    report = _of_archive(arguments) if arguments.package.is_dir() else None
    if report is not None:
        print_report(report, arguments.json)
        return 0 if report.verdict is Verdict.PASSED else 1
    with examined(arguments) as case:
        print_report(case.report, arguments.json)
        return 0 if case.report.verdict is Verdict.PASSED else 1


def _of_archive(arguments: argparse.Namespace) -> Report | None:
    from comity.cli import evidence  # loaded for an archive alone

    if not evidence.is_archive(arguments.package):
        return None
    at = _time(arguments.as_of) if arguments.as_of else datetime.now(UTC)
    return evidence.verify(arguments.package, arguments.trust, at)


def open_package(arguments: argparse.Namespace) -> int:
    """``comity open``: without ``--trust`` the content is intact, but nobody vouches for whose it is."""
    with examined(arguments) as case:
        unknown = {"trust_unknown"} if arguments.trust is None else set()
        if set(case.report.codes) - unknown:
            print_report(case.report, arguments.json)
            return 1
        files = opening.take_out(case, arguments.out)
        if case.report.codes:
            print("The files are as they were sealed; whose seal it is was not checked.", file=sys.stderr)
        if arguments.json:
            print_json(case.report.as_dict())
        else:
            for file in files:
                print(f"{file.sha256}  {arguments.out / file.name}")
    return 0


@contextmanager
def examined(arguments: argparse.Namespace, now: datetime | None = None) -> Iterator[Case]:
    """The verified case of ``PACKAGE`` under ``--trust``, ``--identity`` and ``--as-of`` (or ``now``).

    The package may be what remains of an erased container, as ``comity evidence export`` writes it.
    """
    anchors = trust.load(arguments.trust) if arguments.trust else None
    identities = [_identity(arguments.identity)] if arguments.identity else None
    as_of = now or (_time(arguments.as_of) if arguments.as_of else datetime.now(UTC))
    try:
        with (
            arguments.package.open("rb") as package,
            verification.examined_or_remains(
                package, trust=anchors, identities=identities, as_of=as_of
            ) as case,
        ):
            yield case
    except OSError as error:
        raise PackageUnreadableError(path=arguments.package, reason=error.strerror) from None


def _identity(path: Path) -> str:
    return keys.read_identity(path / "transport.identity" if path.is_dir() else path)


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise TimeUnreadableError(text=text) from None


def print_report(report: Report, as_json: bool) -> None:
    """The report as JSON, or as numbered steps with what it cannot promise."""
    if as_json:
        print_json(report.as_dict())
        return
    for step in report.steps:
        code = f" [{step.code}]" if step.code else ""
        print(f"{step.n:>3}  {step.id:<12} {step.verdict:<13}{code} {step.text}")
    print(f"\nVerdict: {report.verdict}")
    if report.time_source and report.signatures:
        print(f"Time: {report.signatures[0]['stamped_at']} ({report.time_source} time service)")
    if report.revocation_known_until:
        print(f"Revocation known until: {report.as_dict()['revocation_known_until']}")
    if report.proof_ends:
        print(f"Proves itself until: {report.as_dict()['proof_ends']}")
    for sentence in report.limits:
        print(f"Not promised: {sentence}")
