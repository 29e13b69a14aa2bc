"""Commands of the packages room: ``seal``, ``verify``, ``open``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.sealing import collecting, keys, opening, remains, trust, verification, writing
from comity.sealing.case import Case
from comity.sealing.report import Report
from comity.sealing.sources import PackageFile
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


class NothingToSealError(ComityError):
    """No files were given."""

    code = "nothing_to_seal"
    message = gettext_noop("There are no files to seal.")
    next_step = gettext_noop("Name files or folders, or a list with --files-from or --manifest.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    _register_seal(commands)
    _register_verify(commands)
    _register_open(commands)


def _register_seal(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    seal = commands.add_parser("seal", help="seal files and folders into one signed package")
    seal.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files and folders")
    seal.add_argument("--files-from", type=Path, metavar="LIST", help="a text file with one path a line")
    seal.add_argument(
        "--manifest",
        type=Path,
        metavar="MANIFEST.json",
        help='{"files": [{"path", "name", "media_type", "sha256"}], "about": {}}; paths from its folder',
    )
    seal.add_argument("--key", type=Path, required=True, help="the key folder of the sealing authority")
    seal.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="RECIPIENT",
        help="encrypt to an age1… recipient, or to the authority of a folder; may be repeated",
    )
    seal.add_argument("-o", "--out", type=Path, required=True, help="the package (.asice, or .asice.age)")
    seal.add_argument("--json", action="store_true")
    seal.set_defaults(run=seal_files)


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


def seal_files(arguments: argparse.Namespace) -> int:
    """``comity seal``."""
    signer = keys.load(arguments.key)
    recipients = [recipient(text) for text in arguments.to]
    listed = collecting.read_list(arguments.manifest) if arguments.manifest else collecting.FileList()
    files = list(_collected(arguments, listed))
    if not files:
        raise NothingToSealError
    sealed = writing.seal(
        arguments.out,
        files,
        about=listed.about,
        signer=signer,
        now=datetime.now(UTC),
        recipients=recipients,
        disclosable=True,
    )
    if arguments.json:
        print_json(
            {"package": str(arguments.out), "bytes": sealed.bytes, "manifest": sealed.manifest.as_json()}
        )
    else:
        encrypted = f", encrypted to {len(recipients)}" if recipients else ""
        print(f"{arguments.out}: {len(files)} files sealed by {signer.id}{encrypted}")
        print(f"Root of the files: {sealed.manifest.root}")
    return 0


def _collected(arguments: argparse.Namespace, listed: collecting.FileList) -> Iterator[PackageFile]:
    yield from collecting.from_paths(arguments.paths)
    if arguments.files_from:
        yield from collecting.from_paths(collecting.read_paths(arguments.files_from))
    if arguments.manifest:
        yield from collecting.from_list(listed, arguments.manifest.parent)


def recipient(text: str) -> str:
    """An ``age1…`` recipient, or the one of a key folder or file."""
    if text.startswith("age1"):
        return text
    path = Path(text)
    return keys.read_text(path / "transport.recipient" if path.is_dir() else path).strip()


def verify_package(arguments: argparse.Namespace) -> int:
    """``comity verify``: a package, or the folder that ``comity evidence export`` wrote."""
    report = _of_archive(arguments) if arguments.package.is_dir() else None
    if report is not None:
        print_report(report, arguments.json)
        return 0 if report.verdict is Verdict.PASSED else 1
    report = _of_remains(arguments)
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


def _of_remains(arguments: argparse.Namespace) -> Report | None:
    """What remains of an erased container, as ``comity evidence export`` writes it; None for another file."""
    try:
        with arguments.package.open("rb") as file:
            data = file.read(64)
            if not remains.is_remains(data):
                return None
            data += file.read(remains.MOST)
    except OSError:
        return None  # told where packages are opened
    anchors = trust.load(arguments.trust) if arguments.trust else None
    at = _time(arguments.as_of) if arguments.as_of else datetime.now(UTC)
    return remains.verify(data, trust=anchors, as_of=at)


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
    """The verified case of ``PACKAGE`` under ``--trust``, ``--identity`` and ``--as-of`` (or ``now``)."""
    anchors = trust.load(arguments.trust) if arguments.trust else None
    identities = [_identity(arguments.identity)] if arguments.identity else None
    as_of = now or (_time(arguments.as_of) if arguments.as_of else datetime.now(UTC))
    try:
        with (
            arguments.package.open("rb") as package,
            verification.examined(package, trust=anchors, identities=identities, as_of=as_of) as case,
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


def print_json(value: Any) -> None:
    """Readable JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
