"""The texts of a draft as a Word document (DOCX), for lawyers who edit them there.

Receives the fields with their texts; returns bytes in which each field is a content control that carries the
field's id, under a heading with a bookmark of the same id. ``word_reading`` takes the edited texts out again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from docx.text.paragraph import Paragraph

from comity.letters.labels import Labels, Language

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TAG = "comity:"
"""Begins the tag of a field's content control: ``comity:facts``."""
BOOKMARK = "comity_"
"""Begins the bookmark at a field's heading: ``comity_facts``."""
NOTE = "ComityNote"
"""The style of what is said to the editor and never taken back."""
_FONT = "Times New Roman"


@dataclass(frozen=True, slots=True)
class EditedField:
    """One field: its id, the provisions that ask for it, its text."""

    id: str
    cites: Sequence[str]
    text: str


def write_texts(reference: str, fields: Sequence[EditedField], language: str, *, now: datetime) -> bytes:
    """The document with one control a field (another language than en, kk and ru is a ValueError)."""
    labels = Labels(Language(language))
    document = Document()
    _dress(document, language)
    title = labels.word("edited_title").format(reference=reference)
    document.add_heading(title, level=1).style = document.styles["Title"]
    document.add_paragraph(labels.word("edited_how"), style=NOTE)
    for number, field in enumerate(fields, start=1):
        label = labels("field", field.id)
        _bookmark(document.add_heading(label, level=2), f"{BOOKMARK}{field.id}", number)
        if field.cites:
            document.add_paragraph(", ".join(labels.citation(cite) for cite in field.cites), style=NOTE)
        _control(document, field, label, number)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "", ""
    properties.created = properties.modified = now.replace(tzinfo=None)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _dress(document: Any, language: str) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(12)
    note = document.styles.add_style(NOTE, WD_STYLE_TYPE.PARAGRAPH)
    note.base_style, note.font.size, note.font.italic = normal, Pt(10), True
    note.font.color.rgb = RGBColor(0x55, 0x55, 0x55)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), {"en": "en-GB", "kk": "kk-KZ", "ru": "ru-RU"}[language])
    normal.element.get_or_add_rPr().append(spoken)


def _bookmark(heading: Paragraph, name: str, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    start.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    end.set(qn("w:id"), str(number))
    paragraph: Any = heading._p
    paragraph.insert(0 if paragraph.pPr is None else 1, start)
    paragraph.append(end)


def _control(document: Any, field: EditedField, label: str, number: int) -> None:
    """A block of paragraphs that can be written in and not removed by mistake."""
    control, about, content = (OxmlElement(name) for name in ("w:sdt", "w:sdtPr", "w:sdtContent"))
    for name, value in (
        ("w:alias", label[:64]),
        ("w:tag", f"{TAG}{field.id}"),
        ("w:id", str(number)),
        ("w:lock", "sdtLocked"),
    ):
        part = OxmlElement(name)
        part.set(qn("w:val"), value)
        about.append(part)
    for line in field.text.split("\n"):
        content.append(document.add_paragraph(line)._p)  # moves the paragraph into the control
    control.append(about)
    control.append(content)
    document.element.body.insert_element_before(control, "w:sectPr")
