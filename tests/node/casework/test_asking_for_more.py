"""What was received is insufficient: more is asked for by the same measure, and that is executed at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import facts, heads, request_body, said

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import drafts, opinions, running
from comity.node.casework.acts import ask_for_more as acts
from comity.node.casework.acts.ask_for_more import ask_for_more
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import draft_follow_up
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter

CITE = "kz-tm:art_4__para_3"
FOUND = {"cite": CITE, "outcome": "applies"}
POWER = FOUND | {"on": "supplement_asked", "of": "requesting"}
AT_ONCE = FOUND | {"id": "execution", "from": "receipt", "of": "requested", "duration": None}


@pytest.fixture(autouse=True)
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agreement of the two States lets more be asked for, as that between two others does."""
    form = opinions.form

    def formed(facts: dict[str, Any], now: datetime) -> dict[str, Any]:
        opinion = form(facts, now)
        if not facts.get("circumstances", {}).get(drafts.INSUFFICIENT):
            return opinion
        return opinion | {
            "powers": [*opinion["powers"], POWER],
            "clocks": [*opinion["clocks"], AT_ONCE],
        }

    monkeypatch.setattr(opinions, "form", formed)


@pytest.fixture
def answered(ours: Case, arrive: Any, from_xb: Any) -> Case:
    """Item 1 was executed, and the result is here."""
    body = {
        "reference": "XB-2027-000009",
        "items": [{"number": 1, "actual": "executed", "note": "", "exhibits": []}],
        "whole": True,
        "custody": [],
        "authenticity": "Certified there.",
    }
    request = Letter.objects.get(kind="request")
    arrive(from_xb("result", body, answers=[str(request.pk)], **heads(ours)))
    ours.refresh_from_db()
    return ours


def test_the_further_request_is_by_the_same_measure_and_says_why(
    answered: Case, drafter: Any, signatory: Any, clock: Any
) -> None:
    said_before = said(Letter.objects.get(kind="request")).body
    case = ask_for_more(drafter, answered, now=clock.now)
    assert case.preparation == "draft"
    assert case.draft["contents"] == said_before.contents  # type: ignore[index]
    submit_for_review(drafter, case, now=clock.now)
    sign_request(signatory, case, now=clock.now)
    further = said(Letter.objects.filter(kind="request").latest("generation")).body
    assert further.measure == said_before.measure
    assert further.facts["circumstances"] == {"answer_insufficient": True}


def test_it_needs_an_answer_a_provision_and_the_side_that_asked(
    ours: Case, drafter: Any, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotNowError):
        ask_for_more(drafter, ours, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        ask_for_more(official("registrar"), ours, now=clock.now)
    monkeypatch.setitem(POWER, "outcome", "does_not_apply")
    with pytest.raises(opinions.RuleMissingError):
        ask_for_more(drafter, ours, now=clock.now)
    Case.objects.update(side="requested")
    with pytest.raises(WrongSideError):
        ask_for_more(drafter, ours, now=clock.now)


def test_the_page_offers_it_where_the_instrument_provides_for_it(answered: Case, clock: Any) -> None:
    assert acts.provision(answered, clock.now) is None
    answered.instrument = "kz-tm"
    assert acts.provision(answered, clock.now) == CITE
    Letter.objects.filter(kind="result").delete()
    assert acts.provision(answered, clock.now) is None


def test_another_measure_says_nothing_of_the_answer(answered: Case, drafter: Any, clock: Any) -> None:
    answered.facts["circumstances"] = {"answer_insufficient": True, "person_is_victim": True}
    answered.save()
    case = draft_follow_up(drafter, answered, "access_stored_data", now=clock.now)
    assert case.facts["circumstances"] == {"person_is_victim": True}


def test_where_it_arrives_it_is_executed_at_once(
    asked: Case, arrive: Any, from_xb: Any, officer: Any, clock: Any
) -> None:
    assert not Clock.objects.filter(kind="execution").exists()
    told = facts("XB", "XA", "access_stored_data") | {"circumstances": {"answer_insufficient": True}}
    body = request_body("access_stored_data") | {"facts": told}
    arrive(from_xb("request", body, **heads(asked)))
    asked.refresh_from_db()
    found = Clock.objects.get(kind="execution")
    assert (found.cite, found.of, found.due_at, found.until) == (CITE, "requested", None, "decision")
    assert found.remind_at is not None
    register_request(officer, asked, now=clock.now)
    asked.actual = "executed"
    running.on_decision(asked, clock.now)
    assert Clock.objects.get(kind="execution").state == ClockState.MET


def test_where_it_is_unknown_whether_the_answer_sufficed_no_clock_runs(
    arrive: Any, from_xb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(AT_ONCE, "outcome", "undetermined")
    told = facts("XB", "XA", "access_stored_data") | {"circumstances": {"answer_insufficient": True}}
    arrive(from_xb("request", request_body("access_stored_data") | {"facts": told}))
    assert not Clock.objects.filter(kind="execution").exists()


def test_the_page_begins_the_draft(answered: Case, drafter: Any, pages_clock: None) -> None:
    Case.objects.update(instrument="kz-tm")
    client = Client(SERVER_NAME="localhost")
    client.force_login(drafter)
    assert "ask-for-more" in client.get(f"/requests/{answered.reference}/").content.decode()
    assert "KZ-TM 4(3)" in client.get(f"/requests/{answered.reference}/ask-for-more").content.decode()
    assert client.post(f"/requests/{answered.reference}/ask-for-more").status_code == 302
    assert Case.objects.get().preparation == "draft"
