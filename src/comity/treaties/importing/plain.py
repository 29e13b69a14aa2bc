"""The plain CSV: one act a row, columns as docs/law/status.md lists them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

from comity.treaties.acts import ACTS, MARKS, Act
from comity.treaties.errors import StatusFileUnreadableError
from comity.treaties.importing.names import NameBook
from comity.treaties.importing.reading import Reading, Row, UnreadableRowError, read_rows
from comity.treaties.participation import Participation

NEEDED = ("state", "act", "date")
OPTIONAL = ("mark", "note", "id", "to", "of", "amendment", "effect")


def read_plain(
    text: str, rules: Participation, names: NameBook, source: str, mark: str, dated: date | None = None
) -> Reading:
    """Read the CSV; raise StatusFileUnreadableError where its header is not the documented one."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(lines, [])]
        rows = [Row(lines.line_num, tuple(cells)) for cells in lines if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise StatusFileUnreadableError(line=lines.line_num, reason=str(error)) from error
    missing = [name for name in NEEDED if name not in header]
    unknown = [name for name in header if name not in (*NEEDED, *OPTIONAL)]
    if missing or unknown or len(set(header)) != len(header):
        raise StatusFileUnreadableError(line=1, reason=_on_header(missing, unknown))

    def acts_of(row: Row) -> Iterator[Act]:
        yield _act(row, header, names, source, mark)

    return read_rows(rows, acts_of, rules, dated=dated)


def _on_header(missing: list[str], unknown: list[str]) -> str:
    if missing:
        return f"the first row lacks the column {', '.join(missing)}"
    if unknown:
        return f"the first row has a column that nobody reads: {', '.join(map(repr, unknown))}"
    return "the first row names a column twice"


def _act(row: Row, header: list[str], names: NameBook, source: str, mark: str) -> Act:
    if len(row.cells) != len(header):
        raise UnreadableRowError(f"it has {len(row.cells)} cells where the first row has {len(header)}")
    cell = {name: value.strip() or None for name, value in zip(header, row.cells, strict=True)}
    if cell["act"] not in ACTS:
        raise UnreadableRowError(f"“{cell['act'] or ''}” is no act; acts are {', '.join(ACTS)}")
    if (cell.get("mark") or mark) not in MARKS:
        raise UnreadableRowError(f"the mark is none of {', '.join(MARKS)}")
    return Act(
        state=_code(cell["state"], names),
        what=cell["act"],
        on=_day(cell["date"]),
        mark=cell.get("mark") or mark,
        source=source,
        note=cell.get("note"),
        id=cell.get("id"),
        to=_code(cell["to"], names) if cell.get("to") else None,
        of=cell.get("of"),
        amendment=cell.get("amendment"),
        effect=_day(cell.get("effect")),
    )


def _code(name: str | None, names: NameBook) -> str:
    code = names.code(name) if name else None
    if code is None:
        raise UnreadableRowError(f"no State is known by the name “{name or ''}”")
    return code


def _day(text: str | None) -> date | None:
    """A day as YYYY-MM-DD and nothing else; empty where the source gives none."""
    if text is None:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise UnreadableRowError(f"“{text}” is no day of the form YYYY-MM-DD")
    return found
