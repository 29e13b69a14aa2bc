"""Which entry names are safe, and which cannot be kept apart (docs/sealing.md, clause 2.4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from comity.sealing.refusals import EntryDuplicatedError, NameClashError, NameUnsafeError

LONGEST = 512
"""Bytes of a name in UTF-8."""
MIMETYPE = "mimetype"
SIGNATURE_FOLDER = "META-INF/"
COMITY_FOLDER = "_comity/"
DISCLOSED = "_comity/disclosed.json"
"""The proofs of the files in a disclosed package (clause 14.2)."""
_CONTROLS = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
"""Unicode categories that deceive the eye or cannot be written: control, format (also the bidirectional
overrides), surrogate, unassigned, line and paragraph separators."""
_JOINERS = {"\u200c", "\u200d"}
"""Format characters that Persian and Indic spelling needs."""


_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
"""Names of which nothing further needs to be asked: most of a hundred thousand."""


def check(name: str) -> None:
    """Raise NameUnsafeError unless the name is a relative path that stays inside its folder."""
    if len(name) <= LONGEST and _PLAIN.fullmatch(name):
        return
    parts = name.split("/")
    characters = set(name) - _JOINERS
    unsafe = (
        not name
        or len(name.encode("utf-8", "surrogatepass")) > LONGEST
        or any(part in {"", ".", ".."} or part != part.strip() for part in parts)
        or any(unicodedata.category(character) in _CONTROLS for character in characters)
        or bool(characters & set('\\:*?"<>|'))
    )
    if unsafe:
        raise NameUnsafeError(name=name.encode("unicode_escape").decode("ascii"))


_RESERVED = SIGNATURE_FOLDER.lower(), COMITY_FOLDER.lower()
_RESERVED_FIRST = "m", "M", "_"
"""One of these a reserved name begins with; most names need not be folded for it."""


def is_reserved(name: str) -> bool:
    """Whether the name belongs to the container itself (clause 2.1)."""
    if name.isascii() and not name.startswith(_RESERVED_FIRST):
        return False
    folded = _fold(name)
    return folded == MIMETYPE or folded.startswith(_RESERVED)


def check_together(names: Iterable[str]) -> None:
    """Raise when two names are the same, or the same on a file system that folds case or Unicode form."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    known: set[str] = set()
    for name in names:
        folded = _fold(name)
        if folded in files:
            if files[folded] == name:
                raise EntryDuplicatedError(name=name)
            raise NameClashError(name=name, other=files[folded])
        files[folded] = name
        if name.rpartition("/")[0] in known:
            continue
        for folder in _new_folders(name, known):
            if folders.setdefault(_fold(folder), folder) != folder:
                raise NameClashError(name=folder, other=folders[_fold(folder)])
            known.add(folder)
    for folded in files.keys() & folders.keys():
        raise NameClashError(name=files[folded], other=folders[folded])


def _new_folders(name: str, known: set[str]) -> list[str]:
    """The folders above a name, from the top, that are not known yet."""
    new = []
    folder = name.rpartition("/")[0]
    while folder and folder not in known:
        new.append(folder)
        folder = folder.rpartition("/")[0]
    return new[::-1]


def _fold(name: str) -> str:
    if name.isascii():
        folded = name.lower()
        return name if folded == name else folded  # the same text is kept once
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
