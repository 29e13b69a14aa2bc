"""Domestic orders of every kind: what may be ordered, for how long, by whom, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cryptography import x509
from tests.node.casework.conftest import request_body
from tests.node.terms import TERMS

from comity import canonical, treaties
from comity.node import config
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError
from comity.node.casework import domestic, order_lists, order_times, ordering
from comity.node.casework.acts import answer_order, end_order, issue_order, order_measure
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.dialogue import turns
from comity.node.casework.dialogue.path_forms import PathForm
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError, NotYetHappenedError
from comity.node.clocks.models import Clock, ClockState
from comity.node.jobs import outbox
from comity.node.jobs.models import Job
from comity.node.ledger.models import Entry
from comity.node.orders import answers, issuing, messages, sending
from comity.node.orders.models import Order, OrderKind
from comity.orders.form import Answer, IdentifierAnswer, Outcome
from comity.orders.verification import verify
from comity.sealing import keys
from comity.treaties.sources import Source

REVIEW = issuing.Review("District court", "2-77/2027", date(2027, 6, 11))
SERIOUS = treaties.NationalOrder(
    state="XA",
    kind="intercept",
    allowed=True,
    law="Code of State XA (invented)",
    article="12",
    source=Source("S1", "Invented", "https://example.org", None),
    issuing={},
    reviewing={"en": "Court"},
    longest="P30D",
    renewable=False,
    serious_over_years=3,
    secret_until={},
    note={},
)


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    work = {**sending.HANDLERS, "exchange.seal": lambda payload, now: None}
    monkeypatch.setattr(outbox, "_handlers", work)
    monkeypatch.setattr(answers, "_listeners", [ordering.on_answer])
    monkeypatch.setattr(messages, "_listeners", [ordering.on_message])


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "executing_officer", "duty_officer", "signatory")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Any:
    """A registered request of State XB for a measure."""

    def ask(measure: str = "preserve_data") -> Case:
        arrive(from_xb("request", request_body(measure)))
        case = Case.objects.get()
        register_request(officer, case, now=clock.now)
        case.refresh_from_db()
        return case

    return ask


@pytest.fixture
def make(officer: Any, post_example: Any, clock: Any) -> Any:
    def order(case: Case, kind: OrderKind, addressee: Any = post_example, **changes: Any) -> Order:
        terms, by = replace(TERMS, **changes), officer
        return order_measure.order_measure(
            by, case, case.items.get(), kind, addressee=addressee, terms=terms, now=clock.now
        )

    return order


def known_here(monkeypatch: pytest.MonkeyPatch, national: Any) -> None:
    """What is on record of this State's law on every kind of order, and its criminal provisions."""
    monkeypatch.setattr(treaties.Library, "national_order", lambda self, state, kind: national)
    library = domestic.opinions.library()
    monkeypatch.setattr(library, "states", {"XA": library.states["KZ"]})


def document(order: Order) -> Any:
    seal = keys.load(config.current().keys).seal.certificate
    assert isinstance(seal, x509.Certificate)
    return verify(bytes(order.canonical), order.signature, seal, "xa-247")


