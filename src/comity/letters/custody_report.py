"""The printable report of one exhibit: what it is, how it was acquired, who touched it, what is amiss.

Receives the exhibit's facts as a JSON value; returns PDF bytes that are the same each time. It holds nothing
of the content.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from comity.letters.document import Document, Fields, Paragraphs, Section, typeset
from comity.letters.labels import Labels, Language
from comity.letters.rendering.custody import custody_table
from comity.letters.schema import understood
from comity.proofs.custody import CustodyRecord, Keeper
from comity.shapes import Instant, Line, Sha256Hex, Shape, Size


class CustodyReport(Shape):
    """What the report states. ``acquisition`` and ``findings`` are in the reader's language already.

    ``continued`` is how whoever received the exhibit went on, as its letters tell it.
    """

    number: Line
    name: str
    case: Line
    media_type: Line
    bytes: Size
    sha256: Sha256Hex
    sha512: str = Field(max_length=128)
    origin: Line
    source: Line
    acquisition: list[tuple[str, str]]
    custody: list[CustodyRecord]
    continued: list[CustodyRecord]
    findings: list[str]
    made_at: Instant
    made_by: Keeper


def render_custody_report(data: Any, language: str) -> bytes:
    """The report as PDF/A-2a in ``en``, ``kk`` or ``ru``; data of another shape are not understood."""
    report = understood(CustodyReport, data, strict=False)
    return typeset(compose(report, Language(language)))


def compose(report: CustodyReport, language: Language) -> Document:
    """The blocks of the report."""
    labels = Labels(language)
    maker = report.made_by
    facts = [
        ("file", report.name),
        ("report_case", report.case),
        ("origin", f"{report.origin}; {report.source}"),
        ("media_type", report.media_type),
        ("size", str(report.bytes)),
        ("sha256", report.sha256),
        *([("sha512", report.sha512)] if report.sha512 else []),
    ]
    summary = [
        (labels.word("exhibit"), report.number),
        (labels.word("report_made_at"), labels.instant(report.made_at)),
        (labels.word("report_made_by"), f"{maker.name}, {maker.post} ({maker.authority})"),
    ]
    state = "\n".join(report.findings) or labels.word("custody_whole")
    sections = [
        Section(labels.word("exhibit"), [Fields([(labels.word(word), value) for word, value in facts])]),
        *([Section(labels.word("acquisition"), [Fields(report.acquisition)])] if report.acquisition else []),
        Section(labels.word("custody"), [custody_table(report.custody, labels), Paragraphs(state)]),
    ]
    if report.continued:
        sections.append(Section(labels.word("custody_continued"), [custody_table(report.continued, labels)]))
    return Document(
        language=language,
        title=labels.word("custody_report_title"),
        subtitle=report.number,
        written_at=report.made_at,
        summary=Fields(summary),
        sections=sections,
        footer=labels.word("custody_report_form").format(id=report.number),
    )
