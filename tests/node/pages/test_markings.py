"""The pages of markings and protected persons, and the same over the API."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.node.believable import ASKED, NOW

from comity.node.api import tokens
from comity.node.casework.acts.change_access import assign
from comity.node.casework.marked import Marking, ProtectedPerson

HERE = f"/requests/{ASKED}/markings"


def text(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


@pytest.fixture
def reviewer(cases, official):
    person = official("filter_reviewer")
    assign(person, cases["asked"], NOW)
    return person


def test_privilege_is_marked_shown_by_the_exhibit_and_decided_by_a_filter_reviewer(
    enter, cases, reviewer, client
):
    exhibit = cases["exhibit"]
    exhibit.wrapped_key = b"-"
    exhibit.save()
    duty = enter("duty")
    assert "Nothing is marked." in text(duty.get(HERE))
    form = {"on": str(exhibit.pk), "kind": "privileged", "reason": "Mail to counsel."}
    assert duty.post(HERE, form).status_code == 302
    page = text(duty.get(f"/exhibits/{exhibit.pk}/"))
    assert "closed until a filter reviewer has cleared it" in page
    assert "Record and download" not in page
    refused = duty.post(f"/exhibits/{exhibit.pk}/original", {"purpose": "-"})
    assert "exhibit_closed" in text(refused, 409)
    made = Marking.objects.get()
    client.force_login(reviewer)
    assert "Decide on the privilege" in text(client.get(HERE))
    where = f"{HERE}/{made.pk}"
    text(client.post(where, {"decision": "clear"}), 422)
    assert client.post(where, {"decision": "clear", "reason": "No advice in it."}).status_code == 302
    assert "Record and download" in text(duty.get(f"/exhibits/{exhibit.pk}/"))


def test_who_may_not_decide_has_no_form_for_it(enter, cases):
    duty = enter("duty")
    assert duty.post(HERE, {"on": "", "kind": "state_secret", "reason": "-"}).status_code == 302
    made = Marking.objects.get()
    assert "Lift the marking" not in text(duty.get(HERE))
    text(duty.post(f"{HERE}/{made.pk}", {"decision": "lift", "reason": "-"}), 403)
    assert "Lift the marking" in text(enter("signatory").get(HERE))


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_the_pages_speak_the_readers_language(enter, cases, official, client, language):
    person = official("signatory", "registrar")
    person.language = language
    person.save()
    client.force_login(person)
    for page in (HERE, f"/requests/{ASKED}/protected"):
        assert f'lang="{language}"' in text(client.get(page))


def test_the_api_marks_and_decides_and_opens_an_identity_to_its_reader_alone(cases, official, client):
    def speak(*roles):
        secret = tokens.make(official(*roles), "test", days=1, now=timezone.now())
        return {"headers": {"Authorization": f"Bearer {secret}"}, "content_type": "application/json"}

    first, other = speak("duty_officer", "signatory"), speak("signatory")
    where = f"/api/cases/{ASKED}"
    marked = client.post(f"{where}/markings", {"kind": "state_secret", "reason": "-"}, **first)
    assert marked.status_code == 201
    decision = f"{where}/markings/{marked.json()['id']}/decision"
    own = client.post(decision, {"decision": "lift", "reason": "-"}, **first)
    assert own.json()["code"] == "four_eyes"
    lifted = client.post(decision, {"decision": "lift", "reason": "-"}, **other)
    assert (lifted.status_code, lifted.json()["state"]) == (200, "lifted")
    wrong = client.post(f"{where}/markings", {"kind": "secret", "reason": "-"}, **first)
    assert wrong.json()["code"] == "input_unreadable"
    person = {"names": ["Arailym Sadykova"], "reason": "Threats."}
    made = client.post(f"{where}/protected-persons", person, **first)
    assert (made.status_code, made.json()["pseudonym"]) == (201, "P-1")
    assert "Sadykova" not in client.get(f"{where}/protected-persons", **first).content.decode()
    identity = f"{where}/protected-persons/1/identity"
    assert client.post(identity, {"purpose": "-"}, **first).json()["names"] == person["names"]
    assert client.post(identity, {"purpose": "-"}, **other).status_code == 404
    assert ProtectedPerson.objects.get().readers.count() == 1
