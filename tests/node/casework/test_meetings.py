"""Hearings by video and the presence of officials: both sides, both clocks, and what is refused whole."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tests.node.casework.conftest import by_two, facts, heads, request_body
from tests.samples import HEARING

from comity import canonical
from comity.letters.schema import LetterNotUnderstoodError, parse
from comity.letters.validation import find_problems
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import calendars, meetings
from comity.node.casework.acts.answer_presence import decline_presence, grant_presence
from comity.node.casework.acts.arrange_hearing import agree_to_hearing, propose_hearing
from comity.node.casework.acts.ask_presence import ask_presence
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.dialogue import hearing
from comity.node.casework.dialogue.meeting_forms import HearingForm, instant
from comity.node.casework.dialogue.saying import NothingToAnswerError
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.models import Case
from comity.node.casework.receiving import GenerationStaleError
from comity.node.casework.standing import NotNowError, WrongSideError
from comity.node.exchange.models import Letter

WORDS = {"text": "Words for the other side."}
PROPOSED = HEARING | {
    "begins_at": "2027-10-31T00:30:00Z",
    "ends_at": "2027-10-31T02:30:00Z",
    "test_at": "2027-10-29T08:00:00Z",
}


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "executing_officer", "signatory")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """A request of State XB: item 1 is to be heard by video, item 2 gives stored data; registered here."""
    body = request_body("access_stored_data")
    first = {**body["items"][0], "measure": "hear_by_video", "desired": "executed", "data_kinds": []}
    body |= {"measure": "hear_by_video", "facts": facts("XB", "XA", "hear_by_video")}
    body["items"] = [first, {**body["items"][0], "number": 2}]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def hear(arrive: Any, from_xb: Any) -> Any:
    def say(case: Case, kind: str, answers: Any = (), **body: Any) -> Any:
        case.refresh_from_db()
        said = {"items": [{"number": 1}], **WORDS} | body
        row = arrive(from_xb(kind, said, answers=list(answers), **heads(case)))
        case.refresh_from_db()
        return row

    return say


def said(letter: Letter) -> Any:
    document = parse(bytes(letter.canonical or b""))
    assert find_problems(document) == []
    return document


def test_a_proposal_of_the_other_side_is_agreed_to_word_by_word(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    row = hear(asked, "hearing_proposed", **PROPOSED, by="requesting")
    (proposal,) = meetings.of_case(asked)
    assert (proposal.agreed, proposal.items) == (False, [1])
    letter = by_two(agree_to_hearing)(officer, asked, **WORDS, now=clock.now)
    document = said(letter)
    assert document.answers == [str(row.id)]
    assert meetings.particulars(document.body.as_json()) == PROPOSED
    assert document.body.by == "requested"
    (meeting,) = meetings.of_case(asked)
    assert meeting.agreed
    assert meetings.agreed(asked, letter.id).letter.pk == meeting.letter.pk
    with pytest.raises(NothingToAnswerError):
        by_two(agree_to_hearing)(officer, asked, **WORDS, now=clock.now)


def test_both_sides_read_the_same_moment_by_their_own_clocks_across_a_change_of_the_clocks(
    asked: Case, hear: Any
) -> None:
    """Riga's clocks go back at 01:00 UTC on 31 October 2027, in the middle of the hearing."""
    hear(asked, "hearing_proposed", **PROPOSED, by="requesting")
    shown = {word: (f"{a:%H:%M%z}", f"{b:%H:%M%z}") for word, a, b in meetings.of_case(asked)[0].moments}
    assert shown["begins"] == ("03:30+0300", "05:30+0500")
    assert shown["ends"] == ("04:30+0200", "07:30+0500")


