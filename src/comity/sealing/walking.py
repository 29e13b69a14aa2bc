"""Finds the files under folders, ahead of what seals them: that takes as long to load as many are to find.

Receives folders; gives the ordinary files of each and their sizes, in a stable order; opens no file and
follows no link. Run by its path, with nothing loaded but what it needs: `python walking.py FOLDER...`.
"""

from __future__ import annotations

import _thread
import errno
import fcntl
import gc
import marshal
import os
import signal
import stat
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count
from operator import itemgetter
from types import TracebackType
from typing import IO, Any, cast

Found = tuple[str, list[tuple[str, int]]]
"""A folder, as the path from where the walk began (empty, or ended by a slash), and files in it that follow
each other: name and size."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How a folder is opened: not if a link came in its place."""
_MOST_HELD = 256
"""Folders inside each other that are held open; the name of what lies deeper is too long for a package."""
_PIPE = 1 << 20
"""Bytes that the process may be ahead: what it finds while the rest is loaded."""

_LENGTH = 4
"""Bytes that say how long what follows them is."""


def walk(folder: str) -> Iterator[Found]:
    """The ordinary files under a folder in the order of their names, part by part. Raise OSError.

    However deep they lie: what is too deep for a package is refused by its name. Each folder is opened in the
    one above, which is held open, so that none on the way is a link that came in its place.
    """
    held = [_opened(folder, "", folder, None)]
    try:
        begun = [("", _listed(held[-1], folder))]
        while begun:
            inside, left = begun[-1]
            files: list[tuple[str, int]] = []
            deeper = None
            for name, size in left:
                if size is None:
                    deeper = name
                    break
                files.append((name, size))
            if files:
                yield inside, files
            if deeper is None:
                begun.pop()
                if len(held) > len(begun):
                    os.close(held.pop())
            else:
                begun.append((f"{inside}{deeper}/", _below(folder, inside, deeper, held, len(begun))))
    finally:
        for handle in held:
            os.close(handle)


def _below(
    folder: str, inside: str, name: str, held: list[int], depth: int
) -> Iterator[tuple[str, int | None]]:
    """What the folder ``name`` holds; it is ``held`` open, unless it lies too deep for any package."""
    path = f"{folder}/{inside}{name}"
    if depth < _MOST_HELD:
        held.append(_opened(folder, inside + name, name, held[-1]))
        return _listed(held[-1], path)
    handle = os.open(path, _FOLDER)
    try:
        return _listed(handle, path)
    finally:
        os.close(handle)


def _opened(folder: str, inside: str, name: str, above: int | None) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=above)
    except OSError as error:
        path = f"{folder}/{inside}" if inside else folder
        raise OSError(error.errno, error.strerror, path) from None


def _listed(handle: int, folder: str) -> Iterator[tuple[str, int | None]]:
    """The names in a folder in their order, each with the size of an ordinary file or None for a folder."""
    found: list[tuple[str, int | None]] = []
    try:
        with os.scandir(handle) as there:
            for inner in there:
                if inner.is_file(follow_symlinks=False):
                    found.append((inner.name, inner.stat(follow_symlinks=False).st_size))
                elif inner.is_dir(follow_symlinks=False):
                    found.append((inner.name, None))
                else:
                    raise OSError(errno.EINVAL, "it is a link or no ordinary file", inner.name)
    except OSError as error:
        inside = error.filename if isinstance(error.filename, str) else ""
        raise OSError(error.errno, error.strerror, f"{folder}/{inside}") from None
    found.sort(key=itemgetter(0))
    return iter(found)


class Ahead:
    """A process that walks folders meanwhile; what it finds is taken while it goes on.

    Where it cannot be begun, or finds nothing, the walk is done here. It ends with this process, however that
    ends.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        """Begin with the folders among them."""
        self._folders = deque(path for path in paths if _is_folder(path))
        self._process: subprocess.Popen[bytes] | None = None
        if self._folders:
            encoding = f"utf8={sys.flags.utf8_mode}"  # names are read as they are here
            command = [sys.executable, "-I", "-S", "-X", encoding, __file__, *self._folders]
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            with suppress(OSError):
                self._process = subprocess.Popen(  # noqa: S603  this program's own file
                    command, stdin=pipe, stdout=pipe, stderr=nowhere
                )
                _widen(self._found)

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, whatever it has found."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    @property
    def _found(self) -> IO[bytes]:
        """Where the process says what it finds."""
        return cast("IO[bytes]", cast("subprocess.Popen[bytes]", self._process).stdout)

    def under(self, folder: str) -> Iterator[Found]:
        """What ``walk`` finds; in the order in which the folders were given. Raise OSError."""
        if self._process is None or not self._folders or self._folders.popleft() != folder:
            self._folders.clear()
            yield from walk(folder)
            return
        for n in count():
            match _told(self._found):
                case str(inside), list(files):
                    yield inside, files
                case int(number), str(why), str(path):
                    raise OSError(number, why, path)
                case None:
                    return
                case _ if n:
                    raise OSError(errno.ECHILD, "the process that listed it ended before its time", folder)
                case _:  # it could not do anything
                    yield from walk(folder)
                    return


def _told(found: IO[bytes]) -> object:
    """The next that the process says; nothing if it has ended."""
    size = int.from_bytes(found.read(_LENGTH), "big")
    data = found.read(size)
    return marshal.loads(data) if size and len(data) == size else ()  # noqa: S302  of this program's own


def _tell(found: Any) -> None:
    data = marshal.dumps(found)
    sys.stdout.buffer.write(len(data).to_bytes(_LENGTH, "big") + data)


def _widen(pipe: IO[bytes]) -> None:
    """Let the process be well ahead, where the system allows it."""
    with suppress(OSError, AttributeError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False  # told where it is collected


def _main(folders: Sequence[str]) -> None:
    _thread.start_new_thread(_end_with_parent, ())
    for folder in folders:
        try:
            for found in walk(folder):
                _tell(found)
                sys.stdout.flush()
        except OSError as error:
            _tell((error.errno, error.strerror, error.filename))
            return
        _tell(None)


def _end_with_parent() -> None:
    """Wait for the end of standard input, which stays open while the process lives that began this one."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody wants more
    gc.disable()  # nothing is garbage
    _main(sys.argv[1:])
