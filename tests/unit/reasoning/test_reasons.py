"""Why an instrument is recommended, and why another's procedure governs: each reason cites a provision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from comity.reasoning import Opinion, advise, read
from comity.treaties import Library

Opine = Callable[[dict[str, Any]], Opinion]
BOTH: dict[str, Any] = {
    name: {
        "in_force_since": "2027-01-01",
        "KZ": {"status": "party", "since": "2027-01-01"},
        "TM": {"status": "party", "since": "2027-01-01"},
    }
    for name in ("uncc", "uncac")
} | {"kz-tm": {"in_force_since": None}}


def reasons(opinion: Opinion) -> list[tuple[str, str]]:
    return [(one["id"], one["cite"]) for one in opinion.as_dict()["reasons"]]


def records(story: dict[str, Any], *offences: dict[str, Any], **status: Any) -> dict[str, Any]:
    return story | {"measure": "provide_records", "offences": list(offences), "status": status}


def test_the_only_basis_is_recommended_for_the_rule_that_opens_it(
    story: dict[str, Any], opine: Opine, library: Library
) -> None:
    ((reason, cite),) = reasons(opine(story))
    assert reason == "only_basis"
    assert library.rules_on(cite)[0].kind == "scope"


def test_of_two_bases_the_one_that_names_the_offence_goes_first(story: dict[str, Any], opine: Opine) -> None:
    offence = {"id": "uncac:art_17", "max_penalty_years": 8}
    opinion = opine(records(story, offence, **BOTH))
    assert opinion.recommended == "uncac"
    assert reasons(opinion) == [("names_the_offence", "uncac:art_17")]


def test_of_two_that_name_an_offence_the_order_of_the_data_decides_and_is_said(
    story: dict[str, Any], opine: Opine
) -> None:
    opinion = opine(records(story, {"id": "uncc:art_7"}, {"id": "uncac:art_17"}, **BOTH))
    assert opinion.recommended == "uncc"
    assert reasons(opinion) == [("names_the_offence", "uncc:art_7"), ("goes_first", "uncc:art_40__para_3")]


def test_that_another_treaty_governs_the_procedure_is_a_reason(story: dict[str, Any], opine: Opine) -> None:
    kind = {"id": "uncc:art_7", "kind": "kz-tm:art_1__para_1__point_14"}
    opinion = opine(records(story, kind, **(BOTH | {"kz-tm": {"in_force_since": "2026-01-01"}})))
    assert (opinion.recommended, opinion.procedure) == ("uncc", "kz-tm")
    assert ("other_treaty_governs_procedure", "uncc:art_40__para_7") in reasons(opinion)


def test_a_reason_is_said_in_the_language_asked_for(story: dict[str, Any], library: Library) -> None:
    asked = records(story, {"id": "uncc:art_7"}, {"id": "uncac:art_17"}, **BOTH)
    texts = {
        language: [one.text for one in advise(read(asked, library), library, None, language).lists["reasons"]]
        for language in ("en", "kk", "ru")
    }
    assert len({tuple(found) for found in texts.values()}) == 3


def test_nothing_is_recommended_without_a_basis_and_no_reason_is_given(
    story: dict[str, Any], opine: Opine
) -> None:
    opinion = opine(story | {"status": {"uncc": {"in_force_since": None}}})
    assert (opinion.recommended, reasons(opinion)) == (None, [])
