"""Advice, legal information and the locating of suspects on both sides (uncc 41(3)(a), (c) and (d))."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import CONTENTS, PERSON, by_two, heads, request_body, said

from comity import canonical
from comity.letters.bodies import texts_of
from comity.letters.document import typeset
from comity.letters.labels import Language
from comity.letters.rendering import Names, compose
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework.acts.answer_in_words import (
    WhereaboutsUnclearError,
    give_advice,
    tell_whereabouts,
)
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.item_form import ItemForm
from comity.node.casework.models import Case, Event, Limit
from comity.node.casework.preparing import NotPreparedError
from comity.node.casework.serving import NotAskedForError
from comity.node.casework.standing import NotNowError
from comity.node.exchange.models import Letter

pytestmark = pytest.mark.django_db
QUESTION = {"type": "question", "value": "Which order opens a mailbox?"}
ADVICE = ["technical_advice", "legal_information"]
TEXT, RESTS_ON = "An order of the investigating judge.", "Criminal Procedure Code, chapter on orders"


@pytest.fixture
def asks(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Any:
    """A request of State XB by a measure, registered here."""

    def ask(measure: str) -> Case:
        body = request_body(measure)
        about = PERSON if measure == "locate_suspect" else QUESTION
        item = {**body["items"][0], "identifier": about, "data_kinds": []}
        arrive(from_xb("request", {**body, "items": [item]}))
        register_request(officer, Case.objects.get(), now=clock.now)
        return Case.objects.get()

    return ask


def told(clock: Any, **changes: Any) -> dict[str, Any]:
    said_of = {
        "text": "Seen by two officers.",
        "found": True,
        "place": "1 Example Street",
        "as_of": clock.now - timedelta(hours=1),
        "source": "Register of residents",
        "goes_on": False,
    }
    return said_of | changes


@pytest.fixture
def tell(clock: Any) -> Any:
    """One official signs what another prepared."""

    def sign(case: Case, signatory: Any, **changes: Any) -> Letter:
        return by_two(tell_whereabouts)(signatory, case, [1], **told(clock, **changes), now=clock.now)

    return sign


@pytest.mark.parametrize("measure", [*ADVICE, "locate_suspect"])
def test_a_request_goes_from_opinion_to_signature_without_an_account_or_an_order(
    measure: str, open_case: Any, drafter: Any, signatory: Any, clock: Any
) -> None:
    case = open_case(measure=measure, data_kinds=[])
    form = ItemForm(
        {"identifier_type": "person" if measure == "locate_suspect" else "question"}
        | {"identifier_value": "A line", "description": "What is asked.\nAnd more."},
        measure=measure,
    )
    assert form.is_valid(), form.errors
    assert not form.fields.keys() & {"data_kinds", "period_from", "period_to"}
    save_draft(drafter, case, {"contents": CONTENTS, "items": [form.item()]}, now=clock.now)
    case.refresh_from_db()
    submit_for_review(drafter, case, now=clock.now)
    letter = said(sign_request(signatory, case, now=clock.now))
    assert (letter.body.measure, letter.body.items[0].desired) == (measure, "executed")


def test_a_question_is_no_account_and_an_account_no_question() -> None:
    line = {"identifier_value": "a@post.example"}
    assert not ItemForm(line | {"identifier_type": "email"}, measure="legal_information").is_valid()
    assert not ItemForm(line | {"identifier_type": "question"}, measure="preserve_data").is_valid()


@pytest.mark.parametrize("measure", ADVICE)
def test_the_duty_officer_answers_alone_and_the_answer_is_the_result(
    measure: str, asks: Any, official: Any, clock: Any
) -> None:
    case = asks(measure)
    with pytest.raises(NotAuthorisedError):
        give_advice(official("signatory"), case, [1], text=TEXT, rests_on=RESTS_ON, now=clock.now)
    letter = said(
        give_advice(official("duty_officer"), case, [1], text=TEXT, rests_on=RESTS_ON, now=clock.now)
    )
    assert (letter.kind, letter.body.whole, letter.body.items[0].answer) == ("result", True, TEXT)
    assert letter.body.authenticity == RESTS_ON
    case.refresh_from_db()
    assert case.actual == "executed"
    assert Event.objects.filter(case=case, kind="give_advice").exists()
    assert texts_of(letter.body.as_json())["item_1"] == TEXT, "it can be translated"
    for language in Language:
        shown = typeset(compose(letter, language, Names({}, {})))
        assert shown
    with pytest.raises(NotNowError):
        give_advice(official("duty_officer"), case, [1], text=TEXT, rests_on=RESTS_ON, now=clock.now)


def test_whereabouts_take_two_and_the_limits_of_the_law_travel(
    asks: Any, officer: Any, official: Any, tell: Any, clock: Any
) -> None:
    case = asks("locate_suspect")
    letter = said(tell(case, official("signatory")))
    place = letter.body.items[0].whereabouts
    assert (place.found, place.place, place.source) == (True, "1 Example Street", "Register of residents")
    assert place.as_of == canonical.instant_text(clock.now - timedelta(hours=1))
    assert letter.limits, "what the treaty says of personal data goes with it"
    assert Limit.objects.filter(case=case, letter=letter.id).count() == len(letter.limits)
    case.refresh_from_db()
    assert case.actual == "executed"


def test_nobody_was_found_and_the_search_goes_on(asks: Any, official: Any, tell: Any, clock: Any) -> None:
    case = asks("locate_suspect")
    for changes in ({"place": ""}, {"found": False}, {"as_of": clock.now + timedelta(minutes=1)}):
        with pytest.raises(WhereaboutsUnclearError):
            tell(case, official("signatory"), **changes)
    case.items.create(number=2, measure="locate_suspect", desired="executed", actual="registered")
    with pytest.raises(WhereaboutsUnclearError):
        by_two(tell_whereabouts)(official("signatory"), case, [1, 2], **told(clock), now=clock.now)
    case.items.filter(number=2).delete()
    letter = said(tell(case, official("signatory"), found=False, place="", goes_on=True))
    assert (letter.body.whole, letter.body.items[0].actual) == (False, "partly_executed")
    assert letter.body.items[0].whereabouts.place is None
    assert said(tell(case, official("signatory"))).body.whole, "a further answer follows"


def test_nobody_tells_whereabouts_alone(asks: Any, official: Any, clock: Any) -> None:
    with pytest.raises(NotPreparedError):
        tell_whereabouts(official("signatory"), asks("locate_suspect"), [1], **told(clock), now=clock.now)


def test_neither_is_open_for_other_measures(asks: Any, official: Any, tell: Any, clock: Any) -> None:
    case = asks("access_stored_data")
    with pytest.raises(NotNowError):
        give_advice(official("duty_officer"), case, [1], text=TEXT, rests_on=RESTS_ON, now=clock.now)
    with pytest.raises(NotNowError):
        tell(case, official("signatory"))


def result_body(**item: Any) -> dict[str, Any]:
    row = {"number": 1, "actual": "executed", "note": "", "exhibits": []} | item
    return {
        "reference": "XB-2027-000009",
        "whole": True,
        "items": [row],
        "custody": [],
        "authenticity": RESTS_ON,
    }


@pytest.fixture
def asked_there(open_case: Any, drafter: Any, signatory: Any, clock: Any) -> Any:
    """A question of this side that was sent to State XB."""

    def ask(measure: str) -> Case:
        case = open_case(measure=measure, data_kinds=[])
        about = PERSON if measure == "locate_suspect" else QUESTION
        save_draft(drafter, case, {"contents": CONTENTS, "items": [{"identifier": about}]}, now=clock.now)
        case.refresh_from_db()
        submit_for_review(drafter, case, now=clock.now)
        sign_request(signatory, case, now=clock.now)
        case.refresh_from_db()
        return case

    return ask


WHERE = {
    "found": True,
    "place": "2 Far Street",
    "as_of": "2027-06-12T01:00:00Z",
    "source": "A statement",
}


def test_the_answer_arrives_and_is_shown_with_the_limits_it_brings(
    asked_there: Any, arrive: Any, from_xb: Any, client: Client, drafter: Any
) -> None:
    case = asked_there("locate_suspect")
    asked = [str(Letter.objects.get(kind="request").id)]
    limit = {"id": "personal_data_conditions", "cite": "uncc:art_36__para_1", "text": None}
    row = arrive(
        from_xb("result", result_body(whereabouts=WHERE), answers=asked, limits=[limit], **heads(case))
    )
    case.refresh_from_db()
    assert case.actual == "executed"
    assert Limit.objects.filter(case=case, letter=row.id).exists()
    client.force_login(drafter)
    Letter.objects.filter(pk=row.pk).update(stage="retrieved")
    page = client.get(f"/letters/{row.id}/").content.decode()
    assert "2 Far Street" in page
    assert "A statement" in page


def test_an_answer_to_what_was_not_asked_is_refused_whole(
    asked_there: Any, arrive: Any, from_xb: Any
) -> None:
    case = asked_there("legal_information")
    asked = [str(Letter.objects.get(kind="request").id)]
    with pytest.raises(NotAskedForError):
        arrive(from_xb("result", result_body(whereabouts=WHERE), answers=asked, **heads(case)))
    case.refresh_from_db()
    assert case.actual == ""
    arrive(from_xb("result", result_body(answer=TEXT), answers=asked, **heads(case)))
    case.refresh_from_db()
    assert case.actual == "executed"


@pytest.mark.parametrize("changes", [{"found": False}, {"place": None}])
def test_whereabouts_that_contradict_themselves_are_no_letter(from_xb: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="a place goes with a person who was found"):
        from_xb("result", result_body(whereabouts=WHERE | changes), answers=[])
