"""Words as search compares them: one case, one alphabet to a word, endings set apart.

Receives what people typed or a text holds; returns folded words; knows no treaty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:[-‐‑][^\W_]+)*")
_HYPHEN = re.compile(r"[-‐‑]")
_UNSEEN = re.compile("[\u00ad\u200b\u200c\u200d\ufeff]")
_CYRILLIC = re.compile(r"[\u0400-\u052f]")
# Latin letters, and the Azerbaijani ones of old fonts, that people type for Cyrillic ones of the same look.
_LOOK = str.maketrans("ABCEHIKMOPTXYaceihkmnoptxyəƏɵƟ", "АВСЕНІКМОРТХУасеіһкмпортхуәӘөӨ")
_SAME = str.maketrans("ё", "е")
# A stem's last consonant before a vowel: тармақ - тармағы, өтінішке - өтінішге, бап - бабы.
_SOFT = str.maketrans("ғгб", "қкп")
# As Kazakh is typed on a keyboard that lacks its letters: отиниш for өтініш.
_PLAIN = str.maketrans("әқңөұүһі", "акноуухи")
# A stem that drops its vowel before a possessive ending: мүлік - мүлкі, орын - орны.
_ELIDED = re.compile(r"(.+[лрн])[ыі]([қкн])")
# Endings of Kazakh nouns, softened: plural, possessive, case, and those of adjectives made from a case.
_ENDINGS = re.compile(
    r"(?:[лдт][ае]р)?(?:с?[ыі](?:м|ң)?(?:[ыі]з)?|м[ыі]з|ң[ыі]з)?"
    r"(?:[ндт][ыі]ң|[қк][ае]|н[ае]|[ае]|[дтн][ыі]|н|н?[дт][ае]|[дтн][ае]н|[мп]ен)?"
    r"(?:қ[ыі]|к[ыі])?(?:[лдт][ае]р)?(?:[ндт][ыі]ң|[қк][ае]|[дтн][ыі]|[дт][ае]|[дтн][ае]н|[мп]ен)?"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text: where it stands, folded; of a compound the parts, and the whole without hyphens."""

    start: int
    end: int
    parts: tuple[str, ...]
    whole: str

    @property
    def forms(self) -> tuple[str, ...]:
        """All under which it is found."""
        return self.parts if len(self.parts) == 1 else (*self.parts, self.whole)


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in its order."""
    for found in _WORD.finditer(text):
        parts = tuple(folded for part in _HYPHEN.split(found[0]) if (folded := fold(part)))
        if parts:
            yield Token(found.start(), found.end(), parts, "".join(parts))


def fold(word: str) -> str:
    """A word in small letters of one alphabet; ё as е; what is not seen taken out."""
    clean = seen(word)
    return (clean.translate(_LOOK) if _CYRILLIC.search(clean) else clean).casefold().translate(_SAME)


def seen(text: str) -> str:
    """A text without the characters that nobody sees, its letters whole."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def as_cyrillic(folded: str) -> str | None:
    """A folded word typed in Latin letters that all look like Cyrillic ones (``cot``), in Cyrillic."""
    turned = folded.translate(_LOOK)
    return turned if all(_CYRILLIC.match(letter) for letter in turned) and turned != folded else None


def soft(folded: str) -> str:
    """A folded word with the consonants that change at a stem's end made one."""
    return folded.translate(_SOFT)


def plain(folded: str) -> str:
    """A folded word without Kazakh letters, as people type it on another keyboard; softened too."""
    return soft(folded).translate(_PLAIN)


def elided(softened: str) -> str | None:
    """The stem with its vowel dropped: ``мүлк`` for ``мүлік``; None where none is dropped."""
    found = _ELIDED.fullmatch(softened)
    return found[1] + found[2] if found else None


def is_ending(rest: str) -> bool:
    """Whether softened letters behind a stem are endings of a Kazakh noun (or nothing)."""
    return _ENDINGS.fullmatch(rest) is not None


def trigrams(word: str) -> frozenset[str]:
    """The runs of three letters of a word that starts after two blanks."""
    padded = f"  {word}"
    return frozenset(padded[n : n + 3] for n in range(len(word)))
