"""Whatever the facts: an unknown one never tips a finding, and learning it never turns a decided one."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from comity.reasoning import Answer, Missing, Opinion, advise, check, read
from comity.reasoning.errors import DateMissingError, FactsUnreadableError
from comity.reasoning.knowledge import NO, YES, all_of, any_of
from comity.reasoning.opinion import Finding
from comity.reasoning.rules import answer, cases, governing
from comity.terms import Outcome
from comity.treaties import Library, load

T = TypeVar("T")
LIBRARY: Library = load(Path(__file__).resolve().parents[2] / "law")
ANSWERS = st.sampled_from([YES, NO, Answer(Outcome.UNDETERMINED, ("fact",))])

day = st.sampled_from(["2025-01-01", "2027-01-01", "2027-05-31", "2027-06-01", "2028-01-01"])
state_status = st.one_of(
    st.fixed_dictionaries({"deposited": day}),
    st.fixed_dictionaries({"status": st.sampled_from(LIBRARY.words("treaty_statuses")), "since": day}),
)
in_force = st.one_of(st.none(), day)
# A closed treaty that is in force binds both; an open one binds each State by its own act.
treaties = st.fixed_dictionaries(
    {
        name: st.fixed_dictionaries(
            {"in_force_since": in_force}
            if reach.parties
            else {"in_force_since": in_force, "KZ": state_status, "TM": state_status}
        )
        for name, reach in LIBRARY.reach.items()
    }
)
offence = st.fixed_dictionaries(
    {
        "id": st.sampled_from([None, "uncc:art_7", "uncc:art_17", "uncac:art_17"]),
        "predicate": st.sampled_from([None, "uncc:art_13", "uncac:art_17"]),
        "kind": st.sampled_from(["kz-tm:art_1__para_1__point_14", "csto-ict:art_3__point_3"]),
        "max_penalty_years": st.sampled_from([1, 3.9, 4, 15]),
        "by_ict": st.booleans(),
        "criminal_in": st.fixed_dictionaries({"KZ": st.booleans(), "TM": st.booleans()}),
    }
)
complete = st.fixed_dictionaries(
    {
        "requesting_state": st.just("KZ"),
        "requested_state": st.just("TM"),
        "as_of": st.just("2027-06-01"),
        "measure": st.sampled_from(LIBRARY.words("measures")),
        "offences": st.lists(offence, min_size=1, max_size=2),
        "data_kinds": st.lists(st.sampled_from(LIBRARY.words("data_kinds")), unique=True, min_size=1),
        "electronic_evidence": st.booleans(),
        "urgent": st.booleans(),
        "emergency": st.booleans(),
        "coercive": st.booleans(),
        "agreements": st.fixed_dictionaries({name: st.booleans() for name in LIBRARY.words("agreements")}),
        "circumstances": st.fixed_dictionaries(
            {name: st.booleans() for name in LIBRARY.words("circumstances")}
        ),
        "events": st.fixed_dictionaries(dict.fromkeys(LIBRARY.words("clock_starts"), day)),
        "person": st.fixed_dictionaries(
            {
                "national_of": st.sampled_from(["KZ", "TM", "XA"]),
                "purpose": st.sampled_from(["prosecution", "enforcement"]),
            }
        ),
        "status": treaties,
        "assessment": st.fixed_dictionaries(
            {"TM": st.fixed_dictionaries({name: st.booleans() for name in LIBRARY.words("assessments")})}
        ),
        "declaration": st.fixed_dictionaries(
            {
                "TM": st.fixed_dictionaries(
                    {
                        "languages": st.just(["ru"]),
                        **{name: st.booleans() for name in LIBRARY.words("declarations")},
                    }
                )
            }
        ),
    }
)
KEPT = {"requesting_state", "requested_state", "as_of", "measure", "offences"}
slow = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def opine(facts: dict[str, Any]) -> Opinion:
    return advise(read(facts, LIBRARY), LIBRARY)


def forget(facts: dict[str, Any], draw: Any) -> dict[str, Any]:
    """A copy that leaves some facts out, at every depth; what makes a case a case stays."""

    def thin(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: thin(one) for name, one in value.items() if draw(st.booleans())}
        return [thin(one) for one in value] if isinstance(value, list) else value

    fewer = {name: value for name, value in facts.items() if name in KEPT or draw(st.booleans())}
    for name in ("offences", "agreements", "assessment", "circumstances", "events", "person"):
        if name in fewer:
            fewer[name] = thin(fewer[name])
    if "declaration" in fewer:
        languages = fewer["declaration"]["TM"]["languages"]
        fewer["declaration"] = {"TM": thin(fewer["declaration"]["TM"]) | {"languages": languages}}
    if "status" in fewer:
        fewer["status"] = {name: thin_treaty(one, draw) for name, one in fewer["status"].items()}
    return fewer


def thin_treaty(treaty: dict[str, Any], draw: Any) -> dict[str, Any]:
    """Forget a treaty's entry into force, a State, or since when a State has its status."""
    fewer = {name: copy.deepcopy(value) for name, value in treaty.items() if draw(st.booleans())}
    for state in ("KZ", "TM"):
        if "since" in fewer.get(state, {}) and draw(st.booleans()):
            del fewer[state]["since"]
    return fewer


