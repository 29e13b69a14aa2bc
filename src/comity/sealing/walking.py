"""Finds the files under folders, ahead of what seals them: that takes as long to load as many are to find.

Receives folders; gives the ordinary files of each and their sizes, in a stable order; opens no file and
follows no link. Run by its path, with nothing loaded but what it needs: `python walking.py FOLDER...`.
"""

from __future__ import annotations

import errno
import marshal
import os
import stat
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from types import TracebackType
from typing import IO

Found = tuple[str, list[tuple[str, int]]]
"""A folder, as the path from where the walk began (empty, or ended by a slash), and files in it that follow
each other: name and size."""


def walk(folder: str, inside: str = "") -> Iterator[Found]:
    """The ordinary files under a folder in the order of their names, part by part. Raise OSError."""
    with os.scandir(f"{folder}/{inside}") as there:
        ordered = sorted(there, key=attrgetter("name"))
    files: list[tuple[str, int]] = []
    for inner in ordered:
        if inner.is_file(follow_symlinks=False):
            files.append((inner.name, inner.stat(follow_symlinks=False).st_size))
        elif inner.is_dir(follow_symlinks=False):
            if files:
                yield inside, files
                files = []
            yield from walk(folder, f"{inside}{inner.name}/")
        else:
            raise OSError(errno.EINVAL, "it is a link or no ordinary file", inner.path)
    if files:
        yield inside, files


class Ahead:
    """A process that walks folders meanwhile. Where it fails, the walk is done here and says why."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Begin with the folders among them, where memory that has no name can be shared (Linux)."""
        folders = [path for path in paths if _is_folder(path)] if sys.platform == "linux" else []
        self._folders = deque(folders)
        self._process: subprocess.Popen[bytes] | None = None
        self._found: IO[bytes] | None = None
        if folders:
            self._found = os.fdopen(os.memfd_create("comity-found"), "w+b")
            encoding = f"utf8={sys.flags.utf8_mode}"  # names are read as they are here
            command = [sys.executable, "-I", "-S", "-X", encoding, __file__, *folders]
            with suppress(OSError):
                self._process = subprocess.Popen(  # noqa: S603  this program's own file
                    command, stdin=subprocess.DEVNULL, stdout=self._found, stderr=subprocess.DEVNULL
                )

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, whatever it has found."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._found is not None:
            self._found.close()

    def under(self, folder: str) -> Iterator[Found]:
        """What ``walk`` finds; in the order in which the folders were given. Raise OSError."""
        if (
            self._process is None
            or self._found is None
            or not self._folders
            or self._folders.popleft() != folder
        ):
            self._folders.clear()
            yield from walk(folder)
            return
        if self._process.returncode is None:
            self._process.wait()
            self._found.seek(0)
        if self._process.returncode:
            yield from walk(folder)
            return
        while (found := marshal.load(self._found)) is not None:  # noqa: S302  of this program's own process
            yield found


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False  # told where it is collected


def _main(folders: Sequence[str]) -> None:
    for folder in folders:
        for found in walk(folder):
            marshal.dump(found, sys.stdout.buffer)
        marshal.dump(None, sys.stdout.buffer)


if __name__ == "__main__":
    _main(sys.argv[1:])