def test_this_side_proposes_and_only_what_it_proposed_can_be_agreed_to(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    letter = propose_hearing(officer, asked, [1], **WORDS, hearing=PROPOSED, now=clock.now)
    said(letter)
    before = asked.received_generation
    later = PROPOSED | {"ends_at": "2027-10-31T03:30:00Z"}
    with pytest.raises(hearing.HearingDiffersError):
        hear(asked, "hearing_agreed", [str(letter.id)], **later, by="requesting")
    with pytest.raises(hearing.AnswerUnknownError):
        hear(asked, "hearing_agreed", [str(uuid.uuid4())], **PROPOSED, by="requesting")
    asked.refresh_from_db()
    assert asked.received_generation == before
    assert not any(meeting.agreed for meeting in meetings.of_case(asked))
    hear(asked, "hearing_agreed", [str(letter.id)], **PROPOSED, by="requesting")
    assert [meeting.agreed for meeting in meetings.of_case(asked)] == [True]


def test_another_time_is_another_proposal_and_what_was_agreed_stands_until_both_agree_anew(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    hear(asked, "hearing_proposed", **PROPOSED, by="requesting")
    by_two(agree_to_hearing)(officer, asked, **WORDS, now=clock.now)
    asked.refresh_from_db()
    moved = PROPOSED | {"begins_at": "2027-11-02T05:00:00Z", "ends_at": "2027-11-02T06:00:00Z"}
    clock.advance(hours=1)
    letter = propose_hearing(officer, asked, [1], **WORDS, hearing=moved, now=clock.now)
    assert [meeting.agreed for meeting in meetings.of_case(asked)] == [True, False]
    clock.advance(hours=1)
    hear(asked, "hearing_agreed", [str(letter.id)], **moved, by="requesting")
    (meeting,) = meetings.of_case(asked)
    assert canonical.instant_text(meeting.begins) == moved["begins_at"]


def test_a_counter_proposal_answers_the_proposal(asked: Case, officer: Any, hear: Any, clock: Any) -> None:
    row = hear(asked, "hearing_proposed", **PROPOSED, by="requesting")
    clock.advance(minutes=1)
    other = PROPOSED | {"place": "District court, room 5"}
    letter = propose_hearing(officer, asked, [1], **WORDS, hearing=other, now=clock.now)
    assert said(letter).answers == [str(row.id)]
    with pytest.raises(NothingToAnswerError):
        by_two(agree_to_hearing)(officer, asked, **WORDS, now=clock.now)


def test_only_items_that_ask_for_it_are_heard_by_video(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    with pytest.raises(NotNowError):
        propose_hearing(officer, asked, [1, 2], **WORDS, hearing=PROPOSED, now=clock.now)
    both = [{"number": 1}, {"number": 2}]
    with pytest.raises(hearing.NotToBeHeardError):
        hear(asked, "hearing_proposed", **PROPOSED, by="requesting", items=both)
    with pytest.raises(hearing.ItemUnknownError):
        hear(asked, "hearing_proposed", **PROPOSED, by="requesting", items=[{"number": 1}, {"number": 3}])
    assert meetings.of_case(asked) == []


def test_of_two_letters_with_one_generation_the_second_changes_nothing(
    asked: Case, arrive: Any, from_xb: Any
) -> None:
    body = {"items": [{"number": 1}], **WORDS, **PROPOSED, "by": "requesting"}
    first, second = (from_xb("hearing_proposed", body, **heads(asked)) for _ in range(2))
    arrive(first)
    with pytest.raises(GenerationStaleError):
        arrive(second)
    assert Letter.objects.filter(kind="hearing_proposed").count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_at": PROPOSED["begins_at"]}, "meeting_reversed"),
        ({"begins_at": "2027-01-01T00:00:00Z", "test_at": None}, "meeting_past"),
        ({"test_at": PROPOSED["ends_at"]}, "test_misplaced"),
    ],
)
def test_a_hearing_that_cannot_be_held_as_told_is_unsound(
    asked: Case, from_xb: Any, change: Any, code: str
) -> None:
    body = {"items": [{"number": 1}], **WORDS, **PROPOSED, "by": "requesting"}
    assert find_problems(from_xb("hearing_proposed", body, **heads(asked))) == []
    document = from_xb("hearing_proposed", body | change, **heads(asked))
    assert [problem.code for problem in find_problems(document)] == [code]


@pytest.mark.parametrize(
    "change",
    [
        {"zone_requested": "Europe/Atlantis"},
        {"zone_requested": "../../etc/passwd"},
        {"participants": [{"role": "witness", "post": "Clerk", "name": "A"}]},
        {"participants": [{"role": "passer-by", "post": "Clerk"}]},
        {"conducted_by": "either"},
        {"begins_at": "2027-10-31T00:30:00+05:00"},
    ],
)
def test_what_is_no_hearing_is_not_understood(asked: Case, from_xb: Any, change: Any) -> None:
    body = {"items": [{"number": 1}], **WORDS, **PROPOSED, "by": "requesting"}
    with pytest.raises(LetterNotUnderstoodError):
        from_xb("hearing_proposed", body | change, **heads(asked))


def wall(text: str) -> datetime:
    """A time as somebody typed it."""
    return datetime.fromisoformat(text)


def test_an_hour_that_the_clocks_skip_or_show_twice_is_not_taken() -> None:
    assert instant(wall("2027-07-01T12:00"), "Europe/Riga").isoformat() == "2027-07-01T09:00:00+00:00"
    for never_or_twice in (wall("2027-03-28T03:30"), wall("2027-10-31T03:30")):
        with pytest.raises(ValidationError):
            instant(never_or_twice, "Europe/Riga")
        assert instant(never_or_twice, "Asia/Almaty")


@pytest.mark.parametrize(
    ("shown", "zone"), [("0001-01-01T00:00", "Asia/Almaty"), ("9999-12-31T23:59", "America/Lima")]
)
def test_a_time_before_or_after_every_calendar_is_not_taken(shown: str, zone: str) -> None:
    with pytest.raises(ValidationError) as refused:
        instant(wall(shown), zone)
    assert refused.value.code == "no_time"


def test_the_form_gives_the_act_what_the_letter_needs(asked: Case, officer: Any, clock: Any) -> None:
    given = {
        **{
            name: PROPOSED[name] for name in ("place", "means", "conducted_by", "record_by", "interpretation")
        },
        **{name: PROPOSED[name] for name in ("authority_requesting", "authority_requested")},
        "zone_requesting": "Asia/Almaty",
        "zone_requested": "Europe/Riga",
        "items": ["1"],
        **WORDS,
        "begins_at": "2027-07-01T12:00",
        "minutes": "90",
        "test_at": "",
        "role_1": "witness",
        "post_1": "Clerk",
    }
    items = [asked.items.get(number=1)]
    make = lambda data: HearingForm(  # noqa: E731
        data, case=asked, turn=TURNS["propose_hearing"], items=items, waiting=[]
    )
    form = make(given)
    assert form.is_valid(), form.errors
    letter = propose_hearing(officer, asked, **form.said(), now=clock.now)
    body = said(letter).body
    assert (body.begins_at, body.ends_at) == ("2027-07-01T09:00:00Z", "2027-07-01T10:30:00Z")
    with timezone.override("Europe/Riga"):  # the official's own clocks do not matter
        assert make(given | {"begins_at": "2027-10-31T03:30", "zone_requested": "Asia/Almaty"}).is_valid()
    for change, field in (
        ({"zone_requested": "Nowhere"}, "zone_requested"),
        ({"begins_at": "2027-10-31T03:30"}, "begins_at"),
        ({"role_2": "expert"}, "post_2"),
        ({"items": ["2"]}, "items"),
    ):
        assert field in make(given | change).errors


def test_presence_is_asked_for_by_letter_and_granted_with_time_and_place(
    asked: Case, officer: Any, official: Any, hear: Any, clock: Any
) -> None:
    with pytest.raises(WrongSideError):
        ask_presence(officer, asked, [1], **WORDS, officials=[("Investigator", "Police")], now=clock.now)
    with pytest.raises(NothingToAnswerError):
        by_two(decline_presence)(officer, asked, **WORDS, now=clock.now)
    row = hear(asked, "presence_asked", officials=[{"post": "Investigator", "authority": "Police"}])
    grant = {
        "place": "Court",
        "begins_at": clock.now + timedelta(days=3),
        "ends_at": clock.now + timedelta(days=3, hours=2),
        "standing": "They put questions through the judge.",
    }
    with pytest.raises(NotAuthorisedError):
        by_two(grant_presence)(official("registrar"), asked, [1], **WORDS, **grant, now=clock.now)
    letter = by_two(grant_presence)(officer, asked, [1], **WORDS, **grant, now=clock.now)
    assert said(letter).answers == [str(row.id)]
    (meeting,) = meetings.of_case(asked)
    assert (meeting.agreed, meeting.is_hearing, meeting.body["place"]) == (True, False, "Court")
    with pytest.raises(NothingToAnswerError):  # it was answered
        by_two(decline_presence)(officer, asked, **WORDS, now=clock.now)


def test_presence_that_the_request_itself_asked_for_is_granted_in_answer_to_it(
    asked: Case, officer: Any, clock: Any
) -> None:
    begins = clock.now + timedelta(days=3)
    letter = by_two(grant_presence)(
        *(officer, asked, [1]),
        **WORDS,
        place="Court",
        begins_at=begins,
        ends_at=begins + timedelta(hours=1),
        standing="They listen.",
        now=clock.now,
    )
    assert said(letter).answers == [str(Letter.objects.get(kind="request").id)]


def test_presence_that_was_asked_for_is_declined_once(
    asked: Case, officer: Any, hear: Any, clock: Any
) -> None:
    row = hear(asked, "presence_asked", officials=[{"post": "Investigator", "authority": "Police"}])
    assert said(by_two(decline_presence)(officer, asked, **WORDS, now=clock.now)).answers == [str(row.id)]
    with pytest.raises(NothingToAnswerError):
        by_two(decline_presence)(officer, asked, **WORDS, now=clock.now)
    assert meetings.of_case(asked) == []


def test_the_requesting_side_asks_and_hears_the_answer(
    signed_case: Case, signatory: Any, hear: Any, clock: Any
) -> None:
    letter = ask_presence(
        signatory, signed_case, [1], **WORDS, officials=[("Investigator", "Police")], now=clock.now
    )
    said(letter)
    begins = canonical.instant_text(clock.now + timedelta(days=2))
    ends = canonical.instant_text(clock.now + timedelta(days=2, hours=1))
    hear(
        signed_case,
        "presence_granted",
        [str(letter.id)],
        place="Court",
        begins_at=begins,
        ends_at=ends,
        standing="They listen.",
    )
    (meeting,) = meetings.of_case(signed_case)
    assert meeting.body["place"] == "Court"


def test_a_calendar_entry_is_folded_escaped_and_in_utc(clock: Any) -> None:
    data = calendars.entry(
        id="one",
        summary="Тыңдау; " * 20,
        place="Court, room 4",
        words=["first", "second"],
        begins=clock.now,
        ends=clock.now + timedelta(hours=1),
        at=clock.now,
    )
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is broken
    unfolded = data.replace(b"\r\n ", b"").decode()
    assert "DTSTART:20270612T031200Z\r\n" in unfolded
    assert "LOCATION:Court\\, room 4\r\n" in unfolded
    assert "DESCRIPTION:first\\nsecond\r\n" in unfolded
    assert "SUMMARY:" + "Тыңдау\\; " * 20 in unfolded
