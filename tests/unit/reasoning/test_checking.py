"""What a drafted request lacks: each point with its code, its field and its citation."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comity.cli import main
from comity.reasoning import Problem, check
from comity.reasoning.errors import FactsUnreadableError
from comity.treaties import Library

CONTENTS = (
    "requesting_authority",
    "subject_and_nature",
    "facts",
    "data_sought",
    "relation_to_offence",
    "custodian_or_location",
    "necessity",
    "intention_to_request",
)


@pytest.fixture
def body(story: dict[str, Any]) -> dict[str, Any]:
    """A complete request for preservation on the story's facts."""
    return {
        "measure": "preserve_data",
        "instrument": "uncc",
        "basis": ["uncc:art_42__para_1"],
        "urgent": False,
        "facts": story,
        "contents": {field: f"text on {field}" for field in CONTENTS},
        "items": [
            {
                "number": 1,
                "measure": "preserve_data",
                "identifier": {"type": "email", "value": "a@example.org"},
                "data_kinds": ["traffic"],
                "period": {"from": "2027-05-01T00:00:00Z", "to": "2027-05-31T00:00:00Z"},
                "desired": "preserved",
                "description": "access log",
            }
        ],
        "confidential": True,
        "no_user_notice": True,
    }


Check = Callable[[dict[str, Any]], list[tuple[str, str, str, str]]]


@pytest.fixture(scope="session")
def points(library: Library) -> Check:
    """Code, field, need and citation of each problem."""

    def of(request: dict[str, Any]) -> list[tuple[str, str, str, str]]:
        return [(one.code, one.field, one.need, one.cite) for one in check(request, library)]

    return of


def test_a_complete_request_has_no_problem(body: dict[str, Any], points: Check) -> None:
    assert points(body) == []


@pytest.mark.parametrize("field", CONTENTS)
def test_each_field_left_out_is_named_with_its_citation(
    field: str, body: dict[str, Any], points: Check
) -> None:
    del body["contents"][field]
    ((code, where, need, cite),) = points(body)
    assert (code, where, need) == ("content_missing", f"contents.{field}", "required")
    assert cite.startswith("uncc:art_42__para_3__point_")


def test_white_space_is_no_content(body: dict[str, Any], points: Check) -> None:
    body["contents"]["necessity"] = " \n"
    assert points(body) == [
        ("content_missing", "contents.necessity", "required", "uncc:art_42__para_3__point_e")
    ]


def test_confidentiality_is_advised_where_neither_flag_nor_text_speaks_of_it(
    body: dict[str, Any], points: Check
) -> None:
    body["confidential"] = False
    assert points(body) == [
        ("content_missing", "contents.confidentiality", "where_appropriate", "uncc:art_42__para_3__point_g")
    ]


def test_a_letter_is_checked_as_of_the_day_it_was_written(body: dict[str, Any], library: Library) -> None:
    del body["facts"]["as_of"]
    letter = {"kind": "request", "written_at": "2027-06-01T03:12:00Z", "body": body}
    assert check(letter, library) == ()
    early = check(letter | {"written_at": "2026-06-01T03:12:00Z"}, library)
    assert [problem.code for problem in early] == ["basis_not_available"]
    assert check(letter, library, as_of=date(2026, 6, 1)) == early


def test_a_letter_of_another_kind_is_no_request(body: dict[str, Any], library: Library) -> None:
    with pytest.raises(FactsUnreadableError) as caught:
        check({"kind": "refusal", "written_at": "2027-06-01T03:12:00Z", "body": body}, library)
    assert (caught.value.code, caught.value.params["path"]) == ("fact_word_unknown", "kind")


@pytest.mark.parametrize(
    ("path", "value"),
    [("basis", 5), ("items", {}), ("contents", None), ("items[0].data_kinds", 7), ("facts", 1)],
)
def test_a_field_of_another_type_is_refused_not_guessed(
    path: str, value: Any, body: dict[str, Any], library: Library
) -> None:
    place = body["items"][0] if path.startswith("items[0]") else body
    place[path.rpartition(".")[2]] = value
    with pytest.raises(FactsUnreadableError) as caught:
        check(body, library)
    assert caught.value.code == "fact_wrong_type"


INCONSISTENT: list[tuple[str, Any, str]] = [
    ("items", [], "items_missing"),
    ("instrument", "xx-yy", "instrument_unknown"),
    ("instrument", "kz-tm", "basis_not_available"),
    ("basis", ["uncc:art_37"], "cited_basis_not_of_measure"),
    ("basis", ["uncac:art_46__para_1"], "cited_basis_not_of_measure"),
    ("measure", "access_stored_data", "measure_differs_from_facts"),
]


@pytest.mark.parametrize(("key", "value", "code"), INCONSISTENT)
def test_an_inconsistent_request_is_stopped_with_a_citation(
    key: str, value: Any, code: str, body: dict[str, Any], library: Library
) -> None:
    problems = {one.code: one for one in check(body | {key: value}, library)}
    assert problems[code].need == "required"
    assert library.cite_exists(problems[code].cite)


ITEM: list[tuple[str, Any, str]] = [
    ("number", 2, "items_misnumbered"),
    ("measure", "access_stored_data", "item_measure_differs"),
    ("data_kinds", ["subscriber"], "item_data_kind_differs"),
    ("period", {"from": "2027-06-01T00:00:00Z", "to": "2027-05-01T00:00:00Z"}, "item_period_reversed"),
]


@pytest.mark.parametrize(("key", "value", "code"), ITEM)
def test_an_inconsistent_item_is_named(
    key: str, value: Any, code: str, body: dict[str, Any], points: Check
) -> None:
    body["items"][0][key] = value
    assert [one[0] for one in points(body)] == [code]


def test_content_data_cannot_come_by_the_collection_of_traffic_data(
    body: dict[str, Any], library: Library
) -> None:
    body["measure"] = body["facts"]["measure"] = body["items"][0]["measure"] = "collect_traffic_data"
    body["items"][0]["data_kinds"] = ["content"]
    assert "item_data_kind_barred" in [one.code for one in check(body, library)]


def test_an_undetermined_basis_is_advice_not_a_stop(body: dict[str, Any], library: Library) -> None:
    del body["facts"]["status"]["uncc"]["in_force_since"]
    problems = check(body, library)
    assert [(one.code, one.need) for one in problems] == [("basis_undetermined", "recommended")]


def test_what_must_be_there_comes_before_what_is_advised(body: dict[str, Any], library: Library) -> None:
    body["contents"] = {}
    body["confidential"] = False
    needs = [one.need for one in check(body, library)]
    assert needs == sorted(needs, key=lambda need: need != "required")
    assert set(needs) == {"required", "where_appropriate"}


def test_every_sentence_fills_its_place(library: Library) -> None:
    for code in Problem.SENTENCES:
        assert "{" not in Problem(code, "items[0]", "required", "uncc:art_42", "reading").text


def test_check_exits_1_only_where_something_required_is_missing(
    body: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "request.json"
    body["confidential"] = False
    path.write_text(json.dumps(body), encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert "UNCC art. 42(3)(g)" in capsys.readouterr().out
    del body["contents"]["facts"]
    path.write_text(json.dumps(body), encoding="utf-8")
    assert main(["check", str(path), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["complete"] is False
    assert answer["problems"][0]["cite"] == "uncc:art_42__para_3__point_b"
    path.write_text("[]", encoding="utf-8")
    assert main(["check", str(path)]) == 2
    assert "[fact_wrong_type]" in capsys.readouterr().err
