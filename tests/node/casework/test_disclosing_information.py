"""What exculpates an accused, in information that came without request: notice, consultation, disclosure."""

from __future__ import annotations

from typing import Any

import pytest
from tests.node.casework.conftest import facts
from tests.node.casework.test_information import LIMIT, send, told

from comity.letters.schema import parse
from comity.letters.validation import LetterUnsoundError, find_problems
from comity.node.casework import duties, opinions, uses
from comity.node.casework.acts.consult_on_disclosure import consult_on_disclosure
from comity.node.casework.acts.notify_exculpatory_disclosure import notify_exculpatory_disclosure
from comity.node.casework.acts.record_disclosure import record_disclosure
from comity.node.casework.acts.register_information import register_information
from comity.node.casework.acts.reply_to_consultation import reply_to_consultation
from comity.node.casework.dialogue import hearing
from comity.node.casework.dialogue.openings import openings
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry

CITE = "uncc:art_40__para_5"
TEXT = "Words for the other side."
DISCLOSED = "Read out to the defence."


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "duty_officer", "signatory")


@pytest.fixture
def received(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """Information that arrived here and is registered."""
    arrive(from_xb("information", told(), limits=[LIMIT]))
    return register_information(officer, Case.objects.get(side="requested"), now=clock.now)


@pytest.fixture
def sent(drafter: Any, signatory: Any, clock: Any) -> Case:
    """Information that went from here."""
    send(drafter, signatory, clock)
    return Case.objects.get()


def said(letter: Letter) -> Any:
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    return document


def notify(officer: Any, case: Case, clock: Any, **more: Any) -> Letter:
    return notify_exculpatory_disclosure(officer, case, [], text=TEXT, now=clock.now, **more)


def turns(case: Case, person: Any) -> set[str]:
    return {each.turn.act for each in openings(case, person, [])}


def numbers(case: Case) -> dict[str, Any]:
    if case.side == "requested":
        return {"requesting": case.peer_reference, "requested": case.reference}
    return {"requesting": case.reference, "requested": "XB-2027-000009"}


def test_the_receiver_gives_notice_with_its_provision_and_then_discloses(
    received: Case, officer: Any, clock: Any
) -> None:
    assert turns(received, officer) == {"notify_exculpatory_disclosure"}
    with pytest.raises(duties.DutiesUnmetError, match=r"40\(5\)"):
        record_disclosure(officer, received, [], description=DISCLOSED, now=clock.now)
    notice = notify(officer, received, clock)
    body = said(notice).body
    assert (body.by, body.items, body.provisions) == ("requested", [], [CITE])
    made = record_disclosure(
        officer, received, [], description=DISCLOSED, notice=str(notice.id), now=clock.now
    )
    assert (made.items, str(made.notice)) == ([], str(notice.id))
    assert Entry.objects.filter(kind="disclosure_recorded", subject=received.reference).exists()


def test_without_prior_notice_the_notice_is_due_until_it_is_sent(
    received: Case, officer: Any, clock: Any
) -> None:
    made = record_disclosure(
        officer, received, [], description=DISCLOSED, unannounced="The court ordered it.", now=clock.now
    )
    assert uses.unannounced(received) == [made]
    body = said(notify(officer, received, clock, disclosure=made.pk)).body
    assert body.reason == "The court ordered it."
    assert uses.unannounced(received) == []


def test_a_disclosure_waits_while_the_sender_is_owed_a_reply(
    received: Case, officer: Any, clock: Any, arrive: Any, from_xb: Any
) -> None:
    notice = notify(officer, received, clock)
    body = {"items": [], "text": TEXT, "by": "requesting", "about": "exculpatory_disclosure"}
    arrive(from_xb("consultation", body, generation=2, case=numbers(received), answers=[str(notice.id)]))
    assert "reply_to_consultation" in turns(received, officer)

    def disclose() -> Any:
        return record_disclosure(
            officer, received, [], description=DISCLOSED, notice=str(notice.id), now=clock.now
        )

    with pytest.raises(uses.ConsultationOpenError):
        disclose()
    reply = reply_to_consultation(officer, received, text=TEXT, now=clock.now)
    assert said(reply).body.by == "requested"
    assert disclose()


def test_the_sender_hears_of_it_and_consults(
    sent: Case, officer: Any, clock: Any, arrive: Any, from_xb: Any
) -> None:
    body = {
        "items": [],
        "text": TEXT,
        "by": "requested",
        "exhibits": [],
        "provisions": [CITE],
        "disclosed_at": None,
        "reason": "",
    }
    notice = arrive(from_xb("exculpatory_notice", body, case=numbers(sent)))
    assert sent.events.filter(kind="exculpatory_notice_received", letter=notice.pk).exists()
    assert turns(sent, officer) == {"consult_on_disclosure"}
    asked = said(consult_on_disclosure(officer, sent, text=TEXT, now=clock.now))
    assert (asked.body.by, asked.body.about, asked.body.items) == ("requesting", "exculpatory_disclosure", [])
    answer = {"items": [], "text": TEXT, "by": "requested"}
    case = numbers(sent)
    arrive(from_xb("consultation_reply", answer, generation=2, case=case, answers=[asked.id]))
    assert turns(sent, officer) == set()


def test_only_the_side_that_received_gives_notice_and_only_of_what_is_in_the_books(
    sent: Case, officer: Any, clock: Any, arrive: Any, from_xb: Any
) -> None:
    with pytest.raises(WrongSideError):
        notify(officer, sent, clock)
    with pytest.raises(WrongSideError):
        record_disclosure(officer, sent, [], description="-", unannounced="-", now=clock.now)
    arrive(from_xb("information", told(), limits=[LIMIT]))
    unregistered = Case.objects.get(side="requested")
    with pytest.raises(NotNowError):
        notify(officer, unregistered, clock)
    with pytest.raises(NotNowError):
        record_disclosure(officer, unregistered, [], description="-", unannounced="-", now=clock.now)
    assert turns(unregistered, officer) == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "exculpatory_notice", "items": [{"number": 1}], "by": None},  # as if of a request
        {"kind": "consultation", "by": "requested", "about": "exculpatory_disclosure"},  # not who gave it
        {"kind": "consultation", "by": "requesting", "about": "refusal"},
    ],
)
def test_a_letter_that_fits_a_request_alone_is_refused_whole(
    sent: Case, arrive: Any, from_xb: Any, changes: dict[str, Any]
) -> None:
    kind = changes.pop("kind")
    body: dict[str, Any] = {"items": [], "text": TEXT}
    if kind == "exculpatory_notice":
        body |= {"exhibits": [], "provisions": [CITE], "disclosed_at": None, "reason": ""}
    expected = (hearing.SubjectDiffersError, hearing.receiving.CaseUnknownError, LetterUnsoundError)
    with pytest.raises(expected):
        arrive(from_xb(kind, body | changes, case=numbers(sent)))
    sent.refresh_from_db()
    assert sent.received_generation == 0


def test_a_request_is_not_spoken_of_without_its_items(signed_case: Case, arrive: Any, from_xb: Any) -> None:
    body = {"items": [], "text": TEXT, "by": "requested", "about": "exculpatory_disclosure"}
    with pytest.raises(hearing.SubjectDiffersError):
        arrive(from_xb("consultation", body, case=numbers(signed_case)))


def test_the_duty_is_the_receivers_and_not_the_senders(sent: Case, received: Case) -> None:
    assert opinions.form(facts(measure="share_information"), sent.opened_at)
    assert [duty.cite for duty in uses.notice_owed(received)] == [CITE]
    sent.refresh_from_db()
    assert uses.notice_owed(sent) == []
