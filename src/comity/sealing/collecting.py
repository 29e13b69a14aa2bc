"""Collects the files to be sealed from paths and folders; no link is followed (docs/sealing.md, clause 2.5).

Receives paths and what a list says of them; returns files that are opened one at a time; never writes.
"""

from __future__ import annotations

import mimetypes
import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

from pydantic import Field, ValidationError

from comity import canonical
from comity.sealing.container import PackageFile
from comity.shapes import Sha256Hex, Shape, first_problem
from comity.terms import ComityError, gettext_noop

_OTHER = "application/octet-stream"
_TYPES = mimetypes.MimeTypes(filenames=())
"""The media types that Python itself knows: the same on every machine."""


class SourceUnreadableError(ComityError):
    """A path that cannot be sealed: missing, a link, a device, not permitted."""

    code = "source_unreadable"
    message = gettext_noop("“{path}” cannot be sealed: {reason}.")
    next_step = gettext_noop("Give files and folders that exist; links are not followed.")


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


def from_paths(paths: Iterable[Path]) -> Iterator[PackageFile]:
    """Each file under its own name; what a folder holds under the folder's name, in a stable order."""
    for path in paths:
        kind = _kind(path)
        if stat.S_ISREG(kind):
            yield _file(path, path.name)
        elif stat.S_ISDIR(kind):
            base = path.absolute()
            for inner in sorted(_walk(path)):
                yield _file(inner, f"{base.name}/{inner.relative_to(path).as_posix()}")
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
        yield PackageFile(file.name, file.media_type, _opener(folder / file.path), sha256=file.sha256)


def _walk(folder: Path) -> Iterator[Path]:
    for inner in folder.iterdir():
        kind = _kind(inner)
        if stat.S_ISDIR(kind):
            yield from _walk(inner)
        elif stat.S_ISREG(kind):
            yield inner
        else:
            raise SourceUnreadableError(path=inner, reason="it is a link or no ordinary file")


def _kind(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError as error:
        raise SourceUnreadableError(path=path, reason=error.strerror) from None


def _file(path: Path, name: str) -> PackageFile:
    composed = unicodedata.normalize("NFC", name)
    return PackageFile(composed, _TYPES.guess_type(path.name)[0] or _OTHER, _opener(path))


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
        except OSError as error:
            raise SourceUnreadableError(path=path, reason=error.strerror) from None

    return opened
