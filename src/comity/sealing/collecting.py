"""Collects the files to be sealed from paths and folders; no link is followed (docs/sealing.md, clause 2.5).

Receives paths and what a list says of them; returns files that are opened one at a time; never writes.
"""

from __future__ import annotations

import io
import mimetypes
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, cast

from pydantic import Field, ValidationError

from comity import canonical
from comity.sealing.ahead import Way
from comity.sealing.sources import PackageFile, SourceUnreadableError
from comity.sealing.walking import Ahead, walk
from comity.shapes import Sha256Hex, Shape, first_problem
from comity.terms import ComityError, gettext_noop

_OTHER = "application/octet-stream"
_TYPES = mimetypes.MimeTypes(filenames=())
"""The media types that Python itself knows: the same on every machine."""


class ListUnreadableError(ComityError):
    """A list of files that does not have the form it should."""

    code = "list_unreadable"
    message = gettext_noop("The list “{path}” cannot be read: {where}: {why}.")
    next_step = gettext_noop("See “comity seal --help” for its form.")


class ListedFile(Shape):
    """What a list says of one file: where it is, and how it is called in the package."""

    path: str
    name: str
    media_type: str = _OTHER
    sha256: Sha256Hex | None = None


class FileList(Shape):
    """The content of ``--manifest``: files by path, and free words about the package."""

    about: dict[str, object] = Field(default_factory=dict)
    files: list[ListedFile] = Field(default_factory=list)


def from_paths(paths: Iterable[Path], ahead: Ahead | None = None) -> Iterator[PackageFile]:
    """Each file under its own name; what a folder holds under the folder's name, in a stable order.

    What is under folders that are being walked ``ahead`` is taken from there.
    """
    for path in paths:
        found = _found(path)
        if stat.S_ISREG(found.st_mode):
            yield _file(str(path), path.name, path.name, found.st_size)
        elif stat.S_ISDIR(found.st_mode):
            yield from _under(path, ahead)
        else:
            raise SourceUnreadableError(path=path, reason="it is neither a file nor a folder")


def read_list(path: Path) -> FileList:
    """Read a ``--manifest`` list strictly."""
    try:
        return FileList.model_validate(canonical.read(path.read_bytes()))
    except OSError as error:
        raise SourceUnreadableError(path=path, reason=error.strerror) from None
    except ValidationError as error:
        where, why = first_problem(error)
        raise ListUnreadableError(path=path, where=where, why=why) from None


def read_paths(path: Path) -> list[Path]:
    """Read a ``--files-from`` list: UTF-8 text, one path a line, empty lines passed over."""
    try:
        return [Path(line) for line in path.read_text("utf-8").splitlines() if line]
    except OSError as error:
        raise SourceUnreadableError(path=path, reason=error.strerror) from None
    except ValueError:
        raise ListUnreadableError(path=path, where="document", why="it is not UTF-8 text") from None


def from_list(listed: FileList, folder: Path) -> Iterator[PackageFile]:
    """The files of a list, whose paths start from ``folder``; one with a digest must have it."""
    for file in listed.files:
        path = str(folder / file.path)
        yield PackageFile(file.name, file.media_type, _Opener(path), sha256=file.sha256, path=path)


def _under(path: Path, ahead: Ahead | None) -> Iterator[PackageFile]:
    """The ordinary files under a folder in the order of their names, part by part."""
    folder, name = str(path), path.absolute().name
    named = len(os.fsencode(folder))
    try:
        for inside, files in walk(folder) if ahead is None else ahead.under(folder):
            place, called = f"{folder}/{inside}", f"{name}/{inside}"
            for inner, size in files:
                yield _file(place + inner, called + inner, inner, size, named)
    except OSError as error:
        raise SourceUnreadableError(path=error.filename, reason=error.strerror) from None


def _found(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except OSError as error:
        raise SourceUnreadableError(path=path, reason=error.strerror) from None


def _file(path: str, name: str, last: str, size: int, named: int = 0) -> PackageFile:
    """A file that lies at ``path``, in a folder that was ``named``; ``last`` is the last part of its name."""
    composed = name if name.isascii() else unicodedata.normalize("NFC", name)
    dot = last.find(".", 1)
    media_type = _media_type(last[dot:] if dot > 0 else "")
    return PackageFile(composed, media_type, _Opener(path, named), size, None, path, named)


@lru_cache(maxsize=1024)
def _media_type(ending: str) -> str:
    return _TYPES.guess_type(f"x{ending}")[0] or _OTHER


class _Opener:
    """Opens a file when it is called: smaller than a function, where there are a hundred thousand."""

    __slots__ = ("_named", "_path")

    def __init__(self, path: str, named: int = 0) -> None:
        self._path, self._named = path, named

    def __call__(self) -> IO[bytes]:
        way = Way()
        try:
            handle = way.opened(os.fsencode(self._path), self._named)
            return cast("IO[bytes]", io.FileIO(handle, "rb"))
        except OSError as error:
            raise SourceUnreadableError(path=self._path, reason=error.strerror) from None
        finally:
            way.close()
