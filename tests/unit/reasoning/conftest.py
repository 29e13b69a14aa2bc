from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from comity.reasoning import Opinion, advise, read
from comity.treaties import Library, load

# The facts of the story: illegal access to a bank, the Convention assumed in force for both.
STORY: dict[str, Any] = {
    "requesting_state": "KZ",
    "requested_state": "TM",
    "as_of": "2027-06-01",
    "measure": "preserve_data",
    "data_kinds": ["traffic", "content"],
    "electronic_evidence": True,
    "offences": [
        {
            "id": "uncc:art_7",
            "description": "access to a bank's servers",
            "max_penalty_years": 5,
            "by_ict": True,
            "predicate": None,
            "criminal_in": {"KZ": True, "TM": True},
            "kind": None,
        }
    ],
    "urgent": False,
    "emergency": False,
    "coercive": True,
    "agreements": {"apply_convention_paragraphs": False, "oral": False, "interpol": False},
    "status": {
        "uncc": {
            "in_force_since": "2027-01-01",
            "KZ": {"status": "party", "since": "2027-01-01"},
            "TM": {"status": "party", "since": "2027-03-01"},
        }
    },
    "person": {"national_of": "TM", "purpose": "prosecution"},
    "property": {"proceeds_of": "uncac:art_17", "final_judgment": True},
    "suspected_grounds": ["fiscal", "bank_secrecy"],
}


@pytest.fixture(scope="session")
def library() -> Library:
    return load()


@pytest.fixture
def story() -> dict[str, Any]:
    """A copy of the story's facts that a test may change."""
    return copy.deepcopy(STORY)


@pytest.fixture(scope="session")
def opine(library: Library) -> Callable[[dict[str, Any]], Opinion]:
    """The opinion on a FACTS object."""

    def of(facts: dict[str, Any]) -> Opinion:
        return advise(read(facts, library), library)

    return of
