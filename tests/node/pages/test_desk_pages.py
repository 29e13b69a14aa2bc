"""The desk in the pages: the officer on duty, what they take on and pass on, their shift and its log."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node import on_duty
from tests.node.believable import WAS_ASKED

from comity import canonical
from comity.node.accounts.models import Official, Organisation
from comity.node.desk import shift_log
from comity.node.desk.models import Acknowledgement, Referral, Shift, Training
from comity.node.ledger import sequencer


@pytest.fixture
def staffed(cases: Any) -> Any:
    on_duty.build(cases)
    return cases


def client_of(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_desk_says_who_has_it_and_what_the_officer_before_left(enter: Any, staffed: Any) -> None:
    page = text(enter("duty").get("/desk/"))
    assert "Dana Ospanova" in page
    assert "+7 700 000 00 00" in page
    assert "The bank’s records end tomorrow." in page
    assert "Passed on, not taken yet" in page
    drafter = text(enter("drafter").get("/desk/"))
    assert "On duty" in drafter
    assert "The bank’s records" not in drafter, "the note is for those of the desk"


def test_a_shift_is_handed_over_and_its_log_proves_itself_until_it_is_altered(
    enter: Any, staffed: Any
) -> None:
    dana, timur = enter("duty"), client_of(Official.objects.get(username="timur"))
    assert dana.post("/desk/note", {"text": "Called.", "case": "XA-0000-000000"}).status_code == 422
    assert dana.post("/desk/note", {"text": "Called.", "case": WAS_ASKED}).status_code == 302
    assert timur.post("/desk/take-over", {}).status_code == 422, "a reason, or the hand-over note"
    assert dana.post("/desk/hand-over", {"text": "All quiet.", "cases": [WAS_ASKED]}).status_code == 302
    assert "All quiet." in text(timur.get("/desk/take-over"))
    assert timur.post("/desk/take-over", {}).status_code == 302
    shift = Shift.objects.get(official__username="dana", closed_at__isnull=False)
    page = f"/desk/shifts/{shift.pk}/"
    assert "went into the ledger" in text(dana.get(page))
    assert "Called." in text(dana.get(page))
    sequencer.sequence(timezone.now())
    told = json.loads(text(dana.get(page + "log.json")))
    assert told["log_sha256"] == told["entry"]["content"]["log_sha256"] == shift_log.digest(told["log"])
    assert canonical.write(told["log"])
    shift.log[-1]["text"] = "All was loud."
    shift.save()
    assert "The log was altered" in text(dana.get(page))


def test_a_case_is_passed_on_and_taken_on_the_desk_of_the_receiving_body(enter: Any, staffed: Any) -> None:
    receiver = Official.objects.create_user(
        "receiver",
        full_name="R",
        post="Prosecutor",
        roles=["registrar"],
        organisation=Organisation.objects.get(pk="prosecutors"),
    )
    given, client = Referral.objects.get(), client_of(receiver)
    assert "Passed on to you" in text(client.get("/desk/"))
    assert "The bank’s records" not in text(client.get("/desk/"))
    assert client.get("/desk/shifts/").status_code == 403
    assert client.post(f"/desk/referrals/{given.pk}/take").status_code == 302
    page = text(enter("duty").get(f"/desk/pass-on/{WAS_ASKED}"))
    assert re.search(r"after (\d+ minutes|1 hour|\d+ hours)", page)
    again = {"to": "prosecutors", "capacity": "competent_body", "note": "And more."}
    assert enter("duty").post(f"/desk/pass-on/{WAS_ASKED}", again | {"to": "?"}).status_code == 422
    assert enter("duty").post(f"/desk/pass-on/{WAS_ASKED}", again).status_code == 302


def test_a_letter_is_acknowledged_from_the_desk_and_says_by_whom(enter: Any, staffed: Any) -> None:
    letter = staffed["request"]
    letter.direction = "in"
    letter.save()
    assert enter("drafter").post(f"/desk/acknowledge/{letter.pk}").status_code == 403
    assert enter("duty").post(f"/desk/acknowledge/{letter.pk}").status_code == 302
    assert enter("duty").post(f"/desk/acknowledge/{letter.pk}").status_code == 409
    assert Acknowledgement.objects.get().by.username == "dana"


def test_shifts_and_trainings_are_entered_and_withdrawn(enter: Any, staffed: Any) -> None:
    marat, timur = enter("signatory"), Official.objects.get(username="timur")
    shift = {
        "official": timur.pk,
        "starts_at": "2126-01-07T08:00",
        "ends_at": "2126-01-07T20:00",
        "backup": "",
        "contact": "",
    }
    assert marat.post("/desk/roster/", shift | {"ends_at": "2126-01-07T07:00"}).status_code == 409
    assert marat.post("/desk/roster/", shift).status_code == 302
    made = Shift.objects.latest("pk")
    week = text(marat.get("/desk/roster/?from=2126-01-07"))
    assert "no valid training on record" in week
    assert week.count("mark late") == 8, "nobody before the shift and after it, and on six more days"
    assert enter("duty").post("/desk/roster/", shift).status_code in (302, 409)
    assert marat.post(f"/desk/roster/{made.pk}/withdraw").status_code == 302
    training = {
        "official": timur.pk,
        "subject": "First response",
        "given_by": "Academy",
        "languages": "kk ru",
    }
    days = {"completed_on": "2026-01-01", "valid_until": "2025-01-01"}
    assert marat.post("/desk/trainings/", training | days).status_code == 409
    assert marat.post("/desk/trainings/", training | days | {"languages": "??"}).status_code == 422
    assert marat.post("/desk/trainings/", training | days | {"valid_until": ""}).status_code == 302
    made_training = Training.objects.get(official=timur)
    assert made_training.languages == ["kk", "ru"]
    assert "First response" in text(marat.get("/desk/trainings/"))
    assert marat.post(f"/desk/trainings/{made_training.pk}/withdraw").status_code == 302
    assert "First response" not in text(marat.get("/desk/trainings/"))
