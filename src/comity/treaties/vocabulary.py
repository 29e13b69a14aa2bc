"""The closed lists that data, code, API and letters share, from ``law/vocabulary``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale

from comity.treaties.toml import read_toml

# Territories that CLDR names though ISO 3166-1 assigns them no code of a country.
_NOT_ISO = frozenset({"AC", "CP", "CQ", "DG", "EA", "EZ", "IC", "QO", "TA", "UN", "ZZ"})


@dataclass(frozen=True, slots=True)
class WordList:
    """One closed list: its ids in the order of the file, and what those mean that need saying (English)."""

    ids: tuple[str, ...]
    meaning: Mapping[str, str]


def read_vocabulary(folder: Path) -> Mapping[str, WordList]:
    """Name of a list to its words."""
    lists: dict[str, WordList] = {}
    for path in sorted(folder.glob("*.toml")):
        table = read_toml(path)
        table.only("ids", "meaning")
        ids = table.words("ids")
        if not ids or len(set(ids)) != len(ids):
            table.refuse("should list at least one id, each once")
        meanings = table.table("meaning")
        keys = meanings.keys() if meanings else frozenset()
        if meanings and keys != set(ids):
            meanings.refuse(f"should explain each id and no other: {', '.join(sorted(keys ^ set(ids)))}")
        explained = {word: meanings.need(word, str) for word in ids} if meanings else {}
        lists[path.stem] = WordList(ids, MappingProxyType(explained))
    return MappingProxyType(lists)


@lru_cache(maxsize=1024)
def is_state(code: str) -> bool:
    """Whether a code can stand for a State: ISO 3166-1 alpha-2, ``EU``, or ``XA`` to ``XZ`` for tests."""
    if len(code) != 2 or not code.isascii() or not code.isalpha() or not code.isupper():
        return False
    return code[0] == "X" or (code in Locale("en").territories and code not in _NOT_ISO)


def state_name(code: str, language: str) -> str:
    """The name of a State in a language, neutral as CLDR gives it; the code where there is none."""
    return Locale(language).territories.get(code, code) if code[0] != "X" else code
