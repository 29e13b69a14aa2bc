"""Information without request: sent with restrictions, which bind where it arrives; no act of a request."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from tests.node.casework.conftest import facts, request_body

from comity import canonical
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, NothingThereError
from comity.node.casework import finding, incoming, information, opinions, prepared_acts, preparing, signing
from comity.node.casework.acts.enclose_file import enclose_file, take_out_file
from comity.node.casework.acts.mark import lift_marking, mark
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.acts.open_information import open_information
from comity.node.casework.acts.prepare_letter import return_prepared
from comity.node.casework.acts.register_information import register_information, tie_information
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.send_information import send_information
from comity.node.casework.dialogue.openings import openings
from comity.node.casework.drafts import NoBasisError
from comity.node.casework.markings import StateSecretError
from comity.node.casework.models import Case, CaseKind, Prepared
from comity.node.casework.receiving import CaseUnknownError, GenerationStaleError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.exchange.models import Letter
from comity.node.exhibits.closing import ExhibitClosedError
from comity.node.ledger.models import Entry

KEPT = "uncc:art_40__para_5"
CONDITIONS = "uncc:art_36__para_1__point_b"
TEXT = "Three accounts were found that were used against a bank of yours."


WORDS: dict[str, Any] = {
    "heading": "Accounts used against a bank",
    "text": TEXT,
    "restrictions": ["confidential", "stated_purpose_only"],
    "words": "Until the trial begins.",
}


def prepare(official: Any, clock: Any, *, peer: str = "xb-247", **changes: Any) -> Prepared:
    """Information that one official prepared and that nobody signed."""
    told = changes.pop("facts", {key: value for key, value in facts().items() if key != "measure"})
    heading = str(WORDS["heading"])
    case = open_information(official, peer=known.find(peer), heading=heading, facts=told, now=clock.now)
    return again(official, case, clock, **changes)


def again(official: Any, case: Case, clock: Any, **changes: Any) -> Prepared:
    said = WORDS | {"spoken-untranslated": "on"} | changes
    pairs = [
        [name, value]
        for name, given in said.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    return prepared_acts.prepare(official, case, information.ACT, pairs, clock.now)


def sign(official: Any, made: Prepared, clock: Any) -> Letter:
    form = prepared_acts.of_prepared(made.case, made)
    assert form.is_valid()
    run = prepared_acts.as_filled_in(official, made.case, made.act, form)
    with signing.held(signing.Ceremony(uuid4(), prepared=made)):
        return run(clock.now)


def send(drafter: Any, signatory: Any, clock: Any, **changes: Any) -> Letter:
    return sign(signatory, prepare(drafter, clock, **changes), clock)


def test_information_is_sent_on_its_basis_with_the_restrictions_by_their_provision(
    drafter: Any, signatory: Any, clock: Any
) -> None:
    letter = send(drafter, signatory, clock)
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    assert document.body.text == TEXT
    assert "uncc:art_40__para_4" in document.body.basis
    assert [(limit.id, limit.cite, limit.text) for limit in document.limits] == [
        ("confidential", KEPT, "Until the trial begins."),
        ("stated_purpose_only", KEPT, "Until the trial begins."),
    ]
    assert [person.part for person in document.people] == ["drafter", "signatory"]
    case = Case.objects.get()
    assert (case.kind, case.side, case.reference) == (CaseKind.INFORMATION, "requesting", "XA-2027-000001")
    assert case.limits.count() == 2
    assert Entry.objects.filter(kind="information_sent", subject=case.reference).exists()


def test_information_needs_its_role_a_basis_and_the_state_it_goes_to(
    signatory: Any, drafter: Any, official: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        prepare(official("executing_officer"), clock)
    with pytest.raises(PeerOfAnotherStateError):
        prepare(drafter, clock, facts=facts("XA", "XC"))
    with pytest.raises(NoBasisError):
        prepare(drafter, clock, facts=facts() | {"as_of": "2020-01-01"})
    assert not Case.objects.exists()
    assert not Letter.objects.exists()


def test_who_prepared_information_or_chose_a_file_of_it_does_not_sign_it(
    drafter: Any, signatory: Any, official: Any, clock: Any, empty_store: Any
) -> None:
    made = prepare(drafter, clock)
    with pytest.raises(FourEyesError):
        sign(drafter, made, clock)
    with pytest.raises(NotAuthorisedError):
        sign(official("drafter"), made, clock)
    with pytest.raises(preparing.NotPreparedError), signing.held(signing.Ceremony(uuid4())):
        send_information(signatory, made.case, subject="-", text="-", restrictions={}, now=clock.now)
    both = official("drafter", "signatory")
    enclose(both, made.case, clock)
    with pytest.raises(FourEyesError):
        sign(both, made, clock)
    assert not Letter.objects.exists()
    assert sign(signatory, made, clock)
    with pytest.raises(NotNowError):
        sign(signatory, made, clock)


def test_it_is_prepared_again_after_it_came_back(drafter: Any, signatory: Any, clock: Any) -> None:
    made = prepare(drafter, clock)
    with pytest.raises(NotNowError):
        again(drafter, made.case, clock)
    return_prepared(signatory, made.case, made, reason="Name the bank.", now=clock.now)
    letter = sign(signatory, again(drafter, made.case, clock, heading="Bank Alpha"), clock)
    assert parse(bytes(letter.canonical or b"")).body.subject == "Bank Alpha"
    assert Case.objects.get().heading == "Bank Alpha"
    with pytest.raises(NotNowError):
        again(drafter, made.case, clock)


def test_its_signature_takes_what_the_policy_asks(drafter: Any, signatory: Any, clock: Any) -> None:
    made = prepare(drafter, clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "is_required", lambda: True)
        with pytest.raises(signing.StepUpMissingError):
            sign(signatory, made, clock)
    assert {"information", "presence_granted", "hearing_agreed"} <= signing.BINDING


def enclose(official: Any, case: Case, clock: Any, content: bytes = b"a list of accounts") -> Any:
    told = {"raw_name": "accounts.txt", "media_type": "text/plain", "size": len(content)}
    return enclose_file(official, case, stream=BytesIO(content), **told, now=clock.now)


def test_files_go_along_and_no_file_is_added_afterwards(
    drafter: Any, signatory: Any, clock: Any, empty_store: Any
) -> None:
    made = prepare(drafter, clock)
    gone, kept = enclose(drafter, made.case, clock, b"wrong one"), enclose(drafter, made.case, clock)
    take_out_file(drafter, made.case, gone.pk, now=clock.now)
    document = parse(bytes(sign(signatory, made, clock).canonical or b""))
    assert [each.exhibit for each in document.attachments] == [str(kept.pk)]
    assert find_problems(document) == []
    assert [record.act for record in kept.custody.order_by("n")] == ["received", "hashed", "sent"]
    with pytest.raises(NotNowError):
        enclose(drafter, made.case, clock)


@pytest.mark.parametrize("of_file", [True, False])
def test_a_state_secret_is_not_sent(
    drafter: Any, signatory: Any, clock: Any, empty_store: Any, of_file: bool
) -> None:
    made = prepare(drafter, clock)
    file = enclose(drafter, made.case, clock)
    marked = mark(
        drafter,
        made.case,
        kind="state_secret",
        exhibit=str(file.pk) if of_file else None,
        reason="By its list.",
        now=clock.now,
    )
    with pytest.raises(StateSecretError):
        sign(signatory, made, clock)
    lift_marking(signatory, made.case, marked.pk, reason="It is not on the list.", now=clock.now)
    assert sign(signatory, made, clock)


def test_a_privileged_file_waits_for_its_filter(
    drafter: Any, signatory: Any, official: Any, clock: Any, empty_store: Any
) -> None:
    made = prepare(drafter, clock)
    file = enclose(drafter, made.case, clock)
    mark(drafter, made.case, kind="privileged", exhibit=str(file.pk), reason="A lawyer's.", now=clock.now)
    with pytest.raises(ExhibitClosedError):
        sign(signatory, made, clock)
    assert not Letter.objects.exists()


def test_what_is_marked_as_personal_data_carries_the_conditions_on_it(
    drafter: Any, signatory: Any, clock: Any
) -> None:
    made = prepare(drafter, clock, restrictions=[])
    mark(drafter, made.case, kind="personal_data", reason="Names of customers.", now=clock.now)
    (limit,) = parse(bytes(sign(signatory, made, clock).canonical or b"")).limits
    assert (limit.id, limit.cite) == ("personal_data_conditions", CONDITIONS)


def test_a_restriction_that_no_provision_lets_bind_is_not_sent(
    drafter: Any, signatory: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = opinions.form
    monkeypatch.setattr(opinions, "form", lambda *given: found(*given) | {"limits": []})
    with pytest.raises(opinions.RuleMissingError):
        prepare(drafter, clock)
    assert send(drafter, signatory, clock, restrictions=[])


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
    send(drafter, signatory, clock)
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
