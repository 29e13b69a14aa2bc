"""Information without request: sent with restrictions, which bind where it arrives; no act of a request."""

from __future__ import annotations

from typing import Any

import pytest
from tests.node.casework.conftest import facts, request_body

from comity import canonical
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.casework import finding, incoming, opinions
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.acts.register_information import register_information, tie_information
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.send_information import send_information
from comity.node.casework.dialogue.openings import openings
from comity.node.casework.drafts import NoBasisError
from comity.node.casework.models import Case, CaseKind
from comity.node.casework.receiving import CaseUnknownError, GenerationStaleError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry

KEPT = "uncc:art_40__para_5"
TEXT = "Three accounts were found that were used against a bank of yours."


def send(official: Any, clock: Any, **changes: Any) -> Letter:
    given = {
        "peer": known.find("xb-247"),
        "subject": "Accounts used against a bank",
        "text": TEXT,
        "facts": {key: value for key, value in facts().items() if key != "measure"},
        "restrictions": {"confidential": "Until the trial begins.", "stated_purpose_only": "Only there."},
    }
    return send_information(official, **given | changes, now=clock.now)


def test_information_is_sent_on_its_basis_with_the_restrictions_by_their_provision(
    signatory: Any, clock: Any
) -> None:
    letter = send(signatory, clock)
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    assert document.body.text == TEXT
    assert "uncc:art_40__para_4" in document.body.basis
    assert [(limit.id, limit.cite, limit.text) for limit in document.limits] == [
        ("confidential", KEPT, "Until the trial begins."),
        ("stated_purpose_only", KEPT, "Only there."),
    ]
    case = Case.objects.get()
    assert (case.kind, case.side, case.reference) == (CaseKind.INFORMATION, "requesting", "XA-2027-000001")
    assert case.limits.count() == 2
    assert Entry.objects.filter(kind="information_sent", subject=case.reference).exists()


def test_information_needs_its_role_a_basis_and_the_state_it_goes_to(
    signatory: Any, drafter: Any, official: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        send(official("drafter"), clock)
    with pytest.raises(PeerOfAnotherStateError):
        send(signatory, clock, facts=facts("XA", "XC"))
    with pytest.raises(NoBasisError):
        send(signatory, clock, facts=facts() | {"as_of": "2020-01-01"})
    assert not Case.objects.exists()
    assert not Letter.objects.exists()


def test_a_restriction_that_no_provision_lets_bind_is_not_sent(
    signatory: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = opinions.form
    monkeypatch.setattr(opinions, "form", lambda *given: found(*given) | {"limits": []})
    with pytest.raises(opinions.RuleMissingError):
        send(signatory, clock)
    assert send(signatory, clock, restrictions={})


def told(**changes: Any) -> dict[str, Any]:
    return {
        "instrument": "uncc",
        "basis": ["uncc:art_40__para_4"],
        "subject": "Accounts",
        "text": TEXT,
        "facts": facts("XB", "XA", "share_information"),
    } | changes


LIMIT = {"id": "confidential", "cite": KEPT, "text": "Until the trial begins."}


@pytest.fixture
def arrived(arrive: Any, from_xb: Any) -> Case:
    arrive(from_xb("information", told(), limits=[LIMIT]))
    return Case.objects.get()


def test_information_that_arrives_has_a_number_and_its_limits_bind(arrived: Case) -> None:
    assert (arrived.kind, arrived.side) == (CaseKind.INFORMATION, "requested")
    assert (arrived.reference, arrived.peer_reference) == ("XA-2027-000001", "XB-2027-000007")
    limit = arrived.limits.get()
    assert (limit.limit, limit.cite, limit.text) == tuple(LIMIT.values())
    assert arrived.confidential


def test_it_is_registered_once_and_tied_to_a_case_that_the_official_sees(
    arrived: Case, signed_case: Case, official: Any, clock: Any
) -> None:
    officer = official("registrar")
    with pytest.raises(NotNowError):
        tie_information(officer, arrived, signed_case, now=clock.now)
    assert list(queries.new(Case.objects.all())) == [arrived]
    register_information(officer, arrived, now=clock.now)
    arrived.refresh_from_db()
    assert (arrived.actual, list(queries.new(Case.objects.all()))) == ("registered", [])
    with pytest.raises(NotNowError):
        register_information(officer, arrived, now=clock.now)
    tie_information(officer, arrived, signed_case, now=clock.now)
    for case, other in ((arrived, signed_case), (signed_case, arrived)):
        assert case.events.get(kind="information_tied").params["reference"] == other.reference
        assert finding.linked(officer, case) == [other]
    assert finding.linked(official("auditor"), arrived) == []
    stranger = official("executing_officer")
    Case.objects.filter(pk=arrived.pk).update(executing_officer=stranger)
    with pytest.raises(NothingThereError):
        tie_information(stranger, arrived, signed_case, now=clock.now)
    assert finding.linked(stranger, arrived) == []  # the other case is not open to this one


def test_no_act_of_a_request_works_on_information(
    arrived: Case, official: Any, signatory: Any, drafter: Any, clock: Any
) -> None:
    officer = official("registrar", "executing_officer", "duty_officer", "signatory")
    with pytest.raises(NotNowError):
        register_request(officer, arrived, now=clock.now)
    assert list(openings(arrived, officer, [])) == []
    send(signatory, clock)
    ours = Case.objects.get(side="requesting")
    for act in (
        lambda: save_draft(drafter, ours, {}, now=clock.now),
        lambda: draft_follow_up(drafter, ours, "access_stored_data", now=clock.now),
    ):
        with pytest.raises((NotNowError, NothingThereError)):
            act()
    with pytest.raises(WrongSideError):
        register_information(officer, ours, now=clock.now)
    for column in (queries.waiting_for_others, queries.to_execute, queries.to_review):
        assert not list(column(Case.objects.all()))


def test_a_hostile_letter_changes_nothing(arrived: Case, arrive: Any, from_xb: Any) -> None:
    with pytest.raises(GenerationStaleError):
        arrive(from_xb("information", told(), limits=[LIMIT]))
    with pytest.raises(incoming.StatesDifferError):
        arrive(from_xb("information", told(facts=facts("XB", "XC", "share_information"))))
    with pytest.raises(CaseUnknownError):  # the number is that of information, not of a request
        arrive(from_xb("request", request_body(), generation=2))
    assert arrived.limits.count() == 1
    assert Case.objects.get().kind == CaseKind.INFORMATION
    assert canonical.read(bytes(Letter.objects.get().canonical))["body"]["text"] == TEXT


def test_information_is_not_told_under_the_number_of_a_request(arrive: Any, from_xb: Any) -> None:
    arrive(from_xb("request", request_body()))
    with pytest.raises(CaseUnknownError):
        arrive(from_xb("information", told(), generation=2))
    assert Case.objects.get().kind == CaseKind.REQUEST
