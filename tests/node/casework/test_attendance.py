"""Service of documents and voluntary appearance, on both sides: what is asked, recorded, certified."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import PERSON, heads, request_body, said

from comity import canonical
from comity.letters.bodies import texts_of
from comity.letters.document import typeset
from comity.letters.labels import Language
from comity.letters.rendering import Names, compose
from comity.letters.validation import find_problems
from comity.node.casework import identities, serving
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.protect_person import protect_person
from comity.node.casework.acts.record_invitation import NotFreelyAnsweredError, record_invitation
from comity.node.casework.acts.record_service import (
    NotYetHappenedError,
    ServedOnNobodyError,
    record_service,
)
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.models import Case
from comity.node.casework.outcomes import NothingFoundError
from comity.node.casework.serving import NotAskedForError, RecordsDifferError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry

SERVICE = {
    "document": "Summons of 1 June 2027",
    "address": "1 Example Street",
    "way": "personal",
    "procedure": "",
    "language": "ru",
    "by": "2027-07-01T00:00:00Z",
    "hearing_at": "2027-08-01T09:00:00Z",
}
APPEARANCE = {
    "role": "witness",
    "before": "District court",
    "place": "Hall 2",
    "begins_at": "2027-08-01T09:00:00Z",
    "ends_at": None,
    "expenses": "Journey and stay are paid in advance.",
    "safe_conduct": "uncc:art_40__para_29",
}
ATTEMPT = {
    "place": "1 Example Street",
    "server": "Bailiff of the district court",
    "way": "personal",
    "outcome": "handed",
    "served": True,
}


def body(measure: str, **particulars: Any) -> dict[str, Any]:
    found = request_body(measure)
    item = {**found["items"][0], "identifier": PERSON, "data_kinds": [], **particulars}
    return {**found, "items": [item]}


@pytest.fixture
def second(official: Any) -> Any:
    return official("signatory")


@pytest.fixture
def to_serve(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    arrive(from_xb("request", body("serve_documents", service=SERVICE)))
    register_request(officer, Case.objects.get(), now=clock.now)
    return Case.objects.get()


@pytest.fixture
def to_ask(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    arrive(from_xb("request", body("appear_voluntarily", appearance=APPEARANCE)))
    register_request(officer, Case.objects.get(), now=clock.now)
    return Case.objects.get()


def tried(officer: Any, case: Case, clock: Any, **changes: Any) -> Any:
    said_of = ATTEMPT | {"happened_at": clock.now} | changes
    return record_service(officer, case, 1, now=clock.now, **said_of)


def answered(officer: Any, case: Case, clock: Any, **changes: Any) -> Any:
    told = {"informed_at": clock.now, "informed_by": "Investigator", "freely": True, "answer": "consents"}
    return record_invitation(officer, case, 1, now=clock.now, **told | changes)


def result(officer: Any, second: Any, case: Case, outcome: str, clock: Any, note: str = "") -> Any:
    prepare_result(
        officer, case, authenticity="Certified here.", outcomes={1: outcome}, notes={1: note}, now=clock.now
    )
    return release_result(second, case, now=clock.now)


def test_what_is_asked_of_an_item_stands_with_it(to_serve: Case) -> None:
    assert to_serve.items.get().particulars == SERVICE


def test_an_attempt_begins_execution_and_the_certificate_holds_every_one(
    to_serve: Case, officer: Any, second: Any, clock: Any
) -> None:
    tried(officer, to_serve, clock, outcome="not_found", served=False)
    assert to_serve.items.get().actual == "in_execution"
    clock.advance(days=1)
    tried(officer, to_serve, clock, note="Signed for.")
    letter = said(result(officer, second, to_serve, "executed", clock))
    certificate = letter.body.items[0].service
    assert certificate.served
    assert [each.outcome for each in certificate.attempts] == ["not_found", "handed"]
    assert Entry.objects.filter(kind="service_recorded").count() == 2


def test_a_certificate_of_non_service_has_its_reason(
    to_serve: Case, officer: Any, second: Any, clock: Any
) -> None:
    tried(officer, to_serve, clock, outcome="not_found", served=False)
    letter = said(result(officer, second, to_serve, "impossible", clock, note="Moved abroad."))
    assert not letter.body.items[0].service.served


@pytest.mark.parametrize(("served", "outcome"), [(True, "impossible"), (False, "executed")])
def test_the_outcome_is_what_the_records_say(
    to_serve: Case, officer: Any, clock: Any, served: bool, outcome: str
) -> None:
    tried(officer, to_serve, clock, outcome="refused", served=served)
    with pytest.raises(RecordsDifferError):
        prepare_result(
            officer, to_serve, authenticity="-", outcomes={1: outcome}, notes={1: "-"}, now=clock.now
        )


def test_nothing_is_served_in_the_future_or_on_nobody(to_serve: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(NotYetHappenedError):
        tried(officer, to_serve, clock, happened_at=clock.now + timedelta(minutes=1))
    with pytest.raises(ServedOnNobodyError):
        tried(officer, to_serve, clock, outcome="not_found")


def test_an_answer_counts_only_if_it_was_free_and_is_the_last_one(
    to_ask: Case, officer: Any, second: Any, clock: Any
) -> None:
    with pytest.raises(NotFreelyAnsweredError):
        answered(officer, to_ask, clock, freely=False)
    answered(officer, to_ask, clock)
    clock.advance(hours=1)
    answered(officer, to_ask, clock, answer="declines")
    letter = said(result(officer, second, to_ask, "executed", clock))
    assert letter.body.items[0].appearance.answer == "declines"


def test_without_an_answer_there_is_nothing_to_tell(to_ask: Case, officer: Any, clock: Any) -> None:
    answered(officer, to_ask, clock, answer="")
    with pytest.raises(NothingFoundError):
        prepare_result(officer, to_ask, authenticity="-", outcomes={1: "executed"}, now=clock.now)


def test_records_are_of_items_that_ask_for_them(to_ask: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        tried(officer, to_ask, clock)


def test_a_name_that_is_kept_apart_stands_in_no_record(to_serve: Case, officer: Any, clock: Any) -> None:
    Letter.objects.update(canonical=None)
    tried(officer, to_serve, clock, handed_to="Wife of Testis Unus")
    protect_person(officer, to_serve, names=["Testis Unus"], reason="Fear", now=clock.now)
    assert "Testis" not in to_serve.items.get().attempts.get().handed_to
    with pytest.raises(identities.IdentityInTextError):
        tried(officer, to_serve, clock, note="Testis Unus took it.")


def test_the_request_carries_its_particulars_and_drops_what_is_of_another_measure(sent: Any) -> None:
    case = sent("serve_documents", service=SERVICE, appearance=APPEARANCE)
    letter = said(Letter.objects.get())
    assert letter.body.items[0].service.as_json() == SERVICE
    assert letter.body.items[0].appearance is None
    assert case.items.get().particulars == SERVICE


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_request_and_certificate_are_readable(
    sent: Any, to_serve: Case, officer: Any, second: Any, clock: Any, language: str
) -> None:
    sent("appear_voluntarily", appearance=APPEARANCE)
    tried(officer, to_serve, clock)
    result(officer, second, to_serve, "executed", clock)
    for letter in Letter.objects.filter(direction="out"):
        assert typeset(compose(said(letter), Language(language), Names())).startswith(b"%PDF")


CERTIFICATE = {
    "served": True,
    "attempts": [
        {
            "at": "2027-06-12T02:00:00Z",
            "place": "1 Example Street",
            "by": "Bailiff",
            "way": "personal",
            "outcome": "handed",
            "handed_to": "",
            "note": "",
        }
    ],
}


def told(**certified: Any) -> dict[str, Any]:
    item = {"number": 1, "actual": "executed", "note": "", "exhibits": [], **certified}
    return {
        "reference": "XB-2027-000009",
        "whole": True,
        "items": [item],
        "custody": [],
        "authenticity": "Certified there.",
    }


def test_the_other_sides_certificate_is_read(sent: Any, arrive: Any, from_xb: Any) -> None:
    case = sent("serve_documents", service=SERVICE)
    arrive(from_xb("result", told(service=CERTIFICATE), answers=[], **heads(case)))
    assert [item["service"] for _letter, item in serving.results(case)] == [CERTIFICATE]
    assert case.items.get().actual == "executed"


def test_a_certificate_of_what_was_not_asked_is_refused_whole(sent: Any, arrive: Any, from_xb: Any) -> None:
    case = sent("appear_voluntarily", appearance=APPEARANCE)
    with pytest.raises(NotAskedForError):
        arrive(from_xb("result", told(service=CERTIFICATE), answers=[], **heads(case)))
    case.refresh_from_db()
    assert (case.items.get().actual, case.received_generation) == ("", 0)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        ({"actual": "impossible", "note": "-", "service": CERTIFICATE}, "certificate_differs"),
        (
            {
                "appearance": {
                    "informed_at": "2027-06-12T02:00:00Z",
                    "by": "Investigator",
                    "answer": "consents",
                    "answered_at": "2027-06-12T01:00:00Z",
                    "note": "",
                }
            },
            "answer_out_of_time",
        ),
    ],
)
def test_a_letter_that_contradicts_itself_is_found(from_xb: Any, item: dict[str, Any], problem: str) -> None:
    letter = from_xb("result", told(**item), answers=[])
    assert problem in {each.code for each in find_problems(letter)}


def test_each_side_records_only_what_is_its_own(sent: Any, officer: Any, clock: Any) -> None:
    case = sent("serve_documents", service=SERVICE)
    with pytest.raises(WrongSideError):
        tried(officer, case, clock)


def test_service_after_the_hearing_is_found(from_xb: Any) -> None:
    late = SERVICE | {"by": "2027-08-02T00:00:00Z"}
    letter = from_xb("request", body("serve_documents", service=late))
    assert "service_after_hearing" in {each.code for each in find_problems(letter)}
    assert canonical.read_instant(late["by"])


def test_what_is_said_of_expenses_and_procedure_is_translated_with_the_item() -> None:
    asked = body("appear_voluntarily", appearance=APPEARANCE)
    assert APPEARANCE["expenses"] in texts_of(asked)["item_1"]
    served = body("serve_documents", service=SERVICE | {"procedure": "Against a receipt"})
    assert "Against a receipt" in texts_of(served)["item_1"]
