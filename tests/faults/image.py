"""What of a folder would be there after a power cut, at any moment.

On disk for certain is what a file held when it was last synced, and the names that a folder held when it was.
All that came later may be there or not: of a file each sector by itself, of a folder each name by itself.
That is what POSIX allows, and more than journalling file systems do.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

SECTOR = 512
IMAGE = ".after"
"""Ending of the folder in which an image is made."""
_MEMORY_ONLY = ("-shm",)
"""SQLite's index of its log: made anew from the log by whoever opens the database first."""
_Names = dict[str, int]


class Image:
    """Follows one folder from now on; what is there now is on disk."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._names: dict[str, _Names] = {}
        self._content: dict[int, bytes] = {}
        self._held: dict[int, int] = {}
        for folder, _, files in os.walk(root):
            self.sync(folder)
            for name in files:
                self.sync(os.path.join(folder, name))

    def sync(self, path: str) -> None:
        """A file's bytes, or a folder's names, are on disk."""
        if os.path.isdir(path):
            self._names[path] = self._listed(path)
            return
        try:
            with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
                self._content[self._number(path)] = file.read()
        except FileNotFoundError:
            pass  # without a name there is nothing to come back

    def after_cut(self, chance: random.Random, *, strict: bool | None = None) -> None:
        """Make the image: strictly what is on disk, or also some of what may be."""
        target = Path(f"{self.root}{IMAGE}")
        shutil.rmtree(target, ignore_errors=True)
        self._make(str(self.root), target, chance, strict=chance.random() < 0.5 if strict is None else strict)

    def _make(self, folder: str, target: Path, chance: random.Random, *, strict: bool) -> None:
        target.mkdir(mode=0o700)
        live = self._listed(folder) if os.path.isdir(folder) else {}
        sure = self._names.get(folder, {})
        for name in sorted({*live, *sure}):
            kept = sure.get(name)
            if not strict and live.get(name) != kept and chance.random() < 0.5:
                kept = live.get(name)
            if kept is None or name.endswith(_MEMORY_ONLY):
                continue
            path = os.path.join(folder, name)
            if kept < 0:
                self._make(path, target / name, chance, strict=strict)
                continue
            data = self._content.get(kept, b"")
            if not strict and live.get(name) == kept:
                data = _torn(data, _read(path), chance)
            (target / name).write_bytes(data)
            (target / name).chmod(0o600)

    def _listed(self, folder: str) -> _Names:
        """Names with the numbers of their files; -1 for a folder."""
        return {
            each.name: -1 if each.is_dir(follow_symlinks=False) else self._number(each.path)
            for each in os.scandir(folder)
        }

    def _number(self, path: str) -> int:
        """A file's inode, held so that no later file gets the same."""
        try:
            inode = os.stat(path, follow_symlinks=False).st_ino
        except FileNotFoundError:
            return 0
        if inode not in self._held:
            self._held[inode] = _open(path, os.O_PATH | os.O_NOFOLLOW)
        return inode


_open = os.open  # before anything else is hooked in


def _read(path: str) -> bytes:
    with os.fdopen(_open(path, os.O_RDONLY), "rb") as file:
        return file.read()


def _torn(old: bytes, new: bytes, chance: random.Random) -> bytes:
    """Each sector as it was or as it is; so the length."""
    if old == new:
        return old
    size = chance.choice((len(old), len(new)))
    sectors = []
    for at in range(0, size, SECTOR):
        source = new if chance.random() < 0.5 else old
        sectors.append(source[at : at + SECTOR].ljust(SECTOR, b"\0"))
    return b"".join(sectors)[:size]
