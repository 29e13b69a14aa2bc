"""Which entry names are safe, and which cannot be kept apart (docs/sealing.md, clause 2.4)."""

from __future__ import annotations

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


def check(name: str) -> None:
    """Raise NameUnsafeError unless the name is a relative path that stays inside its folder."""
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


def is_reserved(name: str) -> bool:
    """Whether the name belongs to the container itself (clause 2.1)."""
    folded = _fold(name)
    return folded == MIMETYPE or folded.startswith((_fold(SIGNATURE_FOLDER), _fold(COMITY_FOLDER)))


def check_together(names: Iterable[str]) -> None:
    """Raise when two names are the same, or the same on a file system that folds case or Unicode form."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name in names:
        folded = _fold(name)
        if folded in files:
            if files[folded] == name:
                raise EntryDuplicatedError(name=name)
            raise NameClashError(name=name, other=files[folded])
        files[folded] = name
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folders.setdefault(_fold(folder), folder) != folder:
                raise NameClashError(name=folder, other=folders[_fold(folder)])
    for folded in files.keys() & folders.keys():
        raise NameClashError(name=files[folded], other=folders[folded])


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
