"""A file system of its own, in a file, that is shut down in the midst of writing as when its power fails.

ext4 on a loop device, mounted over a folder where this process alone sees it. ``EXT4_IOC_SHUTDOWN`` ends all
writing at once: what the kernel held in memory only is lost, and the next mount replays the journal.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import time
from pathlib import Path

from comity.terms import ComityError

MEGABYTES = 512
"""Sparse; a node refuses evidence while less than 64 MiB are left."""
_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32), fs/ext4/ext4.h
_AFTER_ITS_JOURNAL, _AT_ONCE = 1, 2  # EXT4_GOING_FLAGS_LOGFLUSH, EXT4_GOING_FLAGS_NOLOGFLUSH
_LOOP = 7
"""The major number of loop devices (Documentation/admin-guide/devices.txt)."""
_CLONE_NEWNS = 0x20000
_PATIENCE = 10.0


class NoVolumeError(ComityError):
    """This machine does not let us mount a file system."""

    code = "no_volume"
    message = "No file system can be mounted here: {reason}."
    next_step = "Run it as root on Linux where loop devices are permitted (not in an ordinary container)."


class Volume:
    """One file system in ``image``, mounted over ``folder`` until it is closed."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder
        _apart()
        self.renew()

    def renew(self) -> None:
        """Make it anew, empty."""
        self.close()
        with self.image.open("wb") as file:
            file.truncate(MEGABYTES << 20)
        _run("mkfs.ext4", "-q", "-F", str(self.image))
        self._mount()

    def again(self) -> None:
        """Unmount it and mount it: whole, or by its journal after a cut."""
        self.close()
        self._mount()

    def close(self) -> None:
        """Unmount it, once nobody holds a file of it any more."""
        deadline = time.monotonic() + _PATIENCE
        while self.folder.is_mount():
            try:
                _run("umount", str(self.folder))
            except NoVolumeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _mount(self) -> None:
        _run("mount", "-t", "ext4", "-o", "loop", str(self.image), str(self.folder))


def cut(folder: str, *, at_once: bool) -> None:
    """End the file system's power: at once, or after its journal of what it did so far was written.

    Only a loop device mounted there is ever touched: the same call would stop the machine's own disk.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    found = os.fstat(descriptor)
    assert os.path.ismount(folder), folder
    assert os.major(found.st_dev) == _LOOP, folder
    fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _AT_ONCE if at_once else _AFTER_ITS_JOURNAL))


def _apart() -> None:
    """What is mounted from now on is seen by this process and its children alone, and ends with them."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_CLONE_NEWNS):
        raise NoVolumeError(reason=os.strerror(ctypes.get_errno()))
    _run("mount", "--make-rprivate", "/")


def _run(name: str, *arguments: str) -> None:
    command = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if command is None:
        raise NoVolumeError(reason=f"{name} is not installed")
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoVolumeError(reason=done.stderr.strip() or f"{name} ended with {done.returncode}")
