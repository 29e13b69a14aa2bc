"""What may be ordered in a State for another's request: what treaties want, and what its own law allows.

``law/orders.toml`` holds the treaties' side by kind of order, ``law/states/<STATE>/orders.toml`` what a
source tells of the State's. Of a State or a kind that is not there nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.sources import Source, read_sources, source_of
from comity.treaties.states import Enactment
from comity.treaties.toml import Table, Words, read_all, read_toml


@dataclass(frozen=True, slots=True)
class OrderLaw:
    """What treaties say of a kind of order.

    ``desired`` and ``measures`` are what an item must ask for (no measure named: any will do), ``longest`` is
    the clock of its longest time, ``serious`` the provision that allows it for serious offences alone.
    """

    kind: str
    desired: tuple[str, ...]
    measures: tuple[str, ...]
    provisions: tuple[Citation, ...]
    secrecy: tuple[Citation, ...]
    safeguards: tuple[Citation, ...]
    longest: str | None
    renewal: tuple[Citation, ...]
    serious: Citation | None

    def citations(self) -> tuple[Citation, ...]:
        """Every provision that it names."""
        named = (*self.provisions, *self.secrecy, *self.safeguards, *self.renewal)
        return (*named, self.serious) if self.serious else named


@dataclass(frozen=True, slots=True)
class NationalOrder:
    """What a State's own law says of a kind of order.

    ``reviewing`` (by language) is who must approve it before it is issued, empty where the source names
    nobody; ``longest`` an ISO 8601 duration; ``renewable`` None where the source is silent;
    ``serious_over_years``: only for offences whose longest penalty is more than that.
    """

    state: str
    kind: str
    allowed: bool
    law: str
    article: str
    source: Source
    issuing: Mapping[str, str]
    reviewing: Mapping[str, str]
    longest: str | None
    renewable: bool | None
    serious_over_years: float | None
    secret_until: Mapping[str, str]
    note: Mapping[str, str]

    def serious(self, enactments: Iterable[Enactment]) -> list[Enactment]:
        """Those of the State's provisions whose penalty makes the order available, none without a limit."""
        over = self.serious_over_years
        if over is None:
            return []
        return [each for each in enactments if any((part.max_years or 0) > over for part in each.parts)]


def read_order_law(root: Path, words: Words) -> Mapping[str, OrderLaw]:
    """Kind of order to what treaties say; a missing file is an empty mapping."""
    path = root / "orders.toml"
    if not path.exists():
        return MappingProxyType({})
    table = read_toml(path)
    table.only("order")
    found = (_law(one, words) for one in table.tables("order"))
    return MappingProxyType({one.kind: one for one in found})


def read_national_orders(folder: Path, words: Words) -> Mapping[str, Mapping[str, NationalOrder]]:
    """State to its orders by kind; a missing folder is an empty mapping."""
    states: dict[str, Mapping[str, NationalOrder]] = {}
    for table in read_all(folder, "*/orders.toml"):
        table.only("state", "source", "order")
        state = table.belongs_to("state", table.path.parent.name)
        sources = read_sources(table)
        orders = (_national(one, state, sources, words) for one in table.tables("order"))
        states[state] = MappingProxyType({one.kind: one for one in orders})
    return MappingProxyType(states)


def _law(table: Table, words: Words) -> OrderLaw:
    table.only(
        "kind",
        "desired",
        "measures",
        "provisions",
        "secrecy",
        "safeguards",
        "longest",
        "renewal",
        "serious",
    )
    return OrderLaw(
        kind=table.word("kind", "order_kinds", words),
        desired=table.known_words("desired", "desired_statuses", words),
        measures=table.known_words("measures", "measures", words),
        provisions=table.citations("provisions"),
        secrecy=table.citations("secrecy"),
        safeguards=table.citations("safeguards"),
        longest=table.word("longest", "clocks", words) if "longest" in table else None,
        renewal=table.citations("renewal"),
        serious=table.citation("serious") if "serious" in table else None,
    )


def _national(table: Table, state: str, sources: Mapping[str, Source], words: Words) -> NationalOrder:
    table.only(
        "kind",
        "allowed",
        "law",
        "article",
        "source",
        "issuing",
        "reviewing",
        "longest",
        "renewable",
        "serious_over_years",
        "secret_until",
        "note",
    )
    return NationalOrder(
        state=state,
        kind=table.word("kind", "order_kinds", words),
        allowed=table.need("allowed", bool),
        law=table.need("law", str),
        article=table.need("article", str),
        source=source_of(table, sources),
        issuing=table.texts("issuing"),
        reviewing=table.texts("reviewing"),
        longest=table.duration("longest"),
        renewable=table.take("renewable", bool),
        serious_over_years=table.number("serious_over_years"),
        secret_until=table.texts("secret_until"),
        note=table.texts("note"),
    )
