"""The tables of measures and the catalogues of offences: every citation resolves, every condition exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.reasoning.predicates import DERIVED, WRITTEN, conditions_of
from comity.terms import Citation
from comity.treaties import EVERY, Reach, load

LIBRARY = load(Path(__file__).resolve().parents[2] / "law")
REACHES = list(LIBRARY.reach.values())
RULES = [rule for instrument in LIBRARY.instruments for rule in LIBRARY.rules(instrument)]


# Conditions that stand only inside another one.
PARTS = {
    "available_otherwise",
    "coercive",
    "contrary_to_basic_concepts",
    "could_leave_and_stayed_or_returned",
    "damage_recognised",
    "declared_dual_criminality_reservation",
    "declared_not_bound_by_arbitration",
    "final_judgment_waived",
    "matter_de_minimis",
    "prior_ownership_established",
}


def named_conditions(reach: Reach) -> set[str]:
    own = {name for cell in reach.measures.values() for name in cell.when}
    return own | set(reach.precedence.unless if reach.precedence else ())


def test_every_instrument_has_its_column_and_its_catalogue() -> None:
    assert set(LIBRARY.reach) == set(LIBRARY.instruments)
    assert all(reach.measures and reach.offences for reach in REACHES)


@pytest.mark.parametrize("reach", REACHES, ids=lambda reach: reach.instrument)
def test_every_citation_of_the_tables_leads_to_a_provision(reach: Reach) -> None:
    cited = [reach.column, *(citation for cell in reach.measures.values() for citation in cell.basis)]
    cited += [offence.citation for offence in reach.offences.values()]
    places = [place for cell in reach.measures.values() for place in cell.governed_by]
    places += [*reach.general, *(place for one in reach.offences.values() for place in one.predicates)]
    places += reach.precedence.paragraphs if reach.precedence else ()
    cited += [Citation(reach.instrument, place) for place in places]
    cited += [one for one in (reach.open_clause,) if one]
    assert [str(citation) for citation in cited if not LIBRARY.cite_exists(citation)] == []


def test_every_measure_of_the_vocabulary_is_in_some_column() -> None:
    provided = {measure for reach in REACHES for measure in reach.measures}
    assert provided == set(LIBRARY.words("measures"))


def test_every_condition_that_the_law_names_exists_and_none_is_idle() -> None:
    named = {name for rule in RULES for name in (*rule.when, *rule.unless)}
    named = named.union(*(named_conditions(reach) for reach in REACHES))
    assert named - set(conditions_of(LIBRARY)) == set()
    stated = [one for one in DERIVED if one[0] not in ("measures", "data_kinds", "clocks")]
    listed = {form.format(word) for name, form, _ in stated for word in LIBRARY.words(name)}
    assert (set(WRITTEN) | listed) - named == PARTS


def test_every_condition_is_documented() -> None:
    assert [name for name, function in WRITTEN.items() if not function.__doc__] == []
    for name in ("assessments", "circumstances", "declarations", "agreements"):
        assert set(LIBRARY.meanings(name)) == set(LIBRARY.words(name))


@pytest.mark.parametrize("reach", REACHES, ids=lambda reach: reach.instrument)
def test_every_measure_of_a_column_is_opened_by_some_scope_rule(reach: Reach) -> None:
    opened = {
        measure
        for rule in LIBRARY.rules(reach.instrument)
        if rule.kind == "scope"
        for measure in (reach.measures if EVERY in rule.measures else rule.measures)
    }
    assert set(reach.measures) - opened == set()


def test_offences_are_named_in_every_language() -> None:
    for reach in REACHES:
        for offence in reach.offences.values():
            assert set(offence.names) == {"en", "kk", "ru"}


def test_a_point_of_an_offences_article_names_that_offence() -> None:
    reach = LIBRARY.reach["uncc"]
    part = reach.offence(Citation.parse("uncc:art_17__para_1__point_a__item_i"))
    assert part is not None
    assert part.citation == Citation.parse("uncc:art_17")
    assert reach.offence(Citation.parse("uncc:art_40")) is None
    assert reach.offence(Citation.parse("uncac:art_17")) is None
