"""The words of readable forms in each language: labels of ids, dates, States and citations.

Receives ids; returns text for people; never guesses a word it does not have: an unknown id is shown as it is.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, get_timezone_location

from comity.canonical import read_instant
from comity.terms import Citation

_USER_ASSIGNED = re.compile(r"AA|Q[M-Z]|X[A-Z]|ZZ")
"""Codes that ISO 3166-1 leaves to users: invented States in tests (Babel has private names for some)."""


class Language(StrEnum):
    """The languages of readable forms."""

    ENGLISH = "en"
    KAZAKH = "kk"
    RUSSIAN = "ru"


@cache
def _tables() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("labels.toml").read_text(encoding="utf-8"))


class Labels:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, section: str, id: str) -> str:
        """The label of an id of a section of labels.toml, or the id itself where it is unknown."""
        entry = _tables()[section].get(id)
        return entry[self.language] if entry else id

    def word(self, id: str) -> str:
        """A word or sentence of the forms themselves; a missing one is a fault of ours (KeyError)."""
        return _tables()["word"][id][self.language]

    def instant(self, text: str) -> str:
        """An instant in words, with its zone: ``22 November 2026, 03:12:00 UTC``."""
        pattern = _tables()["format"]["instant"][self.language]
        return format_datetime(read_instant(text), pattern, locale=self.language)

    def language_name(self, code: str) -> str:
        """A language's name by its ISO 639 code; one that CLDR does not name stays as it is."""
        return str(Locale(self.language).languages.get(code, code))

    def local(self, text: str, zone: str) -> str:
        """An instant by the clocks of a time zone: ``22 November 2026, 08:12:00 UTC+05:00, Almaty``."""
        at = read_instant(text).astimezone(ZoneInfo(zone))
        pattern = _tables()["format"]["instant"][self.language].replace("'UTC'", "'UTC'xxx")
        return f"{format_datetime(at, pattern, tzinfo=at.tzinfo, locale=self.language)}, {self.place(zone)}"

    def place(self, zone: str) -> str:
        """The place after which a time zone is named: ``Almaty``."""
        return str(get_timezone_location(zone, locale=self.language, return_city=True))

    def state(self, code: str) -> str:
        """A State's name by its ISO 3166-1 code; a code that no State has stays as it is."""
        if _USER_ASSIGNED.fullmatch(code):
            return code
        return str(Locale(self.language).territories.get(code, code))

    def citation(self, text: str) -> str:
        """A citation as it is read out: ``UNCC art. 42(3)(a)``, ``UNCC annex, note 3``."""
        return self._citation(Citation.parse(text), "citation")

    def short_citation(self, cited: Citation) -> str:
        """As it stands beside a sentence: ``UNCC 42(3)(a)`` in every language, ``UNCC annex, note 3``."""
        return self._citation(cited, "short_citation")

    def _citation(self, cited: Citation, of_article: str) -> str:
        (head, number), *rest = (part.partition("_")[::2] for part in cited.eid.split("__"))
        place = self._pattern(of_article if head == "art" else "place", head, number)
        for kind, number in rest:
            numbered = head == "art" and kind in _tables()[of_article]
            place += self._pattern(of_article if numbered else "part_of_place", kind, number)
        return f"{cited.instrument.upper()} {place}"

    def _pattern(self, table: str, kind: str, number: str) -> str:
        """A part of a citation; a kind without a word of its own is shown as it is."""
        words = _tables()[table].get(kind)
        number = number.replace("_", " ")
        if words:
            return words[self.language].format(number)
        return f", {kind} {number}" if table == "part_of_place" else f"{kind} {number}".strip()
