"""The pages and the API of drills, as officials and programs use them."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone
from tests.node import believable
from tests.node.api.test_access_matrix import speak

from comity.node.drills.models import Arrangement, Drill

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(keys):
    built = believable.build()
    built["drills"] = believable.drilled(built)
    return built


@pytest.fixture
def as_(rows):
    def client(who):
        made = Client()
        made.force_login(rows["people"][who])
        return made

    return client


def test_the_duty_officer_answers_from_the_desk_with_one_press(as_):
    duty, waiting = as_("duty"), Drill.objects.get(ours=False, state="reached")
    page = duty.get("/desk/").content.decode()
    press = f"/drills/{waiting.pk}/answer"
    assert press in page
    assert "Desks that did not answer the last drill" in page
    assert press not in as_("signatory").get("/desk/").content.decode(), "only who is on duty answers"
    assert duty.post(press).status_code == 302
    waiting.refresh_from_db()
    assert (waiting.state, waiting.by.username) == ("answered", "dana")
    again = duty.post(press)
    assert (again.status_code, b"drill_answered" in again.content) == (409, True)
    assert press not in duty.get("/desk/").content.decode()


def test_the_page_shows_figures_history_and_the_signed_notes(as_):
    duty = as_("duty")
    page = duty.get("/drills/").content.decode()
    for said in ("75 %", "3 of 4", "10 min 10 s", "every 30 days", "no answer", "41 s"):
        assert said in page, said
    one = Drill.objects.filter(ours=True, state="answered").first()
    assert "1 min 35 s" in duty.get(f"/drills/{one.pk}/").content.decode()
    note = duty.get(f"/drills/{one.pk}/note.note")
    assert (note.content.decode(), note["Content-Type"]) == (one.note, "text/plain; charset=utf-8")
    assert duty.get(f"/drills/{one.pk}/record.note").status_code == 404, "there is none yet"
    assert duty.get(f"/drills/{one.pk}/pk.note").status_code == 404, "only notes"


def test_an_arrangement_is_kept_and_a_drill_asked_by_hand(as_):
    keeper, duty = as_("keeper"), as_("duty")
    where = "/drills/desks/xb-247/"
    assert keeper.post(where, {"takes_every": "0", "asks_every": ""}).status_code == 422
    assert keeper.post(where, {"takes_every": "", "asks_every": "14"}).status_code == 302
    row = Arrangement.objects.get()
    assert (row.takes_every, row.asks_every) == (None, 14)
    assert duty.post(where, {"takes_every": "1"}).status_code == 403
    under_way = duty.post(f"{where}ask")
    assert (under_way.status_code, b"drill_under_way" in under_way.content) == (409, True)
    Drill.objects.filter(state="waiting").update(state="unreached")
    asked = duty.post(f"{where}ask")
    assert asked["Location"] == f"/drills/{Drill.objects.get(state='waiting').pk}/"


def test_a_program_reads_arranges_and_asks_but_answers_nothing(rows):
    people = rows["people"]
    duty, keeper = speak(people["duty"], "duty_officer"), speak(people["keeper"], "administrator")
    found = duty.get("/api/drills").json()
    (desk,) = found["desks"]
    assert (desk["authority"], desk["figure"]["drills"], desk["figure"]["p90"]) == ("xb-247", 4, None)
    assert (found["own"]["median"], len(found["drills"])) == (41, 7)
    body = json.dumps({"takes_every_days": None, "asks_every_days": 10})
    kept = keeper.put("/api/drills/desks/xb-247", body, content_type="application/json")
    assert (kept.status_code, kept.json()["asks_every_days"]) == (200, 10)
    Drill.objects.filter(state="waiting").update(state="unreached")
    assert duty.post("/api/drills/desks/xb-247").status_code == 201
    assert duty.post("/api/drills/desks/none").status_code == 404
    assert Drill.objects.filter(sent_at__gte=timezone.now() - believable.timedelta(minutes=1)).count() == 1
