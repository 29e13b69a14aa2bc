"""A result for some items while others go on, are refused or impossible; letters that fit only in part."""

from __future__ import annotations

import io
from typing import Any

import pytest
from tests.node.casework.conftest import by_two, heads, request_body

from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node.casework import outcomes, receiving
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.refuse_execution import refuse_execution
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.take_in_exhibit import take_in_exhibit
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter

SECURITY = "uncc:art_40__para_21__point_b"
EXACT = "Exact copies."


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "executing_officer", "signatory", "custodian")


@pytest.fixture
def second(official: Any) -> Any:
    return official("signatory")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """Four items of stored data, all in execution; items 1 and 2 have brought an exhibit each."""
    body = request_body("access_stored_data")
    body["items"] = [{**body["items"][0], "number": n} for n in (1, 2, 3, 4)]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.items.update(actual="in_execution")
    for n in (1, 2):
        bring(officer, case, n, clock)
    case.refresh_from_db()
    return case


def bring(officer: Any, case: Case, number: int, clock: Any) -> None:
    take_in_exhibit(
        officer,
        case,
        case.items.get(number=number),
        stream=io.BytesIO(b"line of item %d\n" % number),
        raw_name=f"item-{number}-{clock.now:%H%M}.log",
        media_type="text/plain",
        source="Brought by hand",
        now=clock.now,
    )


def release(officer: Any, second: Any, case: Case, clock: Any, told: dict[int, str], **notes: str) -> Any:
    said = {int(name.removeprefix("item_")): text for name, text in notes.items()}
    prepare_result(officer, case, authenticity=EXACT, notes=said, outcomes=told, now=clock.now)
    letter = release_result(second, case, now=clock.now)
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    case.refresh_from_db()
    return document.body


def statuses_of(case: Case) -> dict[int, str]:
    return dict(case.items.values_list("number", "actual"))


def test_each_item_has_its_own_outcome_and_the_request_ends_with_the_last(
    asked: Case, officer: Any, second: Any, clock: Any, consulted: Any
) -> None:
    told = {1: "executed", 2: "partly_executed", 3: "impossible"}
    notes = {"item_2": "The archive follows.", "item_3": "The account never existed."}
    body = release(officer, second, asked, clock, told, **notes)
    assert not body.whole
    assert {item.number: item.actual for item in body.items} == told
    assert [len(item.exhibits) for item in body.items] == [1, 1, 0]
    assert statuses_of(asked) == told | {4: "in_execution"}
    assert asked.items.get(number=3).note == "The account never existed."

    consulted(asked, "refusal", [4])
    by_two(refuse_execution)(
        officer, asked, asked.items.get(number=4), ground=SECURITY, reasons="Security.", now=clock.now
    )
    asked.refresh_from_db()
    assert asked.items.get(number=4).ground == SECURITY
    assert asked.actual == "partly_executed"

    clock.advance(days=1)
    bring(officer, asked, 2, clock)
    body = release(officer, second, asked, clock, {2: "executed"})  # the supplement of the first result
    assert (body.whole, [item.number for item in body.items]) == (True, [2])
    assert len(body.items[0].exhibits) == 1
    assert asked.actual == "partly_executed"  # of the request some was executed, some not
    assert not Clock.objects.filter(kind="preservation_until_decision", state=ClockState.RUNNING).exists()


def test_an_item_executed_in_part_may_end_without_more(
    asked: Case, officer: Any, second: Any, clock: Any
) -> None:
    release(officer, second, asked, clock, {1: "partly_executed"}, item_1="More may follow.")
    release(officer, second, asked, clock, {1: "executed"}, item_1="There is no more.")
    assert statuses_of(asked)[1] == "executed"


@pytest.mark.parametrize(
    ("told", "notes", "error"),
    [
        ({3: "impossible"}, {}, outcomes.OutcomeUnexplainedError),
        ({1: "partly_executed"}, {1: "  "}, outcomes.OutcomeUnexplainedError),
        ({3: "executed"}, {}, outcomes.NothingFoundError),
        ({3: "partly_executed"}, {3: "More follows."}, outcomes.NothingFoundError),
        ({9: "executed"}, {}, outcomes.OutcomeNotOpenError),
        ({1: "refused"}, {1: "No."}, outcomes.OutcomeNotOpenError),
        ({1: "executed", 4: "impossible"}, {}, outcomes.OutcomeUnexplainedError),
        ({}, {}, NotNowError),
    ],
)
def test_an_outcome_that_does_not_hold_is_not_prepared(
    asked: Case, officer: Any, clock: Any, told: Any, notes: Any, error: Any
) -> None:
    with pytest.raises(error):
        prepare_result(officer, asked, authenticity=EXACT, notes=notes, outcomes=told, now=clock.now)
    asked.refresh_from_db()
    assert asked.draft is None