def decided(opinion: Opinion) -> dict[tuple[str, str, str, int], str]:
    """Every decided finding of the bases by instrument, citation, State and place among its like."""
    found: dict[tuple[str, str, str, int], str] = {}
    for basis in opinion.bases:
        found[basis.instrument, "", "", 0] = basis.outcome.value
        for finding in basis.findings:
            key = (basis.instrument, finding.cite, str(finding.details.get("state", "")))
            place = sum(1 for other in found if other[:3] == key)
            found[(*key, place)] = finding.outcome.value
    return {key: outcome for key, outcome in found.items() if outcome != "undetermined"}


@slow
@given(st.data(), complete)
def test_learning_a_fact_never_turns_a_decided_finding(data: st.DataObject, facts: dict[str, Any]) -> None:
    # A treaty whose status the facts do not name keeps the node's data: both sides name the same ones.
    fewer = forget(facts, data.draw)
    if "status" not in fewer:
        facts = {name: value for name, value in facts.items() if name != "status"}
    before, after = decided(opine(fewer)), decided(opine(facts))
    assert {key: after.get(key) for key in before} == before


def lasting(finding: Finding) -> str:
    """The details of a finding but for those of a clock that begin only when its start is known."""
    return str({key: value for key, value in finding.details.items() if key not in ("until", "ran_out")})


@slow
@given(st.data(), complete)
def test_learning_a_fact_never_turns_a_decided_rule(data: st.DataObject, facts: dict[str, Any]) -> None:
    fewer = forget(facts, data.draw) | {"status": facts["status"]}
    few, all_known = opine(fewer), opine(facts)
    assume((few.recommended, few.procedure) == (all_known.recommended, all_known.procedure))
    # Reasons compare the instruments that are found to apply, and so change as more is known of the others.
    for name in few.lists.keys() - {"languages", "suspected_grounds", "reasons"}:
        findings = few.lists[name]
        known = {(one.cite, lasting(one)): one.outcome for one in all_known.lists.get(name, ())}
        for one in findings:
            if one.outcome is Outcome.APPLIES:
                assert known.get((one.cite, lasting(one))) is Outcome.APPLIES


@slow
@given(complete)
def test_complete_facts_leave_no_basis_undetermined_but_for_kinds_of_other_treaties(
    facts: dict[str, Any],
) -> None:
    for basis in opine(facts).bases:
        gaps = {gap.rpartition(".")[2] for gap in basis.answer.missing}
        assert gaps <= {"kind", "KZ", "TM"}  # a State whose notice lies in the future


@slow
@given(complete)
def test_what_is_undetermined_names_what_is_missing_and_what_is_decided_does_not(
    facts: dict[str, Any],
) -> None:
    opinion = opine(facts)
    for basis in opinion.bases:
        assert (basis.outcome is Outcome.UNDETERMINED) == bool(basis.told.missing)
    everything = [finding for basis in opinion.bases for finding in basis.findings]
    for one in [*everything, *(finding for found in opinion.lists.values() for finding in found)]:
        assert (one.outcome is Outcome.UNDETERMINED) == bool(one.answer.missing)


