"""The requesting side: opinion, draft, four eyes, answers of the other side."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM

from comity import canonical
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node import config
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError
from comity.node.administration.deputies import delegate_role
from comity.node.casework import drafts, incoming, receiving
from comity.node.casework.acts.approve_draft import ApprovalMissingError, approve_draft
from comity.node.casework.acts.open_case import PeerOfAnotherStateError
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import return_draft, submit_for_review
from comity.node.casework.models import Case, Event, Preparation
from comity.node.casework.signatories import SignatoryRankError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry
from comity.node.pages.law import short_label
from comity.proofs.receipts import ReceiptName


def test_a_case_opens_on_an_opinion_and_a_draft_that_rests_on_it(open_case: Any) -> None:
    case = open_case()
    assert (case.reference, case.instrument, case.desired) == ("XA-2027-000001", "uncc", "preserved")
    assert case.opinion["addressee"]["role"] == "point_of_contact_24_7"
    assert "uncc:art_42" in case.draft["basis"]
    assert Entry.objects.get(kind="case_opened").content["case"] == case.reference


def test_references_follow_each_other(open_case: Any) -> None:
    assert [open_case().reference for _ in range(3)] == [f"XA-2027-00000{n}" for n in (1, 2, 3)]


def test_without_a_treaty_that_applies_no_case_is_opened(open_case: Any) -> None:
    with pytest.raises(drafts.NoBasisError):
        open_case(measure="intercept_content", electronic_evidence=False, offences=[_petty()])
    assert not Case.objects.exists()


def test_facts_about_other_states_than_sender_and_recipient_are_refused(open_case: Any) -> None:
    with pytest.raises((PeerOfAnotherStateError, drafts.NoBasisError)):
        open_case(requested_state="XC")


def test_only_a_drafter_opens_a_case(official: Any, open_case: Any, clock: Any) -> None:
    from tests.node.casework.conftest import facts

    from comity.node.casework.acts.open_case import open_case as act
    from comity.node.directory import known

    with pytest.raises(NotAuthorisedError):
        act(official("custodian"), peer=known.find("xb-247"), heading="x", facts=facts(), now=clock.now)


@pytest.mark.parametrize("left_out", ["relation_to_offence", "necessity", "requesting_authority"])
def test_a_draft_without_a_required_field_cannot_be_submitted_and_the_provision_is_named(
    open_case: Any, drafter: Any, clock: Any, left_out: str
) -> None:
    contents = {field: text for field, text in CONTENTS.items() if field != left_out}
    case = save_draft(drafter, open_case(), {"contents": contents, "items": [ITEM]}, now=clock.now)
    missing = [each for each in drafts.problems(case) if each.is_required]
    assert [each.field for each in missing] == [f"contents.{left_out}"]
    with pytest.raises(drafts.DraftIncompleteError, match=re.escape(short_label(missing[0].cite))):
        submit_for_review(drafter, case, now=clock.now)
    case.refresh_from_db()
    assert case.preparation == Preparation.DRAFT


def test_a_blank_field_counts_as_missing(open_case: Any, drafter: Any, clock: Any) -> None:
    blank = {**CONTENTS, "necessity": "  \n "}
    case = save_draft(drafter, open_case(), {"contents": blank, "items": [ITEM]}, now=clock.now)
    assert "necessity" not in case.draft["contents"]


def test_a_draft_takes_nothing_that_follows_from_the_facts(open_case: Any, drafter: Any, clock: Any) -> None:
    case = save_draft(drafter, open_case(), {"measure": "extradite", "basis": []}, now=clock.now)
    assert case.draft["measure"] == "preserve_data"
    assert case.draft["basis"]
    with pytest.raises(drafts.DraftUnreadableError):
        save_draft(drafter, case, {"actual": "executed"}, now=clock.now)


def test_who_drafted_cannot_sign(open_case: Any, drafter: Any, clock: Any) -> None:
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    with pytest.raises(FourEyesError):
        sign_request(drafter, case, now=clock.now)
    assert not Letter.objects.exists()


def test_a_draft_that_was_not_submitted_cannot_be_signed(open_case: Any, signatory: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        sign_request(signatory, open_case(), now=clock.now)


def test_the_signed_letter_names_both_people_and_what_is_asked(
    signed_case: Any, drafter: Any, signatory: Any
) -> None:
    said = canonical.read(bytes(Letter.objects.get().canonical))
    assert [(each["part"], each["name"]) for each in said["people"]] == [
        ("drafter", drafter.full_name),
        ("signatory", signatory.full_name),
    ]
    assert said["case"] == {"requesting": signed_case.reference, "requested": None}
    assert said["body"]["items"][0]["desired"] == "preserved"
    assert "status" not in said["body"]["facts"]
    assert signed_case.items.get().actual == ""


def test_signing_twice_sends_one_letter(signed_case: Any, signatory: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        sign_request(signatory, signed_case, now=clock.now)
    assert Letter.objects.count() == 1


def test_a_returned_draft_is_a_draft_again(open_case: Any, drafter: Any, signatory: Any, clock: Any) -> None:
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    assert return_draft(signatory, case, "Say more.", now=clock.now).preparation == Preparation.DRAFT
    assert Event.objects.get(kind="draft_returned").params == {"reason": "Say more."}


def reviewed(open_case: Any, drafter: Any, clock: Any) -> Case:
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    return submit_for_review(drafter, case, now=clock.now)


def required(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = dataclasses.replace(config.current(), review="required")
    monkeypatch.setattr(config, "current", lambda: strict)


def test_the_letter_names_the_reviewer_who_approved(
    open_case: Any, drafter: Any, signatory: Any, official: Any, clock: Any
) -> None:
    case, reviewer = reviewed(open_case, drafter, clock), official("reviewer")
    approve_draft(reviewer, case, now=clock.now)
    letter = sign_request(signatory, case, now=clock.advance(minutes=5))
    said = parse(bytes(letter.canonical or b""))
    assert [(each.part, each.name) for each in said.people][1] == ("approver", reviewer.full_name)
    assert find_problems(said) == []
    assert Entry.objects.filter(kind="draft_approved", subject=case.reference).exists()


def test_nobody_approves_their_own_draft(open_case: Any, official: Any, clock: Any) -> None:
    writer = official("drafter", "reviewer")
    case = reviewed(open_case, writer, clock)
    with pytest.raises(FourEyesError):
        approve_draft(writer, case, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        approve_draft(official("drafter"), case, now=clock.now)


def test_where_review_is_required_three_people_are_needed(
    open_case: Any, drafter: Any, signatory: Any, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    required(monkeypatch)
    case = reviewed(open_case, drafter, clock)
    with pytest.raises(ApprovalMissingError):
        sign_request(signatory, case, now=clock.now)
    approve_draft(signatory, case, now=clock.now)  # a reviewer, too
    with pytest.raises(FourEyesError):
        sign_request(signatory, case, now=clock.now)
    assert sign_request(official("signatory"), case, now=clock.now)


def test_an_approval_ends_when_the_draft_goes_back(
    open_case: Any, drafter: Any, signatory: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    required(monkeypatch)
    case = reviewed(open_case, drafter, clock)
    approve_draft(signatory, case, now=clock.now)
    return_draft(signatory, case, "Say more.", now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    with pytest.raises(ApprovalMissingError):
        sign_request(signatory, case, now=clock.now)


def test_a_letter_signed_by_delegation_says_by_whose(
    open_case: Any, drafter: Any, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    head, other = official("signatory", rank="head"), official("reviewer")
    delegate_role(
        head,
        head,
        other,
        role="signatory",
        starts_at=clock.now,
        ends_at=clock.now + timedelta(days=7),
        reason="Leave",
        now=clock.now,
    )
    case = reviewed(open_case, drafter, clock)
    letter = sign_request(other, case, now=clock.now)
    said = parse(bytes(letter.canonical or b""))
    assert [(each.part, each.name) for each in said.people][1:] == [
        ("delegator", head.full_name),
        ("signatory", other.full_name),
    ]
    assert find_problems(said) == []
    assert Event.objects.get(kind="acted_by_delegation").params == {"name": head.full_name}


@pytest.mark.parametrize(("rank", "may_sign"), [("head", True), ("deputy", True), ("other", False)])
def test_only_head_or_deputy_signs_where_the_law_asks_it(
    open_case: Any, drafter: Any, signatory: Any, clock: Any, rank: str, may_sign: bool
) -> None:
    case = reviewed(open_case, drafter, clock)
    case.opinion["forms"].append({"id": "signed_by_head", "cite": "csto-ict:art_6__para_5"})
    case.save()
    signatory.rank = rank
    signatory.save()
    if may_sign:
        assert sign_request(signatory, case, now=clock.now)
        return
    with pytest.raises(SignatoryRankError, match=re.escape(short_label("csto-ict:art_6__para_5"))):
        sign_request(signatory, case, now=clock.now)
    assert not Letter.objects.exists()


def test_a_request_counts_as_sent_when_the_peers_node_has_it(signed_case: Any, clock: Any) -> None:
    incoming.acknowledged(Letter.objects.get(), ReceiptName.DELIVERY, clock.now)
    signed_case.refresh_from_db()
    assert signed_case.preparation == Preparation.SIGNED
    incoming.acknowledged(Letter.objects.get(), ReceiptName.RELAY_REMMD_ACCEPTANCE, clock.now)
    signed_case.refresh_from_db()
    assert signed_case.preparation == Preparation.SENT


def test_the_registration_tells_reference_and_status(signed_case: Any, arrive: Any, from_xb: Any) -> None:
    arrive(from_xb("registration", _registration(signed_case), case=_case(signed_case)))
    signed_case.refresh_from_db()
    assert (signed_case.peer_reference, signed_case.actual) == ("XB-2027-000009", "registered")
    assert not Clock.objects.exists()


def test_the_preservation_clock_runs_from_preservation_for_the_laws_days(
    signed_case: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    preserved(signed_case, arrive, from_xb, clock)
    running = Clock.objects.get(kind="preservation_minimum")
    assert (running.kind, running.cite) == ("preservation_minimum", "uncc:art_42__para_8")
    assert running.due_at - running.starts_at == timedelta(days=60)
    assert running.starts_at == clock.now - timedelta(hours=3)


def test_once_the_request_for_access_is_registered_preservation_lasts_until_the_decision(
    signed_case: Any, arrive: Any, from_xb: Any, clock: Any, drafter: Any, signatory: Any
) -> None:
    preserved(signed_case, arrive, from_xb, clock)
    case = draft_follow_up(drafter, signed_case, "access_stored_data", now=clock.now)
    assert case.draft["items"][0]["desired"] == "disclosed"
    case = save_draft(drafter, case, {"contents": CONTENTS}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    letter = sign_request(signatory, case, now=clock.now)
    assert letter.generation == 2
    registration = _registration(signed_case)
    arrive(from_xb("registration", registration, case=_case(signed_case), generation=3))
    old, new = Clock.objects.exclude(kind="preservation_order_maximum").order_by("id")
    assert (old.state, new.state) == (ClockState.REPLACED, ClockState.RUNNING)
    assert (new.kind, new.due_at, new.until) == ("preservation_until_decision", None, "decision")


def test_a_stale_letter_is_refused_and_changes_nothing(
    signed_case: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    preserved(signed_case, arrive, from_xb, clock)
    with pytest.raises(receiving.GenerationStaleError):
        arrive(from_xb("registration", _registration(signed_case), case=_case(signed_case), generation=2))
    signed_case.refresh_from_db()
    assert signed_case.actual == "preserved"


def test_an_answer_to_an_unknown_case_is_refused(signed_case: Any, arrive: Any, from_xb: Any) -> None:
    other = {"requesting": "XA-2027-000099", "requested": "XB-2027-000009"}
    with pytest.raises(receiving.CaseUnknownError):
        arrive(from_xb("registration", _registration(signed_case), case=other))


def test_a_refusal_is_kept_with_its_ground_and_reasons(signed_case: Any, arrive: Any, from_xb: Any) -> None:
    ground = {"cite": "uncc:art_40__para_21__point_b"}
    body = {
        "reference": "XB-2027-000009",
        "items": [{"number": 1, "ground": ground, "reasons": "Security."}],
        "consulted": True,
    }
    arrive(from_xb("refusal", body, case=_case(signed_case)))
    item = signed_case.items.get()
    assert (item.actual, item.ground, item.reasons) == ("refused", ground["cite"], "Security.")
    signed_case.refresh_from_db()
    assert signed_case.actual == "refused"


def test_the_requesting_side_cannot_register(signed_case: Any, official: Any, clock: Any) -> None:
    from comity.node.casework.acts.register_request import register_request

    with pytest.raises(WrongSideError):
        register_request(official("registrar"), signed_case, now=clock.now)


def preserved(case: Any, arrive: Any, from_xb: Any, clock: Any) -> None:
    """State XB registers and, three hours before now, has preserved."""
    arrive(from_xb("registration", _registration(case), case=_case(case)))
    body = {
        "reference": "XB-2027-000009",
        "items": [{"number": 1, "actual": "preserved", "note": ""}],
        "preserved_at": canonical.instant_text(clock.now - timedelta(hours=3)),
        "until": canonical.instant_text(clock.now + timedelta(days=60)),
        "clock": {"id": "preservation_minimum", "cite": "uncc:art_42__para_8"},
    }
    arrive(from_xb("preservation_done", body, case=_case(case), generation=2))


def _case(case: Any) -> dict[str, str]:
    return {"requesting": case.reference, "requested": "XB-2027-000009"}


def _registration(case: Any) -> dict[str, Any]:
    return {
        "reference": "XB-2027-000009",
        "received_at": canonical.instant_text(case.opened_at),
        "items": [{"number": 1, "actual": "registered"}],
        "deficiencies": [],
    }


def _petty() -> dict[str, Any]:
    return {"id": None, "description": "a petty matter", "max_penalty_years": 1, "by_ict": False}
