"""The conditions on the return of property and on the reservation on disputes, each answer of the three."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from comity.reasoning import read
from comity.reasoning.case import Case
from comity.reasoning.knowledge import Missing
from comity.reasoning.predicates import predicate
from comity.treaties import Library

DAY = date(2026, 3, 1)
OWNED = {"prior_ownership_established": True}
DAMAGED = {"damage_recognised": True}
NEITHER = {"prior_ownership_established": False, "damage_recognised": False}
EMBEZZLED = {"proceeds_of": "uncac:art_17", "public_funds": True}
BRIBE = {"proceeds_of": "uncac:art_15", "public_funds": False}
ON_REQUEST = {"confiscated_under": "uncac:art_55", "final_judgment": True}


def asked(
    library: Library,
    name: str,
    property_sought: dict[str, Any] | None = None,
    assessed: dict[str, bool] | None = None,
    **facts: Any,
) -> bool | tuple[str, ...]:
    """The answer of a condition under the Convention against Corruption, or the facts it misses."""
    given = {
        "requesting_state": "XA",
        "requested_state": "XB",
        "measure": "return_property",
        "offences": [{"id": "uncac:art_17"}],
        "property": property_sought or {},
        "assessment": {"XB": assessed or {}},
    }
    read_facts = read(given | facts, library)
    case = Case(read_facts, read_facts.offences[0], library.reach["uncac"], library, DAY)
    answer = predicate(name, library)(case)
    return tuple(dict.fromkeys(answer.facts)) if isinstance(answer, Missing) else answer


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (EMBEZZLED, True),
        (EMBEZZLED | {"proceeds_of": "uncac:art_23"}, True),
        (EMBEZZLED | {"proceeds_of": "uncac:art_15"}, False),
        (EMBEZZLED | {"proceeds_of": "uncc:art_17"}, False),
        (EMBEZZLED | {"public_funds": False}, False),
        ({"public_funds": False}, False),
        ({"proceeds_of": "uncac:art_15"}, False),
        ({"proceeds_of": "uncac:art_17"}, ("property.public_funds",)),
        ({"public_funds": True}, ("property.proceeds_of",)),
        ({}, ("property.proceeds_of", "property.public_funds")),
    ],
)
def test_embezzled_public_funds(library: Library, given: dict[str, Any], answer: object) -> None:
    assert asked(library, "embezzled_public_funds", given) == answer


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ({"proceeds_of": "uncac:art_15"}, True),
        ({"proceeds_of": "uncc:art_7"}, False),
        ({}, ("property.proceeds_of",)),
    ],
)
def test_proceeds_of_the_instrument(library: Library, given: dict[str, Any], answer: object) -> None:
    assert asked(library, "proceeds_of_the_instrument", given) == answer


@pytest.mark.parametrize(
    ("under", "at_request", "by_the_instrument"),
    [
        ("uncac:art_55", True, True),
        ("uncac:art_55__para_1__point_b", True, True),
        ("uncac:art_31", False, True),
        ("uncc:art_50", False, False),
        (None, ("property.confiscated_under",), ("property.confiscated_under",)),
    ],
)
def test_confiscated_under(
    library: Library, under: str | None, at_request: object, by_the_instrument: object
) -> None:
    given = {"confiscated_under": under} if under else {}
    assert asked(library, "confiscated_at_request", given) == at_request
    assert asked(library, "confiscated_under_the_instrument", given) == by_the_instrument


@pytest.mark.parametrize(
    ("final", "waived", "answer"),
    [
        (True, None, True),
        (None, True, True),
        (False, True, True),
        (False, False, False),
        (False, None, ("assessment.XB.final_judgment_waived",)),
        (None, False, ("property.final_judgment",)),
        (None, None, ("property.final_judgment", "assessment.XB.final_judgment_waived")),
    ],
)
def test_final_judgment_or_waived(
    library: Library, final: bool | None, waived: bool | None, answer: object
) -> None:
    given = {} if final is None else {"final_judgment": final}
    assessed = {} if waived is None else {"final_judgment_waived": waived}
    assert asked(library, "final_judgment_or_waived", given, assessed) == answer


@pytest.mark.parametrize(
    ("assessed", "answer"),
    [
        (OWNED, True),
        (DAMAGED, True),
        (NEITHER, False),
        ({"damage_recognised": False}, ("assessment.XB.prior_ownership_established",)),
    ],
)
def test_prior_ownership_or_damage(library: Library, assessed: dict[str, bool], answer: object) -> None:
    assert asked(library, "prior_ownership_or_damage_recognised", {}, assessed) == answer


@pytest.mark.parametrize(
    ("given", "assessed", "answer"),
    [
        (EMBEZZLED | ON_REQUEST, NEITHER, True),
        (EMBEZZLED | ON_REQUEST, {}, True),
        (BRIBE | ON_REQUEST, OWNED, True),
        (BRIBE | ON_REQUEST, DAMAGED, True),
        (BRIBE | ON_REQUEST, NEITHER, False),
        (BRIBE | ON_REQUEST, {"prior_ownership_established": False}, ("assessment.XB.damage_recognised",)),
        (EMBEZZLED | ON_REQUEST | {"confiscated_under": "uncac:art_31"}, {}, False),
        (EMBEZZLED | ON_REQUEST | {"final_judgment": False}, {"final_judgment_waived": False}, False),
        (
            EMBEZZLED | {"confiscated_under": "uncac:art_55", "final_judgment": False},
            {},
            ("assessment.XB.final_judgment_waived",),
        ),
        (EMBEZZLED | {"final_judgment": True}, {}, ("property.confiscated_under",)),
        ({"proceeds_of": "uncac:art_17"} | ON_REQUEST, OWNED, True),
        ({"proceeds_of": "uncac:art_17"} | ON_REQUEST, NEITHER, ("property.public_funds",)),
    ],
)
def test_return_is_owed(
    library: Library, given: dict[str, Any], assessed: dict[str, bool], answer: object
) -> None:
    assert asked(library, "return_is_owed", given, assessed) == answer


NOT_BOUND, BOUND = {"not_bound_by_arbitration": True}, {"not_bound_by_arbitration": False}


@pytest.mark.parametrize(
    ("declaration", "answer"),
    [
        ({"XA": NOT_BOUND}, True),
        ({"XB": NOT_BOUND}, True),
        ({"XA": BOUND, "XB": BOUND}, False),
        ({"XA": BOUND}, ("declaration.XB",)),
        ({}, ("declaration.XA", "declaration.XB")),
    ],
)
def test_arbitration_reserved_by_either_state(
    library: Library, declaration: dict[str, Any], answer: object
) -> None:
    assert asked(library, "arbitration_reserved", declaration=declaration) == answer


@pytest.mark.parametrize(("requesting", "requested"), [("KZ", "XB"), ("XA", "KZ")])
def test_what_a_state_declared_is_read_from_the_data_unless_the_facts_say_otherwise(
    library: Library, requesting: str, requested: str
) -> None:
    states = {"requesting_state": requesting, "requested_state": requested}
    assert asked(library, "arbitration_reserved", **states) is True
    both = {requesting: BOUND, requested: BOUND}
    assert asked(library, "arbitration_reserved", declaration=both, **states) is False


def test_a_declaration_of_the_data_speaks_for_its_own_state_alone(library: Library) -> None:
    name = "declared_convention_is_extradition_basis"
    assert asked(library, name, requested_state="KZ") is True
    assert asked(library, name, requesting_state="KZ") == ("declaration.XB",)
