"""The disk under a node, seen at every call that changes it: the process, its power or the disk can end.

Receives the folder that is the disk, and one fault. Python's calls pass through hooks; SQLite's through its
own interface to the operating system, whose table of functions is copied with three of them replaced
(``sqlite3_vfs`` and ``sqlite3_io_methods`` of sqlite3.h). Nothing of the node's code is changed.
"""

from __future__ import annotations

import builtins
import ctypes
import errno
import io
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import volume
from tests.faults.database import SERVER
from tests.faults.image import Image

SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC, SQLITE_IOERR_TRUNCATE = 13, 778, 1034, 1546
LOG = "-wal"
"""SQLite syncs its log once more before it moves pages from it, and says nothing where that fails: what was
committed had been synced before.
"""
KILL, CUT, SHUT, FULL, BROKEN, SYNC, SET = "kill", "cut", "shut", "full", "broken", "sync", "set"
"""What may happen: the process is killed; the power fails, as the image says or a real file system does; no
room is left; writing fails; syncing fails; or the disk is sound and the machine's clock is set."""


@dataclass(frozen=True)
class Fault:
    """What happens before or after which call of a kind, counted within a deed.

    ``seed`` decides what a cut leaves of what was not synced, and by how much a clock is set.
    """

    deed: str
    call: str
    moment: int
    what: str
    seed: int = 0


class Disk:
    """Counts the moments of each deed, and lets the fault happen at its one."""

    def __init__(self, root: Path, fault: Fault | None, tell: Callable[[dict[str, Any]], None]) -> None:
        self.root, self.fault, self.tell = str(root), fault, tell
        self.deed = ""
        self.moments: Counter[str] = Counter()
        self.failing = False
        self.deaf: set[str] = set()
        """Syncs that a negative control leaves out: ``file``, ``folder``, ``database``."""
        self.unsynced: list[str] = []
        """What a sync that failed was of."""
        self._log_is_synced = False
        self.image = Image(root) if fault and fault.what in (CUT, SYNC) else None
        self.set_clock: Callable[[int], None] = lambda _: None
        self._busy = False

    def covers(self, path: str) -> bool:
        """Whether a path lies on this disk."""
        return path.startswith(self.root)

    def before(self, call: str, path: str) -> int:
        """A call is about to change the disk; the error number with which it fails, or 0."""
        if self._busy or not self.covers(path):
            return 0
        self._moment(call, path)
        if path.endswith(LOG) and call != "sync":
            self._log_is_synced = False
        if not self.failing or self.fault is None:
            return 0
        if self.fault.what == FULL:
            return errno.ENOSPC if call in ("write", "create", "link", "mkdir") else 0
        if self.fault.what == BROKEN:
            return errno.EIO if call in ("write", "create", "link", "rename", "truncate") else 0
        if call == "sync" and not (path.endswith(LOG) and self._log_is_synced):
            self.unsynced.append(path)
        return errno.EIO if call == "sync" else 0

    def after(self, call: str, path: str) -> None:
        """The call has changed it."""
        if not self._busy and self.covers(path):
            self._moment(call, path)

    def begin(self) -> None:
        """A deed begins."""
        if self.fault is not None and self.fault.what == SET:
            self._moment("begin", self.root)

    def synced(self, path: str) -> None:
        """What a file or folder holds is on disk now."""
        self._log_is_synced |= path.endswith(LOG)
        if self.image is not None and not self._busy and self.covers(path):
            self.image.sync(path)

    def _moment(self, call: str, path: str) -> None:
        if not self.deed:
            return
        this = f"{self.deed} {call}"
        self.moments[this] += 1
        fault = self.fault
        if fault is None or this != f"{fault.deed} {fault.call}" or self.moments[this] != fault.moment:
            return
        self._busy = True
        self.tell({"fault": fault.what, "deed": self.deed, "call": call})
        if fault.what == CUT and self.image is not None:
            self.image.after_cut(random.Random(fault.seed))
        if fault.what == SHUT:
            volume.cut(self.root, at_once=bool(fault.seed % 2))
        if fault.what in (KILL, CUT, SHUT):
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()
        if fault.what == SET:
            self.set_clock(fault.seed)
        self.failing, self._busy = fault.what != SET, False


