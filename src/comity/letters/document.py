"""A readable document as blocks, and its typesetting as PDF/A-2a with PDF/UA-1 by typst.

Receives blocks of plain text; returns PDF bytes that are the same for the same blocks. The text of a
letter reaches the typesetter as data only, so nothing in it can become a command; signs that could
hide or reverse text, or that the fonts lack, are shown by their Unicode number.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import typst

from comity.canonical import read_instant
from comity.letters.labels import Language

_PIXELS_AN_INCH = 110.0
_ROOM = Path(str(resources.files(__package__)))
_SHOWN = (
    (0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x24F), (0x300, 0x36F), (0x400, 0x52F), (0x1E00, 0x1EFF),
    (0x2010, 0x2027), (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2100, 0x215F), (0x2212, 0x2212),
    (0x60C, 0x60C), (0x61B, 0x61B), (0x61E, 0x61F), (0x620, 0x6DC), (0x6DE, 0x6FF), (0x750, 0x77F),
)  # fmt: skip
"""What the font files have and what stays where it is put: no sign that sets a direction, none that is empty.

Letters of Noto Serif, which all its files have, and Arabic ones of Noto Naskh Arabic; these run from right to
left by their own nature, never by a control character, and each text is set apart in its own direction.
"""


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with their values, one pair a line."""

    rows: Sequence[tuple[str, str]]
    kind: str = "fields"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column headings; ``widths`` are shares of the line; ``mono`` columns are set for hashes."""

    columns: Sequence[str]
    widths: Sequence[int]
    rows: Sequence[Sequence[str]]
    mono: Sequence[int] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """Running text; a line feed begins a new paragraph."""

    text: str
    kind: str = "paragraphs"


@dataclass(frozen=True, slots=True)
class Worded:
    """One language's words: its ISO 639 code (empty where unknown), its name as a heading, the text."""

    language: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Beside:
    """An original and its translations: two side by side, more one after the other, each in its language."""

    texts: Sequence[Worded]
    kind: str = "beside"


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbered instructions."""

    texts: Sequence[str]
    kind: str = "steps"


Block = Fields | Table | Paragraphs | Beside | Steps


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. ``parties`` are the two corners of its head; ``marks`` stand out under the title."""

    language: Language
    title: str
    written_at: str
    footer: str
    sections: Sequence[Section]
    parties: Sequence[tuple[str, str, str]] = ()
    subtitle: str = ""
    marks: Sequence[str] = ()
    summary: Fields = field(default_factory=lambda: Fields(()))


def visible(text: str) -> str:
    """The text with every sign that cannot be shown faithfully replaced by its number: ``[U+202E]``."""
    return "".join(letter if _is_shown(letter) else f"[U+{ord(letter):04X}]" for letter in text)


def typeset(document: Document) -> bytes:
    """The document as PDF/A-2a and PDF/UA-1, dated by its ``written_at``."""
    made = _compile(document, pdf_standards=["a-2a", "ua-1"])
    return made if isinstance(made, bytes) else b"".join(made)


def typeset_pages(document: Document) -> list[bytes]:
    """The document as pictures (PNG), one a page, for reading on a screen."""
    made = _compile(document, format="png", ppi=_PIXELS_AN_INCH)
    return [made] if isinstance(made, bytes) else list(made)


def _compile(document: Document, **form: Any) -> bytes | list[bytes]:
    data = _visible_tree(asdict(document))
    made: bytes | list[bytes] = typst.compile(
        str(_ROOM / "templates" / "document.typ"),
        root=str(_ROOM),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
        timestamp=int(read_instant(document.written_at).timestamp()),
        **form,
    )
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(_ROOM / "fonts")]
    )


def _is_shown(letter: str) -> bool:
    code = ord(letter)
    return letter in "\n\t" or any(first <= code <= last for first, last in _SHOWN)


def _visible_tree(value: object) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible_tree(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_visible_tree(part) for part in value]
    return value
