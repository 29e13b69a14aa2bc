"""Bad facts: each gets its own code, the path of the field, and a next step."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from comity.reasoning import advise, check, read
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


MORE_BAD: list[tuple[Change, str, str]] = [
    (put("circumstances", {"raining": True}), "fact_key_unknown", "circumstances.raining"),
    (put("circumstances", []), "fact_wrong_type", "circumstances"),
    (put("events", {"dawn": "2027-01-01"}), "fact_word_unknown", "events.dawn"),
    (put("events", {"receipt": "yesterday"}), "date_impossible", "events.receipt"),
    (put("offences[0].elements", {"mood": True}), "fact_key_unknown", "offences[0].elements.mood"),
    (put("offences[0].description", 3), "fact_wrong_type", "offences[0].description"),
    (put("offences[0].predicate", "uncc"), "offence_unknown", "offences[0].predicate"),
    (put("offences", ["theft"]), "fact_wrong_type", "offences[0]"),
    (put("property.confiscated_under", "article 55"), "citation_unknown", "property.confiscated_under"),
    (put("property.public_funds", 1), "fact_wrong_type", "property.public_funds"),
    (put("person", "a national"), "fact_wrong_type", "person"),
    (put("person.national_of", "Kazakhstan"), "state_unknown", "person.national_of"),
    (put("declaration", {"TM": {"languages": []}}), "fact_wrong_type", "declaration.TM.languages"),
    (put("declaration", {"TM": {"language": ["ru"]}}), "fact_key_unknown", "declaration.TM.language"),
    (put("status.uncc.KZ", {"deposited": None}), "date_impossible", "status.uncc.KZ.deposited"),
    (put("status.uncc", []), "fact_wrong_type", "status.uncc"),
]
BAD += MORE_BAD


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


NEAREST = [
    (put("urgnet", True), "urgent"),
    (put("offences[0].max_penalty_year", 5), "max_penalty_years"),
    (put("measure", "preserve_date"), "preserve_data"),
    (put("data_kinds", ["trafic"]), "traffic"),
    (put("suspected_grounds", ["bank_secret"]), "bank_secrecy"),
    (put("agreements", {"orally": True}), "oral"),
    (put("assessment", {"TM": {"data_vulnarable": True}}), "data_vulnerable"),
    (put("events", {"reciept": "2027-01-01"}), "receipt"),
    (put("status.unc", {}), "uncc"),
    (put("requested_state", "Turkmenistan"), "TM"),
    (put("requested_state", "TKM"), "TM"),
    (put("requested_state", "tm"), "TM"),
    (put("offences[0].id", "uncc:art_70"), "uncc:art_7"),
    (put("property.confiscated_under", "uncac:art_55__para_99"), "uncac:art_55"),
]


@pytest.mark.parametrize(("change", "suggested"), NEAREST, ids=[suggested for _, suggested in NEAREST])
def test_the_nearest_known_name_is_suggested(
    change: Change, suggested: str, story: dict[str, Any], library: Library
) -> None:
    change(story)
    with pytest.raises(FactsUnreadableError) as caught:
        read(story, library)
    assert suggested in re.split(r"[\s,;.]+", caught.value.advice)


def test_a_number_out_of_range_is_answered_with_the_range(story: dict[str, Any], library: Library) -> None:
    story["offences"][0]["max_penalty_years"] = -1
    with pytest.raises(FactsUnreadableError) as caught:
        read(story, library)
    assert caught.value.advice == "Write a number from 0 to 1000."


def test_more_offences_than_any_case_has_are_refused(story: dict[str, Any], library: Library) -> None:
    story["offences"] *= 1001
    with pytest.raises(FactsUnreadableError) as caught:
        read(story, library)
    assert caught.value.code == "facts_too_many"


def test_a_word_said_twice_counts_once(story: dict[str, Any], library: Library) -> None:
    once = advise(read(story, library), library, date(2027, 6, 1)).as_dict()
    story["suspected_grounds"] *= 1000
    assert advise(read(story, library), library, date(2027, 6, 1)).as_dict() == once


@pytest.mark.parametrize(
    "told", [{"deposited": "9999-12-31"}, {"status": "denounced", "since": "9999-12-31"}]
)
@pytest.mark.parametrize("as_of", [date(2027, 6, 1), date.max])
def test_a_status_at_the_end_of_the_calendar_is_weighed(
    told: dict[str, str], as_of: date, story: dict[str, Any], library: Library
) -> None:
    for treaty in library.reach:
        story["status"] = {treaty: {"in_force_since": "2027-01-01", "KZ": told, "TM": told}}
        advise(read(story, library), library, as_of).as_dict()


ODD: list[Any] = [
    None, True, 0, -1, 1e308, 10**15, "", "x", "KZ", "2027-01-01", "9999-12-31", "0001-01-01",
    [], {}, [[]], [{}], [None], {"a": 1}, {"": None},
]  # fmt: skip


def places(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*way, key))


def with_at(value: Any, way: tuple[str | int, ...], odd: Any) -> Any:
    if not way:
        return odd
    copied = copy.deepcopy(value)
    place = copied
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = odd
    return copied


def test_whatever_stands_anywhere_is_read_or_refused_by_name(story: dict[str, Any], library: Library) -> None:
    whole = story | {
        "events": {"preservation": "2027-03-01"},
        "circumstances": {"could_leave_and_stayed_or_returned": True},
        "assessment": {"TM": {"data_vulnerable": True}},
        "declaration": {"TM": {"languages": ["ru"], "diplomatic_channel": True}},
    }
    for way in places(whole):
        for odd in ODD:
            with contextlib.suppress(FactsUnreadableError):
                advise(read(with_at(whole, way, odd), library), library, date(2027, 6, 1)).as_dict()


def test_whatever_stands_anywhere_in_a_draft_is_checked_or_refused_by_name(
    story: dict[str, Any], library: Library
) -> None:
    item = {
        "number": 1,
        "measure": "preserve_data",
        "data_kinds": ["traffic"],
        "period": {"from": "x"},
    }
    body = {"instrument": "uncc", "measure": "preserve_data", "basis": ["uncc:art_42"], "facts": story}
    letter = {"kind": "request", "written_at": "2027-06-01T00:00:00Z"}
    whole = letter | {"body": body | {"contents": {"facts": "x"}, "items": [item]}}
    for way in places(whole):
        if "facts" in way[1:2] and len(way) > 2:
            continue  # the facts have their own test
        for odd in ODD:
            with contextlib.suppress(FactsUnreadableError):
                check(with_at(whole, way, odd), library, date(2027, 6, 1))
