"""Need-to-know: who may see a case, who may change that, and that every act asks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Organisation
from comity.node.casework import entitlement
from comity.node.casework.acts import change_access
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.take_in_exhibit import take_in_exhibit
from comity.node.casework.models import Access, Case
from comity.node.exchange.models import Letter
from comity.node.exhibits import access as exhibit_access
from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry

pytestmark = pytest.mark.django_db
NARROW, WIDE = ("drafter", "executing_officer"), ("registrar", "duty_officer", "signatory", "auditor")


@pytest.fixture
def case(open_case: Any) -> Case:
    return open_case()  # type: ignore[no-any-return]


@pytest.mark.parametrize("role", [*NARROW, *WIDE, "administrator"])
def test_who_sees_a_case_by_role(case: Case, official: Any, role: str) -> None:
    person = official(role)
    assert entitlement.is_entitled(person, case) == (role in WIDE)
    if role != "administrator":
        assert entitlement.visible(person).filter(pk=case.pk).exists() == (role in WIDE)


def test_whoever_drafts_or_executes_sees_the_case(case: Case, drafter: Any, official: Any) -> None:
    drafter.roles = ["drafter"]
    assert entitlement.visible(drafter).get() == case
    officer = official("executing_officer")
    Case.objects.update(executing_officer=officer)
    assert entitlement.visible(officer).get() == case
    assert entitlement.is_entitled(officer, Case.objects.get())


def test_a_case_is_opened_and_closed_for_a_reason_and_both_are_remembered(
    case: Case, drafter: Any, official: Any, clock: Any
) -> None:
    person = official("drafter")
    given = change_access.give_access(drafter, case, person, "Knows the bank", now=clock.now)
    assert entitlement.is_entitled(person, case)
    save_draft(person, case, {}, now=clock.now)
    save_draft(drafter, case, {}, now=clock.now)
    change_access.withdraw_access(drafter, case, given.pk, "Left the division", now=clock.now)
    assert not entitlement.is_entitled(person, Case.objects.get())
    events = list(case.events.filter(kind__startswith="access_").order_by("id"))
    assert [(one.kind, one.params["reason"]) for one in events] == [
        ("access_given", "Knows the bank"),
        ("access_withdrawn", "Left the division"),
    ]
    assert all(one.entry_id for one in events)
    assert Entry.objects.filter(kind__startswith="access_").count() == 2


def test_an_organisation_to_which_a_case_is_opened_sees_it(
    case: Case, drafter: Any, official: Any, clock: Any
) -> None:
    body, other = (Organisation.objects.create(id=name) for name in ("ministry", "court"))
    inside, outside = official("drafter", organisation=body), official("drafter", organisation=other)
    clerk = official("administrator", organisation=body)
    change_access.give_access(drafter, case, body, "Executes", now=clock.now)
    found = [entitlement.is_entitled(one, case) for one in (inside, outside, clerk)]
    assert found == [True, False, False]
    assert entitlement.visible(inside).get() == case
    assert not entitlement.visible(outside).exists()


@pytest.mark.parametrize("role", WIDE)
def test_in_a_body_of_the_state_a_wide_role_sees_the_cases_of_that_body(
    case: Case, drafter: Any, official: Any, clock: Any, role: str
) -> None:
    bodies = {
        name: Organisation.objects.create(id=name, kind=kind)
        for name, kind in (
            ("centre", "central_authority"),
            ("ours", "competent_body"),
            ("other", "competent_body"),
            ("court", "court"),
            ("mail", "provider"),
        )
    }
    drafter.organisation = bodies["ours"]
    drafter.save()
    people = {name: official(role, organisation=body) for name, body in bodies.items()}

    def seeing() -> set[str]:
        listed = {name for name, one in people.items() if entitlement.visible(one).exists()}
        assert listed == {name for name, one in people.items() if entitlement.is_entitled(one, case)}
        return listed

    assert seeing() == {"centre", "ours"}
    officer = official("executing_officer", organisation=bodies["other"])
    Case.objects.update(executing_officer=officer)
    assert seeing() == {"centre", "ours", "other"}
    change_access.give_access(official("registrar"), case, bodies["court"], "Tries it", now=clock.now)
    assert seeing() == {"centre", "ours", "other", "court"}


def test_what_belongs_to_no_case_is_the_central_authority_s(signed_case: Case, official: Any) -> None:
    letter = Letter.objects.get()
    letter.case_reference = ""
    body = Organisation.objects.create(id="body")
    assert entitlement.letter_case(official("registrar"), letter) is None
    with pytest.raises(NothingThereError):
        entitlement.letter_case(official("registrar", organisation=body), letter)


def test_evidence_of_another_body_s_case_is_not_shown(case: Case, official: Any, clock: Any) -> None:
    Exhibit.objects.create(
        id=uuid.uuid4(),
        number="E1",
        case_reference=case.reference,
        raw_name="-",
        bytes=1,
        taken_in_at=clock.now,
    )
    body = Organisation.objects.create(id="body")
    assert exhibit_access.visible(official("custodian")).exists()
    assert not exhibit_access.visible(official("custodian", organisation=body)).exists()


def test_what_is_not_possible_with_access_is_refused_with_its_code(
    case: Case, drafter: Any, official: Any, clock: Any
) -> None:
    person = official("drafter")
    give = change_access.give_access
    with pytest.raises(change_access.AccessWithoutReasonError):
        give(drafter, case, person, " ", now=clock.now)
    with pytest.raises(change_access.AccessUselessError):
        give(drafter, case, official("administrator"), "-", now=clock.now)
    with pytest.raises(change_access.AccessGivenError):
        give(drafter, case, drafter, "-", now=clock.now)
    with pytest.raises(change_access.AccessGoneError):
        change_access.withdraw_access(drafter, case, 0, "-", now=clock.now)
    own = Access.objects.get(official=drafter)
    with pytest.raises(change_access.AccessNeededError):
        change_access.withdraw_access(drafter, case, own.pk, "-", now=clock.now)
    with pytest.raises(NothingThereError):  # nobody opens a case to themselves
        give(person, case, person, "-", now=clock.now)
    with pytest.raises(NotAuthorisedError):
        give(official("auditor"), case, person, "-", now=clock.now)


def test_an_act_asks_who_may_see_the_case(case: Case, official: Any, clock: Any) -> None:
    with pytest.raises(NothingThereError):
        save_draft(official("drafter"), case, {}, now=clock.now)
    with pytest.raises(NothingThereError):
        take_in_exhibit(
            official("executing_officer"),
            case,
            None,
            stream=None,  # type: ignore[arg-type]  # never read
            raw_name="-",
            media_type="-",
            source="-",
            now=clock.now,
        )


def test_evidence_is_shown_to_nobody_while_no_room_says_whom_it_is_open_to(
    official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exhibit_access, "_limits", [])
    assert not exhibit_access.visible(official("custodian")).exists()
