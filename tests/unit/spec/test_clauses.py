"""Every clause of docs/spec and docs/sealing.md is realised by code that names it, and none is invented."""

from __future__ import annotations

from tests.unit.spec import clauses


def test_every_clause_is_named_by_code_and_every_named_clause_exists():
    found, wrong = clauses.written(clauses.documents())
    assert not wrong, "a number is missing or stands twice"
    assert len(found) > 80
    assert clauses.problems(found, clauses.sources()) == []


def test_documents_name_only_clauses_that_exist():
    found, _ = clauses.written(clauses.documents())
    assert not [each for each in clauses.problems(found, clauses.documents()) if "exist" in each]


def test_the_sealing_profile_is_realised_too():
    sealing = clauses.sources(clauses.SOURCE / "sealing")
    assert clauses.sealing_problems(clauses.SEALING.read_text(), sealing) == []


def test_a_clause_that_is_unknown_or_that_nothing_names_is_found():
    found, wrong = clauses.written(["**WIRE-1** TLS.\n\n**WIRE-2** Pins (WIRE-9).\n", "**COMMON-1** JSON.\n"])
    assert (found, wrong) == ({"WIRE-1", "WIRE-2", "COMMON-1"}, [])
    said = clauses.problems(found, ['"""Pins (WIRE-2), COMMON-1."""', '"""WIRE-3, SHA-256."""'])
    assert said == ["WIRE-3 does not exist", "WIRE-1 is named nowhere"]


def test_a_number_that_is_missing_or_stands_twice_is_found():
    assert clauses.written(["**WIRE-1** a\n\n**WIRE-3** b\n"])[1] == ["WIRE"]
    assert clauses.written(["**WIRE-1** a\n", "**WIRE-1** b\n"])[1] == ["WIRE"]


def test_the_same_of_the_sealing_profile():
    profile = "## 1. Aim\n\n1.1 a\n\n## 2. Form\n\n2.1 b\n"
    assert clauses.sealing_problems(profile, ["clause 2.1", "clause 3"]) == [
        "3 does not exist",
        "chapter 1 is named nowhere",
    ]
