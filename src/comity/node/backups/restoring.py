"""Make a node's folder from a backup, whole or not at all, and mark it: it signs nothing until resumed."""

from __future__ import annotations

import io
import os
import re
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from comity import canonical
from comity.node import backed_up, durable, folders, start
from comity.node.backups import form
from comity.node.backups.form import BackupUnreadableError
from comity.node.config import RESTORED
from comity.sealing import encryption
from comity.shapes import first_problem
from comity.terms import ComityError

_BLOCK = 1024 * 1024
_NAMED_BY_HASH = re.compile(r"([0-9a-f]{64})(?:\.age)?")


@dataclass(slots=True)
class Restored:
    """What was made. ``lacking`` are objects that the backup names and the place does not hold unchanged."""

    folder: Path
    description: form.Description
    objects: int = 0
    lacking: list[str] = field(default_factory=list)


def restore(
    backup: Path, identity: str, folder: Path, *, objects: Path, destroyed: Path | None, now: datetime
) -> Restored:
    """Make ``folder`` a node as the backup has it; ``identity`` is the recovery key.

    ``destroyed`` is the latest list of destroyed exhibits, applied when the node starts. Raise
    NodeOfAnotherUserError, FolderTakenError, NotForThisIdentityError, EncryptionBrokenError,
    BackupUnreadableError, DatabaseTakenError, DatabaseNotCopiedError; nothing stands in ``folder`` then.
    """
    with folders.whole_or_not_at_all(folder):
        durable.make_directories(folder)
        folder.chmod(0o700)
        with backup.open("rb") as source:
            description = _unpack(source, identity, folder)
        result = Restored(folder, description)
        for key in (folder / form.LIST_OF_OBJECTS).read_text("ascii").split():
            result.objects += 1
            if not _fetch(key, objects / key, folder / "store"):
                result.lacking.append(key)
        _join_lists(folder / "destroyed", destroyed or backup.parent / "destroyed")
        _mark(folder, description, now)
        backed_up.keep(folder, backup.resolve(), canonical.read_instant(description.made_at))
        _place_database(folder, description)
        (folder / form.LIST_OF_OBJECTS).unlink()
        (folder / f"{form.SETTINGS}.waiting").rename(folder / form.SETTINGS)
        durable.sync_directory(folder)
    return result


def _unpack(source: IO[bytes], identity: str, folder: Path) -> form.Description:
    with io.BufferedReader(encryption.opened(source, [identity]), _BLOCK) as plain:
        try:
            with tarfile.open(fileobj=plain, mode="r|") as tar:
                return _files(tar, folder)
        except tarfile.TarError:
            raise BackupUnreadableError(detail="it is no archive") from None


def _files(tar: tarfile.TarFile, folder: Path) -> form.Description:
    """Write what the description names, in its order, and nothing else."""
    entries = iter(tar)
    first = next(entries, None)
    if first is None or first.name != form.DESCRIPTION or first.size > form.MOST_BYTES_OF_DESCRIPTION:
        raise BackupUnreadableError(detail="it does not begin with its description")
    description = _description(_content(tar, first).read())
    for kept in description.files:
        entry = next(entries, None)
        if entry is None or not entry.isreg() or (entry.name, entry.size) != (kept.name, kept.bytes):
            raise BackupUnreadableError(detail=f"“{kept.name}” is missing")
        name = f"{kept.name}.waiting" if kept.name == form.SETTINGS else kept.name
        _write(folder / name, _content(tar, entry), kept)
    if next(entries, None) is not None:
        raise BackupUnreadableError(detail="it holds more than it says")
    return description


def _description(data: bytes) -> form.Description:
    try:
        text = canonical.read_canonical(data, max_bytes=form.MOST_BYTES_OF_DESCRIPTION)
        read = form.Description.model_validate(text)
    except ValidationError as error:
        raise BackupUnreadableError(detail=" ".join(first_problem(error))) from None
    except ComityError as error:
        raise BackupUnreadableError(detail=str(error)) from None
    names = [each.name for each in read.files]
    if len(set(names)) < len(names) or not {form.DATABASE, form.LIST_OF_OBJECTS, form.SETTINGS} <= set(names):
        raise BackupUnreadableError(detail="its description names a file twice, or lacks one")
    return read


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = tar.extractfile(entry) if entry.isreg() else None
    if content is None:
        raise BackupUnreadableError(detail=f"“{entry.name[:80]}” is no file")
    return content


def _write(path: Path, source: IO[bytes], kept: form.Kept) -> None:
    durable.make_directories(path.parent)
    digest = sha256()
    with durable.new_file(path) as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
        if digest.hexdigest() != kept.sha256:
            raise BackupUnreadableError(detail=f"“{kept.name}” was changed")


def _fetch(key: str, source: Path, store: Path) -> bool:
    """Copy one object unchanged; whether that was possible. The hash in its name is that of its bytes."""
    named = _NAMED_BY_HASH.fullmatch(key.rpartition("/")[2])
    if not re.fullmatch(form.NAME, key) or not source.is_file() or source.is_symlink():
        return False
    with source.open("rb") as stream:
        if named and file_digest(stream, "sha256").hexdigest() != named[1]:
            return False
        stream.seek(0)
        durable.make_directories((store / key).parent)
        with durable.new_file(store / key, mode=0o400) as out:
            shutil.copyfileobj(stream, out, _BLOCK)
    return True


def _join_lists(own: Path, other: Path) -> None:
    lines = {line for each in (own, other) if each.is_file() for line in each.read_text("ascii").split()}
    own.unlink(missing_ok=True)
    if lines:
        with durable.new_file(own) as out:
            out.writelines(f"{line}\n".encode() for line in sorted(lines))


def _mark(folder: Path, description: form.Description, now: datetime) -> None:
    values = {
        "backup_made_at": description.made_at,
        "entries": description.entries,
        "restored_at": canonical.instant_text(now),
        "restore": secrets.token_hex(16),  # the same backup may be restored twice in a second
    }
    with durable.new_file(folder / RESTORED) as out:
        out.write(canonical.write(values))


def _place_database(folder: Path, description: form.Description) -> None:
    copy = folder / form.DATABASE
    if description.database == "sqlite":
        copy.rename(folder / "node.sqlite3")
        durable.sync_directory(folder)
        return
    with _as_node(folder):
        from comity.node.backups import snapshots

        snapshots.put_back(copy)
    copy.unlink()


@contextmanager
def _as_node(folder: Path) -> Iterator[None]:
    """The folder has its settings for as long as the database is made, and Django is set up for it."""
    os.link(folder / f"{form.SETTINGS}.waiting", folder / form.SETTINGS)
    try:
        start.prepare(folder)
        yield
    finally:
        (folder / form.SETTINGS).unlink()
