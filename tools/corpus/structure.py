"""Blocks to provisions with eIds; a marker that does not follow its predecessor is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.reading import Block, Repair, SourceError, article_mark, chapter_mark

# Point letters stand in mixed scripts: Cyrillic look-alikes are read as the Latin letter of the eId.
_LETTERS = str.maketrans("асеіһ", "acei" + "h")
_PARA = re.compile(r"(\d+)\.\s*(?=\S)")
_LETTERED = re.compile(r"([a-zасеіһ])\)\s*(?=\S)")
_ROMAN_ITEM = re.compile(r"([iі]{1,3}|[iі]v|v)\)\s*(?=\S)")
_UPPER_ITEM = re.compile(r"(I{1,3})\.\s*(?=\S)")
_NUMBERED_POINT = re.compile(r"(\d+)\)\s*(?=\S)")
_ROMAN = ("i", "ii", "iii", "iv", "v")


@dataclass
class Provision:
    """One addressable place of the text with what was repaired in it and what is wrong in its sense."""

    eid: str
    number: str
    first: int
    last: int
    text: str = ""
    closing: str = ""
    also: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)


@dataclass
class Part:
    """An article, or a part outside the articles: one file of the corpus."""

    id: str
    number: str
    heading: str
    chapter: str
    provisions: list[Provision]


def articles_of(blocks: list[Block], *, headings: bool, places: dict[int, dict[str, Any]]) -> list[Part]:
    """Cut the blocks at their heading marks and parse each article."""
    parts: list[Part] = []
    pending: list[Repair] = []  # of a chapter's heading; listed with the article it precedes
    chapter, queue = "", list(blocks)
    while queue:
        block = queue.pop(0)
        roman = chapter_mark(block.text)
        if roman:
            titled = queue.pop(0)
            chapter = f"{roman}. {titled.text}"
            pending = block.repairs + titled.repairs
            continue
        mark = article_mark(block.text)
        if mark is None:
            message = f"line {block.first}: expected the heading of an article, found {block.text[:60]!r}"
            raise SourceError(message)
        number, title = mark
        if int(number) != len(parts) + 1:
            message = f"line {block.first}: article {number} does not follow article {len(parts)}"
            raise SourceError(message)
        root = Provision(f"art_{number}", f"{number}-бап", block.first, block.last)
        root.repairs = pending + block.repairs
        pending = []
        if title:
            root.repairs.append(Repair("heading_line", block.first, block.text, root.number))
        elif headings:
            titled = queue.pop(0)
            title = titled.text
            root.repairs += titled.repairs
        body = []
        while queue and not _is_mark(queue[0]):
            body.append(queue.pop(0))
        parts.append(Part(root.eid, root.number, title or "", chapter, _Reader(root, places).read(body)))
    return parts


def _is_mark(block: Block) -> bool:
    return bool(article_mark(block.text) or chapter_mark(block.text))


def numbered_part(name: str, heading: str, blocks: list[Block]) -> Part:
    """A part outside the articles: unnumbered paragraphs are recitals, ``N.`` and ``N)`` are paragraphs."""
    provisions: list[Provision] = []
    counts = {"recital": 0, "para": 0}
    for block in blocks:
        match = _PARA.match(block.text) or _NUMBERED_POINT.match(block.text)
        kind = "para" if match else "recital"
        counts[kind] += 1
        if match and int(match[1]) != counts["para"]:
            message = f"line {block.first}: {match[0]!r} is out of sequence"
            raise SourceError(message)
        text = block.text[match.end() :] if match else block.text
        number = match[0].strip() if match else ""
        eid = f"{name}__{kind}_{counts[kind]}"
        provisions.append(Provision(eid, number, block.first, block.last, text, repairs=block.repairs))
    return Part(name, "", heading, "", provisions)


def notes_part(heading: str, blocks: list[Block]) -> Part:
    """The annex of interpretative notes: ``N.`` under lines that name the article they explain."""
    provisions: list[Provision] = []
    about = ""
    for block in blocks:
        match = _PARA.match(block.text)
        if match:
            eid = f"annex__note_{match[1]}"
            text = block.text[match.end() :]
            provisions.append(Provision(eid, f"{about} {match[0].strip()}", block.first, block.last, text))
            provisions[-1].repairs = block.repairs
        else:
            about = block.text
    return Part("annex", "", heading, "", provisions)


class _Reader:
    """Reads the body of one article: paragraphs, points, items, and words that belong to none of them."""

    def __init__(self, root: Provision, places: dict[int, dict[str, Any]]) -> None:
        self.root = root
        self.places = places
        self.provisions = [root]
        self.open: list[Provision] = [root]
        self.numbered = False
        self.counted = 0

    def read(self, body: list[Block]) -> list[Provision]:
        """All provisions of the article, the article itself first."""
        starts = [block for block in body if block.first not in self.places]
        self.numbered = any(_PARA.match(block.text) for block in starts)
        unmarked = sum(1 for block in starts if not self.numbered and _marker(block.text) is None)
        pointed = any(_marker(block.text) for block in body)
        self.counted = 0 if unmarked > 1 and not pointed else -1
        for block in body:
            self._take(block)
        for provision in self.provisions[1:]:
            if not self.numbered and self.counted < 0 and "__para_" not in provision.eid:
                provision.also.append(provision.eid.replace("__", "__para_1__", 1))
        if not self.numbered and self.counted < 0 and self.root.text:
            self.root.also.append(f"{self.root.eid}__para_1")
        return self.provisions

    def _take(self, block: Block) -> None:
        place = self.places.get(block.first)
        if place:
            self._put(block, place)
            return
        rest, started = block.text, False
        while found := _marker(rest):
            kind, sign, end = found
            if started and kind == "para":
                break
            opened = self._open(kind, sign, block, quiet=started)
            if opened is None:
                break
            rest, started = rest[end:], True
        if started:
            self.open[-1].text = rest
        else:
            self._unmarked(block)

    def _open(self, kind: str, sign: str, block: Block, *, quiet: bool) -> Provision | None:
        """Open the provision a marker starts; the marker must be the next one of its row."""
        if kind == "para":
            parent = self.root
            eid = f"{parent.eid}__para_{sign}"
        else:
            kind, parent, sign = self._row(kind, sign, block)
            eid = f"{parent.eid}__{kind}_{sign}"
        self._check_next(eid, sign, kind, block)
        shown = f"{sign})" if quiet else block.text.split()[0]
        opened = self._add(eid, shown, parent, block, quiet=quiet)
        if kind != "para" and not shown.lower().startswith(sign):
            opened.repairs.append(Repair("point_letter", block.first, shown, f"{sign})"))
        return opened

    def _row(self, kind: str, sign: str, block: Block) -> tuple[str, Provision, str]:
        """Whether ``i)`` is the letter after (h) or the first item below a point."""
        point = next((p for p in reversed(self.open) if _last_kind(p.eid) == "point"), None)
        if kind == "item" or (kind == "roman" and point is not None and not _follows(point.eid, sign)):
            if point is None:
                message = f"line {block.first}: item {sign!r} stands under no point"
                raise SourceError(message)
            return "item", point, sign
        above = next(p for p in reversed(self.open) if _last_kind(p.eid) in ("para", "art"))
        return "point", above, sign

    def _check_next(self, eid: str, sign: str, kind: str, block: Block) -> None:
        row, _, _ = eid.rpartition(f"_{sign}")
        earlier = [p.eid.removeprefix(row + "_") for p in self.provisions if p.eid.startswith(row + "_")]
        earlier = [s for s in earlier if "__" not in s]
        if sign != _after(earlier[-1] if earlier else None, kind, sign):
            message = f"line {block.first}: {sign!r} after {earlier[-1:]} in {row}: {block.text[:60]!r}"
            raise SourceError(message)

    def _add(
        self, eid: str, shown: str, parent: Provision, block: Block, *, quiet: bool = False
    ) -> Provision:
        opened = Provision(eid, shown, block.first, block.last)
        if quiet:
            opened.repairs, self.open[-1].repairs = self.open[-1].repairs, []
        else:
            opened.repairs = list(block.repairs)
        while self.open[-1] is not parent:
            self.open.pop()
        self.open.append(opened)
        self.provisions.append(opened)
        return opened

    def _unmarked(self, block: Block) -> None:
        """Words without a marker: a counted paragraph, opening words, or words that close a list."""
        if self.counted >= 0:
            self.counted += 1
            opened = self._add(f"{self.root.eid}__para_{self.counted}", "", self.root, block)
            opened.text = block.text
            return
        owner = self.open[-1]
        level = {"item": -2, "point": -2}.get(_last_kind(owner.eid), -1)
        self._append(self.open[level], block)

    def _append(self, owner: Provision, block: Block) -> None:
        has_children = any(p.eid.startswith(owner.eid + "__") for p in self.provisions)
        name = "closing" if has_children else "text"
        before = getattr(owner, name)
        setattr(owner, name, f"{before}\n{block.text}" if before else block.text)
        owner.repairs += block.repairs
        owner.last = max(owner.last, block.last)

    def _put(self, block: Block, place: dict[str, Any]) -> None:
        """A place given by hand, because the source shows no marker for it."""
        named = {p.eid: p for p in self.provisions}
        if "of" in place:
            self._append(named[place["of"]], block)
            return
        eid = place["eid"]
        parent = named[eid.rpartition("__")[0]]
        self.open = [self.root] if parent is self.root else [self.root, parent]
        opened = self._add(eid, place.get("number", ""), parent, block)
        opened.text = block.text
        opened.also = list(place.get("also", ()))


def _marker(text: str) -> tuple[str, str, int] | None:
    """The marker a block starts with: its kind, its normalised sign, where the words begin."""
    for kind, pattern in _patterns():
        match = pattern.match(text)
        if match:
            sign = match[1].lower().translate(_LETTERS)
            if kind == "item" and sign not in _ROMAN:
                continue
            if kind == "item" and len(sign) == 1:
                kind = "roman"  # "i)" may be the letter: its row decides
            return kind, sign, match.end()
    return None


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    yield "para", _PARA
    yield "item", _UPPER_ITEM
    yield "item", _ROMAN_ITEM
    yield "point", _LETTERED
    yield "point", _NUMBERED_POINT


def _last_kind(eid: str) -> str:
    return eid.rpartition("__")[2].partition("_")[0]


def _follows(eid: str, sign: str) -> bool:
    return chr(ord(eid.rpartition("_")[2][0]) + 1) == sign


def _after(last: str | None, kind: str, sign: str) -> str:
    """The sign that must follow ``last`` in a row of paragraphs, points or items."""
    if kind == "item":
        return _ROMAN[0 if last is None else _ROMAN.index(last) + 1]
    if sign.isdigit():
        return "1" if last is None else str(int(last) + 1) if last.isdigit() else "a number"
    return "a" if last is None else chr(ord(last) + 1)