_installed: list[_Sqlite] = []
"""SQLite holds pointers into it."""


def install(disk: Disk) -> None:
    """Let every call of this process pass by the disk; once in a process, before a database is opened."""
    _hook_names(disk)
    _hook_files(disk)
    watched = _Sqlite(disk)
    watched.register()
    _installed.append(watched)
    if SERVER:
        _hook_commits(disk)


def _hook_commits(disk: Disk) -> None:
    """What reaches a server's database: a moment before and one after each commit."""
    from django.db.backends.postgresql.base import DatabaseWrapper

    real = DatabaseWrapper._commit

    def through(self: Any) -> Any:
        disk.before("commit", disk.root)
        answer = real(self)
        disk.after("commit", disk.root)
        return answer

    DatabaseWrapper._commit = through


def _hook_names(disk: Disk) -> None:
    def hooked(name: str, call: str, which: int = 0) -> None:
        real = getattr(os, name)

        def through(*arguments: Any, **named: Any) -> Any:
            path = os.path.abspath(os.fsdecode(os.fspath(arguments[which])))
            if number := disk.before(call, path):
                raise OSError(number, os.strerror(number), path)
            answer = real(*arguments, **named)
            disk.after(call, path)
            return answer

        setattr(os, name, through)

    for name, call, which in (
        ("link", "link", 1),
        ("rename", "rename", 1),
        ("replace", "rename", 1),
        ("unlink", "unlink", 0),
        ("remove", "unlink", 0),
        ("mkdir", "mkdir", 0),
    ):
        hooked(name, call, which)
    real_open, real_sync = os.open, os.fsync

    def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_CREAT and not isinstance(path, int):
            where = os.path.abspath(os.fsdecode(os.fspath(path)))
            if number := disk.before("create", where):
                raise OSError(number, os.strerror(number), where)
        return real_open(path, flags, *more, **named)

    def synced(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if number := disk.before("sync", path):
            raise OSError(number, os.strerror(number), path)
        if ("folder" if os.path.isdir(path) else "file") not in disk.deaf:
            disk.synced(path)
            real_sync(descriptor)
        disk.after("sync", path)

    os.open, os.fsync = opened, synced  # type: ignore[assignment]


def _hook_files(disk: Disk) -> None:
    real_open = io.open

    class Raw(io.FileIO):
        def write(self, data: Any, /) -> int:
            path = os.readlink(f"/proc/self/fd/{self.fileno()}")
            if number := disk.before("write", path):
                super().write(bytes(data)[: len(data) // 2])  # a full disk takes what still fits
                raise OSError(number, os.strerror(number), path)
            written = super().write(data)
            disk.after("write", path)
            return written

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        if not set(mode) & set("wxa+"):
            return real_open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = Raw(file, mode.replace("b", "").replace("t", ""), closefd=closefd, opener=opener)
        if buffering == 0:
            return raw
        kind = io.BufferedRandom if "+" in mode else io.BufferedWriter
        buffered = kind(raw, buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE)
        if "b" in mode:
            return buffered
        return io.TextIOWrapper(buffered, encoding, errors, newline, line_buffering=buffering == 1)

    io.open = builtins.open = opened  # type: ignore[assignment]


_POINTER = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _POINTER, ctypes.c_int, _POINTER)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int)
_VFS_BYTES, _VFS_NAME, _VFS_OPEN, _VFS_DELETE = 168, 24, 40, 48
_METHODS, _AT_WRITE, _AT_TRUNCATE, _AT_SYNC = 19, 3, 4, 5
_CREATE, _JOURNALS = 0x4, 0x800 | 0x4000 | 0x80000
"""SQLITE_OPEN_CREATE; main journal, super-journal and write-ahead log."""


def _path(name: int) -> str:
    """SQLite keeps the pointer that it is given, so names are passed on as pointers."""
    return os.fsdecode(ctypes.string_at(name))


class _Sqlite:
    """SQLite's default way to the operating system, with the calls that change a file made visible."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.library = ctypes.CDLL("libsqlite3.so.0")
        self.library.sqlite3_vfs_find.restype = _POINTER
        self.real: int = self.library.sqlite3_vfs_find(None)
        self.paths: dict[int, str] = {}
        self.new: set[int] = set()
        self.tables: dict[int, Any] = {}
        self.kept: list[Any] = []

    def register(self) -> None:
        """Make it the default for every connection that is opened from now on."""
        table = ctypes.create_string_buffer(ctypes.string_at(self.real, _VFS_BYTES))
        name = ctypes.create_string_buffer(b"watched")
        base = ctypes.addressof(table)
        at = lambda offset: _POINTER.from_address(base + offset)  # noqa: E731
        self.real_open = _OPEN(at(_VFS_OPEN).value)
        self.real_delete = _DELETE(at(_VFS_DELETE).value)
        at(_VFS_NAME).value = ctypes.addressof(name)
        mine = _OPEN(self._open), _DELETE(self._delete)
        at(_VFS_OPEN).value = ctypes.cast(mine[0], _POINTER).value
        at(_VFS_DELETE).value = ctypes.cast(mine[1], _POINTER).value
        self.kept += [table, name, *mine]
        assert self.library.sqlite3_vfs_register(_POINTER(base), 1) == 0

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out: int) -> int:
        answer = self.real_open(self.real, name, file, flags, out)
        methods = _POINTER.from_address(file)
        if answer == 0 and name and methods.value:
            self.paths[file] = _path(name)
            if flags & _CREATE and flags & _JOURNALS:
                self.new.add(file)
            methods.value = ctypes.addressof(self._table(methods.value))
        return int(answer)

    def _delete(self, vfs: int, name: int, sync: int) -> int:
        self.disk.before("unlink", _path(name))
        answer = self.real_delete(self.real, name, sync)
        self.disk.after("unlink", _path(name))
        return int(answer)

    def _table(self, real: int) -> Any:
        if real not in self.tables:
            table = (_POINTER * _METHODS).from_buffer_copy(ctypes.string_at(real, 8 * _METHODS))
            mine = (
                (_AT_WRITE, _WRITE(self._write(_WRITE(table[_AT_WRITE])))),
                (_AT_TRUNCATE, _TRUNCATE(self._truncate(_TRUNCATE(table[_AT_TRUNCATE])))),
                (_AT_SYNC, _SYNC(self._sync(_SYNC(table[_AT_SYNC])))),
            )
            for place, function in mine:
                table[place] = ctypes.cast(function, _POINTER).value
            self.kept.append(mine)
            self.tables[real] = table
        return self.tables[real]

    def _write(self, real: Any) -> Any:
        def write(file: int, data: int, size: int, offset: int) -> int:
            path = self.paths[file]
            if number := self.disk.before("write", path):
                return SQLITE_FULL if number == errno.ENOSPC else SQLITE_IOERR_WRITE
            answer = int(real(file, data, size, offset))
            self.disk.after("write", path)
            return answer

        return write

    def _truncate(self, real: Any) -> Any:
        def truncate(file: int, size: int) -> int:
            if self.disk.before("truncate", self.paths[file]):
                return SQLITE_IOERR_TRUNCATE
            return int(real(file, size))

        return truncate

    def _sync(self, real: Any) -> Any:
        def sync(file: int, flags: int) -> int:
            path = self.paths[file]
            if self.disk.before("sync", path):
                return SQLITE_IOERR_FSYNC
            answer = int(real(file, flags))
            if "database" not in self.disk.deaf:
                self.disk.synced(path)
                if file in self.new:  # SQLite syncs the folder with the first sync of a log that it made
                    self.new.discard(file)
                    self.disk.synced(os.path.dirname(path))
            self.disk.after("sync", path)
            return answer

        return sync
