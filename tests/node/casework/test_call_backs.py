"""Where the other side has to be called back, the page and the desk say so until somebody did, on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Role
from comity.node.casework import call_backs, timeline
from comity.node.casework.acts.protect_person import protect_person
from comity.node.casework.acts.record_call_back import SpokenWithMissingError, record_call_back
from comity.node.casework.identities import IdentityInTextError
from comity.node.casework.models import Case
from comity.node.casework.standing import NotYetHappenedError
from comity.node.desk import queries
from comity.node.directory import known, standing
from comity.node.directory.models import Keeper, Listing, Standing
from comity.node.ledger.models import Entry

CONTACT = {
    "purpose": "confirmation",
    "post": "Head of the point of contact",
    "hours": "24/7",
    "time_zone": "UTC",
    "languages": ["en"],
    "telephone": "+999 1 000",
    "email": "",
    "address": "",
}
DAY = timedelta(days=1)


class Directory:
    """A keeper's entries of the peer, without the metadata around them."""

    def __init__(self, now: Any) -> None:
        self.keeper = Keeper.objects.create(
            id="keeper", name="Keeper", root="{}", added_at=now, added_by="test", expires_at=now + 30 * DAY
        )

    def publish(self, now: Any, **changes: str) -> None:
        from comity import canonical

        at = canonical.instant_text(now)
        entry = {
            "schema": "comity-entry/1",
            "id": "xb-247",
            "state": "XB",
            "names": {"en": "Point of contact of State XB"},
            "designations": [
                {"instrument": "uncc", "roles": ["point_of_contact_24_7"], "valid_from": "2027-01-01"}
            ],
            "contacts": [CONTACT | changes],
            "valid_from": at,
            "confirmed_at": at,
        }
        Listing.objects.filter(authority="xb-247").update(standing=Standing.REPLACED, settled_at=now)
        listing = Listing.objects.create(
            keeper=self.keeper,
            authority="xb-247",
            state="XB",
            document=canonical.write(entry).decode(),
            sha256="ab" * 32,
            version=1,
            standing=Standing.CURRENT,
            **dict.fromkeys(("valid_from", "confirmed_at", "entered_at", "settled_at", "in_force_at"), now),
        )
        peer = known.find("xb-247")
        peer.listing, peer.contacts = listing, entry["contacts"]
        peer.save()


@pytest.fixture
def directory(keys: Any, clock: Any) -> Directory:
    made = Directory(clock.now)
    made.publish(clock.now - DAY)
    return made


@pytest.fixture
def urgent(directory: Directory, open_case: Any) -> Case:
    case = open_case()
    Case.objects.filter(pk=case.pk).update(urgent=True)
    return again(case)


def again(case: Case) -> Case:
    """The case as it is stored now, with its peer as the directory has it."""
    return Case.objects.select_related("peer").get(pk=case.pk)


@pytest.fixture
def call(drafter: Any, clock: Any) -> Any:
    def record(case: Case, result: str = "confirmed", by: Any = None, **changes: Any) -> Any:
        said = {
            "called_at": clock.now,
            "means": "telephone",
            "contact": "Head of the point of contact, +999 1 000",
            "spoken_with": "" if result == "not_reached" else "The head on duty",
            "result": result,
            "remark": "",
        }
        return record_call_back(by or drafter, case, **said | changes, now=clock.now)

    return record


def expire(directory: Directory, clock: Any) -> None:
    Keeper.objects.update(expires_at=clock.now)


def reason(case: Case, clock: Any) -> str:
    found = call_backs.needed(again(case), clock.now)
    return f"{found.reason}{' denied' if found.denied else ''}" if found else ""


def test_an_emergency_of_a_doubtful_entry_is_confirmed_by_a_call(
    urgent: Any, directory: Any, call: Any, clock: Any
):
    assert reason(urgent, clock) == ""
    expire(directory, clock)
    assert reason(urgent, clock) == "doubtful"
    Case.objects.update(urgent=False)
    assert reason(urgent, clock) == "", "nothing urgent hangs on it"
    Case.objects.update(urgent=True)
    clock.advance(minutes=5)
    call(urgent, "not_reached")
    assert reason(urgent, clock) == "doubtful", "nobody said anything"
    call(urgent, "denied")
    assert reason(urgent, clock) == "doubtful denied"
    clock.advance(minutes=5)
    call(urgent)
    assert reason(urgent, clock) == ""


def test_a_later_letter_asks_for_another_call(urgent: Any, directory: Any, call: Any, clock: Any):
    from comity.node.exchange.models import Direction, Letter, Stage

    expire(directory, clock)
    call(urgent)
    assert reason(urgent, clock) == ""
    clock.advance(hours=1)
    Letter.objects.create(
        id="1b671a64-40d5-491e-99b0-da01ff1f3341",
        kind="status",
        direction=Direction.IN,
        peer=urgent.peer,
        case_reference=urgent.reference,
        generation=1,
        stage=Stage.DELIVERED,
        received_at=clock.now,
        stage_at=clock.now,
        expires_at=clock.now + DAY,
    )
    assert reason(urgent, clock) == "doubtful"


