"""``comity seal``: a module of its own, because what verifies takes longer to load than a file to seal.

What seals is loaded while folders are walked.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from comity.cli.lines import print_json
from comity.sealing.walking import Ahead
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from comity.sealing.collecting import FileList
    from comity.sealing.sources import PackageFile


class NothingToSealError(ComityError):
    """No files were given."""

    code = "nothing_to_seal"
    message = gettext_noop("There are no files to seal.")
    next_step = gettext_noop("Name files or folders, or a list with --files-from or --manifest.")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
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


def seal_files(arguments: argparse.Namespace) -> int:
    """``comity seal``."""
    gc.disable()  # of what is loaded and listed nothing is garbage; to look for it takes time
    try:
        with Ahead([str(path) for path in arguments.paths]) as ahead:
            return _seal(arguments, ahead)
    finally:
        gc.enable()


def _seal(arguments: argparse.Namespace, ahead: Ahead) -> int:
    from comity.sealing import collecting, keys, writing

    signer = keys.load(arguments.key)
    recipients = [recipient(text) for text in arguments.to]
    listed = collecting.read_list(arguments.manifest) if arguments.manifest else collecting.FileList()
    files = _collected(arguments, listed, ahead)  # while they are found
    if (first := next(files, None)) is None:
        raise NothingToSealError
    sealed = writing.seal(
        arguments.out,
        chain([first], files),
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
        count = sealed.manifest.sealed.files
        print(f"{arguments.out}: {count} files sealed by {signer.id}{encrypted}")
        print(f"Root of the files: {sealed.manifest.root}")
    return 0


def _collected(arguments: argparse.Namespace, listed: FileList, ahead: Ahead) -> Iterator[PackageFile]:
    from comity.sealing import collecting

    yield from collecting.from_paths(arguments.paths, ahead)
    if arguments.files_from:
        yield from collecting.from_paths(collecting.read_paths(arguments.files_from))
    if arguments.manifest:
        yield from collecting.from_list(listed, arguments.manifest.parent)


def recipient(text: str) -> str:
    """An ``age1…`` recipient, or the one of a key folder or file."""
    if text.startswith("age1"):
        return text
    from comity.sealing import keys

    path = Path(text)
    return keys.read_text(path / "transport.recipient" if path.is_dir() else path).strip()
