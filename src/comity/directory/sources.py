"""Where a published directory lies: a folder, or a ZIP file of it. Every read is bounded."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Protocol

from comity.terms import ComityError, gettext_noop

NAME = re.compile(
    r"(?:[0-9]{1,9}\.)?(?:root|targets|snapshot|timestamp|[A-Z]{2})\.json"
    r"|targets/[A-Z]{2}/[0-9a-f]{64}\.[a-z0-9-]{1,64}\.json"
)
"""The only names that are ever read from a published folder, or written to one (DIRECTORY-5)."""


class SourceUnreadableError(ComityError):
    """A published directory cannot be read from where it should lie."""

    code = "directory_unreachable"
    temporary = True
    message = gettext_noop("The published directory cannot be read: {detail}.")
    next_step = gettext_noop("Entries verified before stay usable; try again, or ask the keeper for a disk.")


class SourceTooLargeError(ComityError):
    """A file of a published directory is larger than such a file may be."""

    code = "directory_too_large"
    message = gettext_noop("The file {name} of the directory is larger than {limit} bytes.")
    next_step = gettext_noop("Nothing was entered; tell the keeper.")


class Source(Protocol):
    """Reads one file of a published directory."""

    def read(self, name: str, limit: int) -> bytes | None:
        """The file's bytes, None where there is no such file; SourceTooLargeError above ``limit``."""


class Folder:
    """A published directory in a folder: a disk by courier, or a mounted share."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, name: str, limit: int) -> bytes | None:
        """See Source."""
        demand_name(name)
        try:
            with (self._path / name).open("rb") as file:
                return bounded(name, file.read(limit + 1), limit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SourceUnreadableError(detail=str(error.strerror)) from error


class Zip:
    """A published directory in one ZIP file: what is carried by a page's upload or by mail.

    Its files may lie in one folder of the ZIP file, as most programs pack a folder.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = zipfile.ZipFile(path)
            names = {entry.filename for entry in self._file.infolist()}
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise SourceUnreadableError(detail="it is no ZIP file") from error
        folders = [name.removesuffix("timestamp.json") for name in names if name.endswith("/timestamp.json")]
        self._under = folders[0] if len(folders) == 1 and "timestamp.json" not in names else ""
        self._names = names

    def read(self, name: str, limit: int) -> bytes | None:
        """See Source; what is inflated is bounded too."""
        demand_name(name)
        packed = f"{self._under}{name}"
        if packed not in self._names:
            return None
        try:
            with self._file.open(packed) as file:
                return bounded(name, file.read(limit + 1), limit)
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
            raise SourceUnreadableError(detail=f"{name} in the ZIP file is broken") from error


def of_path(path: Path) -> Source:
    """The source that a path names."""
    if path.is_dir():
        return Folder(path)
    if not path.exists():
        raise SourceUnreadableError(detail=f"there is no {path}")
    return Zip(path)


def demand_name(name: str) -> None:
    """Names come from metadata that others wrote: nothing but the names of a published folder is read."""
    if not NAME.fullmatch(name):
        raise SourceUnreadableError(detail=f"“{name[:80]}” is no name of a published file")


def bounded(name: str, data: bytes, limit: int) -> bytes:
    """The bytes, or SourceTooLargeError."""
    if len(data) > limit:
        raise SourceTooLargeError(name=name, limit=limit)
    return data
