"""All law data of a node, read once: instruments with their text, rules and status."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties import vocabulary
from comity.treaties.corpus import Provision, read_corpus
from comity.treaties.errors import (
    InstrumentUnknownError,
    LawFolderMissingError,
    Place,
    ProvisionUnknownError,
    StateUnknownError,
)
from comity.treaties.force import InForce
from comity.treaties.mistakes import TextFolderWrongError
from comity.treaties.orders import NationalOrder, read_national_orders, read_order_law
from comity.treaties.organisations import Organisation, read_organisations
from comity.treaties.participation import TABLES, read_participation
from comity.treaties.reach import Reach, read_reach
from comity.treaties.rules import Article, Rule, read_articles
from comity.treaties.states import Answering, read_states
from comity.treaties.status import StateStatus, StatusTable, read_status
from comity.treaties.toml import Places, Words, read_toml, report
from comity.treaties.working_days import UNKNOWN, WorkingCalendar, read_calendars

NO_JURISDICTION = "xx"
"""Where an instrument names none: a code that ISO 3166 leaves to its users."""
TEXT_LANGUAGE = "kk"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A treaty: its names by language, its text, its articles that carry rules, its status data.

    ``language`` (ISO 639) is that of the text; ``jurisdiction`` the code of the State or organisation under
    which the treaty was made, as identifiers of legal documents have it.
    """

    id: str
    kind: str
    short: Mapping[str, str]
    name: Mapping[str, str]
    adopted: date | None
    depositary: str | None
    authentic: tuple[str, ...]
    jurisdiction: str
    language: str
    status: StatusTable
    provisions: Mapping[str, Provision]
    places: Places
    articles: tuple[Article, ...]


class Library:
    """The law data of one folder; immutable once read."""

    def __init__(self, root: Path, added: Path | None = None) -> None:
        """Read a folder; ``added`` is the folder of one instrument more, or instead of the one it has."""
        self.root = root
        self._lists = vocabulary.read_vocabulary(root / "vocabulary")
        self._words: Words = {name: found.ids for name, found in self._lists.items()}
        self.folders = _folders(root, added)
        folders = list(self.folders.values())
        if not folders or not self._words:
            raise LawFolderMissingError(folder=root)
        self.organisations = read_organisations(root / "organisations")
        self.instruments: Mapping[str, Instrument] = MappingProxyType(
            {folder.name: _read_instrument(folder, self._words, self.organisations) for folder in folders}
        )
        self.reach: Mapping[str, Reach] = MappingProxyType(
            {
                folder.name: read_reach(
                    folder, folder.name, self._words, self.instruments[folder.name].places
                )
                for folder in folders
                if (folder / "measures.toml").exists()
            }
        )
        self.states = read_states(root / "states", self._words)
        self.calendars = read_calendars(root / "states")
        self.order_law = read_order_law(root, self._words)
        self._orders = read_national_orders(root / "states", self._words)
        self._places: dict[str, Provision] = {}
        self._rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for instrument in self.instruments.values():
            self._index(instrument)
        self._all_rules = {
            name: tuple(rule for article in one.articles for rule in article.rules)
            for name, one in self.instruments.items()
        }
        self._clocks = {
            name: {rule.id: rule for rule in reversed(rules) if rule.kind == "clock" and rule.id}
            for name, rules in self._all_rules.items()
        }

    def _index(self, instrument: Instrument) -> None:
        for provision in instrument.provisions.values():
            for citation in (provision.citation, *provision.also):
                self._places[str(citation)] = provision
        for article in instrument.articles:
            for rule in article.rules:
                place = self._places.get(str(rule.place))
                if place is None:
                    continue  # noted when the rule was read
                self._rules[str(place.citation)].append(rule)
                self._places.setdefault(str(rule.citation), place)

    def instrument(self, instrument: str) -> Instrument:
        """An instrument by its id; raise InstrumentUnknownError."""
        if instrument not in self.instruments:
            raise InstrumentUnknownError(instrument=instrument, choices=", ".join(self.instruments))
        return self.instruments[instrument]

    @cached_property
    def by_priority(self) -> tuple[str, ...]:
        """The instruments' ids in the order in which an opinion would recommend them."""
        last = max((reach.priority for reach in self.reach.values()), default=0) + 1
        priority = {name: reach.priority for name, reach in self.reach.items()}
        return tuple(sorted(self.instruments, key=lambda name: (priority.get(name, last), name)))

    def cite_exists(self, citation: Citation | str) -> bool:
        """Whether a citation names a provision (by any of its names) or a rule of one."""
        return str(citation) in self._places

    def provision(self, citation: Citation | str) -> Provision:
        """The provision that a citation names; raise ProvisionUnknownError pointing to what is above it."""
        cited = Citation.parse(citation) if isinstance(citation, str) else citation
        found = self._places.get(str(cited))
        if found is None:
            self.instrument(cited.instrument)
            raise ProvisionUnknownError(
                citation=cited, instrument=cited.instrument, nearest=self.nearest(cited)
            )
        return found

    def nearest(self, citation: Citation) -> str:
        """What there is above a place that there is not; the first place of all for another instrument."""
        if citation.instrument not in self.instruments:
            return next(iter(self._places))
        eid = citation.eid
        while "__" in eid:
            eid = eid.rpartition("__")[0]
            if f"{citation.instrument}:{eid}" in self._places:
                return f"{citation.instrument}:{eid}"
        return str(next(iter(self.instruments[citation.instrument].provisions.values())).citation)

    def wording(self, citation: Citation | str) -> str:
        """The whole text of a provision: opening words, everything below, closing words; single-spaced."""
        provision = self.provision(citation)
        below = [self.wording(child) for child in provision.children]
        return " ".join(" ".join([provision.text, *below, provision.closing]).split())

    def rules(self, instrument: str) -> tuple[Rule, ...]:
        """All rules of an instrument in the order of its articles."""
        self.instrument(instrument)
        return self._all_rules[instrument]

    def clocks(self, instrument: str) -> Mapping[str, Rule]:
        """The clocks of an instrument by their id; of several with one id, the first."""
        return self._clocks[instrument]

    def rules_on(self, citation: Citation | str) -> tuple[Rule, ...]:
        """The rules that stand on a provision itself (not on what is below it)."""
        return tuple(self._rules.get(str(self.provision(citation).citation), ()))

    def homes_at(self, at: str) -> tuple[Citation, ...]:
        """The provisions that live at a model or an act, by its dotted name, in the order of the texts."""
        articles = (article for each in self.instruments.values() for article in each.articles)
        homes = (home for article in articles for home in article.homes if home.at == at)
        return tuple(dict.fromkeys(place for home in homes for place in home.places))

    def words(self, name: str) -> tuple[str, ...]:
        """The ids of a closed list of ``law/vocabulary``."""
        return self._words[name]

    def meanings(self, name: str) -> Mapping[str, str]:
        """What the ids of a closed list mean, in English; empty for a list whose ids speak for themselves."""
        return self._lists[name].meaning

    def enactments(self, offence: Citation, state: str | None = None) -> tuple[Answering, ...]:
        """The provisions of national law that answer an offence of a catalogue or a part of it."""
        asked = self.states.values() if state is None else [self.states.get(state, ())]
        return tuple(
            (enactment, one)
            for enactments in asked
            for enactment in enactments
            for one in enactment.implements
            if one.offence == offence
            or (
                one.offence.instrument == offence.instrument
                and one.offence.eid.startswith(f"{offence.eid}__")
            )
        )

    def calendar(self, state: str) -> WorkingCalendar:
        """A State's working days; the weekend alone where its calendar is not on record."""
        return self.calendars.get(state, UNKNOWN)

    def national_order(self, state: str, kind: str) -> NationalOrder | None:
        """What is on record of a State's own law on a kind of order, or None."""
        return self._orders.get(state, {}).get(kind)

    def is_state(self, code: str) -> bool:
        """Whether a code can stand for a State."""
        return vocabulary.is_state(code)

    def in_force(self, instrument: str) -> InForce:
        """What is known of the instrument's own entry into force."""
        return self.instrument(instrument).status.in_force

    def status(self, instrument: str, state: str, as_of: date) -> StateStatus:
        """A State's status under an instrument on a day; what no source proves is ``unknown``."""
        if not vocabulary.is_state(state):
            raise StateUnknownError(state=state)
        return self.instrument(instrument).status.of(state, as_of)


