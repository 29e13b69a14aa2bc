"""The page of hearings and presence: both sides' clocks, what is agreed or proposed, the calendar entry."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone
from tests.node.believable import ASKED, letter
from tests.samples import HEARING

from comity.node.api import tokens
from comity.node.casework.models import HearingRecord, Item
from comity.node.exchange.models import Letter

BODY = HEARING | {"items": [{"number": 1}], "text": "Words.", "by": "requesting"}


def arranged(cases, kind="hearing_agreed", **changes):
    """A hearing in the case that this node asked in, as its letter says it."""
    return letter(cases["asked"], kind, "in", 9, "delivered", BODY | changes)


def test_both_sides_times_stand_side_by_side(enter, cases):
    arranged(cases)
    page = enter("signatory").get(f"/requests/{ASKED}/meetings").content.decode()
    assert "28 Mar 2027, 05:30 UTC+5" in page  # Almaty, where this side is
    assert "28 Mar 2027, 02:30 UTC+2" in page  # Riga, half an hour before its clocks go forward
    assert "28 Mar 2027, 05:30 UTC+3" in page  # and after
    assert "System administrator of the bank" in page
    assert f"/requests/{ASKED}/meetings" in enter("signatory").get(f"/requests/{ASKED}/").content.decode()


def test_only_what_is_agreed_goes_into_a_calendar(enter, cases):
    agreed = arranged(cases)
    entry = enter("signatory").get(f"/requests/{ASKED}/meetings/{agreed.pk}.ics")
    assert entry.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"DTSTART:20270328T003000Z\r\n" in entry.content
    for told in (b"administrator", b"bank", b"mail.example"):  # nobody and nothing of what the case is about
        assert told not in entry.content
    Letter.objects.filter(pk=agreed.pk).update(stage="refused")
    proposed = arranged(cases, "hearing_proposed")
    page = enter("signatory").get(f"/requests/{ASKED}/meetings").content.decode()
    assert "proposed" in page
    assert ".ics" not in page
    assert enter("signatory").get(f"/requests/{ASKED}/meetings/{proposed.pk}.ics").status_code == 404


def test_who_only_oversees_a_case_reads_no_hearing(cases, official, client):
    arranged(cases)
    client.force_login(official("auditor"))
    assert client.get(f"/requests/{ASKED}/").status_code == 200
    assert client.get(f"/requests/{ASKED}/meetings").status_code == 404


def test_a_hearing_is_proposed_on_the_page_and_a_wrong_hour_is_said_at_its_field(enter, cases):
    Item.objects.filter(case=cases["asked"], number=1).update(measure="hear_by_video", actual="registered")
    client, address = enter("signatory"), f"/requests/{ASKED}/propose-hearing"
    form = {
        **{name: HEARING[name] for name in ("place", "means", "conducted_by", "record_by", "interpretation")},
        **{name: HEARING[name] for name in ("authority_requesting", "authority_requested")},
        "zone_requesting": "Asia/Almaty",
        "zone_requested": "Europe/Riga",
        "items": ["1"],
        "text": "Words.",
        "begins_at": "2031-10-26T03:30",
        "minutes": "90",
        "test_at": "",
        "role_1": "expert",
        "post_1": "-",
    }
    assert client.get(address).status_code == 200
    wrong = client.post(address, form)
    assert wrong.status_code == 422
    assert "Clocks change in that hour" in wrong.content.decode()
    assert client.post(address, form | {"begins_at": "2031-10-26T12:30"}).status_code == 302
    assert "2031-10-26" not in client.get(f"/requests/{ASKED}/meetings").content.decode()
    assert "26 Oct 2031, 12:30 UTC+2" in client.get(f"/requests/{ASKED}/meetings").content.decode()


PAST = {"begins_at": "2026-03-28T00:30:00Z", "ends_at": "2026-03-28T02:30:00Z", "test_at": None}
RECORD = {
    "outcome": "held",
    "began_at": "2026-03-28T05:35",
    "ended_at": "2026-03-28T06:35",
    "attended": ["0"],
}


def test_what_became_of_a_hearing_is_recorded_by_our_clocks_and_stands_with_it(enter, cases):
    agreed = arranged(cases, **PAST)
    where = f"/requests/{ASKED}/meetings/{agreed.pk}/record"
    client = enter("signatory")
    assert where in client.get(f"/requests/{ASKED}/meetings").content.decode()
    assert client.post(where, RECORD | {"attended": []}).status_code == 409
    assert client.post(where, RECORD | {"attended": ["9"]}).status_code == 422
    assert client.post(where, RECORD | {"language": "kk", "oath": "warned"}).status_code == 302
    made = HearingRecord.objects.get()
    assert (made.began_at.isoformat(), made.minutes) == ("2026-03-28T00:35:00+00:00", 60)
    page = client.get(f"/requests/{ASKED}/meetings").content.decode()
    for words in (
        "On record",
        "60 min",
        "Kazakh",
        "warned of the duty to tell the truth",
        "Correct the record",
    ):
        assert words in page
    assert client.post(where, {"outcome": "not_held", "note": "The line failed."}).status_code == 302
    assert "Earlier records" in client.get(f"/requests/{ASKED}/meetings").content.decode()


def test_a_hearing_ahead_or_only_proposed_is_not_put_on_record(enter, cases):
    agreed = arranged(cases, begins_at="2126-03-28T00:30:00Z", ends_at="2126-03-28T02:30:00Z")
    client = enter("signatory")
    assert "/record" not in client.get(f"/requests/{ASKED}/meetings").content.decode()
    where = f"/requests/{ASKED}/meetings/{agreed.pk}/record"
    assert client.post(where, RECORD).status_code == 409
    Letter.objects.filter(pk=agreed.pk).update(kind="hearing_proposed")
    assert client.get(where).status_code == 404
    assert not HearingRecord.objects.exists()


def test_the_api_records_as_the_page_does(cases):
    agreed = arranged(cases, **PAST)
    secret = tokens.make(cases["people"]["signatory"], "test", days=1, now=timezone.now())
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    where = f"/api/cases/{ASKED}/hearings"
    new = {
        "outcome": "held",
        "began_at": "2026-03-28T00:35:00Z",
        "ended_at": "2026-03-28T01:35:00Z",
        "attended": [BODY["participants"][0]],
    }
    answer = client.post(f"{where}/{agreed.pk}/records", new, content_type="application/json")
    assert answer.status_code == 201
    (shown,) = client.get(where).json()
    assert (shown["agreed"], shown["records"][0]["outcome"]) == (True, "held")
    strange = client.post(f"{where}/{agreed.pk}/records", new | {"x": 1}, content_type="application/json")
    assert strange.status_code == 400
