"""Blocks to provisions with eIds; a marker that does not follow its predecessor is an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from corpus.markers import NUMBERED_POINT, PARAGRAPH, Marker, marker_of, must_follow, next_letter
from corpus.reading import Block, Repair, SourceError, article_mark, chapter_mark


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
        number, shown, title = mark
        if number != len(parts) + 1:
            message = f"line {block.first}: article {number} does not follow article {len(parts)}"
            raise SourceError(message)
        root = Provision(f"art_{number}", shown, block.first, block.last)
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
        match = PARAGRAPH.match(block.text) or NUMBERED_POINT.match(block.text)
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
        match = PARAGRAPH.match(block.text)
        if match:
            eid = f"annex__note_{match[1]}"
            text = block.text[match.end() :]
            provisions.append(Provision(eid, f"{about} {match[0].strip()}", block.first, block.last, text))
            provisions[-1].repairs = block.repairs
        else:
            about = block.text
    return Part("annex", "", heading, "", provisions)


class _Form(Enum):
    """How an article is divided at its first level."""

    NUMBERED = "paragraphs with numbers"
    COUNTED = "several paragraphs without numbers"
    SINGLE = "one paragraph without a number, which the article itself stands for"


class _Reader:
    """Reads the body of one article: paragraphs, points, items, and words that belong to none of them."""

    def __init__(self, root: Provision, places: dict[int, dict[str, Any]]) -> None:
        self.root = root
        self.places = places
        self.provisions = [root]
        self.open: list[Provision] = [root]
        self.form = _Form.SINGLE

    def read(self, body: list[Block]) -> list[Provision]:
        """All provisions of the article, the article itself first."""
        markers = [marker_of(block.text) for block in body if block.first not in self.places]
        if any(marker is not None and marker.kind == "para" for marker in markers):
            self.form = _Form.NUMBERED
        elif len(markers) > 1 and not any(markers):
            self.form = _Form.COUNTED
        for block in body:
            self._take(block)
        if self.form is _Form.SINGLE:
            self._name_the_single_paragraph()
        return self.provisions

    def _name_the_single_paragraph(self) -> None:
        """``art_3__para_1__point_b`` is understood for ``art_3__point_b``."""
        for provision in self.provisions:
            below = provision.eid.removeprefix(self.root.eid)
            provision.also.append(f"{self.root.eid}__para_1{below}")

    def _take(self, block: Block) -> None:
        place = self.places.get(block.first)
        marker = marker_of(block.text)
        if place:
            self._put(block, place)
        elif marker:
            self._divide(block, marker)
        else:
            self._unmarked(block)

    def _divide(self, block: Block, marker: Marker | None) -> None:
        """Open what the markers at the block's start open: one, or several as in ``12. a)``."""
        repairs, rest, first = list(block.repairs), block.text, True
        while marker and (first or marker.kind != "para"):
            opened = self._open(marker, block)
            if marker.kind != "para" and not marker.shown.lower().startswith(marker.sign):
                repairs.append(Repair("point_letter", block.first, marker.shown, f"{marker.sign})"))
            rest, first = rest[marker.end :], False
            marker = marker_of(rest)
        opened.text, opened.repairs = rest, repairs

    def _open(self, marker: Marker, block: Block) -> Provision:
        """Open the provision that a marker starts; the marker must be the next one of its row."""
        kind, parent = self._row(marker, block)
        row = f"{parent.eid}__{kind}_"
        before = [p.eid.removeprefix(row) for p in self.provisions if p.eid.startswith(row)]
        earlier = [sign for sign in before if "__" not in sign]
        if marker.sign != must_follow(earlier[-1] if earlier else None, kind, marker.sign):
            message = f"line {block.first}: {marker.sign!r} after {earlier[-1:]} in {parent.eid}"
            raise SourceError(message)
        return self._add(Provision(row + marker.sign, marker.shown, block.first, block.last), parent)

    def _row(self, marker: Marker, block: Block) -> tuple[str, Provision]:
        """The kind of provision that the marker starts and the one it divides."""
        if marker.kind == "para":
            return "para", self.root
        point = next((p for p in reversed(self.open) if _kind(p) == "point"), None)
        item = marker.kind == "item"
        if marker.kind == "either" and point is not None:
            item = marker.sign != next_letter(point.eid[-1])
        if not item:
            return "point", next(p for p in reversed(self.open) if _kind(p) in ("para", "art"))
        if point is None:
            message = f"line {block.first}: item {marker.sign!r} stands under no point"
            raise SourceError(message)
        return "item", point

    def _add(self, opened: Provision, parent: Provision) -> Provision:
        while self.open[-1] is not parent:
            self.open.pop()
        self.open.append(opened)
        self.provisions.append(opened)
        return opened

    def _unmarked(self, block: Block) -> None:
        """Words without a marker: a counted paragraph, opening words, or words that close a list."""
        if self.form is _Form.COUNTED:
            number = sum(1 for provision in self.provisions if provision.eid.count("__") == 1) + 1
            self._add(_whole(f"{self.root.eid}__para_{number}", "", block), self.root)
        elif _kind(self.open[-1]) in ("point", "item"):
            self._append(self.open[-2], block)
        else:
            self._append(self.open[-1], block)

    def _append(self, owner: Provision, block: Block) -> None:
        divided = any(p.eid.startswith(owner.eid + "__") for p in self.provisions)
        if divided:
            owner.closing = f"{owner.closing}\n{block.text}".strip()
        else:
            owner.text = f"{owner.text}\n{block.text}".strip()
        owner.repairs += block.repairs
        owner.last = max(owner.last, block.last)

    def _put(self, block: Block, place: dict[str, Any]) -> None:
        """A place given by hand, because the source shows no marker for it."""
        named = {provision.eid: provision for provision in self.provisions}
        if "of" in place:
            self._append(named[place["of"]], block)
            return
        parent = named[place["eid"].rpartition("__")[0]]
        self.open = [self.root] if parent is self.root else [self.root, parent]
        self._add(_whole(place["eid"], "", block), parent)


def _whole(eid: str, number: str, block: Block) -> Provision:
    """A provision whose words are the whole block."""
    return Provision(eid, number, block.first, block.last, block.text, repairs=list(block.repairs))


def _kind(provision: Provision) -> str:
    return provision.eid.rpartition("__")[2].partition("_")[0]