def _folders(root: Path, added: Path | None) -> Mapping[str, Path]:
    """The folders of instruments by id."""
    found = {path.parent.name: path.parent for path in root.glob("*/instrument.toml")}
    if added is not None:
        found[added.name] = added
    return MappingProxyType({name: found[name] for name in sorted(found)})


def _read_instrument(folder: Path, words: Words, organisations: Mapping[str, Organisation]) -> Instrument:
    language = _text_language(folder)
    provisions, places = read_corpus(folder / "text" / language, folder.name)
    table = read_toml(folder / "instrument.toml", places)
    table.only("id", "kind", "adopted", "depositary", "authentic", "jurisdiction", "short", "name", *TABLES)
    instrument = table.belongs_to("id", folder.name)
    rules = read_participation(table, instrument)
    return Instrument(
        id=instrument,
        kind=table.need("kind", str),
        short=table.texts("short"),
        name=table.texts("name"),
        adopted=table.take("adopted", date),
        depositary=table.take("depositary", str),
        authentic=table.words("authentic"),
        jurisdiction=table.take("jurisdiction", str) or NO_JURISDICTION,
        language=language,
        status=read_status(folder / "status.toml", instrument, rules, organisations, places),
        provisions=provisions,
        places=places,
        articles=read_articles(folder / "articles", instrument, words, places),
    )


def _text_language(folder: Path) -> str:
    """The language of the text that rules quote: the name of the one folder in ``text/``."""
    found = sorted(path.name for path in (folder / "text").glob("*") if path.is_dir())
    if len(found) != 1:
        report(TextFolderWrongError(Place(folder / "text"), found=", ".join(found) or "none"))
    return found[0] if found else TEXT_LANGUAGE


def law_folders() -> Iterable[Path]:
    """Where law data may lie: COMITY_LAW, beside the package when installed, in the repository."""
    named = os.environ.get("COMITY_LAW")
    if named:
        yield Path(named)
        return
    package = Path(__file__).resolve().parent.parent
    yield package / "law"
    yield package.parent.parent / "law"


@cache
def _library(root: Path) -> Library:
    return Library(root)


def load(root: Path | None = None) -> Library:
    """The library of a folder (by default the first of ``law_folders``), read once a process."""
    candidates = [root] if root else list(law_folders())
    for folder in candidates:
        if (folder / "vocabulary").is_dir():
            return _library(folder.resolve())
    raise LawFolderMissingError(folder=candidates[0])
