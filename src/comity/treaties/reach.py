"""What an instrument reaches: its column of measures, its catalogue of offences, its place among treaties.

Receives ``law/<instrument>/measures.toml`` and ``offences.toml``; returns frozen values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.offences import CatalogueOffence, read_offences
from comity.treaties.toml import Table, Words, read_toml

NAMED_BY = ("id", "kind")
_KEYS = (
    "instrument", "priority", "column", "open_clause", "parties", "languages", "general",
    "mutual_assistance_treaty", "precedence", "measure", "goes_first", "conduct",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MeasureBasis:
    """One cell of the table of measures.

    ``basis``: where the instrument provides for the measure, the main provision first.
    ``governed_by``: further provisions (or whole articles) whose rules concern it.
    ``when``: predicates that must hold for the measure itself, cited by the main provision.
    ``offences``: the only offences of the catalogue for which the measure is provided, if not all.
    ``data_kinds``: the only kinds of data that the measure can bring, if not all.
    """

    id: str
    basis: tuple[Citation, ...]
    governed_by: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    offences: tuple[str, ...] = ()
    data_kinds: tuple[str, ...] = ()

    def governs(self, eid: str) -> bool:
        """Whether a rule that stands at ``eid`` concerns this measure."""
        places = (*(citation.eid for citation in self.basis), *self.governed_by)
        return any(eid == place or eid.startswith(place + "__") for place in places)


@dataclass(frozen=True, slots=True)
class Precedence:
    """Paragraphs that give way where another treaty on mutual assistance binds both States."""

    citation: Citation
    paragraphs: tuple[str, ...]
    unless: tuple[str, ...]

    def displaces(self, eid: str) -> bool:
        """Whether the provision is among the paragraphs that give way."""
        return any(eid == place or eid.startswith(place + "__") for place in self.paragraphs)


@dataclass(frozen=True, slots=True)
class Reach:
    """The reach of one instrument.

    ``priority``: the lower goes first among those that apply; ``goes_first``: why. ``column``: the
    provision that lists what may be asked. ``named_by``: the fact that names its offences (``id``,
    ``kind``). ``parties``: the only States of a closed treaty. ``general``: articles whose rules concern
    every measure. ``conduct``: the provision by which dual criminality compares conduct, if any.
    ``serious_from_years``: threshold of deprivation of liberty. ``public_funds``: offences by which these
    are embezzled or, so obtained, laundered. ``languages``: what a rule on language
    means by a party's ``own``.
    """

    instrument: str
    priority: int
    column: Citation
    named_by: str
    parties: tuple[str, ...] = ()
    languages: Mapping[str, str] = field(default_factory=dict)
    mutual_assistance_treaty: bool = False
    open_clause: Citation | None = None
    general: tuple[str, ...] = ()
    measures: Mapping[str, MeasureBasis] = field(default_factory=dict)
    offences: Mapping[str, CatalogueOffence] = field(default_factory=dict)
    serious_from_years: float | None = None
    public_funds: tuple[str, ...] = ()
    precedence: Precedence | None = None
    goes_first: Mapping[str, str] = field(default_factory=dict)
    conduct: Citation | None = None

    def offence(self, citation: Citation) -> CatalogueOffence | None:
        """The offence that the citation names: its article, or a paragraph or point of it."""
        if citation.instrument != self.instrument:
            return None
        parts = citation.eid.split("__")
        for size in range(len(parts), 0, -1):
            found = self.offences.get("__".join(parts[:size]))
            if found:
                return found
        return None


def read_reach(folder: Path, instrument: str, words: Words) -> Reach:
    """Read the two files of an instrument; raise LawDataUnreadableError naming file and reason."""
    table = read_toml(folder / "measures.toml")
    catalogue = read_toml(folder / "offences.toml")
    table.only(*_KEYS)
    catalogue.only("instrument", "named_by", "serious", "public_funds", "offence")
    for file in (table, catalogue):
        if file.need("instrument", str) != instrument:
            raise file.refuse(f"belongs to another instrument than {instrument}")
    named_by = catalogue.need("named_by", str)
    if named_by not in NAMED_BY:
        raise catalogue.refuse(f"“named_by” should be one of {', '.join(NAMED_BY)}")
    open_clause, conduct = table.take("open_clause", str), table.take("conduct", str)
    return Reach(
        instrument=instrument,
        priority=table.need("priority", int),
        column=Citation(instrument, table.need("column", str)),
        named_by=named_by,
        parties=table.words("parties"),
        languages=_languages(table),
        mutual_assistance_treaty=table.take("mutual_assistance_treaty", bool) or False,
        open_clause=Citation(instrument, open_clause) if open_clause else None,
        general=table.words("general"),
        measures=MappingProxyType(_measures(table, instrument, words["measures"])),
        offences=MappingProxyType(read_offences(catalogue, instrument, words)),
        serious_from_years=_serious(catalogue),
        public_funds=_public_funds(catalogue),
        precedence=_precedence(table, instrument),
        goes_first=table.texts("goes_first"),
        conduct=Citation(instrument, conduct) if conduct else None,
    )


def _languages(table: Table) -> Mapping[str, str]:
    spoken = table.table("languages")
    return MappingProxyType(
        {state: spoken.need(state, str) for state in sorted(spoken.keys())} if spoken else {}
    )


def _measures(table: Table, instrument: str, known: tuple[str, ...]) -> dict[str, MeasureBasis]:
    column = table.table("measure")
    cells: dict[str, MeasureBasis] = {}
    for name in sorted(column.keys()) if column else ():
        cell = column.table(name) if column else None
        if cell is None or name not in known:
            raise table.refuse(f"[measure.{name}] is no measure of the vocabulary")
        cell.only("basis", "governed_by", "when", "offences", "data_kinds")
        basis = tuple(Citation(instrument, eid) for eid in cell.words("basis"))
        if not basis:
            raise cell.refuse(f"{name} has no “basis”")
        further = [cell.words(key) for key in ("governed_by", "when", "offences", "data_kinds")]
        cells[name] = MeasureBasis(name, basis, *further)
    return cells


def _serious(table: Table) -> float | None:
    cell = table.table("serious")
    if cell is None:
        return None
    cell.only("from_years", "eid")
    return float(cell.need("from_years", int))


def _public_funds(table: Table) -> tuple[str, ...]:
    cell = table.table("public_funds")
    if cell is None:
        return ()
    cell.only("offences", "eid")
    return cell.words("offences")


def _precedence(table: Table, instrument: str) -> Precedence | None:
    cell = table.table("precedence")
    if cell is None:
        return None
    cell.only("eid", "paragraphs", "unless")
    return Precedence(
        Citation(instrument, cell.need("eid", str)), cell.words("paragraphs"), cell.words("unless")
    )
