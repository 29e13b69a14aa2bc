"""Markings: a State secret does not leave; privileged material is closed until a filter reviewer decides."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM, WORDS, by_two

from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, NothingThereError
from comity.node.casework import markings
from comity.node.casework.acts.change_access import give_access
from comity.node.casework.acts.export_bundle import describe, export_bundle
from comity.node.casework.acts.give_supplement import give_supplement
from comity.node.casework.acts.mark import (
    MarkingMisplacedError,
    clear_privileged,
    lift_marking,
    mark,
    withhold_privileged,
)
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.markings import StateSecretError, StateSecretHereError
from comity.node.casework.models import Case, Event
from comity.node.casework.standing import NotNowError
from comity.node.exchange.models import Letter
from comity.node.exhibits import access, bundle_files, closing, release
from comity.node.exhibits.closing import ExhibitClosedError
from comity.node.exhibits.models import Bundle, CustodyRecord, Exhibit
from comity.node.ledger.models import Entry
from comity.node.pages.law import short_label

NOT_EXCHANGED = {"id": "no_state_secret", "of": "both", "cite": "kz-tm:art_4__para_4", "outcome": "applies"}


@pytest.fixture
def head(official: Any) -> Any:
    return official("signatory")


@pytest.fixture
def reviewed(open_case: Any, drafter: Any, clock: Any) -> Case:
    """A request that waits for its signature."""
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def executing(asked: Case, officer: Any, clock: Any) -> Case:
    """Item 1 is in execution by the officer, and brought two exhibits."""
    asked.items.update(actual="in_execution")
    asked.executing_officer = officer
    asked.save()
    for n in (1, 2):
        exhibit(asked, clock.now, n)
    return asked


def exhibit(case: Case, now: Any, n: int, **changes: Any) -> Exhibit:
    columns: dict[str, Any] = {
        "id": uuid.uuid4(),
        "number": f"{case.reference}-E{n}",
        "case_reference": case.reference,
        "item_number": 1,
        "raw_name": f"{n}.txt",
        "source": "a provider",
        "media_type": "text/plain",
        "bytes": 1,
        "sha256": "0" * 64,
        "wrapped_key": b"-",
        "origin": "xa-247",
        "taken_in_at": now,
    }
    return Exhibit.objects.create(**columns | changes)


@pytest.fixture
def reviewer(official: Any, executing: Case, head: Any, clock: Any) -> Any:
    """A filter reviewer to whom the case was opened."""
    person = official("filter_reviewer")
    give_access(head, executing, person, "Filters what is privileged.", now=clock.now)
    return person


def marked(official: Any, case: Case, now: Any, kind: str = "privileged", n: int | None = 1) -> Any:
    there = Exhibit.objects.get(number=f"{case.reference}-E{n}") if n else None
    return mark(official, case, kind=kind, exhibit=str(there.pk) if there else None, reason="-", now=now)


# --- State secrets


def test_a_draft_marked_as_a_state_secret_is_not_signed(
    reviewed: Case, drafter: Any, head: Any, clock: Any
) -> None:
    reviewed.opinion["limits"].append(NOT_EXCHANGED)  # type: ignore[index]
    reviewed.save()
    marked(drafter, reviewed, clock.now, "state_secret", None)
    with pytest.raises(StateSecretError, match=re.escape(short_label("kz-tm:art_4__para_4"))) as caught:
        sign_request(head, reviewed, now=clock.now)
    assert caught.value.code == "state_secret"
    assert not Letter.objects.exists()


def test_without_a_provision_it_is_the_nodes_own_rule(
    reviewed: Case, drafter: Any, head: Any, clock: Any
) -> None:
    marked(drafter, reviewed, clock.now, "state_secret", None)
    with pytest.raises(StateSecretHereError):
        sign_request(head, reviewed, now=clock.now)


def test_a_second_person_lifts_a_marking_and_then_it_is_signed(
    reviewed: Case, drafter: Any, head: Any, clock: Any
) -> None:
    made = marked(drafter, reviewed, clock.now, "state_secret", None)
    with pytest.raises(FourEyesError):
        lift_marking(drafter, reviewed, made.pk, reason="-", now=clock.now)
    lift_marking(head, reviewed, made.pk, reason="It was declassified.", now=clock.now)
    assert sign_request(head, reviewed, now=clock.now)
    with pytest.raises(NotNowError):
        lift_marking(head, reviewed, made.pk, reason="-", now=clock.now)


def test_another_marking_of_the_draft_keeps_nobody_from_signing(
    reviewed: Case, drafter: Any, head: Any, clock: Any
) -> None:
    marked(drafter, reviewed, clock.now, "personal_data", None)
    assert sign_request(head, reviewed, now=clock.now)


@pytest.mark.parametrize("n", [1, None])
def test_a_result_that_is_or_holds_a_state_secret_is_not_released(
    executing: Case, officer: Any, head: Any, clock: Any, n: int | None
) -> None:
    prepare_result(officer, executing, authenticity="-", now=clock.now)
    marked(officer, executing, clock.now, "state_secret", n)
    with pytest.raises(StateSecretError):
        release_result(head, executing, now=clock.now)
    assert not Letter.objects.filter(kind="result").exists()
    assert not CustodyRecord.objects.filter(act="sent").exists()


def test_a_supplement_so_marked_is_not_given(ours: Case, drafter: Any, hear: Any, clock: Any) -> None:
    hear(ours, "supplement_asked", deficiencies=[])
    with pytest.raises(StateSecretError):
        by_two(give_supplement)(drafter, ours, [1], **WORDS, contents={}, state_secret=True, now=clock.now)
    assert by_two(give_supplement)(drafter, ours, [1], **WORDS, contents={}, now=clock.now)


# --- privileged material


def test_privileged_material_is_closed_to_everyone_but_a_filter_reviewer(
    executing: Case, officer: Any, reviewer: Any, official: Any, clock: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(access, "open_exhibit", lambda exhibit: exhibit.number)
    first, second = Exhibit.objects.order_by("number")
    assert access.give_out(officer, first, purpose="-", now=clock.now)
    marked(officer, executing, clock.now)
    for person in (officer, official("custodian")):
        with pytest.raises(ExhibitClosedError):
            access.give_out(person, first, purpose="-", now=clock.now)
        assert access.give_out(person, second, purpose="-", now=clock.now)
    assert access.give_out(reviewer, first, purpose="To filter.", now=clock.now)
    with pytest.raises(NotAuthorisedError):  # and nothing else is for the filter reviewer
        access.give_out(reviewer, second, purpose="-", now=clock.now)


def test_a_filter_reviewer_reaches_only_cases_that_were_opened_to_them(
    executing: Case, officer: Any, official: Any, clock: Any
) -> None:
    made = marked(officer, executing, clock.now)
    stranger = official("filter_reviewer")
    with pytest.raises(NothingThereError):
        clear_privileged(stranger, executing, made.pk, reason="-", now=clock.now)
    with pytest.raises(NothingThereError):
        access.give_out(stranger, Exhibit.objects.order_by("number")[0], purpose="-", now=clock.now)


def test_whoever_executes_the_case_does_not_filter_it(
    executing: Case, officer: Any, official: Any, clock: Any
) -> None:
    made = marked(officer, executing, clock.now)
    officer.roles.append("filter_reviewer")
    officer.save()
    for act in (clear_privileged, withhold_privileged):
        with pytest.raises(FourEyesError):
            act(officer, executing, made.pk, reason="-", now=clock.now)
    with pytest.raises(FourEyesError):
        access.give_out(officer, Exhibit.objects.order_by("number")[0], purpose="-", now=clock.now)
    with pytest.raises(NotAuthorisedError):
        clear_privileged(official("custodian"), executing, made.pk, reason="-", now=clock.now)


def test_release_waits_for_the_filter_and_goes_on_once_it_is_cleared(
    executing: Case, officer: Any, head: Any, reviewer: Any, clock: Any, monkeypatch: Any
) -> None:
    there = list(Exhibit.objects.order_by("number"))
    made = marked(officer, executing, clock.now)
    with pytest.raises(ExhibitClosedError):
        release.send(there, uuid.uuid4(), official=head, to="-", now=clock.now)
    assert not CustodyRecord.objects.filter(act="sent").exists()
    clear_privileged(reviewer, executing, made.pk, reason="No advice in it.", now=clock.now)
    assert release.send(there, uuid.uuid4(), official=head, to="-", now=clock.now)
    assert Entry.objects.filter(kind="marking_cleared", subject=executing.reference).exists()
    assert Event.objects.filter(kind="marking_cleared").exists()


def test_what_is_withheld_is_left_out_of_the_result(
    executing: Case, officer: Any, reviewer: Any, clock: Any
) -> None:
    made = marked(officer, executing, clock.now)
    withhold_privileged(reviewer, executing, made.pk, reason="Advice of counsel.", now=clock.now)
    case = prepare_result(officer, executing, authenticity="-", now=clock.now)
    second = Exhibit.objects.get(number=f"{executing.reference}-E2")
    assert [item["exhibits"] for item in case.draft["items"]] == [[str(second.pk)]]  # type: ignore[index]


def test_a_bundle_waits_for_the_filter_and_has_nothing_that_was_withheld(
    executing: Case, officer: Any, reviewer: Any, official: Any, clock: Any
) -> None:
    custodian = official("custodian")
    made = marked(officer, executing, clock.now)
    carrier = Letter.objects.get(kind="request")
    Letter.objects.filter(pk=carrier.pk).update(container="-")
    Exhibit.objects.filter(number=f"{executing.reference}-E1").update(letter=carrier.pk)
    with pytest.raises(ExhibitClosedError):
        export_bundle(custodian, executing, now=clock.now)
    withhold_privileged(reviewer, executing, made.pk, reason="-", now=clock.now)
    asked = export_bundle(custodian, executing, now=clock.now)
    exported = CustodyRecord.objects.filter(act="exported").values_list("exhibit__number", flat=True)
    assert list(exported) == [f"{executing.reference}-E2"]
    assert describe(executing)["withheld"] == [f"{executing.reference}-E1"]
    bundle = Bundle.objects.get(pk=asked.pk)
    assert carrier not in bundle_files._letters(bundle)  # it carries the exhibit
    assert [each.number for each in closing.open_of_case(executing.reference)] == list(exported)


def test_a_letter_that_holds_what_is_closed_is_not_handed_out(
    executing: Case, officer: Any, official: Any, clock: Any
) -> None:
    marked(officer, executing, clock.now)
    held = [str(each.pk) for each in Exhibit.objects.all()]
    with pytest.raises(ExhibitClosedError):
        access.let_out(official("custodian"), held, lambda: pytest.fail("opened"), note="-", now=clock.now)


def test_privileged_material_is_not_used(ours: Case, drafter: Any, clock: Any) -> None:
    ours.items.update(actual="executed")
    there = exhibit(ours, clock.now, 1, origin=ours.peer_id, letter=uuid.uuid4())
    marked(drafter, ours, clock.now)
    told = {"purpose": "own_proceedings", "description": "-", "exhibits": [str(there.pk)]}
    with pytest.raises(ExhibitClosedError):
        record_use(drafter, ours, [1], **told, now=clock.now)


def test_privilege_is_marked_on_an_exhibit_of_the_case_and_never_lifted(
    executing: Case, officer: Any, head: Any, reviewer: Any, clock: Any
) -> None:
    with pytest.raises(MarkingMisplacedError):
        marked(officer, executing, clock.now, "privileged", None)
    with pytest.raises(NothingThereError):
        mark(officer, executing, kind="privileged", exhibit=str(uuid.uuid4()), reason="-", now=clock.now)
    made = marked(officer, executing, clock.now)
    with pytest.raises(NotNowError):
        lift_marking(head, executing, made.pk, reason="-", now=clock.now)
    secret = marked(officer, executing, clock.now, "state_secret")
    with pytest.raises(NotNowError):
        clear_privileged(reviewer, executing, secret.pk, reason="-", now=clock.now)


def test_one_of_two_markings_cleared_leaves_the_exhibit_closed(
    executing: Case, officer: Any, reviewer: Any, clock: Any
) -> None:
    first, second = (marked(officer, executing, clock.now) for _ in range(2))
    clear_privileged(reviewer, executing, first.pk, reason="-", now=clock.now)
    there = Exhibit.objects.get(number=f"{executing.reference}-E1")
    assert there.pk in markings.closures([there.pk])
    clear_privileged(reviewer, executing, second.pk, reason="-", now=clock.now)
    assert markings.closures([there.pk]) == {}