def test_a_measure_in_real_time_takes_two_officials_and_secrecy(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any
) -> None:
    case = asked("collect_traffic_data")
    until = clock.now + timedelta(days=20)
    order = make(case, OrderKind.COLLECT_TRAFFIC, ends_at=until, secret=False)
    assert (order.state, bytes(order.canonical), Job.objects.filter(kind="orders.send").count()) == (
        "prepared",
        b"",
        0,
    )
    assert case.items.get().actual == "registered"
    with pytest.raises(FourEyesError):
        issue_order.issue_order(officer, case, order, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        issue_order.issue_order(official("executing_officer"), case, order, now=clock.now)
    order = issue_order.issue_order(official("signatory"), case, order, now=clock.now)
    assert case.items.get().actual == "in_execution"
    said = document(order)
    assert (said.kind, said.generation, said.secrecy is not None) == ("collect_traffic", 1, True)
    clock_of_end = Clock.objects.get(kind=order_times.END)
    assert (clock_of_end.due_at, clock_of_end.cite) == (until, "uncc:art_29__para_1__point_b__item_i")
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert {"order_prepared", "order_issued"} <= kinds


def test_a_prepared_order_that_was_withdrawn_or_whose_item_was_is_not_issued(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any
) -> None:
    case, second = asked("collect_traffic_data"), official("signatory")
    ends = clock.now + timedelta(days=20)
    order = make(case, OrderKind.COLLECT_TRAFFIC, ends_at=ends)
    case.items.update(actual="withdrawn")
    with pytest.raises(NotNowError):
        issue_order.issue_order(second, case, order, now=clock.now)
    case.items.update(actual="registered")
    end_order.end_order(officer, case, order, why="Not needed.", now=clock.now)
    with pytest.raises(ordering.OrderNotRunningError):
        issue_order.record_order_review(second, case, order, REVIEW, now=clock.now)
    with pytest.raises(ordering.OrderNotRunningError):
        issue_order.issue_order(second, case, order, now=clock.now)
    assert not Job.objects.filter(kind="orders.send").exists()


def test_an_order_says_nothing_of_the_case_beyond_itself(asked: Any, make: Any) -> None:
    order = make(asked(), OrderKind.PRESERVE, necessity="He said so in the interview.")
    said = bytes(order.canonical).decode()
    told = ("interview", "One account", "subject_and_nature", "XB")
    assert [each for each in told if each in said] == []


def test_interception_waits_for_the_list_of_serious_offences(asked: Any, make: Any) -> None:
    with pytest.raises(domestic.SeriousOffenceUnknownError) as blocked:
        make(asked("intercept_content"), OrderKind.INTERCEPT, offence="205")
    assert "law/states/XA/orders.toml" in blocked.value.advice


def test_interception_is_for_an_offence_of_the_list_after_the_decision(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_here(monkeypatch, SERIOUS)
    case = asked("intercept_content")
    with pytest.raises(domestic.OffenceNotSeriousError):
        make(case, OrderKind.INTERCEPT, offence="205")  # two years
    order = make(case, OrderKind.INTERCEPT, offence="207")  # ten
    assert order.ends_at == clock.now + timedelta(days=30)
    signatory = official("signatory")
    with pytest.raises(domestic.ReviewMissingError):
        issue_order.issue_order(signatory, case, order, now=clock.now)
    issue_order.record_order_review(signatory, case, order, REVIEW, now=clock.now)
    order = issue_order.issue_order(signatory, case, order, now=clock.now)
    review = document(order).review
    assert (review.body, review.reference, review.decided_on) == ("District court", "2-77/2027", "2027-06-11")
    with pytest.raises(ordering.OrderNotRunningError):
        issue_order.record_order_review(signatory, case, order, REVIEW, now=clock.now)
    with pytest.raises(domestic.RenewalNotProvidedError):
        renew(officer, case, order, clock)


def test_what_the_state_does_not_provide_for_is_not_ordered(
    asked: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_here(monkeypatch, replace(SERIOUS, allowed=False))
    with pytest.raises(domestic.OrderNotProvidedError):
        make(asked(), OrderKind.PRESERVE)


def test_one_official_issues_no_order_without_the_decision_that_the_state_wants(
    asked: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_here(monkeypatch, replace(SERIOUS, serious_over_years=None, longest=None))
    case = asked()
    with pytest.raises(domestic.ReviewMissingError):
        make(case, OrderKind.PRESERVE)
    assert make(case, OrderKind.PRESERVE, review=REVIEW).state == "issued"


def test_a_preservation_lasts_as_long_as_the_treaty_allows_and_not_shorter_than_it_promises(
    asked: Any, make: Any, clock: Any
) -> None:
    case = asked()
    for days, error in ((91, domestic.OrderTooLongError), (30, domestic.OrderTooShortError)):
        with pytest.raises(error):
            make(case, OrderKind.PRESERVE, ends_at=clock.now + timedelta(days=days))
    with pytest.raises(domestic.OrderEndsBeforeBeginningError):
        make(case, OrderKind.PRESERVE, ends_at=clock.now)
    assert make(case, OrderKind.PRESERVE).ends_at == clock.now + timedelta(days=90)


def test_nothing_is_ordered_abroad(asked: Any, make: Any, post_example: Any) -> None:
    post_example.state = "XC"
    with pytest.raises(domestic.OrderAbroadError):
        make(asked(), OrderKind.PRESERVE, post_example)


@pytest.mark.parametrize("lacking", ["legal_basis", "necessity", "proportionality"])
def test_no_order_lacks_its_basis_and_reasons(asked: Any, make: Any, lacking: str) -> None:
    with pytest.raises(issuing.OrderIncompleteError):
        make(asked(), OrderKind.PRESERVE, **{lacking: " "})
    assert not Order.objects.exists()


def renew(official: Any, case: Case, order: Order, clock: Any) -> Order:
    return order_measure.renew_order(
        official,
        case,
        order,
        necessity="Still needed.",
        proportionality="One account.",
        ends_at=None,
        now=clock.now,
    )


def test_a_running_order_goes_on_by_another_once(
    asked: Any, make: Any, officer: Any, clock: Any, run_jobs: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.PRESERVE)
    run_jobs()
    clock.advance(days=80)
    later = renew(officer, case, order, clock)
    assert (later.renews, later.ends_at) == (order, clock.now + timedelta(days=90))
    assert document(later).renews == str(order.id)
    with pytest.raises(ordering.OrderRepeatedError):
        renew(officer, case, order, clock)


def test_a_renewal_that_was_withdrawn_does_not_end_what_it_would_have_renewed(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any
) -> None:
    case = asked("collect_traffic_data")
    order = make(case, OrderKind.COLLECT_TRAFFIC, "Keeper of the network")
    order = issue_order.issue_order(official("signatory"), case, order, now=clock.now)
    first = renew(officer, case, order, clock)
    with pytest.raises(ordering.OrderRepeatedError):
        renew(officer, case, order, clock)
    end_order.end_order(officer, case, first, why="Its reasons were wrong.", now=clock.now)
    assert renew(officer, case, order, clock).renews == order


def test_a_prepared_order_that_was_withdrawn_is_neither_reviewed_nor_issued(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any
) -> None:
    case = asked("collect_traffic_data")
    order = make(case, OrderKind.COLLECT_TRAFFIC)
    order = end_order.end_order(officer, case, order, why="Not needed.", now=clock.now)
    with pytest.raises(ordering.OrderNotRunningError):
        issue_order.issue_order(official("signatory"), case, order, now=clock.now)
    with pytest.raises(ordering.OrderNotRunningError):
        issue_order.record_order_review(officer, case, order, REVIEW, now=clock.now)
    order.refresh_from_db()
    assert (order.state, bytes(order.canonical), case.items.get().actual) == ("prepared", b"", "registered")


def test_a_decision_of_a_day_to_come_is_none(asked: Any, make: Any, officer: Any, clock: Any) -> None:
    case = asked("collect_traffic_data")
    to_come = replace(REVIEW, decided_on=clock.now.date() + timedelta(days=2))
    with pytest.raises(NotYetHappenedError):
        make(case, OrderKind.COLLECT_TRAFFIC, review=to_come)
    order = make(case, OrderKind.COLLECT_TRAFFIC)
    with pytest.raises(NotYetHappenedError):
        issue_order.record_order_review(officer, case, order, to_come, now=clock.now)


@pytest.mark.parametrize("standing", ["refused", "postponed", "withdrawn"])
def test_what_was_decided_after_an_order_was_prepared_stops_it(
    asked: Any, make: Any, officer: Any, official: Any, clock: Any, standing: str
) -> None:
    case, second = asked("collect_traffic_data"), official("signatory")
    order = make(case, OrderKind.COLLECT_TRAFFIC)
    issued = make(case, OrderKind.COLLECT_TRAFFIC, "Keeper of the network")
    issued = issue_order.issue_order(second, case, issued, now=clock.now)
    case.items.update(actual=standing)
    with pytest.raises(NotNowError):
        issue_order.issue_order(second, case, order, now=clock.now)
    with pytest.raises(NotNowError):
        renew(officer, case, issued, clock)
    case.items.update(actual="in_execution", desired="withdrawn")
    with pytest.raises(domestic.NotAskedError):
        issue_order.issue_order(second, case, order, now=clock.now)
    order.refresh_from_db()
    assert (order.state, bytes(order.canonical)) == ("prepared", b"")


def test_an_order_whose_time_passed_while_it_was_prepared_is_not_issued(
    asked: Any, make: Any, official: Any, clock: Any
) -> None:
    case = asked("collect_traffic_data")
    order = make(case, OrderKind.COLLECT_TRAFFIC, ends_at=clock.now + timedelta(days=2))
    with pytest.raises(domestic.OrderEndsBeforeBeginningError):
        issue_order.issue_order(official("signatory"), case, order, now=clock.advance(days=2))


def test_a_lifted_order_is_told_and_counts_no_more(
    asked: Any, make: Any, officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.PRESERVE)
    run_jobs()
    order = end_order.end_order(officer, case, order, why="The request was withdrawn.", now=clock.now)
    run_jobs()
    order.refresh_from_db()
    said = document(order)
    assert (said.desired, said.generation, order.sent_generation) == ("lifted", 2, 2)
    assert b'"desired":"lifted"' in provider.desk.signed(str(order.id))
    assert not ordering.wanted(case.items.get(), OrderKind.PRESERVE).exists()
    assert Clock.objects.get(kind=order_times.END).state == ClockState.CEASED
    with pytest.raises(ordering.OrderNotRunningError):
        end_order.end_order(officer, case, order, why="again", now=clock.now)


def test_an_unanswered_order_is_withdrawn_and_its_answer_not_taken(
    asked: Any, make: Any, officer: Any, clock: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.PRESERVE, "Keeper of the archive", answer_by=clock.now + timedelta(days=3))
    order = end_order.end_order(officer, case, order, why="Sent to the wrong body.", now=clock.now)
    assert order.desired == "withdrawn"
    assert Clock.objects.get(kind=order_times.ANSWER).state == ClockState.CEASED
    with pytest.raises(answers.OrderNotOpenError):
        answer(officer, case, order, clock, 1, Outcome.DONE)


def test_secrecy_ends_by_an_act_and_the_addressee_is_told(
    asked: Any, make: Any, officer: Any, clock: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.PRESERVE, secret_until=clock.now + timedelta(days=60))
    assert document(order).secrecy.until is not None
    order = end_order.end_order_secrecy(officer, case, order, why="The suspect was told.", now=clock.now)
    assert (document(order).secrecy, document(order).generation) == (None, 2)
    assert Clock.objects.get(kind=order_times.SECRECY).state == ClockState.CEASED
    with pytest.raises(end_order.NotSecretError):
        end_order.end_order_secrecy(officer, case, order, why="again", now=clock.now)


def answer(
    official: Any, case: Case, order: Order, clock: Any, number: int, outcome: Outcome, note: str = ""
) -> Order:
    said = [IdentifierAnswer(number=number, outcome=outcome, note=note)]
    return answer_order.record_order_answer(official, case, order, said, now=clock.now)


def test_an_order_by_hand_is_answered_one_identifier_after_the_other(
    asked: Any, make: Any, officer: Any, clock: Any
) -> None:
    case = asked()
    by = clock.now + timedelta(days=3)
    order = make(
        case, OrderKind.PRESERVE, "Keeper of the archive", further=[("ip", "192.0.2.7")], answer_by=by
    )
    assert not Job.objects.filter(kind="orders.send").exists()
    order = answer(officer, case, order, clock, 1, Outcome.DONE)
    assert order.state == "in_execution"
    with pytest.raises(answers.AnswerReasonMissingError):
        answer(officer, case, order, clock, 2, Outcome.CONFLICT_WITH_LAW)
    with pytest.raises(answers.NoSuchIdentifierError):
        answer(officer, case, order, clock, 3, Outcome.DONE)
    order = answer(officer, case, order, clock, 2, Outcome.CONFLICT_WITH_LAW, "Another State forbids it.")
    assert order.state == "partly_done"
    assert case.events.filter(kind="provider_answered").exists()
    assert Clock.objects.get(kind=order_times.ANSWER).state == ClockState.MET


def test_a_question_is_asked_and_answered_until_the_order_is(
    asked: Any, make: Any, officer: Any, clock: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.PRESERVE, "Keeper of the archive")
    messages.ask(order, "A. Clerk", "Which of the two accounts?", clock.now)
    assert messages.open_question(order) is not None
    answer_order.reply_on_order(officer, case, order, text="Both.", now=clock.now)
    assert messages.open_question(order) is None
    assert set(case.events.values_list("kind", flat=True)) >= {"order_questioned", "order_replied"}
    answer(officer, case, order, clock, 1, Outcome.DONE)
    with pytest.raises(answers.OrderNotOpenError):
        messages.ask(order, "A. Clerk", "One more thing?", clock.now)


def test_a_path_into_another_state_stands_in_the_disclosure_already(
    asked: Any, make: Any, officer: Any, post_example: Any, clock: Any
) -> None:
    case = asked()
    order = make(case, OrderKind.DISCLOSE_PATH)
    assert case.items.get().actual == "registered"  # it can still be preserved
    path = [
        {"state": "XA", "name": "Post Example"},
        {"state": "XC", "name": "Relay", "identifier": "relay.example"},
    ]
    told = {"state": "done", "at": canonical.instant_text(clock.now), "path": path}
    answers.settle(order, Answer.model_validate(told), clock.now)
    assert [each["name"] for each in order_lists.path_of(case)] == ["Post Example", "Relay"]
    orders, items = list(order_lists.of_case(case)), list(case.items.all())
    due = list(order_lists.due(case, orders, items, clock.now))
    assert [each["order_path"].number for each in due] == [order.number]
    turn = turns.TURNS["disclose_path"]
    form = PathForm(case=case, turn=turn, items=items, waiting=[])
    filled = [form.fields[name].initial for name in ("state_2", "provider_2", "identifier_2", "provider_3")]
    assert filled == ["XC", "Relay", "relay.example", None]
