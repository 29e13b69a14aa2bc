"""What a request says of persons leaves the asked State only as the State that asked has authorised."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import WORDS, by_two, facts_of, nothing_changed, said

from comity import canonical
from comity.node.casework import duties, limits, permissions, uses
from comity.node.casework.acts.ask_onward_permission import ask_onward_permission
from comity.node.casework.acts.decline_permission import decline_onward_permission
from comity.node.casework.acts.forward_request import forward_request
from comity.node.casework.acts.grant_permission import grant_onward_permission
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.dialogue import hearing
from comity.node.casework.models import Case, Event, Use
from comity.node.casework.preparing import NotPreparedError
from comity.node.casework.receiving import CaseUnknownError
from comity.node.exchange.models import Letter
from comity.node.pages.law import short_label

ONWARD = "uncc:art_36__para_3__limit_2"
DUTY = "uncc:art_36__para_3__duty_2"
CONFIDENTIAL = "uncc:art_40__para_20"
ABROAD = {"purpose": "third_state", "recipient": "State XC", "use": "Its registry of accounts."}
THERE = {"text": "State XC keeps the registry.", "competent": "State XC", "abroad": "third_state"}


def passed_on(official: Any, case: Case, now: Any, **changes: Any) -> Use:
    told = {"purpose": "third_state", "recipient": "State XC", "description": "Sent to its registry."}
    return record_use(official, case, [1], **told | changes, now=now)


def granted(hear: Any, case: Case, letter: Letter, **changes: Any) -> Letter:
    """State XB, which asked, permits what a letter of ours asks for."""
    wanted = permissions.asked_in(canonical.read(bytes(letter.canonical or b""))["body"])
    body = wanted | {"by": "requesting", "conditions": [], "until": None} | changes
    return hear(case, "onward_permission_granted", answering=[str(letter.id)], **body)  # type: ignore[no-any-return]


def theirs(hear: Any, case: Case, **changes: Any) -> Letter:
    """State XB, which was asked, asks to pass on what our request says."""
    body = ABROAD | {"by": "requested", "exhibits": [], "provisions": [ONWARD]} | changes
    return hear(case, "onward_permission_asked", **body)  # type: ignore[no-any-return]


# --- the side that was asked


def test_what_a_request_says_is_not_passed_on_without_permission(
    asked: Case, officer: Any, clock: Any
) -> None:
    with pytest.raises(uses.PermissionNeededError, match=re.escape(short_label(ONWARD))):
        passed_on(officer, asked, clock.now)
    assert not Use.objects.exists()


def test_a_request_without_personal_data_nor_confidentiality_is_free_of_it(
    asked: Case, officer: Any, clock: Any
) -> None:
    asked.opinion["limits"] = [each for each in asked.opinion["limits"] if each["cite"] != ONWARD]  # type: ignore[index]
    asked.save()
    with pytest.raises(uses.PermissionNeededError, match=re.escape(short_label(CONFIDENTIAL))):
        passed_on(officer, asked, clock.now)
    asked.confidential = False
    asked.save()
    assert passed_on(officer, asked, clock.now).permission is None


def test_only_the_passing_on_of_a_request_is_recorded(asked: Case, officer: Any, clock: Any) -> None:
    for purpose in ("own_proceedings", "other_proceedings", "organisation_inside"):
        with pytest.raises(uses.OnlyOnwardError):
            passed_on(officer, asked, clock.now, purpose=purpose)


def test_the_limits_on_the_answer_do_not_bind_who_gave_it(asked: Case, clock: Any) -> None:
    limit = {"id": "no_onward_transfer", "cite": "uncc:art_40__para_28", "text": "Ours, on the answer."}
    limits.lay_down(asked, [limit], uuid.uuid4(), clock.now)
    assert {bar.cite for bar in limits.barring(asked, "third_state")} == {ONWARD, CONFIDENTIAL}


def test_the_permission_covers_exactly_what_was_asked_until_its_day(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    letter = ask_onward_permission(officer, asked, [1], **WORDS, **ABROAD, now=clock.now)
    assert (said(letter).body.by, said(letter).body.provisions) == ("requested", [ONWARD, CONFIDENTIAL])
    until = clock.now + timedelta(days=2)
    bound = {"id": "retention", "cite": ONWARD, "text": "Destroyed after a month."}
    row = granted(hear, asked, letter, until=canonical.instant_text(until), conditions=[bound])
    made = passed_on(officer, asked, clock.now, permission=str(row.id))
    assert (made.permission, made.recipient) == (row.id, "State XC")
    for changes in ({"recipient": "State XD"}, {"purpose": "international_organisation"}):
        with pytest.raises(uses.PermissionNotCoveringError):
            passed_on(officer, asked, clock.now, permission=str(row.id), **changes)
    with pytest.raises(uses.PermissionNotCoveringError):
        passed_on(officer, asked, until + timedelta(seconds=1), permission=str(row.id))
    assert [each.text for each in limits.of_request(asked)] == ["Destroyed after a month."]
    assert not limits.of_answer(asked)


def test_the_duty_to_ask_first_is_shown_with_its_provision(asked: Case) -> None:
    assert duties.Duty("ask_prior_permission", DUTY) in duties.discharged(asked, {"ask_prior_permission"})


def test_a_request_is_forwarded_inside_the_state_freely_and_abroad_only_with_permission(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    with pytest.raises(uses.PermissionNeededError, match=re.escape(short_label(ONWARD))):
        forward_request(officer, asked, [1], **THERE, now=clock.now)
    letter = ask_onward_permission(officer, asked, [1], **WORDS, **ABROAD, now=clock.now)
    asked.refresh_from_db()
    row = granted(hear, asked, letter)
    elsewhere = THERE | {"competent": "State XD"}
    with pytest.raises(uses.PermissionNotCoveringError):
        forward_request(officer, asked, [1], **elsewhere, permission=str(row.id), now=clock.now)
    assert not Use.objects.exists()
    told = forward_request(officer, asked, [1], **THERE, permission=str(row.id), now=clock.now)
    assert said(told).body.competent == "State XC"
    assert Use.objects.get().permission == row.id
    assert Event.objects.filter(case=asked, kind="use_recorded").exists()


def test_a_request_is_not_forwarded_for_a_purpose_that_is_no_passing_on(
    asked: Case, officer: Any, clock: Any
) -> None:
    with pytest.raises(uses.OnlyOnwardError):
        forward_request(officer, asked, [1], **THERE | {"abroad": "other_proceedings"}, now=clock.now)


def test_the_page_asks_where_the_body_is(asked: Case, official: Any, pages_clock: None) -> None:
    client = Client(SERVER_NAME="localhost")
    client.force_login(official("registrar", "duty_officer", "signatory"))
    form = {"items": "1", "text": "It is theirs.", "competent": "The Court", "spoken-language": "en"}
    where = f"/requests/{asked.reference}/forward-request"
    assert client.post(where, form).status_code == 422
    assert client.post(where, form | {"abroad": "here", "sealing": "at_once"}).status_code == 302


def test_a_body_of_this_state_takes_no_permission(asked: Case, officer: Any, clock: Any) -> None:
    assert forward_request(officer, asked, [1], text="It is theirs.", competent="The Court", now=clock.now)
    assert not Use.objects.exists()


def test_the_pages_say_what_bars_it_and_take_the_permission(
    asked: Case, official: Any, hear: Any, pages_clock: None, clock: Any
) -> None:
    officer = official("registrar", "duty_officer", "signatory", "custodian", "executing_officer")
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    where = f"/requests/{asked.reference}/use"
    page = client.get(where).content.decode()
    assert "UNCC 36(3)" in page
    assert "record-disclosure" not in page
    told = {"items": "1", "purpose": "third_state", "recipient": "State XC", "description": "Its registry."}
    barred = client.post(f"{where}/record", told)
    assert (barred.status_code, Use.objects.count()) == (409, 0)
    letter = ask_onward_permission(officer, asked, [1], **WORDS, **ABROAD, now=clock.now)
    row = granted(hear, asked, letter)
    assert client.post(f"{where}/record", told | {"permission": str(row.id)}).status_code == 302
    assert Use.objects.get().permission == row.id
    form = client.get(f"/requests/{asked.reference}/forward-request").content.decode()
    assert str(row.id) in form


# --- the side that asked


def test_who_asked_permits_it_by_two_and_is_bound_by_nothing_of_it(
    ours: Case, hear: Any, official: Any, clock: Any
) -> None:
    letter = theirs(hear, ours)
    told = {"text": "For the registry.", "conditions": [("retention", "A month.")]}
    with pytest.raises(NotPreparedError):
        grant_onward_permission(official("signatory"), ours, **told, now=clock.now)
    answer = by_two(grant_onward_permission)(official("signatory"), ours, **told, now=clock.now)
    body = said(answer).body
    assert (body.by, body.recipient, said(answer).answers) == ("requesting", "State XC", [str(letter.id)])
    assert not limits.of_answer(ours)
    assert [each.limit for each in limits.of_request(ours)] == ["retention"]


def test_who_asked_declines_it_with_reasons(ours: Case, hear: Any, official: Any, clock: Any) -> None:
    theirs(hear, ours)
    answer = by_two(decline_onward_permission)(official("signatory"), ours, text="Too early.", now=clock.now)
    assert (said(answer).body.by, said(answer).body.text) == ("requesting", "Too early.")


def test_a_grant_by_the_side_that_holds_it_is_refused_whole(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    letter = ask_onward_permission(officer, asked, [1], **WORDS, **ABROAD, now=clock.now)
    before = facts_of(asked)
    with pytest.raises(CaseUnknownError):
        granted(hear, asked, letter, by=None)
    with pytest.raises(hearing.PermissionDiffersError):
        granted(hear, asked, letter, recipient="State XD")
    assert nothing_changed(asked, before)
