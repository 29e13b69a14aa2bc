"""Source lines to blocks (heading marks, titles, paragraphs), with every repair listed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

INDENT = 5  # a paragraph of the sources starts with six spaces (some of them no-break)
_LETTER_SPACED = re.compile(r"(?:\S {1,2}){3,}\S")
_MIXED = re.compile(r"(?=\w*[A-Za-z])(?=\w*[\u0400-\u04ff])\w+")
_TO_CYRILLIC = str.maketrans("aceonpxyiATHIKMPCEOX", "асеопрхуіАТНІКМРСЕОХ") | {ord("n"): "п"}
_TO_ROMAN = str.maketrans("ІХ", "IX")
_ROMAN = re.compile(r"[IVXІХ]+")
_HYPHEN_GAP = re.compile(r"(?<=\w)- (?=[\u0430-\u04ff])")
_STRAY = re.compile(r"»\s*")
_BEFORE_SIGN = re.compile(r"(?<=\S)\s+(?=[,;:.](?:\s|$))")


class SourceError(Exception):
    """A source does not look as the corrections say, or a marker is out of sequence."""


@dataclass(frozen=True)
class Repair:
    """One mechanical change: its kind, the source line, the characters before and after."""

    kind: str
    at: int
    was: str
    now: str


@dataclass
class Line:
    """A line of the source by its number, after repairs inside the line."""

    number: int
    text: str
    indented: bool
    repairs: list[Repair] = field(default_factory=list)


@dataclass
class Block:
    """Lines that belong together: a paragraph, or a run of unindented lines."""

    text: str
    first: int
    last: int
    indented: bool
    repairs: list[Repair]


def read_lines(source: str, corrections: list[dict[str, Any]]) -> list[Line]:
    """Split, apply the listed corrections, then the general repairs of a line."""
    numbered = list(enumerate(source.split("\n"), start=1))
    listed: dict[int, list[Repair]] = {}
    for correction in sorted(corrections, key=lambda item: -int(item["line"])):
        numbered = _corrected(numbered, correction)
        repair = Repair(correction["kind"], correction["line"], correction["was"], correction["now"])
        listed.setdefault(correction["line"], []).insert(0, repair)
    lines = [_clean(number, text) for number, text in numbered]
    for line in lines:
        line.repairs[:0] = listed.pop(line.number, [])
    return lines


def _corrected(numbered: list[tuple[int, str]], correction: dict[str, Any]) -> list[tuple[int, str]]:
    first = next(i for i, (number, _) in enumerate(numbered) if number == correction["line"])
    height = correction["was"].count("\n") + 1
    old = "\n".join(text for _, text in numbered[first : first + height])
    if old.count(correction["was"]) != 1:
        times = old.count(correction["was"])
        message = f"line {correction['line']}: {correction['was']!r} stands there {times} times"
        raise SourceError(message)
    new = old.replace(correction["was"], correction["now"]).split("\n")
    return [*numbered[:first], *((correction["line"], text) for text in new), *numbered[first + height :]]


def _clean(number: int, raw: str) -> Line:
    spaced = raw.replace("\u00a0", " ")
    indented = len(spaced) - len(spaced.lstrip()) >= INDENT
    line = Line(number, spaced.strip(), indented)
    for repair in (_unspace_letters, _cyrillic_words, _plain_spaces, _stray_quotes, _closed_signs):
        repair(line)
    return line


def _unspace_letters(line: Line) -> None:
    """``м е м л е к е т т е р`` is a justified line: two spaces part words, one parts letters."""
    if _LETTER_SPACED.fullmatch(line.text):
        words = [word.replace(" ", "") for word in line.text.split("  ")]
        _change(line, "letter_spacing", line.text, " ".join(words))


def _cyrillic_words(line: Line) -> None:
    for word in _MIXED.findall(line.text):
        roman = _ROMAN.fullmatch(word)
        repaired = word.translate(_TO_ROMAN if roman else _TO_CYRILLIC)
        if repaired != word:
            _change(line, "mixed_alphabets", word, repaired)


def _plain_spaces(line: Line) -> None:
    for gap in re.findall(r"\S+ {2,}\S+", line.text):
        _change(line, "spaces", gap, re.sub(r" +", " ", gap))
    line.text = re.sub(r" {2,}", " ", line.text)
    for gap in re.findall(r"\S*\w- [\u0430-\u04ff]\S*", line.text):
        _change(line, "hyphen_gap", gap, _HYPHEN_GAP.sub("-", gap))


def _stray_quotes(line: Line) -> None:
    for sign in re.findall(r"\S*»\S*", line.text):
        if "«" not in line.text:
            _change(line, "stray_sign", sign, _STRAY.sub(" ", sign).strip())


def _closed_signs(line: Line) -> None:
    for gap in re.findall(r"\S+ +[,;:.](?=\s|$)", line.text):
        _change(line, "sign_gap", gap, gap.replace(" ", ""))


def _change(line: Line, kind: str, was: str, now: str) -> None:
    line.text = line.text.replace(was, now, 1)
    line.repairs.append(Repair(kind, line.number, was, now))


def blocks_of(lines: list[Line]) -> list[Block]:
    """Join hard-wrapped lines: an indented line starts a paragraph, the next unindented ones go on with it.

    A page break (empty lines) inside a paragraph does not end it unless what follows is a heading
    mark; unindented text after an unindented block or a mark is a block of its own.
    """
    blocks: list[Block] = []
    gap = False
    for line in lines:
        if not line.text:
            gap = True
            continue
        last = blocks[-1] if blocks else None
        joins = last is not None and not line.indented and not is_mark(line.text) and not is_mark(last.text)
        if joins and last is not None and (last.indented or not gap):
            _join(last, line)
        else:
            blocks.append(Block(line.text, line.number, line.number, line.indented, list(line.repairs)))
        gap = False
    return [_count_breaks(block) for block in blocks]


def _join(block: Block, line: Line) -> None:
    tight = line.text[0] in ".,;:" or (line.text[0] == "-" and line.text[1:2].isalpha())
    if re.search(r"\w[-/]$", block.text) and line.text[0].isalpha():
        tight = True
    block.text += ("" if tight else " ") + line.text
    block.last = line.number
    block.repairs.extend(line.repairs)


def _count_breaks(block: Block) -> Block:
    if block.last > block.first:
        height = f"{block.last - block.first + 1} lines"
        block.repairs.insert(0, Repair("line_breaks", block.first, height, "1 line"))
    return block


# Heading lines by the language of the text; outside Kazakh a title stands on a line of its own.
_ARTICLE = re.compile(r"(?P<kk>\d+)- ?бап(?: (?P<title>.+))?|(?P<word>Article|Статья) (?P<number>\d+)\.?")
_CHAPTER = re.compile(r"(?P<kk>[IVX]+) тарау\.?|(?:Chapter|Глава) (?P<number>[IVX]+)\.?")


def is_mark(text: str) -> bool:
    """Whether a line is ``40-бап``, ``Article 40`` or ``V тарау.``."""
    return bool(_ARTICLE.fullmatch(text) or _CHAPTER.fullmatch(text))


def article_mark(text: str) -> tuple[int, str, str | None] | None:
    """The number of an article's heading line, the line without its title, and a title on the same line."""
    match = _ARTICLE.fullmatch(text)
    if match is None:
        return None
    if match["kk"]:
        return int(match["kk"]), f"{match['kk']}-бап", match["title"]
    return int(match["number"]), f"{match['word']} {match['number']}", None


def chapter_mark(text: str) -> str | None:
    """The Roman number of a chapter's heading line."""
    match = _CHAPTER.fullmatch(text)
    return match["kk"] or match["number"] if match else None
