"""Reads citations as people write them: ``uncc 40(21)(b)``, ``UNCC art. 42``, ``40-бап``, ``ст. 46 UNCAC``.

Without an instrument's name the place is looked for in every instrument. What is no citation names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from comity.terms import Citation, CitationUnreadableError
from comity.treaties import folding
from comity.treaties.library import Library
from comity.treaties.references import find

_LETTERS = str.maketrans("авсеіһ", "abceih")
# "art. 40(21)(b)", "article 40 para. 21", "ст. 40 п. 21", "40 (21) b": an article and what is below it.
_ARTICLE = r"(?:articles?|art|a|статья|статьи|статье|ст)?\.?\s*"
_WORD = r"(?:paragraph|para|par|point|item|пункт|подпункт|пп|п|часть|ч)"
_BELOW = rf"(?:[\s,.]*{_WORD}?\.?\s*\(?([0-9]{{1,2}}|[a-zа-яіһ]{{1,5}})\)?)"
_PLACE = re.compile(rf"{_ARTICLE}([0-9]{{1,3}}){_BELOW}?{_BELOW}?{_BELOW}?", re.IGNORECASE)
LONGEST = 200
"""Characters that are read; a citation is shorter."""
_KINDS = ("para", "point", "item")


def read_citation(text: str, library: Library) -> tuple[Citation, ...]:
    """The places that a text can mean if it is a citation and nothing else; none otherwise."""
    bare = " ".join(folding.seen(text[:LONGEST]).split())
    exact = _exact(bare, library)
    if exact:
        return exact
    named, rest = _instrument(bare, library)
    instruments = [named] if named else list(library.by_priority)
    places = [place for one in instruments for place in _places(rest, one, library)]
    return tuple(dict.fromkeys(places))


def _exact(text: str, library: Library) -> tuple[Citation, ...]:
    """A citation in its own form, ``uncc:art_40``."""
    try:
        cited = Citation.parse(text.lower())
    except CitationUnreadableError:
        return ()
    return (library.provision(cited).citation,) if library.cite_exists(cited) else ()


def _instrument(text: str, library: Library) -> tuple[str | None, str]:
    """The instrument that a text names at either end by its id or short name, and what is left."""
    folded = text.casefold()
    for instrument, name in sorted(_names(library), key=lambda pair: -len(pair[1])):
        if re.match(rf"{re.escape(name)}(?=[\s:,]|$)", folded):
            return instrument, text[len(name) :].strip(" ,:")
        if re.search(rf"(?<=[\s,]){re.escape(name)}$", folded):
            return instrument, text[: -len(name)].strip(" ,:")
    return None, text


def _names(library: Library) -> Iterator[tuple[str, str]]:
    for one in library.instruments.values():
        for name in (one.id, one.id.replace("-", " "), *one.short.values()):
            yield one.id, name.casefold()


def _places(text: str, instrument: str, library: Library) -> Iterator[Citation]:
    if not text:
        return
    kazakh = find(text, Citation(instrument, "art_0"), library)
    if kazakh:
        if (kazakh[0].start, kazakh[-1].end) == (0, len(text)):
            yield kazakh[0].places[0]
        return
    written = _PLACE.fullmatch(text)
    if written:
        yield from _deepest(written, instrument, library)


def _deepest(written: re.Match[str], instrument: str, library: Library) -> Iterator[Citation]:
    """The place of these numbers and letters, if every one of them exists."""
    eid = f"art_{written[1]}"
    for part in written.groups()[1:]:
        if part is None:
            break
        value = part.casefold().translate(_LETTERS)
        tried = (f"{eid}__{kind}_{value}" for kind in _KINDS)
        below = next((one for one in tried if library.cite_exists(f"{instrument}:{one}")), None)
        if below is None:
            return
        eid = below
    if library.cite_exists(f"{instrument}:{eid}"):
        yield library.provision(f"{instrument}:{eid}").citation
