"""The page of hearings and presence: both sides' clocks, what is agreed or proposed, the calendar entry."""

from __future__ import annotations

from tests.node.believable import ASKED, letter
from tests.samples import HEARING

from comity.node.casework.models import Item
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
