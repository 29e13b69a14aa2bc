"""Text that runs from right to left: in its direction, told to readers of tags, never turned by a control."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
from tests import samples

from comity.letters.bodies import digest
from comity.letters.document import (
    Document,
    Fields,
    Paragraphs,
    Section,
    Table,
    typeset,
    typeset_pages,
    visible,
)
from comity.letters.rendering import Names, render_letter
from comity.letters.schema import read_value

ARABIC = "طلب حفظ البيانات الإلكترونية"
MIXED = "الحساب a.serik@example.org في المادة 42"


def page(language: str, text: str) -> Document:
    return Document(
        language=language,  # type: ignore[arg-type]  # no form has its words in Arabic yet; the layout is ready
        title=text,
        written_at="2026-11-22T03:12:00Z",
        footer=text,
        sections=[
            Section(
                text, [Paragraphs(text), Fields([(text, text)]), Table([text, "B"], (1, 1), [[text, "b"]])]
            )
        ],
    )


def translated(text: str) -> dict[str, Any]:
    value = samples.request()
    body = value["body"]
    body["language"] = "en"
    body["translations"] = [
        {
            "language": "ar",
            "texts": {"facts": {"text": text, "original": digest(body["contents"]["facts"])}},
            "translator": {"kind": "official", "name": "T", "post": "Translator"},
            "at": value["written_at"],
            "statement": None,
        }
    ]
    return value


def copied(pdf: bytes, folder: Path) -> str:
    """The text as it is copied from the page, in the order in which it is read."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (folder / "letter.pdf").write_bytes(pdf)
    run = ["pdftotext", str(folder / "letter.pdf"), "-"]
    said = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", said)


def glyphs(pdf: bytes) -> set[str]:
    """The letters that the fonts of a document map to text."""
    found = set()
    for stream in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            content = zlib.decompress(stream[1])
        except zlib.error:
            continue
        if b"beginbfchar" in content or b"beginbfrange" in content:
            for code in re.findall(rb"<[0-9A-Fa-f]{4}> <([0-9A-Fa-f]{4,})>", content):
                found.update(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return found


def test_arabic_letters_are_shown_and_controls_that_turn_text_are_not() -> None:
    assert visible(ARABIC) == ARABIC
    for control in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u06dd":
        assert visible(f"a{control}b") == f"a[U+{ord(control):04X}]b"


def test_the_fonts_have_every_arabic_letter_that_is_shown() -> None:
    """Typst would leave a letter out that no font has: nothing of the alphabet is missing in the page."""
    letters = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچژگکیھہےۇۆۈۋې"
    assert set(letters) <= glyphs(typeset(page("en", " ".join(letters))))


@pytest.mark.parametrize("text", [ARABIC, MIXED])
def test_an_arabic_translation_is_copied_in_its_order(tmp_path: Path, text: str) -> None:
    pdf = render_letter(read_value(translated(text)), "kk", Names())
    assert {b"/Lang(ar)", b"/Lang(en)", b"/Lang(kk)"} <= set(re.findall(rb"/Lang ?\([a-z]+\)", pdf))
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    words = copied(pdf, tmp_path)
    assert all(word in words for word in text.split() if len(word) > 2)


def test_a_page_in_an_arabic_script_language_is_archival_and_mirrored() -> None:
    pdf = typeset(page("ar", ARABIC))
    assert b"/Lang(ar)" in pdf.replace(b" ", b"") or b"/Lang(ar" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    left_to_right, right_to_left = (typeset_pages(page(language, ARABIC)) for language in ("en", "ar"))
    assert left_to_right != right_to_left


def test_a_latin_name_inside_an_arabic_page_keeps_its_direction(tmp_path: Path) -> None:
    assert "a.serik@example.org" in copied(typeset(page("ar", MIXED)), tmp_path).replace(" ", "")
