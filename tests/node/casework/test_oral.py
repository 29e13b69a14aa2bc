"""A request made orally first: recorded on either side, confirmed by letter, tied to its minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM, facts, heads, request_body, said
from tests.node.terms import TERMS

from comity import canonical
from comity.letters.preview import compose_draft
from comity.letters.rendering import Names
from comity.node import config
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import oral, previews
from comity.node.casework.acts.assign_execution import assign_execution
from comity.node.casework.acts.end_oral_request import end_oral_request
from comity.node.casework.acts.note_oral_request import note_oral_request
from comity.node.casework.acts.order_preservation import order_preservation
from comity.node.casework.acts.record_oral_request import record_oral_request
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.report_preservation import report_preservation
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.acts.tell_status import tell_status
from comity.node.casework.acts.tie_confirmation import tie_confirmation
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock
from comity.node.directory import known
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry
from comity.node.orders.models import Order

pytestmark = pytest.mark.django_db
OTHER = {"identifier": {"type": "ip", "value": "192.0.2.7"}, "description": "An address"}
CITE = "uncc:art_40__para_13"


def spoken(clock: Any, **changes: Any) -> oral.Said:
    told = {
        "made_at": clock.now - timedelta(minutes=5),
        "means": "telephone",
        "person_name": "A. Example",
        "person_post": "Duty officer",
        "number": "+000",
        "asked": "To preserve the mailbox.",
        "urgency": "It is being emptied.",
        "agreed": "They agreed to an oral request.",
    }
    return oral.Said(**(told | changes))


def the_clock(case: Case) -> Clock:
    return Clock.objects.get(case_reference=case.reference, kind="written_confirmation")


@pytest.fixture
def made(open_case: Any, drafter: Any, clock: Any) -> Case:
    """A request of ours, drafted and made orally."""
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    record_oral_request(drafter, case, spoken(clock), now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def noted(officer: Any, clock: Any) -> Case:
    """State XB asked by telephone to preserve a mailbox and an address."""
    return note_oral_request(
        officer,
        peer=known.find("xb-247"),
        heading="By telephone",
        facts={**facts("XB", "XA"), "urgent": False},
        said=spoken(clock, called_back=True, items=[OTHER, ITEM]),
        now=clock.now,
    ).case


@pytest.fixture
def confirm(arrive: Any, from_xb: Any, clock: Any) -> Any:
    """Let the letter arrive by which State XB confirms what it asked."""

    def deliver(**changes: Any) -> Case:
        told = {
            "made_at": canonical.instant_text(clock.now - timedelta(minutes=5)),
            "means": "telephone",
            "asked_by": {"name": "A. Example", "post": "Duty officer"},
            "asked_of": {"name": "B. Example", "post": "Duty officer"},
            "asked": "To preserve the mailbox.",
            "urgency": "It was being emptied.",
            "cite": CITE,
        }
        row = arrive(from_xb("oral_confirmation", request_body() | {"oral": told} | changes))
        return Case.objects.get(reference=row.case_reference)

    return deliver


# the side that asks


def test_the_preview_of_what_confirms_it_shows_what_was_said(
    made: Case, drafter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[Any] = []
    monkeypatch.setattr(previews, "draft_pdf", lambda letter, *_: composed.append(letter) or b"%PDF")
    previews.pdf(made, drafter, "en")
    assert composed[0]["kind"] == "oral_confirmation"
    assert composed[0]["body"]["oral"]["asked"] == "To preserve the mailbox."
    compose_draft(composed[0], "en", Names())


def test_the_confirmation_is_due_at_once_and_met_by_the_signed_letter(
    made: Case, drafter: Any, signatory: Any, clock: Any
) -> None:
    due = the_clock(made)
    assert (due.state, due.of, due.until, due.due_at) == ("running", "requesting", "confirmation", None)
    assert due.starts_at == clock.now - timedelta(minutes=5)
    submit_for_review(drafter, made, now=clock.now)
    letter = sign_request(signatory, made, now=clock.now)
    document = said(letter)
    assert document.kind == "oral_confirmation"
    assert (document.body.oral.asked_by.name, document.body.oral.cite) == (drafter.full_name, CITE)
    assert the_clock(made).state == "met"
    assert str(made.oral_requests.get().letter) == letter.id
    assert [each.kind for each in Entry.objects.filter(kind__startswith="oral_request")] == [
        "oral_request_made"
    ]


def test_without_an_oral_request_the_letter_is_a_request(signed_case: Case) -> None:
    assert Letter.objects.get(case_reference=signed_case.reference).kind == "request"


def test_what_the_draft_rests_on_says_urgent_and_agreed(made: Case) -> None:
    assert made.urgent
    assert made.facts["agreements"] == {"oral": True}
    assert made.draft is not None
    assert made.draft["facts"]["agreements"] == {"oral": True}


def test_the_agreement_that_the_provision_asks_for_is_stated(
    open_case: Any, drafter: Any, clock: Any
) -> None:
    with pytest.raises(oral.AgreementUnstatedError):
        record_oral_request(drafter, open_case(), spoken(clock, agreed=""), now=clock.now)
    assert not Entry.objects.filter(kind="oral_request_made").exists()


def test_an_agreement_on_record_is_enough(open_case: Any, drafter: Any, clock: Any) -> None:
    case = open_case(agreements={"oral": True})
    assert record_oral_request(drafter, case, spoken(clock, agreed=""), now=clock.now).cite == CITE


def test_a_form_to_which_the_sides_did_not_agree_is_not_admitted(
    open_case: Any, drafter: Any, clock: Any
) -> None:
    case = open_case(agreements={"oral": False})
    with pytest.raises(oral.FormNotAdmittedError):
        record_oral_request(drafter, case, spoken(clock, agreed=""), now=clock.now)


def test_an_oral_request_was_made_in_the_past(open_case: Any, drafter: Any, clock: Any) -> None:
    ahead = spoken(clock, made_at=clock.now + timedelta(minutes=1))
    with pytest.raises(oral.MadeAheadError):
        record_oral_request(drafter, open_case(), ahead, now=clock.now)


def test_one_oral_request_waits_in_a_case(made: Case, drafter: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        record_oral_request(drafter, made, spoken(clock), now=clock.now)


def test_after_the_first_letter_nothing_is_recorded_as_made_before(
    signed_case: Case, drafter: Any, clock: Any
) -> None:
    with pytest.raises(NotNowError):
        record_oral_request(drafter, signed_case, spoken(clock), now=clock.now)


def test_only_who_drafts_or_is_on_duty_records_it(open_case: Any, official: Any, clock: Any) -> None:
    with pytest.raises(NotAuthorisedError):
        record_oral_request(official("signatory", "registrar"), open_case(), spoken(clock), now=clock.now)


def test_what_is_given_up_leaves_an_ordinary_request(
    made: Case, drafter: Any, signatory: Any, clock: Any
) -> None:
    end_oral_request(drafter, made, reason="The matter was settled.", now=clock.now)
    assert the_clock(made).state == "ceased"
    submit_for_review(drafter, made, now=clock.now)
    assert sign_request(signatory, made, now=clock.now).kind == "request"
    with pytest.raises(NotNowError):
        end_oral_request(drafter, made, reason="Again.", now=clock.now)


# the side that is asked


def test_a_minute_is_a_case_with_a_number_items_and_a_clock(noted: Case) -> None:
    assert noted.reference.startswith("XA-")
    assert (noted.side, noted.urgent, noted.actual) == ("requested", True, "registered")
    assert [each.identifier_value for each in noted.items.all()] == ["192.0.2.7", ITEM["identifier"]["value"]]
    assert (the_clock(noted).of, the_clock(noted).state) == ("requesting", "running")
    assert noted.facts["urgent"]


def test_a_minute_says_what_was_asked_about(officer: Any, clock: Any) -> None:
    with pytest.raises(oral.ItemsUnnamedError):
        note_oral_request(
            officer,
            peer=known.find("xb-247"),
            heading="-",
            facts=facts(),
            said=spoken(clock),
            now=clock.now,
        )


def test_no_letter_leaves_before_the_confirmation(
    noted: Case, officer: Any, post_example: Any, clock: Any
) -> None:
    """Execution may begin; what would tell or disclose anything waits."""
    item = noted.items.get(number=2)
    order = order_preservation(officer, noted, item, provider=post_example, terms=TERMS, now=clock.now)
    done = {"state": "done", "at": canonical.instant_text(clock.now), "note": "", "files": []}
    Order.objects.filter(pk=order.pk).update(state="done", answer=done, answered_at=clock.now)
    with pytest.raises(oral.ConfirmationAwaitedError) as caught:
        report_preservation(officer, noted, now=clock.now)
    assert CITE in str(caught.value.params["rule"]) or "40(13)" in str(caught.value)
    with pytest.raises(oral.ConfirmationAwaitedError):
        tell_status(officer, noted, [1], text="On its way.", now=clock.now)
    assert not Letter.objects.exists()


@pytest.mark.parametrize("first", [True, False])
def test_nothing_is_ordered_before_the_writing_where_a_provision_asks_for_it_first(
    noted: Case, officer: Any, official: Any, post_example: Any, clock: Any, first: bool
) -> None:
    """No instrument on record asks so: in each the confirmation follows. One that did would be obeyed."""
    told = dict(noted.opinion or {})
    told["duties"] = [
        {**each, "before": first} if each.get("id") == oral.CONFIRM else each for each in told["duties"]
    ]
    Case.objects.filter(pk=noted.pk).update(opinion=told)
    item = noted.items.get(number=2)

    def order() -> Any:
        basis = "a provision"
        return order_preservation(
            officer,
            noted,
            item,
            provider=post_example,
            terms=replace(TERMS, legal_basis=basis),
            now=clock.now,
        )

    if not first:
        assert order()
        return
    with pytest.raises(oral.WritingFirstError, match="40"):
        order()
    with pytest.raises(oral.WritingFirstError):
        assign_execution(
            official("registrar", "signatory"),
            noted,
            [1],
            officer,
            due_at=clock.now + timedelta(days=1),
            now=clock.now,
        )
    assert not Order.objects.exists()


def test_one_that_was_given_up_stays_without_letters(noted: Case, officer: Any, clock: Any) -> None:
    end_oral_request(officer, noted, reason="They rang off.", now=clock.now)
    noted.refresh_from_db()
    assert (noted.actual, the_clock(noted).state) == ("withdrawn", "ceased")
    with pytest.raises(oral.ConfirmationAwaitedError):
        oral.demand_confirmed(noted)


def test_the_confirmation_moves_into_the_case_of_the_minute(
    noted: Case, confirm: Any, officer: Any, post_example: Any, clock: Any
) -> None:
    order_preservation(
        officer,
        noted,
        noted.items.get(number=2),
        provider=post_example,
        terms=TERMS,
        now=clock.now,
    )
    came = confirm()
    tie_confirmation(officer, came, noted, now=clock.now)
    noted.refresh_from_db()
    came.refresh_from_db()
    assert (noted.peer_reference, came.peer_reference, came.joined_to) == ("XB-2027-000007", "", noted)
    letter = Letter.objects.get()
    assert letter.case_reference == noted.reference
    assert noted.oral_requests.get().letter == letter.pk
    assert the_clock(noted).state == "met"
    assert not came.items.exists()
    assert not visible(officer).filter(pk=came.pk).exists()
    rows = {each.number: (each.identifier_value, each.actual) for each in noted.items.all()}
    assert rows == {1: (ITEM["identifier"]["value"], "in_execution"), 2: ("192.0.2.7", "withdrawn")}
    assert Order.objects.get().item_number == 1
    oral.demand_confirmed(noted)


def test_what_was_ordered_goes_on_when_the_confirmation_is_registered(
    noted: Case, confirm: Any, officer: Any, post_example: Any, clock: Any
) -> None:
    order = order_preservation(
        officer,
        noted,
        noted.items.get(number=2),
        provider=post_example,
        terms=TERMS,
        now=clock.now,
    )
    tie_confirmation(officer, confirm(), noted, now=clock.now)
    noted.refresh_from_db()
    registration = said(register_request(officer, noted, now=clock.now))
    assert registration.body.reference == noted.reference
    assert noted.items.get(number=1).actual == "in_execution"
    done = {"state": "done", "at": canonical.instant_text(clock.now), "note": "", "files": []}
    Order.objects.filter(pk=order.pk).update(state="done", answer=done, answered_at=clock.now)
    assert said(report_preservation(officer, noted, now=clock.now)).body.items[0].actual == "preserved"


def test_a_further_letter_finds_the_case_of_the_minute(
    noted: Case, confirm: Any, officer: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    tie_confirmation(officer, confirm(), noted, now=clock.now)
    noted.refresh_from_db()
    row = arrive(from_xb("request", request_body(), generation=2, case=heads(noted)["case"]))
    assert row.case_reference == noted.reference


def test_a_confirmation_is_not_registered_unseen_while_minutes_wait(
    noted: Case, confirm: Any, officer: Any, clock: Any
) -> None:
    came = confirm()
    with pytest.raises(oral.NotedOrallyError):
        register_request(officer, came, now=clock.now)
    assert register_request(officer, came, none_fits=True, now=clock.now).kind == "registration"
    came.refresh_from_db()
    with pytest.raises(NotNowError):
        tie_confirmation(officer, came, noted, now=clock.now)


def test_a_confirmation_of_what_nobody_noted_is_registered(confirm: Any, officer: Any, clock: Any) -> None:
    assert register_request(officer, confirm(), now=clock.now).kind == "registration"


def test_only_a_confirmation_is_tied_and_only_to_a_minute(
    asked: Case, noted: Case, officer: Any, clock: Any
) -> None:
    for case, minute in ((asked, noted), (noted, noted)):
        with pytest.raises(NotNowError):
            tie_confirmation(officer, case, minute, now=clock.now)


def test_a_minute_of_another_authority_is_no_candidate(
    noted: Case, confirm: Any, officer: Any, clock: Any
) -> None:
    Case.objects.filter(pk=noted.pk).update(peer=known.own())
    came = confirm()
    assert (
        oral.candidates(officer, came, request_body() | {"oral": {"made_at": "2027-01-01T00:00:00Z"}}) == []
    )
    with pytest.raises(NotNowError):
        tie_confirmation(officer, came, noted, now=clock.now)


def test_candidates_show_what_was_said_beside_what_is_written(
    noted: Case, confirm: Any, officer: Any, clock: Any
) -> None:
    came = confirm()
    body = said(Letter.objects.get(case_reference=came.reference)).body.as_json()
    found = oral.candidates(officer, came, body)
    assert [each.noted.case for each in found] == [noted]
    assert found[0].common == [ITEM["identifier"]["value"]]
    assert found[0].only_said == ["192.0.2.7"]
    assert found[0].same_time
    assert found[0].differs


def test_a_clock_that_ran_out_before_anybody_tied_a_letter_that_was_in_time_is_met(
    noted: Case, confirm: Any, officer: Any, clock: Any
) -> None:
    due = clock.now + timedelta(hours=72)
    Clock.objects.filter(pk=the_clock(noted).pk).update(due_at=due)
    came = confirm()
    clock.advance(days=4)
    clocks.run_out(clock.now)
    assert the_clock(noted).state == "ran_out"
    tie_confirmation(officer, came, noted, now=clock.now)
    assert the_clock(noted).state == "met"


def test_a_clock_that_ran_out_before_the_letter_came_stays_so(
    noted: Case, confirm: Any, officer: Any, clock: Any
) -> None:
    Clock.objects.filter(pk=the_clock(noted).pk).update(due_at=clock.now + timedelta(hours=72))
    clock.advance(days=4)
    clocks.run_out(clock.now)
    tie_confirmation(officer, confirm(), noted, now=clock.now)
    assert the_clock(noted).state == "ran_out"


# other treaties


def test_by_technical_means_the_confirmation_is_due_in_72_hours(
    open_case: Any, drafter: Any, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    """csto-ict 6(4): three days from the transmission, reminded of, and recorded when they ran out."""
    in_force = {"in_force_since": "2020-01-01"}
    parties = {state: {"status": "party", "since": "2020-01-01"} for state in ("XA", "XB")}
    supposed = replace(config.current(), assumptions={"csto-ict": in_force | parties})
    monkeypatch.setattr(config, "current", lambda: supposed)
    case = open_case(
        measure="operational_search",
        circumstances={"crime_in_preparation": True},
        offences=[{"id": None, "kind": "csto-ict:art_3__point_3", "by_ict": True}],
    )
    noted = record_oral_request(drafter, case, spoken(clock, means="technical_means"), now=clock.now)
    due = the_clock(case)
    assert (noted.form, noted.cite) == ("technical_then_written", "csto-ict:art_6__para_4")
    assert due.due_at == noted.made_at + timedelta(hours=72)
    assert due.remind_at is not None
    clock.advance(days=3)
    clocks.run_out(clock.now)
    assert the_clock(case).state == "ran_out"
