"""Make a backup of a node that may be running (docs/operating.md, "Backups")."""

from __future__ import annotations

import io
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO

from django.db import connection

from comity import __version__, canonical
from comity.node import backed_up, durable, folders, store
from comity.node.backups import form, snapshots
from comity.node.config import NodeConfig
from comity.node.exchange.models import Letter, Stage
from comity.node.exhibits import destroyed
from comity.node.findings import Finding
from comity.node.ledger import sequencer, wall_clock
from comity.sealing import encryption
from comity.terms import ComityError, gettext_noop

_BLOCK = 1024 * 1024
_FOLDERS = ("keys", "national-trust")
KEPT_AT_LEAST = 7
"""Backups that stay whatever their age: a timer that stood still must not cost the last ones."""


class RecoveryKeyMissingError(ComityError):
    """Nobody made a key to which backups are encrypted."""

    code = "recovery_key_missing"
    message = gettext_noop("The node has no recovery key, so a backup could be read by anyone or by nobody.")
    next_step = gettext_noop("Make one and keep it offline: comity node recovery-key DIR")


class PlaceUnfitError(ComityError):
    """A backup inside the node's own folder is lost with it."""

    code = "backup_place_unfit"
    message = gettext_noop("{place} lies inside the node's folder.")
    next_step = gettext_noop("Name a folder on another disk or machine.")


class BackupDamagedError(ComityError):
    """What was written reads back otherwise."""

    code = "backup_damaged"
    message = gettext_noop("The backup was written and reads back otherwise; it was removed.")
    next_step = gettext_noop("Check the disk of the backup place, then back up again.")


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup: its file, entries of the ledger in it, objects in all and those copied now."""

    path: Path
    entries: int
    objects: int
    copied: int


def make(node: NodeConfig, place: Path, now: datetime) -> Made:
    """Back the node up into ``place`` and return when all of it is on that disk.

    Raise RecoveryKeyMissingError, PlaceUnfitError, DiskFullError, DatabaseNotCopiedError, BackupDamagedError;
    then no new backup stands in ``place``.
    """
    recipient = _recipient(node)
    if place.resolve().is_relative_to(node.folder):
        raise PlaceUnfitError(place=place)
    durable.make_directories(place)
    last = sequencer.latest()
    entries = last.size if last else 0
    with tempfile.TemporaryDirectory(dir=node.folder / "run", prefix="backup-") as temporary:
        moment = Path(temporary)
        snapshots.take(moment / form.DATABASE, lambda: _link_waiting(node, moment / "arriving"))
        count, copied = _copy_objects(node, place / form.OBJECTS, moment / form.LIST_OF_OBJECTS)
        files = dict(_files(node, moment))
        target = place / f"{node.id}-{now:%Y%m%dT%H%M%SZ}.backup.age"
        with durable.disk_told():
            _write(target, recipient, _described(node, files, entries, now), files)
        _keep_list_of_destroyed(node, place)
    backed_up.keep(node.folder, target.resolve(), now)
    return Made(target, entries, count, copied)


def prune(node: NodeConfig, place: Path, days: int, now: datetime) -> list[Path]:
    """Remove this node's backups in ``place`` that are older than ``days``; those that went.

    The latest KEPT_AT_LEAST stay however old they are, and all of them while the clock cannot be believed.
    Nothing but finished backups of this node is looked at; the stored objects beside them stay.
    """
    if wall_clock.step() is not None:
        return []
    named = re.compile(rf"{re.escape(node.id)}-(\d{{8}}T\d{{6}})Z\.backup\.age")
    times = {path: match[1] for path in place.iterdir() if (match := named.fullmatch(path.name))}
    old = f"{now - timedelta(days=days):%Y%m%dT%H%M%S}"
    latest_first = sorted(times, key=lambda path: times[path], reverse=True)
    gone = [path for path in latest_first[KEPT_AT_LEAST:] if times[path] < old]
    for path in gone:
        path.unlink()
    durable.sync_directory(place)
    return gone


def _recipient(node: NodeConfig) -> str:
    try:
        text = (node.keys / folders.RECOVERY_RECIPIENT).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise RecoveryKeyMissingError from None
    encryption.demand_recipient(text)
    return text


def _link_waiting(node: NodeConfig, target: Path) -> None:
    """Hold on to the containers that were acknowledged and are not opened yet; linking copies nothing."""
    target.mkdir()
    waiting = Letter.objects.filter(stage__in=(Stage.ACCEPTED, Stage.REFUSED)).exclude(travelling="")
    for name in waiting.values_list("travelling", flat=True).iterator():
        if (node.arriving / name).is_file():
            os.link(node.arriving / name, target / name)


def _copy_objects(node: NodeConfig, target: Path, listed: Path) -> tuple[int, int]:
    """Copy what the place lacks; how many objects there are, and how many were copied.

    After the database: each object that the copied rows name was stored before them. A bucket keeps its own.
    """
    count = copied = 0
    with listed.open("w", encoding="ascii") as out:
        for key in store.every_key() if node.objects is None else ():
            count += 1
            out.write(f"{key}\n")
            if not (target / key).is_file():
                copied += _copy_object(key, target / key)
    return count, copied


def _copy_object(key: str, target: Path) -> bool:
    durable.make_directories(target.parent)
    try:
        with store.open(key) as source, durable.new_file(target, mode=0o400) as out:
            shutil.copyfileobj(source, out, _BLOCK)
    except store.ObjectMissingError:  # destroyed since it was listed
        return False
    return True


def _files(node: NodeConfig, moment: Path) -> Iterator[tuple[str, Path]]:
    """Name and path of everything inside the backup; the settings last, without which nothing is a node."""
    yield form.DATABASE, moment / form.DATABASE
    yield form.LIST_OF_OBJECTS, moment / form.LIST_OF_OBJECTS
    for path in sorted((moment / "arriving").iterdir()):
        yield f"arriving/{path.name}", path
    for folder in _FOLDERS:
        for path in sorted((node.folder / folder).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(node.folder).as_posix(), path
    named = filter(None, map(form.held_as, node.named_files))
    for name in dict.fromkeys(["secret", destroyed.FILE, *named]):
        if (node.folder / name).is_file():
            yield name, node.folder / name
    yield form.SETTINGS, node.folder / form.SETTINGS


def findings(node: NodeConfig) -> Iterator[Finding]:
    """Each file that the node needs and no backup holds: a machine that is set up anew would lack it."""
    for setting, path, _ in form.left_out(node):
        text = f"{path} ({setting} in node.toml) is in no backup: put it into the folder or keep a copy"
        yield Finding("backups", text, note=True)


def _described(node: NodeConfig, files: dict[str, Path], entries: int, now: datetime) -> bytes:
    kept = []
    for name, path in files.items():
        with path.open("rb") as source:
            digest = file_digest(source, "sha256").hexdigest()
        kept.append({"name": name, "bytes": path.stat().st_size, "sha256": digest})
    return canonical.write(
        {
            "schema": "comity-backup/1",
            "node": node.id,
            "version": __version__,
            "made_at": canonical.instant_text(now),
            "database": connection.vendor,
            "entries": entries,
            "files": kept,
        }
    )


class _Hashed(io.RawIOBase):
    """Passes bytes on and hashes them."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.hash = out, sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # any buffer
        self.hash.update(data)
        return self.out.write(data)


