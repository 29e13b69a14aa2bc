"""Write the tables that the law data themselves give: docs/law/coverage.md and docs/law/cases.md.

`python tools/law_tables.py` writes; `--check` only compares and exits with 1 where a page is out of date.
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from comity.reasoning.exercise import FAILS, HOLDS, OPEN, OUTSIDE, decided_by_facts, exercised
from comity.terms import Citation
from comity.treaties import Library, Rule, load
from comity.treaties.coverage import KINDS, Coverage, coverage

ROOT = Path(__file__).resolve().parents[1]
LAW = ROOT / "law"
COVERAGE = """# Where every provision lives

`comity law coverage` counts every article, paragraph, point and item of the texts (preambles, recitals and
closing formulas order nothing and are not counted) and says where each lives: at a `rule` of the engine,
in a `register`, in a `workflow`, as a `right or limit`, or as a question of the implementation `tracker`.
What waits for a workflow that is not built yet counts as `none`, though a rule may stand on it already.
This page is written by `tools/law_tables.py` from the data; a test keeps it true.
"""
CASES = """# Which case exercises which rule

{count} cases of facts and expected findings stand beside the law (`law/<instrument>/cases`). A rule is
exercised where a case says what it expects of it: that it holds, that it does not (or that the opinion on
another request is silent on it), that it cannot be decided. Three cases of each are named at most. Statements
of status and records that govern no measure are decided by no facts of a case and are not in the table; the
final clauses among them are exercised by the cases of status (`law/<instrument>/cases_of_status`).
This page is written by `tools/law_tables.py`; a test keeps it true."""


def coverage_page(library: Library) -> str:
    """docs/law/coverage.md: the count of homes, and what still waits for which room."""
    found = [coverage(library, instrument) for instrument in library.instruments]
    return "\n".join([*_coverage_head(found), *_waiting(found)]) + "\n"


def _coverage_head(found: list[Coverage]) -> Iterator[str]:
    yield COVERAGE
    yield f"| instrument | provisions | {' | '.join(kind.replace('_', ' ') for kind in KINDS)} |"
    yield f"|---|---|{'---|' * len(KINDS)}"
    for one in found:
        counts = [sum(place.kind == kind for place in one.places) for kind in KINDS]
        yield f"| `{one.instrument}` | {len(one.places)} | {' | '.join(map(str, counts))} |"
    yield ""
    yield f"Without a home and without a room that owes one: {sum(len(one.homeless) for one in found)}."


def _waiting(found: list[Coverage]) -> Iterator[str]:
    rooms: dict[str, dict[tuple[str, str], list[Citation]]] = defaultdict(lambda: defaultdict(list))
    for one in found:
        for room, places in one.by_room().items():
            for place in places:
                if place.awaited is not None:
                    rooms[room][one.instrument, place.awaited.what].append(place.citation)
    yield ""
    yield "## What waits for its workflow, by the room that owes it"
    for room in sorted(rooms):
        yield ""
        yield f"### {room}"
        yield ""
        for (_instrument, what), places in rooms[room].items():
            yield f"- {what} {', '.join(place.label for place in places)}"


def cases_page(library: Library) -> str:
    """docs/law/cases.md: which cases exercise each rule, and which way."""
    ways: dict[Rule, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    paths = sorted(LAW.glob("*/cases/*.toml"))
    for path in paths:
        case = tomllib.loads(path.read_text(encoding="utf-8"))
        for one in sorted(exercised(case, library), key=lambda one: one.way):
            ways[one.rule][one.way].append(f"{path.parts[-3]}/{path.stem}")
    return "\n".join([*_cases_head(len(paths)), *_table(library, ways)]) + "\n"


def _cases_head(count: int) -> Iterator[str]:
    yield CASES.format(count=count)


def _table(library: Library, ways: dict[Rule, dict[str, list[str]]]) -> Iterator[str]:
    for instrument in library.instruments:
        yield ""
        yield f"## {instrument}"
        yield ""
        yield "| rule | kind | holds | does not hold | undecided |"
        yield "|---|---|---|---|---|"
        for rule in filter(decided_by_facts(library).__contains__, library.rules(instrument)):
            found = ways.get(rule, {})
            name = f" {rule.id or rule.bars}" if rule.id or rule.bars else ""
            cells = [found.get(HOLDS), found.get(FAILS) or found.get(OUTSIDE), found.get(OPEN)]
            shown = " | ".join(_named(cell or []) for cell in cells)
            yield f"| {rule.citation.label}{name} | {rule.kind} | {shown} |"


def _named(cases: list[str]) -> str:
    more = f" and {len(cases) - 3} more" if len(cases) > 3 else ""
    return ", ".join(cases[:3]) + more


PAGES = {"coverage.md": coverage_page, "cases.md": cases_page}


def main(*, check: bool) -> int:
    """Write or compare both pages."""
    library, stale = load(LAW), []
    for name, page in PAGES.items():
        path, text = ROOT / "docs" / "law" / name, page(library)
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        elif not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"out of date: {', '.join(stale)}; run tools/law_tables.py")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
