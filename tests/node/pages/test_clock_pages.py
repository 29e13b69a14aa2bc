"""All clocks on one page, most urgent first; reminders on the desk until somebody takes note."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.believable import ASKED, WAS_ASKED

from comity.node.accounts.models import Role
from comity.node.casework import deadlines
from comity.node.casework.models import Case, WaitingLetter
from comity.node.clocks.models import Clock, ClockState, Reminder
from comity.node.ledger import entries, sequencer


def make(reference: str, hours: float, **columns: Any) -> Clock:
    due = timezone.now() + timedelta(hours=hours)
    columns = {"kind": "execution", "cite": "csto-ict:art_7__para_2", "of": "requested"} | columns
    columns = {"starts_at": due - timedelta(days=30), "due_at": due} | columns
    return Clock.objects.create(case_reference=reference, **columns)


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def listed(client: Client, query: str = "") -> list[int]:
    return [line.clock.pk for line in client.get(f"/clocks/{query}").context["lines"]]


@pytest.fixture
def found(cases: Any) -> dict[str, Clock]:
    Clock.objects.all().delete()
    return {
        "later": make(WAS_ASKED, 100),
        "overdue": make(WAS_ASKED, -2, state=ClockState.RAN_OUT, ended_at=timezone.now()),
        "theirs": make(ASKED, 5),
        "event": make(ASKED, 0, due_at=None, until="decision", kind="preservation_until_decision"),
        "met": make(ASKED, 50, state=ClockState.MET, ended_at=timezone.now()),
    }


def test_overdue_clocks_come_first_then_by_their_day(enter: Any, found: Any) -> None:
    duty = enter("duty")
    assert listed(duty) == [found[name].pk for name in ("overdue", "theirs", "later")]
    assert listed(duty, "?list=event") == [found["event"].pk]
    assert listed(duty, "?list=ended") == [found["met"].pk, found["overdue"].pk]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?within=24h", ["overdue", "theirs"]),
        ("?within=7d", ["overdue", "theirs", "later"]),
        ("?side=requesting", ["theirs"]),
        ("?whose=ours", ["overdue", "later"]),
        ("?whose=theirs", ["theirs"]),
        ("?kind=safe_conduct", []),
        ("?kind=nonsense&side=nobody&list=none", ["overdue", "theirs", "later"]),
    ],
)
def test_filters(enter: Any, found: Any, query: str, names: list[str]) -> None:
    assert listed(enter("duty"), query) == [found[name].pk for name in names]


def test_what_ran_out_in_a_finished_case_is_no_longer_urgent(enter: Any, found: Any) -> None:
    Case.objects.filter(reference=WAS_ASKED).update(actual="executed")
    assert found["overdue"].pk not in listed(enter("duty"))


def test_pages_go_on_by_key(enter: Any, found: Any) -> None:
    more = [make(WAS_ASKED, 200 + n // 2) for n in range(30)]
    duty, query, told = enter("duty"), "", []
    for _ in range(2):
        page = duty.get(f"/clocks/{query}").context
        told += [line.clock.pk for line in page["lines"]]
        query = "?" + urlencode({"after": page["page"].following})
    dated = [found[name].pk for name in ("overdue", "theirs", "later")]
    assert told == [*dated, *(one.pk for one in more)]
    assert enter("duty").get("/clocks/?after=x~y").status_code == 404


def test_a_case_that_is_not_open_shows_no_clock(cases: Any, official: Any, found: Any) -> None:
    stranger = client_of(official(Role.EXECUTING_OFFICER))
    assert listed(stranger) == listed(stranger, "?list=event") == []
    assert listed(client_of(official(Role.REGISTRAR))) != []  # and it is being named that hides them


def test_the_page_asks_as_often_for_many_clocks_as_for_one(
    enter: Any, found: Any, django_assert_max_num_queries: Any
) -> None:
    for n in range(25):
        make(WAS_ASKED, 10 + n)
    duty = enter("duty")
    duty.get("/clocks/")
    with django_assert_max_num_queries(5):
        assert len(duty.get("/clocks/").context["lines"]) == 25


def test_a_line_has_both_zones_the_provision_and_its_words(enter: Any, cases: Any) -> None:
    cases["asked"].peer.time_zone = "Asia/Ashgabat"
    cases["asked"].peer.save()
    Clock.objects.all().delete()
    make(ASKED, 5, due_at=timezone.now().replace(2031, 6, 14, 3, 12))  # a Saturday
    text = enter("duty").get("/clocks/").content.decode()
    assert "14 Jun 2031, 08:12 UTC+5" in text
    assert "30 (отыз) күннен аспайтын мерзімде орындалады" in text
    assert "day off in XB; the last working day before is 13 Jun 2031" in text
    assert "only weekends are known here" in text


def test_the_record_of_what_ran_out_is_linked_for_whoever_may_see_the_ledger(
    cases: Any, official: Any, found: Any
) -> None:
    clock = found["overdue"]
    clock.entry = entries.append("clock_ran_out", WAS_ASKED, {"what": "clock_ran_out"}, now=timezone.now())
    clock.save()
    sequencer.sequence(timezone.now())
    clock.entry.refresh_from_db()
    link = f"/ledger/{clock.entry.index}/"
    auditor, duty = client_of(official(Role.AUDITOR)), client_of(official(Role.DUTY_OFFICER))
    for page in ("/clocks/", f"/requests/{WAS_ASKED}/"):
        assert link in auditor.get(page).content.decode()
        assert link not in (text := duty.get(page).content.decode())
        assert f"ledger {clock.entry.index}" in text


def test_a_reminder_stands_on_the_desk_until_somebody_entitled_takes_note(
    cases: Any, official: Any, found: Any
) -> None:
    reminder = Reminder.objects.create(clock=found["later"], noted_at=timezone.now())
    where = f"/clocks/reminders/{reminder.pk}/seen"
    duty, stranger = client_of(official(Role.DUTY_OFFICER)), client_of(official(Role.EXECUTING_OFFICER))
    assert [one.pk for one, _ in duty.get("/desk/").context["reminders"]] == [reminder.pk]
    assert stranger.get("/desk/").context["reminders"] == []
    assert stranger.post(where).status_code == 404
    assert client_of(official(Role.AUDITOR)).post(where).status_code == 403
    assert duty.post(where).status_code == 302
    assert duty.get("/desk/").context["reminders"] == []


def test_the_desk_shows_what_waits_for_us_and_what_is_mine(cases: Any, enter: Any) -> None:
    WaitingLetter.objects.create(
        case=cases["asked"], letter=cases["request"].pk, kind="costs", since=timezone.now()
    )
    desk = enter("drafter").get("/desk/").context
    assert [row.kind for row in desk["for_us"]] == ["costs"]
    assert ASKED in {case.reference for case in desk["assigned"]}
    assert WAS_ASKED not in {case.reference for case in desk["assigned"]}


@pytest.mark.parametrize(
    ("due", "columns", "years"),
    [
        ("2027-03-15T05:00:00+00:00", {}, "2027"),
        ("2026-12-15T05:00:00+00:00", {}, ""),
        ("2028-01-11T05:00:00+00:00", {"working_days": "KZ"}, "2027, 2028"),  # begun 30 days before
        ("2027-03-15T05:00:00+00:00", {"state": ClockState.MET}, ""),
    ],
)
def test_a_clock_that_runs_beyond_the_calendar_on_record_says_so(
    enter: Any, cases: Any, monkeypatch: pytest.MonkeyPatch, due: str, columns: dict[str, Any], years: str
) -> None:
    monkeypatch.setattr(deadlines.Deadline, "state", "KZ")
    Clock.objects.all().delete()
    at = datetime.fromisoformat(due)
    clock = make(WAS_ASKED, 0, due_at=at, starts_at=at - timedelta(days=30), **columns)
    line = deadlines.Deadline(clock, Case.objects.get(reference=WAS_ASKED))
    assert line.unknown_years == years
    page = enter("duty").get(f"/clocks/{'?list=ended' if columns.get('state') else ''}").content.decode()
    assert ("does not have the moved days off of" in page) is bool(years)