def _write(target: Path, recipient: str, description: bytes, files: dict[str, Path]) -> None:
    with durable.new_file(target) as out:
        hashed = _Hashed(out)
        with (
            encryption.encrypting(hashed, [recipient]) as sealed,  # type: ignore[arg-type]  # writes only
            tarfile.open(fileobj=sealed, mode="w|", format=tarfile.PAX_FORMAT) as tar,  # type: ignore[call-overload]
        ):
            _add(tar, form.DESCRIPTION, io.BytesIO(description), len(description))
            for name, path in files.items():
                with path.open("rb") as source:
                    _add(tar, name, source, path.stat().st_size)
    with target.open("rb") as written:
        os.posix_fadvise(written.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # from the disk, not from memory
        if file_digest(written, "sha256").digest() != hashed.hash.digest():
            target.unlink()
            raise BackupDamagedError


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    tar.addfile(entry, source)


def _keep_list_of_destroyed(node: NodeConfig, place: Path) -> None:
    """The list beside the backups only grows, so that the next restore finds the latest."""
    known = place / destroyed.FILE
    lines = set(known.read_text("ascii").split()) if known.is_file() else set()
    new = {str(each) for each in destroyed.listed()} - lines
    if new:
        with known.open("a", encoding="ascii") as out:
            out.writelines(f"{each}\n" for each in sorted(new))
            out.flush()
            durable.sync(out.fileno())