@slow
@given(complete)
def test_no_finding_is_without_a_provision_and_its_words(facts: dict[str, Any]) -> None:
    opinion = opine(facts)
    everything = [finding for basis in opinion.bases for finding in basis.findings]
    everything += [finding for found in opinion.lists.values() for finding in found]
    for one in everything:
        assert LIBRARY.cite_exists(one.cite)
        assert one.text.strip()
        assert all(rule.quote for rule in LIBRARY.rules_on(one.cite))


@given(st.sampled_from(sorted(LIBRARY.reach)), st.sampled_from(LIBRARY.words("measures")))
def test_of_nothing_known_nothing_is_found_but_what_the_measure_decides(name: str, measure: str) -> None:
    """Unknown in, unknown out: a condition on a fact that is not given is never found to hold."""
    facts = read(
        {"requesting_state": "XA", "requested_state": "XB", "measure": measure, "offences": [{}]}, LIBRARY
    )
    reach = LIBRARY.reach[name]
    (case,) = cases(facts, LIBRARY, reach, date(2027, 6, 1))
    for rule in governing(LIBRARY, name, measure):
        for condition in (*rule.when, *rule.unless):
            if not condition.startswith("measure_"):
                assert answer(condition, case).outcome is not Outcome.APPLIES, (rule.citation, condition)


@given(st.lists(ANSWERS, max_size=5))
def test_all_and_any_mirror_each_other(answers: list[Answer]) -> None:
    assert all_of(answers) == ~any_of(~answer for answer in answers)


@given(st.lists(ANSWERS, max_size=5), st.sampled_from([YES, NO]))
def test_replacing_unknowns_keeps_what_was_decided(answers: list[Answer], known: Answer) -> None:
    filled = [known if answer.outcome is Outcome.UNDETERMINED else answer for answer in answers]
    for combine in (all_of, any_of):
        before = combine(answers)
        assert before.outcome is Outcome.UNDETERMINED or combine(filled) == before


def test_an_engine_that_gave_the_unknown_a_default_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with “unknown means no”, learning the offence turns a decided finding."""
    facts = {
        "requesting_state": "KZ",
        "requested_state": "TM",
        "as_of": "2026-03-01",
        "measure": "provide_records",
        "offences": [{"id": "uncac:art_17"}],
    }
    fewer = facts | {"offences": [{}]}
    assert decided(opine(fewer)).items() <= decided(opine(facts)).items()
    honest = Answer.of
    monkeypatch.setattr(Answer, "of", lambda known: NO if isinstance(known, Missing) else honest(known))
    assert not decided(opine(fewer)).items() <= decided(opine(facts)).items()


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def spoil(facts: dict[str, Any], draw: Any) -> dict[str, Any]:
    """Put any JSON value in the place of one field, at any depth."""
    spoiled = copy.deepcopy(facts)
    place: Any = spoiled
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            place[key] = draw(anything)
            return spoiled
        place = inner


def answer_or_refusal(call: Callable[[], T]) -> T | FactsUnreadableError:
    """What came back; any other error fails the test."""
    try:
        return call()
    except FactsUnreadableError as refusal:
        return refusal


@slow
@given(st.data(), complete)
def test_spoiled_facts_give_an_opinion_or_a_clear_refusal(data: st.DataObject, facts: dict[str, Any]) -> None:
    spoiled = spoil(facts, data.draw)
    came = answer_or_refusal(lambda: opine(spoiled))
    if isinstance(came, FactsUnreadableError):
        assert came.params or isinstance(came, DateMissingError)
        assert "{" not in came.advice
    else:
        assert json.loads(json.dumps(came.as_dict())) == came.as_dict()


@slow
@given(st.data(), complete)
def test_a_spoiled_request_is_checked_or_clearly_refused(data: st.DataObject, facts: dict[str, Any]) -> None:
    item = {"number": 1, "measure": facts["measure"], "data_kinds": ["traffic"], "period": None}
    body = {
        "measure": facts["measure"],
        "instrument": "uncc",
        "basis": ["uncc:art_42__para_1"],
        "facts": facts,
        "contents": {"facts": "text"},
        "items": [item],
        "confidential": True,
    }
    spoiled = spoil(body, data.draw)
    came = answer_or_refusal(lambda: check(spoiled, LIBRARY))
    if isinstance(came, FactsUnreadableError):
        assert came.params or isinstance(came, DateMissingError)
    else:
        assert all(LIBRARY.cite_exists(problem.cite) and problem.text for problem in came)