def test_a_contact_that_was_changed_while_the_case_runs_is_confirmed(
    directory: Any, open_case: Any, call: Any, clock: Any
):
    case = open_case()
    clock.advance(days=1)
    directory.publish(clock.now)
    assert reason(case, clock) == "", "the same was confirmed again"
    clock.advance(days=1)
    call(case)
    clock.advance(minutes=1)
    directory.publish(clock.now, telephone="+999 2 000")
    assert reason(case, clock) == "changed", "the call came before the change"
    call(case)
    assert reason(case, clock) == ""
    assert standing.changed_at(known.find("xb-247"), clock.now) is None


def test_an_entry_that_is_published_anew_or_was_never_gone_by_asks_for_no_call(
    directory: Any, open_case: Any, call: Any, clock: Any
):
    case = open_case()
    clock.advance(days=1)
    directory.publish(clock.now, telephone="+999 2 000")
    clock.advance(minutes=1)
    call(case)
    clock.advance(days=1)
    directory.publish(clock.now, telephone="+999 2 000")
    assert reason(case, clock) == "", "the same contact, published anew"
    last = Listing.objects.order_by("id").last()
    assert last is not None
    clock.advance(minutes=1)
    coming = Listing.objects.get(pk=last.pk)
    coming.pk, coming.in_force_at, coming.standing = None, None, Standing.REPLACED
    coming.document = coming.document.replace("+999 2 000", "+999 3 000")
    coming.settled_at = clock.now
    coming.save()
    clock.advance(minutes=1)
    directory.publish(clock.now, telephone="+999 2 000")
    assert reason(case, clock) == "", "it never held"


def test_a_change_after_the_call_about_an_emergency_asks_for_another(
    urgent: Any, directory: Any, call: Any, clock: Any
):
    expire(directory, clock)
    clock.advance(minutes=1)
    call(urgent)
    assert reason(urgent, clock) == ""
    clock.advance(minutes=1)
    directory.publish(clock.now, telephone="+999 2 000")
    assert reason(urgent, clock) == "changed"


def test_what_was_confirmed_pushes_nothing_off_the_desk(
    directory: Any, open_case: Any, call: Any, clock: Any
):
    cases = [open_case() for _ in range(3)]
    Case.objects.update(urgent=True)
    expire(directory, clock)
    clock.advance(minutes=1)
    for case in cases[:2]:
        call(again(case))
    listed = call_backs.among(Case.objects.all(), clock.now, 1)
    assert [case.pk for case, _ in listed] == [cases[2].pk]


def test_who_called_whom_when_and_with_what_result_stands_in_the_ledger(urgent: Any, call: Any, drafter: Any):
    made = call(urgent, remark="They sent it at noon.")
    content = Entry.objects.get(kind="record_call_back").content
    assert (content["by"], content["contact"], content["result"]) == (drafter.pk, made.contact, "confirmed")
    assert (content["spoken_with"], content["authority"]) == ("The head on duty", "xb-247")
    event = urgent.events.get(kind="call_back_confirmed")
    with translation.override("en"):
        assert timeline.sentence(event) == "Called back, telephone: it is from them"
    assert "contact" not in event.params, "whoever oversees the case reads its timeline"


def test_a_protected_person_is_not_named_in_it(urgent: Any, call: Any, drafter: Any, clock: Any):
    protect_person(drafter, urgent, names=["Aruzhan Canary"], reason="threats", now=clock.now)
    with pytest.raises(IdentityInTextError):
        call(urgent, remark="They asked about Aruzhan Canary.")


def test_what_cannot_be_is_not_recorded(urgent: Any, call: Any, official: Any, clock: Any):
    with pytest.raises(NotYetHappenedError):
        call(urgent, called_at=clock.now + DAY)
    with pytest.raises(SpokenWithMissingError):
        call(urgent, spoken_with="")
    with pytest.raises(NotAuthorisedError):
        call(urgent, by=official(Role.CUSTODIAN))
    assert not urgent.call_backs.exists()


def test_the_desk_lists_it_and_the_page_leads_through_it(
    urgent: Any, directory: Any, clock: Any, client: Any, official: Any, monkeypatch: Any
):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    seen = Case.objects.all()
    assert queries.to_call_back(seen, clock.now) == []
    expire(directory, clock)
    [(found, need)] = queries.to_call_back(seen, clock.now)
    assert (found, need.reason) == (urgent, "doubtful")
    client.force_login(official("duty_officer", "signatory"))
    address = reverse("call_backs", args=[urgent.reference])
    case_page = reverse("case", args=[urgent.reference])
    assert address in client.get(reverse("desk")).content.decode()
    assert "Call this authority back" in client.get(case_page).content.decode()
    assert "+999 1 000" in client.get(address).content.decode()
    said = {"means": "telephone", "contact": "Head, +999 1 000", "result": "confirmed"}
    lacking = client.post(address, said | {"called_at": "2027-06-12T03:00"})
    assert lacking.status_code == 409
    done = client.post(address, said | {"called_at": "2027-06-12T03:12", "spoken_with": "The head"})
    assert done.status_code == 302, done.content.decode()
    assert "Call this authority back" not in client.get(case_page).content.decode()
    assert address not in client.get(reverse("desk")).content.decode()
