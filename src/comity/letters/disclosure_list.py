"""The disclosure list for the defence as a document to print: what is disclosed, withheld, undecided.

Receives the list as a JSON value; returns PDF bytes that are the same each time. It holds nothing of the
content, and of what is withheld not even the name.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from comity.letters.document import Block, Document, Fields, Paragraphs, Section, typeset
from comity.letters.labels import Labels, Language
from comity.letters.rendering.parts import table
from comity.letters.schema import understood
from comity.shapes import Instant, Line, Sha256Hex, Shape


class ListedExhibit(Shape):
    """One exhibit and what was decided of it, by whom; ``name`` only of what is disclosed."""

    exhibit: Line
    name: str | None
    sha256: Sha256Hex
    decision: Literal["disclosed", "withheld"]
    ground: Literal["privileged", "state_secret", "protected_person", "other"] | None
    reason: str | None = Field(max_length=400)
    exculpatory: bool
    at: Instant
    by: Line
    agreed_by: Line | None


class DisclosureList(Shape):
    """The list of a case; ``undecided`` are the numbers of the other exhibits."""

    case: Line
    heading: Line
    made_at: Instant
    listed: list[ListedExhibit]
    undecided: list[Line]


def render_disclosure_list(data: Any, language: str) -> bytes:
    """The list as PDF/A-2a in ``en``, ``kk`` or ``ru``; data of another shape are not understood."""
    read = understood(DisclosureList, data)
    return typeset(compose(read, Language(language)))


def compose(read: DisclosureList, language: Language) -> Document:
    """The blocks of the list."""
    labels = Labels(language)
    summary = [
        (labels.word("report_case"), read.case),
        (labels.word("report_made_at"), labels.instant(read.made_at)),
    ]
    sections = [
        Section(labels.word("disclosed_exhibits"), [_disclosed(read, labels)]),
        Section(labels.word("withheld_exhibits"), [_withheld(read, labels)]),
    ]
    if read.undecided:
        sections.append(Section(labels.word("undecided_exhibits"), [Paragraphs("\n".join(read.undecided))]))
    return Document(
        language=language,
        title=labels.word("disclosure_list_title"),
        subtitle=read.heading,
        written_at=read.made_at,
        summary=Fields(summary),
        sections=sections,
        footer=labels.word("disclosure_list_form").format(id=read.case),
    )


def _disclosed(read: DisclosureList, labels: Labels) -> Block:
    rows = [
        [each.exhibit, each.name or "", each.sha256, _exculpates(each, labels), _decided(each, labels)]
        for each in read.listed
        if each.decision == "disclosed"
    ]
    return _or_none(rows, "exhibit file sha256 exculpates decided", (3, 4, 5, 3, 4), labels)


def _withheld(read: DisclosureList, labels: Labels) -> Block:
    rows = [
        [
            each.exhibit,
            f"{labels('withholding', each.ground or '')}: {each.reason}",
            _exculpates(each, labels),
            _decided(each, labels),
        ]
        for each in read.listed
        if each.decision == "withheld"
    ]
    return _or_none(rows, "exhibit withheld_why exculpates decided", (3, 6, 3, 5), labels)


def _or_none(rows: list[list[str]], words: str, widths: tuple[int, ...], labels: Labels) -> Block:
    return table(labels, words, widths, rows) if rows else Paragraphs(labels.word("none_listed"))


def _exculpates(each: ListedExhibit, labels: Labels) -> str:
    return labels.word("yes" if each.exculpatory else "no")


def _decided(each: ListedExhibit, labels: Labels) -> str:
    people = [each.by, *([each.agreed_by] if each.agreed_by else [])]
    return "\n".join([labels.instant(each.at), *people])