@pytest.mark.parametrize("change", [{"actual": "refused"}, {"actual": "executed"}, {"desired": "withdrawn"}])
def test_what_is_decided_or_withdrawn_gets_no_result(
    asked: Case, officer: Any, second: Any, clock: Any, change: dict[str, str]
) -> None:
    asked.items.filter(number=1).update(**change)
    with pytest.raises(outcomes.OutcomeNotOpenError):
        prepare_result(officer, asked, authenticity=EXACT, outcomes={1: "executed"}, now=clock.now)
    asked.items.filter(number=1).update(actual="in_execution", desired="disclosed")
    prepare_result(officer, asked, authenticity=EXACT, outcomes={1: "executed"}, now=clock.now)
    asked.items.filter(number=1).update(**change)  # and not what was decided since it was prepared
    with pytest.raises(NotNowError):
        release_result(second, asked, now=clock.now)
    assert not Letter.objects.filter(kind="result").exists()


# --- the requesting side hears it


def told_by_xb(case: Case, **changes: Any) -> dict[str, Any]:
    body = {
        "reference": "XB-2027-000009",
        "whole": False,
        "items": [{"number": 1, "actual": "impossible", "note": "Never existed.", "exhibits": []}],
        "custody": [],
        "authenticity": EXACT,
    }
    return {"kind": "result", "body": body | changes} | heads(case)


def test_the_requesting_side_keeps_what_came_of_each_item(
    signed_case: Case, arrive: Any, from_xb: Any
) -> None:
    arrive(from_xb(**told_by_xb(signed_case)))
    item = signed_case.items.get()
    assert (item.actual, item.note) == ("impossible", "Never existed.")


MIXED = {
    "result": [
        {"number": 1, "actual": "executed", "note": "", "exhibits": []},
        {"number": 7, "actual": "executed", "note": "", "exhibits": []},
    ],
    "registration": [{"number": 1, "actual": "registered"}, {"number": 7, "actual": "registered"}],
    "refusal": [
        {"number": 1, "ground": {"cite": SECURITY}, "reasons": "Security."},
        {"number": 7, "ground": {"cite": SECURITY}, "reasons": "Security."},
    ],
}


@pytest.mark.parametrize("kind", sorted(MIXED))
def test_a_letter_that_fits_in_part_is_refused_whole(
    signed_case: Case, arrive: Any, from_xb: Any, clock: Any, kind: str
) -> None:
    from comity import canonical

    bodies = {
        "result": {"whole": False, "custody": [], "authenticity": EXACT},
        "registration": {"received_at": canonical.instant_text(clock.now), "deficiencies": []},
        "refusal": {"consulted": False},
    }
    body = {"reference": "XB-2027-000009", "items": MIXED[kind], **bodies[kind]}
    with pytest.raises(receiving.ItemUnknownError) as refused:
        arrive(from_xb(kind, body, **heads(signed_case)))
    assert refused.value.code == "item_unknown"
    signed_case.refresh_from_db()
    assert (signed_case.actual, signed_case.received_generation) == ("", 0)
    assert signed_case.items.get().actual == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"items": [{"number": 1, "actual": "refused", "note": "", "exhibits": []}]}, "outcome_wrong"),
        ({"items": [{"number": 1, "actual": "withdrawn", "note": "", "exhibits": []}]}, "outcome_wrong"),
        (
            {
                "whole": True,
                "items": [{"number": 1, "actual": "partly_executed", "note": "", "exhibits": []}],
            },
            "whole_in_part",
        ),
    ],
)
def test_a_result_that_says_what_another_letter_says_is_unsound(
    signed_case: Case, from_xb: Any, changes: Any, code: str
) -> None:
    document = from_xb(**told_by_xb(signed_case, **changes))
    assert code in [problem.code for problem in find_problems(document)]
