"""The clocks of hearings by video on both sides, and the record of what became of them."""

from __future__ import annotations

import tomllib
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.casework.conftest import by_two, facts, heads, request_body
from tests.samples import HEARING

from comity import canonical
from comity.node import wiring
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework import hearing_times, meetings, order_times
from comity.node.casework.acts.arrange_hearing import agree_to_hearing, propose_hearing
from comity.node.casework.acts.record_hearing import (
    NoSuchHearingError,
    NotAParticipantError,
    RecordContradictoryError,
    record_hearing,
)
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.dialogue.hearing import ExhibitUnknownError
from comity.node.casework.events import SENTENCES
from comity.node.casework.models import Case, Event, HearingRecord
from comity.node.casework.standing import NotYetHappenedError
from comity.node.clocks import reminders
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock, ClockState, Reminder
from comity.node.ledger.models import Entry
from comity.node.pages import labels

PROPOSED = HEARING | {
    "begins_at": "2027-10-31T05:30:00Z",
    "ends_at": "2027-10-31T07:30:00Z",
    "test_at": "2027-10-29T08:00:00Z",
}
BEGINS, TEST = (canonical.read_instant(PROPOSED[name]) for name in ("begins_at", "test_at"))
ATTENDED = [HEARING["participants"][0]]


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The clocks as the node wires them; what runs out is told."""
    ran_out: list[str] = []
    everyone = {"*": [lambda clock, now: ran_out.append(clock.kind)]}
    monkeypatch.setattr(clocks, "_handlers", everyone | {hearing_times.HEARING: [hearing_times.begun]})
    monkeypatch.setattr(clocks, "_moments", {hearing_times.TEST, hearing_times.HEARING})
    return ran_out


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """A request of State XB whose one item is to be heard by video, registered here."""
    body = request_body("access_stored_data")
    item = {**body["items"][0], "measure": "hear_by_video", "desired": "executed", "data_kinds": []}
    body |= {"measure": "hear_by_video", "facts": facts("XB", "XA", "hear_by_video"), "items": [item]}
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def say(arrive: Any, from_xb: Any) -> Any:
    def letter(case: Case, kind: str, answers: Any = (), **body: Any) -> Any:
        case.refresh_from_db()
        said = {"items": [{"number": 1}], "text": "Words."} | body
        row = arrive(from_xb(kind, said, answers=list(answers), **heads(case)))
        case.refresh_from_db()
        return row

    return letter


@pytest.fixture
def agreed(asked: Case, officer: Any, say: Any, clock: Any) -> Case:
    say(asked, "hearing_proposed", **PROPOSED, by="requesting")
    clock.advance(hours=1)
    by_two(agree_to_hearing)(officer, asked, text="Agreed.", now=clock.now)
    asked.refresh_from_db()
    return asked


def letter_of(case: Case) -> uuid.UUID:
    return uuid.UUID(str(meetings.of_case(case)[0].letter.pk))


def states() -> dict[str, str]:
    return {
        clock.kind: clock.state for clock in Clock.objects.filter(kind__startswith="hearing").order_by("id")
    }


def held(**changes: Any) -> dict[str, Any]:
    times = {"began_at": BEGINS, "ended_at": BEGINS + timedelta(minutes=95)}
    return {"outcome": "held", **times, "attended": ATTENDED, **changes}


def test_a_proposal_starts_the_clock_of_the_side_that_answers_until_the_technical_test(
    asked: Case, say: Any
) -> None:
    say(asked, "hearing_proposed", **PROPOSED, by="requesting")
    (one,) = Clock.objects.filter(kind__startswith="hearing")
    assert (one.kind, one.of, one.due_at) == ("hearing_answer", "requested", TEST)
    assert one.cite == "uncc:art_40__para_18"
    assert one.zone == PROPOSED["zone_requested"]


def test_the_agreement_meets_it_and_starts_those_of_the_test_and_the_hearing(agreed: Case) -> None:
    assert states() == {"hearing_answer": "met", "hearing_test": "running", "hearing": "running"}
    due = dict(Clock.objects.filter(state="running").values_list("kind", "due_at"))
    assert (due["hearing_test"], due["hearing"]) == (TEST, BEGINS)
    of = PROPOSED["conducted_by"]
    assert {one.zone for one in Clock.objects.filter(kind="hearing")} == {PROPOSED[f"zone_{of}"]}


def test_a_counter_proposal_meets_the_clock_and_starts_the_other_sides(
    asked: Case, officer: Any, say: Any, clock: Any
) -> None:
    say(asked, "hearing_proposed", **PROPOSED, by="requesting")
    clock.advance(hours=1)
    later = PROPOSED | {"ends_at": "2027-10-31T08:30:00Z", "test_at": "2027-10-30T08:00:00Z"}
    propose_hearing(officer, asked, [1], text="Later.", hearing=later, now=clock.now)
    ours, theirs = Clock.objects.filter(kind="hearing_answer").order_by("id")
    assert (ours.state, theirs.state, theirs.of) == ("met", "running", "requesting")


def test_a_hearing_that_was_moved_has_the_clocks_of_its_new_time_alone(
    agreed: Case, officer: Any, say: Any, clock: Any
) -> None:
    moved = PROPOSED | {
        "begins_at": "2027-11-02T05:00:00Z",
        "ends_at": "2027-11-02T06:00:00Z",
        "test_at": None,
    }
    clock.advance(hours=1)
    letter = propose_hearing(officer, agreed, [1], text="Moved.", hearing=moved, now=clock.now)
    clock.advance(hours=1)
    say(agreed, "hearing_agreed", [str(letter.id)], **moved, by="requesting")
    run = Clock.objects.filter(state=ClockState.RUNNING, kind__startswith="hearing")
    assert [(one.kind, canonical.instant_text(one.due_at)) for one in run] == [
        ("hearing", moved["begins_at"])
    ]
    assert Clock.objects.filter(kind="hearing", state=ClockState.CEASED, due_at=BEGINS).exists()


def test_a_withdrawn_item_is_heard_no_more(agreed: Case, say: Any) -> None:
    say(agreed, "withdrawal")
    assert states()["hearing"] == states()["hearing_test"] == "ceased"


def test_without_a_provision_no_clock_runs(asked: Case, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing_times.opinions, "permitting", lambda *_: None)
    say(asked, "hearing_proposed", **PROPOSED, by="requesting")
    assert states() == {}


def test_reminders_come_before_the_test_and_the_hearing(agreed: Case, clock: Any) -> None:
    reminders.note(BEGINS - timedelta(hours=1))
    kinds = set(Reminder.objects.values_list("clock__kind", flat=True))
    assert "hearing" in kinds


def test_when_the_moment_comes_nothing_ran_out_and_the_record_is_due(agreed: Case, wired: list[str]) -> None:
    clocks.run_out(BEGINS)
    assert not [kind for kind in wired if kind.startswith("hearing")]
    due = PROPOSED["record_by"] == agreed.side
    assert states() == {"hearing_answer": "met", "hearing_test": "met", "hearing": "met"} | (
        {"hearing_record": "running"} if due else {}
    )


@pytest.mark.parametrize("record_by", ["requesting", "requested"])
def test_the_record_is_due_on_the_side_that_makes_it(
    asked: Case, officer: Any, say: Any, clock: Any, record_by: str
) -> None:
    say(asked, "hearing_proposed", **PROPOSED | {"record_by": record_by}, by="requesting")
    by_two(agree_to_hearing)(officer, asked, text="Agreed.", now=clock.advance(hours=1))
    clocks.run_out(BEGINS)
    assert ("hearing_record" in states()) == (record_by == "requested")
    asked.refresh_from_db()
    record_hearing(officer, asked, letter_of(asked), **held(), now=BEGINS + timedelta(hours=2))
    assert states().get("hearing_record") in (None, "met")


def test_a_hearing_is_put_on_record_with_who_took_part(agreed: Case, officer: Any) -> None:
    now = BEGINS + timedelta(hours=2)
    said = held(language="kk", interpreter="Sworn interpreter", oath="warned", note="")
    made = record_hearing(officer, agreed, letter_of(agreed), **said, now=now)
    assert (made.minutes, made.attended, made.oath) == (95, ATTENDED, "warned")
    assert Entry.objects.get(kind="hearing_recorded").content["outcome"] == "held"
    event = Event.objects.get(kind="hearing_recorded")
    assert (event.letter, event.params) == (made.letter, {"hearing": "held"})
    assert "{hearing}" in SENTENCES["hearing_recorded"]
    later = now + timedelta(minutes=1)
    record_hearing(officer, agreed, letter_of(agreed), outcome="not_held", note="No line.", now=later)
    assert [one.outcome for one in HearingRecord.objects.all()] == ["held", "not_held"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"began_at": None}, RecordContradictoryError),
        ({"attended": []}, RecordContradictoryError),
        ({"outcome": "broken_off"}, RecordContradictoryError),
        ({"outcome": "not_held", "note": "No line."}, RecordContradictoryError),
        ({"ended_at": BEGINS}, NotYetHappenedError),
        ({"ended_at": BEGINS + timedelta(days=1)}, NotYetHappenedError),
        ({"attended": [{"role": "witness", "post": "Somebody else"}]}, NotAParticipantError),
        ({"exhibit": uuid.uuid4()}, ExhibitUnknownError),
    ],
)
def test_a_record_that_cannot_be_true_is_not_kept(
    agreed: Case, officer: Any, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        record_hearing(officer, agreed, letter_of(agreed), **held(**changes), now=BEGINS + timedelta(hours=2))
    assert not HearingRecord.objects.exists()


def test_nothing_is_on_record_before_its_moment_or_of_what_was_not_agreed(
    agreed: Case, officer: Any, official: Any
) -> None:
    with pytest.raises(NotYetHappenedError):
        record_hearing(officer, agreed, letter_of(agreed), **held(), now=BEGINS - timedelta(minutes=1))
    with pytest.raises(NoSuchHearingError):
        record_hearing(officer, agreed, uuid.uuid4(), **held(), now=BEGINS + timedelta(hours=2))
    with pytest.raises(NotAuthorisedError):
        record_hearing(
            official("auditor"), agreed, letter_of(agreed), **held(), now=BEGINS + timedelta(hours=2)
        )


def test_the_node_is_wired_so_that_a_moment_is_no_lapse(monkeypatch: pytest.MonkeyPatch) -> None:
    moments: set[str] = set()
    handlers: dict[str, list[Any]] = {}
    monkeypatch.setattr(clocks, "_moments", moments)
    monkeypatch.setattr(clocks, "_handlers", handlers)
    wiring.connect()
    assert moments == {hearing_times.TEST, hearing_times.HEARING, order_times.END, order_times.SECRECY}
    assert hearing_times.begun in handlers[hearing_times.HEARING]


def test_each_clock_of_a_hearing_is_of_the_closed_list() -> None:
    kinds = {hearing_times.ANSWER, hearing_times.TEST, hearing_times.HEARING, hearing_times.RECORD}
    words = tomllib.loads(Path("law/vocabulary/local_clocks.toml").read_text(encoding="utf-8"))
    assert kinds <= set(words["ids"])
    assert kinds <= set(labels.LISTS["clock"])
