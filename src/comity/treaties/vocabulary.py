"""The closed lists that data, code, API and letters share, from ``law/vocabulary``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from babel import Locale
from babel.core import get_global

from comity.treaties.mistakes import WordListWrongError
from comity.treaties.toml import read_all

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
    for table in read_all(folder):
        table.only("ids", "meaning")
        ids = table.words("ids")
        twice = sorted({word for word in ids if ids.count(word) > 1})
        if not ids or twice:
            table.wrong(WordListWrongError, "ids", words=", ".join(twice) or "it is empty")
        meanings = table.table("meaning")
        odd = sorted(meanings.keys() ^ set(ids)) if meanings else []
        if meanings and odd:
            meanings.wrong(WordListWrongError, words=", ".join(odd))
        explained = {word: meanings.take(word, str) or "" for word in ids} if meanings else {}
        lists[table.path.stem] = WordList(ids, MappingProxyType(explained))
    return MappingProxyType(lists)


@lru_cache(maxsize=1024)
def is_state(code: str) -> bool:
    """Whether a code can stand for a State: ISO 3166-1 alpha-2, ``EU``, or ``XA`` to ``XZ`` for tests."""
    if len(code) != 2 or not code.isascii() or not code.isalpha() or not code.isupper():
        return False
    return code[0] == "X" or (code in Locale("en").territories and code not in _NOT_ISO)


def likely_state(text: str) -> str:
    """The code that a text probably means: small letters, three letters, a name; else an example of one."""
    wanted = text.strip()
    if is_state(wanted.upper()):
        return wanted.upper()
    aliases = get_global("territory_aliases").get(wanted.upper(), ())
    for language in ("en", "kk", "ru"):
        names = Locale(language).territories.items()
        aliases = [*aliases, *(code for code, name in names if name.casefold() == wanted.casefold())]
    return next((code for code in aliases if is_state(code)), "KZ")


def state_name(code: str, language: str) -> str:
    """The name of a State in a language, neutral as CLDR gives it; the code where there is none."""
    return Locale(language).territories.get(code, code) if code[0] != "X" else code
