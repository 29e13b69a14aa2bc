"""A preservation on both sides: extended or not, told of before it ends, not ordered where it is no help."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import by_two, heads, request_body
from tests.node.terms import TERMS

from comity import canonical
from comity.letters.bodies import KINDS
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node.accounts.authority import NothingThereError
from comity.node.casework import domestic, opinions, ordering, running
from comity.node.casework.acts.ask_extension import ask_extension
from comity.node.casework.acts.decide_on_preservation import decide_on_preservation
from comity.node.casework.acts.decline_extension import decline_extension
from comity.node.casework.acts.grant_extension import grant_extension
from comity.node.casework.acts.order_preservation import order_preservation
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.save_draft import draft_follow_up
from comity.node.casework.acts.tell_preservation_ending import tell_preservation_ending
from comity.node.casework.acts.tell_preservation_unhelpful import tell_preservation_unhelpful
from comity.node.casework.acts.tell_status import stop_execution, tell_status
from comity.node.casework.dialogue import answers, hearing, keeping
from comity.node.casework.dialogue.openings import waiting_letters
from comity.node.casework.dialogue.saying import NothingToAnswerError
from comity.node.casework.models import Case, Side
from comity.node.casework.ordering import OrderRepeatedError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Direction, Letter
from comity.node.orders.models import Order

EXTENDED = "uncc:art_42__para_9"
WORDS = {"text": "Words for the other side."}


@pytest.fixture
def officer(official: Any) -> Any:
    return official("executing_officer", "duty_officer", "signatory")


@pytest.fixture
def hear(arrive: Any, from_xb: Any) -> Callable[..., Any]:
    """Let State XB say something about item 1, in answer to the newest letter that it may answer."""

    def say(case: Case, kind: str, **body: Any) -> Any:
        case.refresh_from_db()
        out = Letter.objects.filter(direction=Direction.OUT, kind__in=KINDS[kind].answers)
        answering = [str(each.id) for each in out.order_by("-generation")[:1]]
        row = arrive(
            from_xb(kind, {"items": [{"number": 1}], **WORDS} | body, answers=answering, **heads(case))
        )
        case.refresh_from_db()
        return row

    return say


def said(letter: Letter) -> Any:
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    return document


def text_of(at: Any) -> str:
    return canonical.instant_text(at)


def only_clock() -> Clock:
    return Clock.objects.get(kind=running.PRESERVATION, state=ClockState.RUNNING)


# --- extension


def test_an_extension_is_asked_by_item_with_reasons_while_the_preservation_runs(
    preserved_there: Case, officer: Any, clock: Any
) -> None:
    later = clock.now + timedelta(days=120)
    letter = ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.advance(days=50))
    assert said(letter).body.until == text_of(later)
    done = Letter.objects.get(kind="preservation_done")
    assert said(letter).answers == [str(done.id)]
    assert only_clock().due_at == later - timedelta(days=60)  # asked is not granted


def test_an_extension_is_not_asked_when_the_time_has_passed_or_for_a_time_that_runs(
    preserved_there: Case, officer: Any, clock: Any
) -> None:
    later = clock.now + timedelta(days=120)
    with pytest.raises(keeping.ExtensionNotLongerError):
        ask_extension(officer, preserved_there, [1], until=later - timedelta(days=60), **WORDS, now=clock.now)
    with pytest.raises(keeping.ExtensionLateError):
        ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.advance(days=61))
    assert not Letter.objects.filter(kind="extension_asked").exists()


def test_an_extension_needs_the_provision_that_lets_it_be_asked(
    preserved_there: Case, officer: Any, clock: Any
) -> None:
    preserved_there.opinion["powers"] = []  # type: ignore[index]
    preserved_there.save()
    later = clock.now + timedelta(days=120)
    with pytest.raises(opinions.RuleMissingError):
        ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.now)


def test_an_extension_can_be_asked_while_the_request_for_access_is_drafted(
    preserved_there: Case, officer: Any, drafter: Any, clock: Any
) -> None:
    draft_follow_up(drafter, preserved_there, "access_stored_data", now=clock.now)
    later = clock.now + timedelta(days=120)
    assert said(ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.now))


def test_the_side_that_is_asked_grants_and_both_clocks_run_to_the_new_end(
    preserved_here: Case, officer: Any, clock: Any, hear: Any
) -> None:
    first, later = only_clock(), clock.now + timedelta(days=150)
    hear(preserved_here, "extension_asked", until=text_of(later))
    assert [each.kind for each in waiting_letters(preserved_here)] == ["extension_asked"]
    letter = by_two(grant_extension)(
        officer, preserved_here, until=later, **WORDS, now=clock.advance(days=10)
    )
    assert (said(letter).body.until, said(letter).body.clock.cite) == (text_of(later), EXTENDED)
    first.refresh_from_db()
    assert (first.state, first.replaced_by) == (ClockState.REPLACED, only_clock())
    assert (only_clock().due_at, only_clock().cite, only_clock().of) == (later, EXTENDED, Side.REQUESTED)
    assert preserved_here.items.get().preserved_until == later
    assert waiting_letters(preserved_here) == []
    with pytest.raises(NothingToAnswerError):
        by_two(decline_extension)(officer, preserved_here, **WORDS, now=clock.now)


def test_a_grant_that_arrives_replaces_the_clock_by_this_sides_own_reading(
    preserved_there: Case, officer: Any, clock: Any, hear: Any
) -> None:
    later = clock.now + timedelta(days=150)
    ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.advance(days=1))
    granted = {"until": text_of(later), "clock": {"id": "preservation_minimum", "cite": "uncc:art_1"}}
    hear(preserved_there, "extension_granted", **granted)
    assert (only_clock().due_at, only_clock().cite) == (later, EXTENDED)
    assert preserved_there.items.get().preserved_until == later


def test_a_declined_extension_leaves_the_clock_as_it_was(
    preserved_here: Case, officer: Any, clock: Any, hear: Any
) -> None:
    end = only_clock().due_at
    hear(preserved_here, "extension_asked", until=text_of(clock.now + timedelta(days=150)))
    letter = by_two(decline_extension)(officer, preserved_here, **WORDS, now=clock.now)
    assert said(letter).kind == "extension_declined"
    assert only_clock().due_at == end
    with pytest.raises(NothingToAnswerError):
        by_two(grant_extension)(
            officer, preserved_here, until=clock.now + timedelta(days=99), **WORDS, now=clock.now
        )


def test_a_late_or_shorter_extension_that_arrives_is_refused_whole(
    preserved_here: Case, clock: Any, hear: Any
) -> None:
    later = text_of(clock.now + timedelta(days=150))
    generation = preserved_here.received_generation
    with pytest.raises(keeping.ExtensionNotLongerError):
        hear(preserved_here, "extension_asked", until=text_of(clock.now + timedelta(days=60)))
    clock.advance(days=60)
    with pytest.raises(keeping.ExtensionLateError):
        hear(preserved_here, "extension_asked", until=later)
    preserved_here.refresh_from_db()
    assert preserved_here.received_generation == generation
    assert not preserved_here.events.filter(kind="extension_asked_received").exists()


def test_a_grant_about_an_item_that_was_not_asked_about_is_refused(
    preserved_there: Case, officer: Any, clock: Any, hear: Any
) -> None:
    item = preserved_there.items.get()
    item.pk, item.number = None, 2
    item.save()
    later = clock.now + timedelta(days=150)
    ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.advance(days=1))
    granted = {"until": text_of(later), "clock": {"id": "preservation_minimum", "cite": EXTENDED}}
    with pytest.raises(hearing.ItemUnknownError):
        hear(preserved_there, "extension_granted", items=[{"number": 2}], **granted)


def test_items_kept_for_different_times_have_a_clock_each(
    preserved_here: Case, officer: Any, clock: Any, hear: Any, arrive: Any, from_xb: Any
) -> None:
    item = preserved_here.items.get()
    first_end = item.preserved_until
    item.pk, item.number = None, 2
    item.save()
    later = clock.now + timedelta(days=150)
    hear(preserved_here, "extension_asked", until=text_of(later))
    by_two(grant_extension)(officer, preserved_here, until=later, **WORDS, now=clock.advance(days=1))
    ends = list(running.preservations(preserved_here).values_list("due_at", flat=True))
    assert ends == [first_end, later]
    further = request_body("access_stored_data")
    further["items"] = [{**further["items"][0], "number": n} for n in (1, 2)]
    preserved_here.refresh_from_db()
    arrive(from_xb("request", further, **heads(preserved_here)))
    register_request(preserved_here.executing_officer, preserved_here, now=clock.advance(days=1))
    assert not running.preservations(preserved_here).exists()
    assert Clock.objects.filter(kind=running.UNTIL_DECISION, state=ClockState.RUNNING).count() == 1


def test_the_order_to_the_provider_is_issued_anew_once_for_each_extension(
    preserved_here: Case, officer: Any, clock: Any, hear: Any, post_example: Any
) -> None:
    def order() -> Order:
        return order_preservation(
            officer,
            preserved_here,
            preserved_here.items.get(),
            provider=post_example,
            terms=TERMS,
            now=clock.now,
        )

    with pytest.raises(OrderRepeatedError):
        order()
    later = clock.now + timedelta(days=150)
    hear(preserved_here, "extension_asked", until=text_of(later))
    by_two(grant_extension)(officer, preserved_here, until=later, **WORDS, now=clock.advance(days=1))
    assert ordering.to_renew(preserved_here.items.get())
    clock.advance(days=1)
    renewed = order()
    preserved_here.refresh_from_db()
    assert preserved_here.actual == "preserved"  # the data stayed where they are
    assert preserved_here.events.filter(kind="order_renewed").exists()
    with pytest.raises(OrderRepeatedError):
        order()
    at = clock.advance(hours=1)
    renewed.state, renewed.answer = "done", {"state": "done", "at": text_of(at)}
    ordering.on_answer(renewed, at)
    longest = Clock.objects.get(kind=running.ORDER_MAXIMUM, state=ClockState.RUNNING)
    assert longest.starts_at == at


# --- the end


def test_the_end_is_told_once_its_reminder_is_due_and_waits_for_the_other_sides_choice(
    preserved_here: Case, officer: Any, clock: Any
) -> None:
    with pytest.raises(NotNowError):
        tell_preservation_ending(officer, preserved_here, [1], **WORDS, now=clock.now)
    assert not keeping.to_tell_ending(preserved_here, clock.now)
    clock.advance(days=56)
    assert keeping.to_tell_ending(preserved_here, clock.now)
    letter = tell_preservation_ending(officer, preserved_here, [1], **WORDS, now=clock.now)
    assert said(letter).body.until == text_of(only_clock().due_at)
    assert not keeping.to_tell_ending(preserved_here, clock.now)
    clock.advance(days=5)
    with pytest.raises(NotNowError):
        tell_preservation_ending(officer, preserved_here, [1], **WORDS, now=clock.now)


def test_a_notice_of_the_end_waits_until_an_extension_is_asked(
    preserved_there: Case, officer: Any, clock: Any, hear: Any
) -> None:
    row = hear(preserved_there, "preservation_expiring", until=text_of(clock.now + timedelta(days=60)))
    assert [each.id for each in waiting_letters(preserved_there)] == [row.id]
    later = clock.now + timedelta(days=99)
    letter = ask_extension(officer, preserved_there, [1], until=later, **WORDS, now=clock.now)
    assert str(row.id) in said(letter).answers
    assert waiting_letters(preserved_there) == []


# --- no help


@pytest.fixture
def asked(arrive: Any, from_xb: Any, official: Any, clock: Any) -> Case:
    arrive(from_xb("request", request_body()))
    case = Case.objects.get()
    register_request(official("registrar"), case, now=clock.now)
    case.refresh_from_db()
    return case


def unhelpful(officer: Any, case: Case, clock: Any) -> Letter:
    concerns = ["availability", "confidentiality"]
    return tell_preservation_unhelpful(officer, case, [1], concerns=concerns, **WORDS, now=clock.now)


@pytest.mark.parametrize("decision", ["go_on", "withdraw"])
def test_nothing_is_ordered_until_the_other_side_has_decided(
    asked: Case, officer: Any, clock: Any, hear: Any, post_example: Any, decision: str
) -> None:
    def order() -> Any:
        order_preservation(
            officer, asked, asked.items.get(), provider=post_example, terms=TERMS, now=clock.now
        )

    letter = unhelpful(officer, asked, clock)
    assert said(letter).body.concerns == ["availability", "confidentiality"]
    with pytest.raises(keeping.DecisionAwaitedError, match="42"):
        order()
    hear(asked, "preservation_decision", decision=decision)
    if decision == "go_on":
        order()
        assert asked.items.get().actual == "in_execution"
    else:
        with pytest.raises(domestic.NotAskedError):
            order()
        assert stop_execution(officer, asked, [1], **WORDS, now=clock.now)
        assert asked.items.get().actual == "withdrawn"


def test_that_it_would_not_help_is_told_where_a_provision_asks_for_it(
    asked: Case, officer: Any, clock: Any
) -> None:
    asked.opinion["duties"] = []  # type: ignore[index]
    asked.save()
    with pytest.raises(opinions.RuleMissingError):
        unhelpful(officer, asked, clock)


def test_the_requesting_side_decides_once(signed_case: Case, officer: Any, clock: Any, hear: Any) -> None:
    with pytest.raises(NothingToAnswerError):
        by_two(decide_on_preservation)(officer, signed_case, decision="go_on", **WORDS, now=clock.now)
    row = hear(signed_case, "preservation_unhelpful", concerns=["investigation"])
    letter = by_two(decide_on_preservation)(officer, signed_case, decision="withdraw", **WORDS, now=clock.now)
    assert (said(letter).answers, said(letter).body.decision) == ([str(row.id)], "withdraw")
    signed_case.refresh_from_db()
    assert signed_case.desired == "withdrawn"
    assert answers.unanswered(signed_case, Direction.IN, answers.EXPECTED) == []


def test_each_of_it_is_an_act_of_its_side(preserved_here: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(WrongSideError):
        ask_extension(
            officer, preserved_here, [1], until=clock.now + timedelta(days=99), **WORDS, now=clock.now
        )


# --- need-to-know


def test_a_turn_in_a_case_that_is_not_open_to_the_official_answers_as_if_it_were_not_there(
    asked: Case, official: Any, clock: Any
) -> None:
    stranger = official("executing_officer")
    with pytest.raises(NothingThereError):
        tell_status(stranger, asked, [1], **WORDS, now=clock.now)
    assert not Letter.objects.filter(kind="status").exists()
    Case.objects.update(executing_officer=stranger)
    assert tell_status(stranger, asked, [1], **WORDS, now=clock.now)  # and it is this that opens it
