"""The status table that the UN Treaty Collection publishes, read by what its own header says.

A day without a flag is what the header names without one; a flag means what the header says of it. A
form, a flag or a name that is not known leaves the row unread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from comity.treaties.acts import Act
from comity.treaties.errors import StatusFileUnreadableError
from comity.treaties.importing.names import NameBook, without_footnotes
from comity.treaties.importing.reading import Reading, Row, UnreadableRowError, read_rows
from comity.treaties.importing.tables import DOUBT, read_table
from comity.treaties.participation import CONSENTS, Participation

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY = re.compile(r"(\d{1,2})\s+([A-Za-z]{3,9})\.?\s+(\d{4})(?:\s*([A-Za-z]{1,2}))?")
_FORM = re.compile(r"([^(]+?)\s*(?:\((\w{1,2})\))?")
_FORMS = ("signature", *CONSENTS)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the act of a day without flag (None: there is none), and the act of each flag.

    ``forms`` that are not ours (“Provisional application”) are kept: a cell that uses them is unread.
    """

    label: str
    plain: str | None
    flagged: Mapping[str, str]


def read_untc(
    text: str, rules: Participation, names: NameBook, source: str, mark: str, dated: date | None = None
) -> Reading:
    """Read the participants' table; raise StatusFileUnreadableError where it or its header is not known."""
    table = read_table(text)
    columns = [_column(label) for label in table.header[1:]]

    def acts_of(row: Row) -> Iterator[Act]:
        name, *cells = row.cells
        if DOUBT in cells:
            doubt = "it is not clear in which column its only day stands"
            raise UnreadableRowError(doubt)
        if len(cells) > len(columns) or not any(cell.strip() for cell in cells):
            raise UnreadableRowError(f"it should have a name and up to {len(columns)} days")
        state = names.code(name)
        if state is None:
            raise UnreadableRowError(f"no State is known by the name “{without_footnotes(name)}”")
        for column, cell in zip(columns, cells, strict=False):
            if cell.strip():
                what, on = _read(column, " ".join(cell.split()))
                yield Act(state, what, on, mark, source, None)

    return read_rows(table.rows, acts_of, rules, table.as_at, dated)


def _column(label: str) -> Column:
    """What a header says of its column: “Acceptance(A), Ratification, Approval(AA), Accession(a)”."""
    plain: list[str] = []
    flagged: dict[str, str] = {}
    for part in re.sub(r"(?<=[a-z])\s*\d+$", "", label).split(","):
        match = _FORM.fullmatch(part.strip())
        if match is None:
            raise StatusFileUnreadableError(line=1, reason=f"the header “{label}” is not understood")
        form, flag = match[1].lower(), match[2]
        if flag is None:
            plain.append(form)
        elif flag in flagged:
            raise StatusFileUnreadableError(
                line=1, reason=f"the header “{label}” gives ({flag}) two meanings"
            )
        else:
            flagged[flag] = form
    if len(plain) > 1:
        raise StatusFileUnreadableError(
            line=1, reason=f"the header “{label}” leaves open what a bare day means"
        )
    return Column(label, plain[0] if plain else None, flagged)


def _read(column: Column, cell: str) -> tuple[str, date]:
    match = _DAY.fullmatch(cell)
    if match is None:
        raise UnreadableRowError(f"“{cell}” is no day of the form 25 Oct 2025, with a flag or without")
    day, month, year, flag = match.groups()
    form = column.flagged.get(flag) if flag else column.plain
    if form not in _FORMS:
        said = f"the flag ({flag})" if flag else "a day without a flag"
        raise UnreadableRowError(f"{said} in the column “{column.label}” is no act known here")
    if month[:3].lower() not in _MONTHS:
        raise UnreadableRowError(f"“{month}” is no month")
    try:
        return form, date(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day))
    except ValueError as error:
        raise UnreadableRowError(f"“{cell}” is no day of the calendar") from error
