"""The page on which a request is assigned, and what the case's page and the desk show of it."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from tests.node.believable import WAS_ASKED

from comity.node.casework.models import Assignment, Item


def given(cases, **changes):
    form = {
        "items": ["1"],
        "to": f"person-{cases['people']['drafter'].pk}",
        "due_at": "2126-06-01T12:00",
        "instructions": "Ask the court.\nTell us when it is done.",
    }
    return form | changes


def test_an_assignment_is_made_on_the_page_and_shown_on_the_case(enter, cases):
    Item.objects.filter(case=cases["was_asked"], number=1).update(desired="executed", actual="registered")
    client, address = enter("duty"), f"/requests/{WAS_ASKED}/assign"
    assert client.get(address).status_code == 200
    assert client.post(address, given(cases, due_at="tomorrow")).status_code == 422
    assert client.post(address, given(cases, due_at="2001-01-01T12:00")).status_code == 409
    assert not Assignment.objects.exists()
    assert client.post(address, given(cases)).status_code == 302
    row = Assignment.objects.get()
    assert row.due_at.isoformat() == "2126-06-01T07:00:00+00:00"  # noon by the official's own clock, UTC+5
    page = client.get(f"/requests/{WAS_ASKED}/").content.decode()
    assert "Asel Demeuova, Investigator" in page
    assert "Ask the court." in page


def test_the_desk_shows_what_is_overdue(enter, cases):
    item = Item.objects.get(case=cases["was_asked"], number=1)
    Item.objects.filter(pk=item.pk).update(actual="in_execution")
    heading = "Assignments past their deadline"
    assert heading not in enter("duty").get("/desk/").content.decode()
    people, now = cases["people"], timezone.now()
    Assignment.objects.create(
        item=item, officer=people["drafter"], by=people["duty"], at=now, due_at=now - timedelta(hours=1)
    )
    page = enter("duty").get("/desk/").content.decode()
    assert heading in page
    assert "Asel Demeuova" in page
