"""Bad facts: each gets its own code, the path of the field, and a next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from comity.reasoning import read
from comity.reasoning.errors import FactsUnreadableError
from comity.treaties import Library

Change = Callable[[dict[str, Any]], object]


def put(path: str, value: object) -> Change:
    """Set a field by its path (``offences[0].id``)."""

    def change(facts: dict[str, Any]) -> None:
        *way, last = path.replace("[0]", ".0").split(".")
        place: Any = facts
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value

    return change


def drop(key: str) -> Change:
    return lambda facts: facts.pop(key)


BAD: list[tuple[Change, str, str]] = [
    (put("requested_state", "KZ"), "same_state_twice", "requested_state"),
    (put("requested_state", "ZZ"), "state_unknown", "requested_state"),
    (put("requesting_state", "kz"), "state_unknown", "requesting_state"),
    (put("requesting_state", ["KZ"]), "state_unknown", "requesting_state"),
    (put("measure", "wiretap"), "measure_unknown", "measure"),
    (put("measure", None), "measure_unknown", "measure"),
    (drop("measure"), "fact_required", "measure"),
    (drop("requested_state"), "fact_required", "requested_state"),
    (drop("offences"), "fact_required", "offences"),
    (put("offences", []), "fact_required", "offences[0]"),
    (put("offences", {}), "fact_wrong_type", "offences"),
    (put("offences[0].id", "uncc:art_42"), "offence_unknown", "offences[0].id"),
    (put("offences[0].id", "article 7"), "offence_unknown", "offences[0].id"),
    (put("offences[0].id", "kz-tm:art_1__para_1__point_14"), "offence_unknown", "offences[0].id"),
    (put("offences[0].kind", "uncc:art_7"), "offence_unknown", "offences[0].kind"),
    (put("offences[0].predicate", 3), "fact_wrong_type", "offences[0].predicate"),
    (put("offences[0].max_penalty_years", -1), "fact_word_unknown", "offences[0].max_penalty_years"),
    (put("offences[0].max_penalty_years", True), "fact_wrong_type", "offences[0].max_penalty_years"),
    (put("offences[0].criminal_in", {"QQ": True}), "state_unknown", "offences[0].criminal_in.QQ"),
    (put("offences[0].colour", "red"), "fact_key_unknown", "offences[0].colour"),
    (put("as_of", "2027-02-30"), "date_impossible", "as_of"),
    (put("as_of", "01.06.2027"), "date_impossible", "as_of"),
    (put("as_of", 20270601), "date_impossible", "as_of"),
    (put("data_kinds", ["metadata"]), "fact_word_unknown", "data_kinds[0]"),
    (put("data_kinds", "traffic"), "fact_wrong_type", "data_kinds"),
    (put("urgent", "yes"), "fact_wrong_type", "urgent"),
    (put("urgency", True), "fact_key_unknown", "urgency"),
    (put("agreements.fax", True), "fact_key_unknown", "agreements.fax"),
    (put("status.nato", {}), "instrument_unknown", "status.nato"),
    (put("status.uncc.in_force_since", "soon"), "date_impossible", "status.uncc.in_force_since"),
    (put("status.uncc.XYZ", {"status": "party"}), "state_unknown", "status.uncc.XYZ"),
    (put("status.uncc.KZ", {"status": "member"}), "fact_word_unknown", "status.uncc.KZ.status"),
    (put("status.uncc.KZ", {}), "fact_required", "status.uncc.KZ.status"),
    (
        put("status.uncc.KZ", {"deposited": "2026-01-01", "status": "party"}),
        "fact_key_unknown",
        "status.uncc.KZ.status",
    ),
    (put("person.purpose", "revenge"), "fact_word_unknown", "person.purpose"),
    (put("property.proceeds_of", "uncac:art_51"), "offence_unknown", "property.proceeds_of"),
    (put("property.confiscated_under", "uncac:art_99"), "citation_unknown", "property.confiscated_under"),
    (put("suspected_grounds", ["boredom"]), "fact_word_unknown", "suspected_grounds[0]"),
    (put("assessment", {"TM": {"mood": True}}), "fact_key_unknown", "assessment.TM.mood"),
    (
        put("declaration", {"TM": {"languages": ["Russian"]}}),
        "fact_word_unknown",
        "declaration.TM.languages[0]",
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "path"), BAD, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_bad_fact_is_named_by_code_and_path(
    change: Change, code: str, path: str, story: dict[str, Any], library: Library
) -> None:
    change(story)
    with pytest.raises(FactsUnreadableError) as caught:
        read(story, library)
    assert caught.value.code == code
    assert caught.value.params["path"] == path
    assert "{" not in str(caught.value) + caught.value.advice


def test_the_storys_facts_and_the_bare_minimum_are_read(story: dict[str, Any], library: Library) -> None:
    assert read(story, library).status["uncc"].states["TM"].since is not None
    bare = {key: story[key] for key in ("requesting_state", "requested_state", "measure")} | {
        "offences": [{}]
    }
    facts = read(bare, library)
    assert facts.urgent is None
    assert facts.data_kinds is None


@pytest.mark.parametrize("value", [[], "facts", None, 3])
def test_what_is_no_object_is_no_facts(value: object, library: Library) -> None:
    with pytest.raises(FactsUnreadableError) as caught:
        read(value, library)
    assert caught.value.code == "fact_wrong_type"
