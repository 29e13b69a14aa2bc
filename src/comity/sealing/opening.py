"""Takes the files out of a verified package into one new folder (docs/sealing.md, clause 12).

Receives the examined case and a folder that does not exist yet; returns what was written; hashes again while
it writes, so that a package that changed after its verification is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from comity.sealing import names
from comity.sealing.case import Case
from comity.sealing.durable import growing_folder, sync_folder
from comity.sealing.hashing import sha256_of
from comity.sealing.refusals import FileChangedError
from comity.sealing.report import VerifiedFile


def take_out(case: Case, folder: Path) -> list[VerifiedFile]:
    """Write every verified file under ``folder``, all or none; nothing is ever overwritten.

    Of a container that was sealed again they are the files of the first one.
    """
    case = case.innermost
    with growing_folder(folder) as growing:
        for file in case.report.files:
            names.check(file.name)
            target = growing / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(case, file, target)
        for inner in sorted(growing.rglob("*"), reverse=True):
            if inner.is_dir():
                sync_folder(inner)
    return case.report.files


def _write(case: Case, file: VerifiedFile, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o600), "wb") as out:
        digest = sha256_of(_written(case.package.stream(file.name), out))
        out.flush()
        os.fsync(out.fileno())
    if digest != file.sha256:
        raise FileChangedError(name=file.name)


def _written(pieces: Iterator[memoryview], out: IO[bytes]) -> Iterator[memoryview]:
    for piece in pieces:
        out.write(piece)
        yield piece
