"""Opinions: the story's facts, and what each change of them does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comity.reasoning import Opinion, advise, read
from comity.reasoning.errors import DateMissingError
from comity.terms import Citation
from comity.treaties import Library, load

Opine = Callable[[dict[str, Any]], Opinion]


def cites(opinion: Opinion, name: str, outcome: str | None = None) -> list[str]:
    found = opinion.as_dict()[name]
    return [one["cite"] for one in found if outcome in (None, one["outcome"])]


def ids(opinion: Opinion, name: str) -> list[str]:
    return [one["id"] for one in opinion.as_dict()[name] if one["outcome"] == "applies"]


def test_the_story_rests_on_the_convention_and_goes_to_the_point_of_contact(
    story: dict[str, Any], opine: Opine
) -> None:
    opinion = opine(story).as_dict()
    assert (opinion["recommended"], opinion["procedure"]) == ("uncc", "uncc")
    assert opinion["addressee"]["role"] == "point_of_contact_24_7"
    assert opinion["addressee"]["cite"] == "uncc:art_41__para_3__point_b"
    assert [basis["instrument"] for basis in opinion["bases"]] == ["csto-ict", "kz-tm", "uncac", "uncc"]


def test_a_basis_is_told_by_the_rule_that_is_for_the_measure(
    story: dict[str, Any], opine: Opine, library: Library
) -> None:
    place = "uncc:art_40__para_3__point_c"
    searching, freezing = (rule.reading["en"] for rule in library.rules_on(place))
    for measure, reading in (("search_and_seize", searching), ("freeze_property", freezing)):
        bases = {one["instrument"]: one for one in opine(story | {"measure": measure}).as_dict()["bases"]}
        told = [one["text"] for one in bases["uncc"]["findings"] if one["cite"] == place]
        assert told == [reading]


def test_of_a_treaty_not_known_to_bind_that_is_said_first(story: dict[str, Any], opine: Opine) -> None:
    told = {basis["instrument"]: basis for basis in opine(story).as_dict()["bases"]}["kz-tm"]
    assert (told["outcome"], told["missing"]) == ("undetermined", ["status.kz-tm.in_force_since"])
    story["status"] |= {"kz-tm": {"in_force_since": "2026-06-01"}}
    told = {basis["instrument"]: basis for basis in opine(story).as_dict()["bases"]}["kz-tm"]
    assert told["outcome"] == "does_not_apply"


def test_the_keys_of_an_opinion_stand_in_the_order_of_the_contract(
    story: dict[str, Any], opine: Opine
) -> None:
    contract = "as_of bases recommended procedure addressee channels languages contents clocks grounds"
    keys = [key for key in opine(story).as_dict() if key in contract.split()]
    assert keys == contract.split()


def test_a_preservation_request_contains_what_42_3_asks_for(story: dict[str, Any], opine: Opine) -> None:
    needs = {one["field"]: one["need"] for one in opine(story).as_dict()["contents"]}
    required = [field for field, need in needs.items() if need == "required"]
    assert required == [
        "requesting_authority",
        "subject_and_nature",
        "facts",
        "data_sought",
        "relation_to_offence",
        "custodian_or_location",
        "necessity",
        "intention_to_request",
    ]
    assert [field for field, need in needs.items() if need == "where_appropriate"] == [
        "confidentiality",
        "no_user_notice",
    ]


def test_preservation_lasts_sixty_days_and_then_until_the_decision(
    story: dict[str, Any], opine: Opine
) -> None:
    clocks = {
        one["id"]: (one["duration"], one["from"], one["cite"]) for one in opine(story).as_dict()["clocks"]
    }
    assert clocks == {
        "preservation_order_maximum": ("P90D", "preservation", "uncc:art_25__para_2"),
        "preservation_minimum": ("P60D", "preservation", "uncc:art_42__para_8"),
        "preservation_until_decision": (None, "receipt", "uncc:art_42__para_8"),
    }


def test_preservation_may_be_refused_on_three_grounds_only(story: dict[str, Any], opine: Opine) -> None:
    opinion = opine(story)
    assert cites(opinion, "grounds", "undetermined") == [
        "uncc:art_40__para_21__point_b",
        "uncc:art_40__para_21__point_c",
        "uncc:art_40__para_22",
    ]
    assert cites(opinion, "grounds", "applies") == []
    assert "dual_criminality" in ids(opinion, "barred_grounds")


def test_lack_of_dual_criminality_matters_for_access_but_not_for_preservation(
    story: dict[str, Any], opine: Opine
) -> None:
    story["offences"][0]["criminal_in"]["TM"] = False
    assert "uncc:art_40__para_8__ground_1" not in cites(opine(story), "grounds")
    story["measure"] = "access_stored_data"
    assert "uncc:art_40__para_8__ground_1" in cites(opine(story), "grounds", "applies")


def test_unknown_dual_criminality_is_named_as_missing(story: dict[str, Any], opine: Opine) -> None:
    story["measure"] = "access_stored_data"
    del story["offences"][0]["criminal_in"]["TM"]
    ground = next(one for one in opine(story).as_dict()["grounds"] if one["cite"].endswith("ground_1"))
    assert (ground["outcome"], ground["missing"]) == ("undetermined", ["offences[0].criminal_in.TM"])


def test_the_reservation_of_42_5_reaches_only_offences_outside_the_convention(
    story: dict[str, Any], opine: Opine
) -> None:
    story["declaration"] = {"TM": {"dual_criminality_reservation": True}}
    story["offences"][0]["criminal_in"]["TM"] = False
    assert cites(opine(story), "grounds", "applies") == []
    story["offences"][0]["id"] = None
    outside = opine(story)
    assert cites(outside, "grounds", "applies") == ["uncc:art_42__para_5"]
    assert "dual_criminality" not in ids(outside, "barred_grounds")


def test_suspected_grounds_are_answered_with_the_provision_that_forbids_them(
    story: dict[str, Any], opine: Opine
) -> None:
    story["suspected_grounds"] = ["fiscal", "bank_secrecy", "dual_criminality", "persecution", "nationality"]
    answers = {
        one["id"]: (one["cite"], one["outcome"]) for one in opine(story).as_dict()["suspected_grounds"]
    }
    assert answers == {
        "fiscal": ("uncc:art_40__para_23", "does_not_apply"),
        "bank_secrecy": ("uncc:art_40__para_24", "does_not_apply"),
        "dual_criminality": ("uncc:art_42__para_4", "does_not_apply"),
        "persecution": ("uncc:art_40__para_22", "undetermined"),
    }


def test_duties_of_a_refusal_are_reasons_and_prior_consultation(story: dict[str, Any], opine: Opine) -> None:
    duties = [
        (one["id"], one["before"], one["of"], one["cite"])
        for one in opine(story).as_dict()["duties"]
        if one["on"] == "refuse"
    ]
    assert duties == [
        ("give_reasons", True, "requested", "uncc:art_40__para_25"),
        ("consult_before_refusal", True, "requested", "uncc:art_40__para_28"),
    ]


def test_access_goes_to_the_central_authority_with_the_contents_of_40_15(
    story: dict[str, Any], opine: Opine
) -> None:
    story["measure"] = "access_stored_data"
    opinion = opine(story)
    assert opinion.addressee is not None
    assert opinion.addressee.details["role"] == "central_authority"
    assert {cite.rpartition("__")[0] for cite in cites(opinion, "contents")} == {"uncc:art_40__para_15"}
    assert "stated_purpose_only" in ids(opinion, "limits")


def test_service_of_documents_needs_no_summary_of_facts(story: dict[str, Any], opine: Opine) -> None:
    story["measure"] = "serve_documents"
    fields = [one["field"] for one in opine(story).as_dict()["contents"]]
    assert "facts" not in fields
    assert "purpose" in fields


def test_urgency_and_agreement_together_allow_an_oral_request(story: dict[str, Any], opine: Opine) -> None:
    story["agreements"]["oral"] = True
    assert "oral" not in ids(opine(story), "channels")
    story["urgent"] = True
    opinion = opine(story)
    assert "oral" in ids(opinion, "channels")
    assert "oral_then_written" in ids(opinion, "forms")
    assert "confirm_in_writing" in [one.get("id") for one in opinion.as_dict()["duties"]]


def test_accepted_languages_come_from_the_requested_states_declaration(
    story: dict[str, Any], opine: Opine
) -> None:
    (unknown,) = opine(story).as_dict()["languages"]
    assert (unknown["of"], unknown["accepted"], unknown["missing"]) == ("TM", None, ["declaration.TM"])
    story["declaration"] = {"TM": {"languages": ["ru", "tk"]}}
    (known,) = opine(story).as_dict()["languages"]
    assert (known["accepted"], known["outcome"]) == (["ru", "tk"], "applies")


def test_a_given_day_goes_before_the_day_of_the_facts(story: dict[str, Any], library: Library) -> None:
    opinion = advise(read(story, library), library, date(2027, 2, 1))
    assert opinion.as_dict()["as_of"] == "2027-02-01"
    assert opinion.recommended is None


def test_without_any_day_no_opinion_is_given(story: dict[str, Any], library: Library) -> None:
    del story["as_of"]
    with pytest.raises(DateMissingError):
        advise(read(story, library), library)


def test_every_finding_is_cited_and_every_citation_leads_somewhere(
    story: dict[str, Any], opine: Opine, library: Library
) -> None:
    for measure in library.words("measures"):
        opinion = opine(story | {"measure": measure}).as_dict()
        found = [finding for basis in opinion["bases"] for finding in basis["findings"]]
        found += [
            one for value in opinion.values() if isinstance(value, list) for one in value if "cite" in one
        ]
        assert all(library.cite_exists(Citation.parse(one["cite"])) and one["text"] for one in found)
        for basis in opinion["bases"]:
            assert basis["findings"]


def test_the_same_facts_give_the_same_opinion_in_the_same_order(story: dict[str, Any], opine: Opine) -> None:
    turned = dict(reversed(story.items()))
    assert opine(story).as_dict() == opine(turned).as_dict()


def test_readings_come_in_the_language_that_was_asked_for(story: dict[str, Any], library: Library) -> None:
    facts = read(story, library)
    texts = {
        language: next(
            one["text"]
            for one in advise(facts, library, language=language).as_dict()["clocks"]
            if one["id"] == "preservation_minimum"
        )
        for language in ("en", "kk", "ru")
    }
    assert "60 days" in texts["en"]
    assert "60 күн" in texts["kk"]
    assert "60 дней" in texts["ru"]


def test_provisions_without_rules_are_named_not_passed_over(
    story: dict[str, Any], library: Library, opine: Opine, tmp_path: Path
) -> None:
    story["measure"] = "transfer_proceedings"
    assert opine(story).as_dict()["unread"] == []
    shutil.copytree(library.root, tmp_path / "law")
    (tmp_path / "law" / "uncc" / "articles" / "art_39.toml").unlink()
    less = load(tmp_path / "law")
    opinion = advise(read(story, less), less).as_dict()
    assert opinion["recommended"] == "uncc"
    assert opinion["unread"] == ["uncc:art_39"]


@pytest.mark.parametrize(("day", "out"), [("2027-06-03", False), ("2027-06-04", False), ("2027-06-05", True)])
def test_a_clock_of_hours_runs_for_the_days_that_they_fill(
    story: dict[str, Any], opine: Opine, day: str, out: bool
) -> None:
    story |= {"measure": "operational_search", "urgent": True, "as_of": day, "agreements": {"oral": True}}
    story["offences"][0]["kind"] = "csto-ict:art_3__point_3"
    story["events"] = {"transmission": "2027-06-01"}
    story["status"]["csto-ict"] = {
        "in_force_since": "2020-01-01",
        "KZ": {"status": "party", "since": "2020-01-01"},
        "TM": {"status": "party", "since": "2020-01-01"},
    }
    (clock,) = [one for one in opine(story).as_dict()["clocks"] if one["id"] == "written_confirmation"]
    assert (clock["duration"], clock["until"], clock["ran_out"]) == ("PT72H", "2027-06-04", out)
