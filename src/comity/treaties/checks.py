"""What can be wrong between the files of law data: quotes, repetitions, reach, days, homes.

What one file can say of itself is checked by its reader; this looks at each file beside the whole library.
Every mistake is reported as the readers report theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from comity.terms import Citation, CitationUnreadableError
from comity.treaties import mistakes, targets
from comity.treaties.coverage import coverage
from comity.treaties.errors import ProvisionUnknownError
from comity.treaties.importing.names import NameBook
from comity.treaties.library import Library
from comity.treaties.reach import Reach
from comity.treaties.rules import EVERY, KEYS
from comity.treaties.sources import Source, read_sources
from comity.treaties.toml import LANGUAGES, Table, read_all, read_toml
from comity.treaties.vocabulary import is_state

# Rules of these kinds may concern no measure at all.
_WITHOUT_MEASURE = ("status", "record")
_RULES = ("rule", "right_or_limit")


def check_instrument(library: Library, instrument: str) -> None:
    """Report every mistake between the files of one instrument, and what is missing in them."""
    folder = library.folders[instrument]
    articles = list(read_all(folder / "articles"))
    for check in (_named, _translated, _homes):
        for table in articles:
            check(library, instrument, table)
    for rule in _tables(articles, "rule"):
        _rule(library, instrument, rule)
    _repeated(articles)
    _opened(library, instrument, folder / "measures.toml")
    _status(library, instrument, folder)
    for file, keys in (("instrument.toml", ("short", "name")), ("measures.toml", ())):
        table = read_toml(folder / file)
        _languages(table, *keys)
        _states(table)
    for offence in read_toml(folder / "offences.toml").tables("offence"):
        _languages(offence, "name")
    if library.instrument(instrument).places is not None:
        _homeless(library, instrument, folder)


def check_states(library: Library) -> None:
    """What national provisions implement is an offence of a treaty, what orders rest on a provision;
    folders and names are those of States.
    """
    NameBook(library.root)
    for table in read_all(library.root / "states", "*/offences.toml"):
        state = table.peek("state", str)
        if state is not None and not is_state(state):
            table.wrong(mistakes.StateUnknownError, "state", state=state)
        for provision in table.tables("provision"):
            for one in provision.tables("implements"):
                cited = one.peek("offence", str)
                if cited is not None and ":" in cited and not library.cite_exists(cited):
                    _no_place(one, "offence", cited)
    _orders(library)


def _orders(library: Library) -> None:
    """The provisions that kinds of orders name exist."""
    path = library.root / "orders.toml"
    for one in read_toml(path).tables("order") if path.exists() else ():
        for key in ("provisions", "secrecy", "safeguards", "renewal"):
            for cited in one.words(key):
                if not library.cite_exists(cited):
                    _no_place(one, key, cited)
        serious = one.peek("serious", str)
        if serious is not None and not library.cite_exists(serious):
            _no_place(one, "serious", serious)


def _tables(files: list[Table], key: str) -> Iterator[Table]:
    return (one for file in files for one in file.tables(key))


def _named(library: Library, instrument: str, table: Table) -> None:
    """A file is named after its article or part: ``art_07.toml``, ``annex_note_3.toml``, ``decree.toml``."""
    article = table.peek("article", str) or ""
    part, _, number = article.rpartition("_")
    name = f"{article.replace('__', '_')}.toml"
    if part == "art":
        name = f"art_{number.zfill(2)}.toml"
    if article and table.path.name != name:
        table.wrong(mistakes.FileMisnamedError, "article", holds=article, name=name)


def _translated(library: Library, instrument: str, table: Table) -> None:
    _languages(table, "heading", "summary")


def _languages(table: Table, *keys: str) -> None:
    for key in keys:
        given = table.peek(key, dict) or {}
        lacking = [language for language in LANGUAGES if language not in given]
        if lacking:
            table.wrong(mistakes.TranslationMissingError, key, key=key, languages=", ".join(lacking))


def _rule(library: Library, instrument: str, rule: Table) -> None:
    """A rule quotes its place, and some measure leads to it."""
    eid, quote, kind = (rule.peek(key, str) for key in ("eid", "quote", "kind"))
    place = f"{instrument}:{eid}"
    if not eid or kind not in KEYS or not library.cite_exists(place):
        return
    words = " ".join((quote or "").split())
    if quote is not None and (not words or words not in library.wording(place)):
        rule.wrong(mistakes.QuoteNotVerbatimError, "quote", place=place)
    reach = library.reach.get(instrument)
    measures = [one for one in rule.peek("measures", list) or () if isinstance(one, str)]
    if kind in _WITHOUT_MEASURE or (kind == "scope" and measures):
        return
    if reach is not None and not _reached(eid, measures, reach):
        rule.wrong(mistakes.RuleUnreachedError, "eid", place=place)


def _reached(eid: str, measures: list[str], reach: Reach) -> bool:
    if not reach.measures:
        return False
    meant = [
        cell for name, cell in reach.measures.items() if not measures or name in measures or EVERY in measures
    ]
    general = any(f"{eid}__".startswith(f"{place}__") for place in reach.general)
    return any(general or cell.governs(eid) for cell in meant)


def _repeated(articles: list[Table]) -> None:
    """No rule and no question is given twice."""
    _once(articles, "rule", mistakes.RuleRepeatedError, _rule_key)
    _once(articles, "question", mistakes.IdRepeatedError, lambda one: (one.peek("id", str),))


def _rule_key(rule: Table) -> tuple[object, ...]:
    keys = ("eid", "suffix", "kind", "id", "bars")
    return (*(rule.peek(key, str) for key in keys), tuple(map(str, rule.peek("measures", list) or ())))


def _once(
    articles: list[Table],
    key: str,
    mistake: type[mistakes.RuleRepeatedError] | type[mistakes.IdRepeatedError],
    identity: Callable[[Table], tuple[object, ...]],
) -> None:
    found: dict[tuple[object, ...], Table] = {}
    for one in _tables(articles, key):
        known = identity(one)
        if known[0] is None:
            continue
        if known in found:
            first = found[known].place()
            one.wrong(mistake, id=known[0], line=first.line, first=first.short)
        found.setdefault(known, one)


def _homes(library: Library, instrument: str, table: Table) -> None:
    """A home is a rule, a model or an act that is there."""
    for home in table.tables("home"):
        kind, at = home.peek("kind", str), home.peek("at", str)
        if not at:
            continue
        there = _has_rule(library, at) if kind in _RULES else targets.exists(at)
        if not there:
            home.wrong(mistakes.TargetUnknownError, "at", target=at)


def _has_rule(library: Library, at: str) -> bool:
    try:
        return library.cite_exists(Citation.parse(at)) and bool(library.rules_on(at))
    except CitationUnreadableError:
        return False


def _opened(library: Library, instrument: str, path: Path) -> None:
    """Some scope rule opens the instrument for every measure of its column."""
    opened = {
        measure
        for rule in library.rules(instrument)
        if rule.kind == "scope"
        for measure in (library.words("measures") if EVERY in rule.measures else rule.measures)
    }
    column = read_toml(path).table("measure")
    for name in sorted(column.keys()) if column else ():
        if column and name in library.words("measures") and name not in opened:
            column.wrong(mistakes.MeasureUnopenedError, name, measure=name)


def _status(library: Library, instrument: str, folder: Path) -> None:
    """No act lies before the treaty was adopted, and no source before what it proves."""
    table = read_toml(folder / "status.toml")
    sources = read_sources(table)
    adopted = library.instrument(instrument).adopted
    for act in table.tables("act"):
        on = act.peek("on", date)
        if on is None:
            continue
        source: Source | None = sources.get(act.peek("source", str) or "")
        if source is not None and source.dated is not None and source.dated < on and "note" not in act:
            act.wrong(mistakes.SourceTooOldError, "source", day=source.dated, other=on)
        if adopted is not None and on < adopted and act.peek("what", str) == "signature":
            what = "the adoption of the treaty"
            act.wrong(mistakes.DayImpossibleError, "on", day=on, other=adopted, what=what)


def _states(table: Table) -> None:
    for number, state in enumerate(table.peek("parties", list) or ()):
        if not is_state(str(state)):
            table.wrong(mistakes.StateUnknownError, "parties", number, state=state)
    for state in table.peek("languages", dict) or {}:
        if not is_state(state):
            table.wrong(mistakes.StateUnknownError, "languages", state, state=state)


def _homeless(library: Library, instrument: str, folder: Path) -> None:
    """Provisions for which nothing in the software speaks, shown where the text has them."""
    try:
        missing = {place.citation.eid for place in coverage(library, instrument).homeless}
    except ProvisionUnknownError:
        return  # something points to no place, which is told where it stands
    for part in read_all(folder / "text" / library.instrument(instrument).language):
        for provision in part.tables("provision"):
            eid = provision.peek("eid", str)
            if eid in missing:
                provision.wrong(mistakes.ProvisionHomelessError, "eid", place=f"{instrument}:{eid}")


def _no_place(table: Table, key: str, cited: str) -> None:
    nearest = cited.partition("__")[0]
    table.wrong(mistakes.RulePlaceUnknownError, key, place=cited, nearest=nearest)
