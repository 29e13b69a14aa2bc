"""The pages of documents to be served, persons asked to come, and safe conduct."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.node.believable import ASKED, WAS_ASKED

from comity.node.casework.attending import Attempt, ConductAnswer, Invitation, SafeConduct
from comity.node.casework.models import Case, Item

CITE = "uncc:art_40__para_29"
CLOCK = {
    "id": "safe_conduct",
    "cite": CITE,
    "duration": "P15D",
    "from": "release_notice",
    "of": "requesting",
    "outcome": "applies",
}
PERSON = "Nomen Nescio"


def of(reference, measure, **changes):
    item = Item.objects.filter(case__reference=reference).first()
    Item.objects.filter(case__reference=reference).update(
        measure=measure,
        identifier_type="person",
        identifier_value=PERSON,
        data_kinds=[],
        desired="executed",
        **{"actual": "registered"} | changes,
    )
    case = Case.objects.get(reference=reference)
    opinion = {**(case.opinion or {}), "clocks": [CLOCK]}
    Case.objects.filter(pk=case.pk).update(opinion=opinion, draft=None)
    return item


def local(at):
    return timezone.localtime(at, timezone.get_fixed_timezone(300)).strftime("%Y-%m-%dT%H:%M")


def test_an_attempt_to_serve_is_recorded_on_the_page(enter, cases):
    of(WAS_ASKED, "serve_documents")
    client, address = enter("duty"), f"/requests/{WAS_ASKED}/service"
    assert "Service of documents" in client.get(f"/requests/{WAS_ASKED}/").content.decode()
    assert client.get(address).status_code == 200
    said = {
        "step": "form",
        "item": "1",
        "happened_at": local(timezone.now() - timedelta(hours=1)),
        "place": "1 Example Street",
        "server": "Bailiff",
        "way": "post",
        "outcome": "handed",
    }
    assert client.post(address, said).status_code == 422  # whether it counts nobody has said
    assert client.post(address, said | {"served": "yes", "outcome": "not_found"}).status_code == 409
    assert not Attempt.objects.exists()
    assert client.post(address, said | {"served": "yes"}).status_code == 302
    page = client.get(address).content.decode()
    assert "1 Example Street" in page
    assert "handed to the addressee" in page


def test_a_persons_answer_is_recorded_and_the_page_says_that_it_is_free(enter, cases):
    of(WAS_ASKED, "appear_voluntarily")
    client, address = enter("duty"), f"/requests/{WAS_ASKED}/appearance"
    assert "without any consequence" in client.get(address).content.decode()
    said = {
        "step": "form",
        "item": "1",
        "informed_at": local(timezone.now() - timedelta(hours=1)),
        "informed_by": "Investigator",
        "answer": "declines",
    }
    assert client.post(address, said).status_code == 422
    assert client.post(address, said | {"freely": "on"}).status_code == 302
    assert Invitation.objects.get().answer == "declines"
    assert "does not wish to come" in client.get(address).content.decode()


def test_a_safe_conduct_is_led_from_arrival_to_departure(enter, cases):
    of(ASKED, "appear_voluntarily", actual="executed")
    client, address = enter("signatory"), f"/requests/{ASKED}/appearance"
    assert "Record the arrival" in client.get(address).content.decode()
    now = timezone.now()
    arrived = {"step": "arrival", "item": "1", "arrived_at": local(now - timedelta(days=3))}
    assert client.post(address, arrived).status_code == 302
    told = {
        "step": "release",
        "item": "1",
        "released_at": local(now - timedelta(days=2)),
        "released_by": "District court",
    }
    assert client.post(address, told | {"days": "30"}).status_code == 422
    assert client.post(address, told).status_code == 302
    assert ASKED in enter("duty").get("/safe-conducts/").content.decode()
    left = {"step": "course", "item": "1", "course": "left", "at": local(now), "note": "By the file."}
    assert client.post(address, left).status_code == 302
    assert SafeConduct.objects.get().left_at is not None
    assert "the person left" in client.get(address).content.decode()
    assert ASKED not in enter("duty").get("/safe-conducts/").content.decode()


@pytest.mark.parametrize("step", ["arrival", "release", "course", "nothing"])
def test_only_who_may_records_it(enter, cases, step):
    of(WAS_ASKED, "appear_voluntarily")
    answer = enter("signatory").post(f"/requests/{WAS_ASKED}/appearance", {"step": step, "item": "1"})
    assert answer.status_code == 404
    assert not SafeConduct.objects.exists()


def test_a_warning_stands_on_the_case_until_a_signatory_answers_it(enter, cases):
    item, now = of(ASKED, "appear_voluntarily"), timezone.now()
    SafeConduct.objects.create(item=item, cite=CITE, arrived_at=now, by=cases["people"]["signatory"], at=now)
    of(WAS_ASKED, "extradite")
    notice = "its measure waits"
    assert notice in enter("duty").get(f"/requests/{WAS_ASKED}/").content.decode()
    address = f"/requests/{WAS_ASKED}/safe-conduct-warning"
    seen = enter("duty").get(address).content.decode()
    assert "Reasons" not in seen
    assert ASKED in seen
    conduct = str(SafeConduct.objects.get().pk)
    said = {"conduct": conduct, "reasons": "For an act of last week."}
    assert enter("duty").post(address, said).status_code == 403
    client = enter("signatory")
    assert client.post(address, {"conduct": conduct}).status_code == 422
    assert client.post(address, said).status_code == 302
    assert ConductAnswer.objects.get().reasons == "For an act of last week."
    assert notice not in client.get(f"/requests/{WAS_ASKED}/").content.decode()


def test_pages_of_what_a_case_does_not_ask_are_not_there(enter, cases):
    for page in ("service", "appearance"):
        assert enter("duty").get(f"/requests/{ASKED}/{page}").status_code == 404


def drafted(cases, measure):
    Case.objects.filter(pk=cases["draft"].pk).update(draft=cases["draft"].draft | {"measure": measure})
    case = Case.objects.get(pk=cases["draft"].pk)
    Case.objects.filter(pk=case.pk).update(opinion={**(case.opinion or {}), "clocks": [CLOCK]})
    return f"/requests/{case.reference}/draft"


def typed(**fields):
    item = {"identifier_type": "person", "identifier_value": PERSON, "description": "", **fields}
    numbers = {"item-TOTAL_FORMS": "1", "item-INITIAL_FORMS": "0"}
    return (
        numbers
        | {"screen": "items", "step": "keep"}
        | {f"item-0-{name}": value for name, value in item.items()}
    )


def test_the_particulars_of_a_service_are_entered_in_the_draft(enter, cases):
    client, address = enter("drafter"), drafted(cases, "serve_documents")
    page = client.get(f"{address}?screen=items").content.decode()
    assert "Address of the addressee" in page
    assert "Kinds of data" not in page
    said = typed(document="Summons", address="1 Example Street", way="post", hearing_at="2126-06-01T12:00")
    assert client.post(address, said | {"item-0-address": ""}).status_code == 422
    client.post(address, said)
    [item] = Case.objects.get(pk=cases["draft"].pk).draft["items"]
    assert item["service"]["hearing_at"] == "2126-06-01T07:00:00Z"  # noon by the official's own clock, UTC+5
    assert (item["service"]["way"], item["service"]["by"]) == ("post", None)
    assert 'value="2126-06-01T12:00"' in client.get(f"{address}?screen=items").content.decode()


def test_the_wish_that_a_person_come_states_safe_conduct_by_its_provision(enter, cases):
    client, address = enter("drafter"), drafted(cases, "appear_voluntarily")
    assert "The letter states safe conduct" in client.get(f"{address}?screen=items").content.decode()
    said = {"role": "expert", "before": "Court", "place": "Hall 2", "begins_at": "2126-06-01T12:00"}
    client.post(address, typed(**said, expenses="Paid in advance."))
    [item] = Case.objects.get(pk=cases["draft"].pk).draft["items"]
    assert (item["appearance"]["role"], item["appearance"]["safe_conduct"]) == ("expert", CITE)
