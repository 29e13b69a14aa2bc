"""A status page of the UN Treaty Collection as header and rows: a CSV, a saved web page, or its text.

In the text every cell has a line of its own; a cell left empty shows only as blanks before the next one
(two or more: a single blank pads a day of one digit), so that what cannot be told is not told.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree, html

from comity.treaties.errors import StatusFileUnreadableError
from comity.treaties.importing.reading import Row

_PARTICIPANT = re.compile(r"Participant\s*(?:\d+(?:\s*,\s*\d+)*)?", re.IGNORECASE)
_AS_AT = re.compile(r"STATUS AS AT\s*:\s*(\d{2})-(\d{2})-(\d{4})", re.IGNORECASE)
# A line of text that begins with a number is a day, or one that is broken: no State's name begins so.
_DAY = re.compile(r"\s*\[?\d")
# In the place of cells of which the column cannot be told.
DOUBT = "?"
# What follows the table on the page.
_AFTER = re.compile(
    r"(?:Declarations?\b|Reservations?\b|Objections?\b|Notifications?\b|End ?notes?\b|Notes?\b|\()"
)


@dataclass(frozen=True, slots=True)
class StatusTableText:
    """The header of the participants' table, its rows, and the day of “STATUS AS AT” where it is given."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    as_at: date | None


def read_table(text: str) -> StatusTableText:
    """Find the participants' table; raise StatusFileUnreadableError where there is none."""
    text = text.removeprefix("\ufeff")
    if re.match(r"\s*<\?xml", text) and "<html" not in text[:2000].lower():
        raise StatusFileUnreadableError(
            line=1, reason="the depositary's XML is not known here; save the page as HTML"
        )
    if re.match(r"\s*<", text):
        lines = list(_from_html(text))
    else:
        lines = list(_from_delimited(text) or _from_lines(text))
    start = next((n for n, row in enumerate(lines) if row.cells and _is_header(row.cells)), None)
    if start is None:
        raise StatusFileUnreadableError(
            line=1, reason="there is no table whose first column is “Participant”"
        )
    found = _AS_AT.search(text)
    as_at = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    return StatusTableText(lines[start].cells, tuple(lines[start + 1 :]), as_at)


def _is_header(cells: tuple[str, ...]) -> bool:
    return len(cells) > 1 and _PARTICIPANT.fullmatch(cells[0].strip()) is not None


def _from_delimited(text: str) -> list[Row]:
    """Rows of a file with commas or tabs; empty where it is none."""
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if re.match(r'"?Participant', line.strip())), None)
    if start is None:
        return []
    mark = next((mark for mark in ("\t", ",", ";") if mark in lines[start]), None)
    if mark is None:
        return []
    reader = csv.reader(io.StringIO("\n".join(lines[start:])), delimiter=mark)
    try:
        return [Row(start + reader.line_num, tuple(cells)) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise StatusFileUnreadableError(line=start + reader.line_num, reason=str(error)) from error


def _from_html(text: str) -> Iterator[Row]:
    """The rows of the participants' table of a saved page; footnotes are superscripts."""
    try:
        page = html.document_fromstring(
            text.encode("utf-8"), parser=html.HTMLParser(encoding="utf-8", no_network=True)
        )
    except etree.LxmlError as error:
        raise StatusFileUnreadableError(line=1, reason=str(error)) from error
    tables = list(page.iter("table"))
    # A page may have a table of territorial notifications first that begins alike; the grid has this id.
    grid = [table for table in tables if (table.get("id") or "").endswith("tblgrid")]
    found = [rows for rows in map(_participants, grid or tables) if rows]
    if len(found) > 1:
        reason = "several tables begin with “Participant”; save the one that is meant"
        raise StatusFileUnreadableError(line=found[1][0].line, reason=reason)
    yield from found[0] if found else ()


def _participants(table: html.HtmlElement) -> list[Row]:
    """The rows of a table from its header on; empty where it does not begin with “Participant”."""
    rows = [Row(row.sourceline or 0, tuple(map(_cell, _cells(row)))) for row in table.iter("tr")]
    start = next((n for n, row in enumerate(rows) if row.cells and _is_header(row.cells)), None)
    return [] if start is None else rows[start:]


def _cells(row: html.HtmlElement) -> Iterator[html.HtmlElement]:
    return (cell for cell in row if cell.tag in ("td", "th"))


def _cell(cell: html.HtmlElement) -> str:
    for note in list(cell.iter("sup")):
        note.drop_tree()
    return " ".join(str(cell.text_content()).split())


def _from_lines(text: str) -> Iterator[Row]:
    """The rows of a page saved as text, one cell a line."""
    lines = [
        (n, line.replace("\u00a0", " ").rstrip())
        for n, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    start = next((n for n, (_, line) in enumerate(lines) if _PARTICIPANT.fullmatch(line.strip())), None)
    if start is None:
        return
    header = [lines[start]]
    # The header's cells end where the first participant's row begins: the line before the first day.
    first_day = next((n for n, (_, line) in enumerate(lines) if n > start and _DAY.match(line)), len(lines))
    header += lines[start + 1 : first_day - 1]
    width = len(header)
    yield Row(header[0][0], tuple(line.strip() for _, line in header))
    row: list[str] = []
    at = 0
    for number, line in lines[start + width :]:
        if _DAY.match(line):
            row.append(line)
            continue
        if row:
            yield Row(at, _placed(row, width))
        row, at = [line.strip()], number
        if _AFTER.match(line.strip()):
            return
    if row:
        yield Row(at, _placed(row, width))


def _placed(row: list[str], width: int) -> tuple[str, ...]:
    """The cells of a row of text in their columns; a row of which that cannot be told gets one too many.

    Only a consent has a flag, and an empty signature leaves two blanks: a single day with a flag is a
    consent, one without flag and blanks a signature, one with blanks and no flag could be either.
    """
    name, *days = row
    cells = (name, *(one.strip() for one in days))
    if width != 3 or len(days) != 1:
        return cells
    if days[0].strip()[-1].isalpha():
        return (name, "", cells[1])
    return (*cells, DOUBT, DOUBT) if days[0].startswith("  ") else (*cells, "")
