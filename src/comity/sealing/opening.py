"""Takes the files out of a verified package into one new folder (docs/sealing.md, clause 12).

Receives the examined case and a folder that does not exist yet; returns what was written; hashes again while
it writes, so that a package that changed after its verification is refused.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from comity.sealing import names
from comity.sealing.case import Case
from comity.sealing.durable import growing_folder, sync_folder
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
    digest = sha256()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(target, flags, 0o600), "wb") as out:
        for piece in case.package.stream(file.name):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != file.sha256:
        raise FileChangedError(name=file.name)
