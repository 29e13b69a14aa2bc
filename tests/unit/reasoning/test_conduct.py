"""Dual criminality compares conduct: the facts first, then a State's provisions; a part decides nothing."""

from __future__ import annotations

import copy
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from comity.reasoning import advise, read
from comity.terms import Citation
from comity.treaties import Enactment, Implementation, Library, Source
from comity.treaties.states import Part

SOURCE = Source("T", "Invented code", "https://law.example/xa", date(2026, 1, 1))


def enactment(state: str, covers: str, *requires: str) -> Enactment:
    text = MappingProxyType(dict.fromkeys(("en", "kk", "ru"), "unlawful access"))
    answers = Implementation(Citation("uncc", "art_7"), covers, requires, text)
    return Enactment(state, "Code", "1", text, SOURCE, None, "O", (Part("1", 5.0, None),), (answers,))


def with_law(library: Library, **states: tuple[Enactment, ...]) -> Library:
    other = copy.copy(library)
    other.states = MappingProxyType(states)
    return other


def facts(offence: dict[str, Any]) -> dict[str, Any]:
    return {
        "requesting_state": "XA",
        "requested_state": "XB",
        "as_of": "2027-06-01",
        "measure": "access_stored_data",
        "electronic_evidence": True,
        "offences": [{"id": "uncc:art_7", **offence}],
        "status": {
            "uncc": {
                "in_force_since": "2027-01-01",
                "XA": {"status": "party", "since": "2027-01-01"},
                "XB": {"status": "party", "since": "2027-01-01"},
            }
        },
    }


def ground(library: Library, offence: dict[str, Any]) -> tuple[str, list[str]]:
    """The ground of 40(8) and what it lacks; where 35(3) bars it the ground is gone."""
    opinion = advise(read(facts(offence), library), library).as_dict()
    found = [one for one in opinion["grounds"] if one["cite"] == "uncc:art_40__para_8__ground_1"]
    if not found:
        bars = [one["cite"] for one in opinion["barred_grounds"] if one["id"] == "dual_criminality"]
        assert bars == ["uncc:art_35__para_3"]
        return "barred", []
    return found[0]["outcome"], found[0].get("missing", [])


BOTH = {"XA": (enactment("XA", "whole"),), "XB": (enactment("XB", "whole"),)}


def test_two_laws_that_cover_the_whole_conduct_close_the_ground(library: Library) -> None:
    assert ground(with_law(library, **BOTH), {})[0] == "barred"


def test_a_state_whose_law_is_not_in_the_data_leaves_it_open(library: Library) -> None:
    found = ground(with_law(library, XA=BOTH["XA"]), {})
    assert found == ("undetermined", ["offences[0].criminal_in.XB"])
    assert ground(with_law(library), {})[0] == "undetermined"


def test_a_law_that_covers_a_part_decides_nothing(library: Library) -> None:
    law = with_law(library, XA=BOTH["XA"], XB=(enactment("XB", "part"),))
    assert ground(law, {}) == ("undetermined", ["offences[0].criminal_in.XB"])


@pytest.mark.parametrize(
    ("elements", "outcome"),
    [
        ({}, "undetermined"),
        ({"breach_of_security_measures": True}, "barred"),
        ({"breach_of_security_measures": False}, "undetermined"),
    ],
)
def test_an_element_that_a_state_requires_decides_as_far_as_it_is_known(
    library: Library, elements: dict[str, bool], outcome: str
) -> None:
    law = with_law(library, XA=BOTH["XA"], XB=(enactment("XB", "whole", "breach_of_security_measures"),))
    found, missing = ground(law, {"elements": elements})
    assert found == outcome
    asked = "offences[0].elements.breach_of_security_measures"
    assert (asked in missing) == (elements == {})


def test_what_the_facts_say_goes_before_the_data(library: Library) -> None:
    assert ground(with_law(library, **BOTH), {"criminal_in": {"XB": False}})[0] == "applies"


def test_another_offence_is_not_compared(library: Library) -> None:
    assert ground(with_law(library, **BOTH), {"id": "uncc:art_8"})[0] == "undetermined"


def test_the_opinion_names_the_provisions_compared_with_their_source(library: Library) -> None:
    law = with_law(library, **BOTH)
    found = advise(read(facts({}), law), law).as_dict()["dual_criminality"]
    assert [(one["state"], one["outcome"], one["cite"]) for one in found] == [
        ("XA", "applies", "uncc:art_35__para_3"),
        ("XB", "applies", "uncc:art_35__para_3"),
    ]
    (provision,) = found[0]["provisions"]
    assert (provision["article"], provision["source"]) == ("1", "Invented code")
    assert provision["max_years"] == {"1": 5.0}


def test_a_measure_that_asks_for_no_dual_criminality_has_no_such_list(library: Library) -> None:
    asked = facts({}) | {"measure": "technical_advice"}
    assert advise(read(asked, library), library).as_dict()["dual_criminality"] == []
