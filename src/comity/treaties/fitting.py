"""Which words of a vocabulary fit a word that was asked for, and how well.

Receives the folded words of all texts; returns those that fit with their grade.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum

from comity.treaties import folding

NEAR = 0.65
"""Share of the trigrams that two near words have in common (Dice)."""
_SAME_START = 4


class Grade(IntEnum):
    """How well a word of a text fits: the higher, the better."""

    NEAR = 1
    """Starts alike and shares most trigrams: тәркілеу and тәркіленген."""
    TYPED_PLAIN = 2
    """The same but for Kazakh letters: отиниш for өтініш."""
    OTHER_ENDING = 3
    """The same stem: өтінішті and өтініштің."""
    BEGINNING = 4
    """Begins as asked: серв and сервер."""
    WITH_ENDING = 5
    """What was asked, and endings: өтініш and өтініштің."""
    EXACT = 6


class Vocabulary:
    """The words of all texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._soft = _Spelling(self._words, folding.soft)
        self._plain = _Spelling(self._words, folding.plain)

    def fitting(self, asked: str) -> dict[str, Grade]:
        """The words that fit a folded word, each with its best grade."""
        found = self._certain(asked)
        if not found and (turned := folding.as_cyrillic(asked)):
            found = self._certain(turned)
        if not found:
            found = dict.fromkeys(self._plain.fitting(asked), Grade.TYPED_PLAIN)
        return dict.fromkeys(self._soft.near(asked), Grade.NEAR) | found

    def _certain(self, asked: str) -> dict[str, Grade]:
        found = self._soft.fitting(asked)
        return found | {asked: Grade.EXACT} if asked in self._words else found


class _Spelling:
    """All words under one way of spelling them."""

    def __init__(self, words: Iterable[str], spell: Callable[[str], str]) -> None:
        self._spell = spell
        self._spelt: defaultdict[str, list[str]] = defaultdict(list)
        for word in words:
            self._spelt[spell(word)].append(word)
        self._keys = sorted(self._spelt)
        self._full: defaultdict[str, list[str]] = defaultdict(list)
        self._having: defaultdict[str, list[str]] = defaultdict(list)
        for key in self._keys:
            if short := folding.elided(key):
                self._full[short].append(key)
            for gram in folding.trigrams(key):
                self._having[gram].append(key)

    def fitting(self, asked: str) -> dict[str, Grade]:
        """Words that begin as the one asked for, and words of the same stem."""
        key = self._spell(asked)
        found: dict[str, Grade] = {}
        for stem in self._stems(key):
            for other in self._beginning(stem):
                if folding.is_ending(other[len(stem) :]):
                    found |= dict.fromkeys(self._spelt[other], Grade.OTHER_ENDING)
        if len(key) > 1:
            for other in self._beginning(key):
                ending = folding.is_ending(other[len(key) :])
                found |= dict.fromkeys(self._spelt[other], Grade.WITH_ENDING if ending else Grade.BEGINNING)
        return found

    def near(self, asked: str) -> Iterator[str]:
        """Words that start alike and share most trigrams."""
        key = self._spell(asked)
        grams = folding.trigrams(key)
        shared: defaultdict[str, int] = defaultdict(int)
        for gram in grams:
            for other in self._having.get(gram, ()):
                shared[other] += 1
        for other, count in shared.items():
            alike = len(key) >= _SAME_START and other[:_SAME_START] == key[:_SAME_START]
            if alike and 2 * count >= NEAR * (len(grams) + len(folding.trigrams(other))):
                yield from self._spelt[other]

    def _stems(self, key: str) -> set[str]:
        """The stems that the word asked for may be a form of, with a vowel dropped or put back."""
        stems = {key}
        for length in range(2, len(key)):
            stem = key[:length]
            if folding.is_ending(key[length:]) and (length > 2 or stem in self._spelt):
                stems |= {stem, *self._full.get(stem, ())}
        return stems | {short for stem in stems if (short := folding.elided(stem))}

    def _beginning(self, stem: str) -> Iterator[str]:
        for n in range(bisect_left(self._keys, stem), len(self._keys)):
            if not self._keys[n].startswith(stem):
                return
            yield self._keys[n]
