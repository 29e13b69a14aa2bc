"""The pages of use and limits: what is barred is said with its provision, the way out is one step away."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from tests.node.believable import ASKED, WAS_ASKED

from comity.node.api import tokens
from comity.node.casework.models import Case, Use
from comity.node.exchange.models import Letter

HERE = f"/requests/{ASKED}/use"
USED = {"items": ["1"], "purpose": "own_proceedings", "description": "Read out at the hearing."}


@pytest.fixture
def held(cases):
    """Item 1 of the request that this node asked was executed."""
    case = cases["asked"]
    case.items.filter(number=1).update(actual="executed")
    notice = {"id": "notify_exculpatory_use", "of": "requesting", "cite": "uncc:art_40__para_19"}
    case.opinion = {**case.opinion, "duties": [*case.opinion["duties"], {"on": "disclose", **notice}]}
    case.save()
    return case


def text(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


def test_the_page_says_what_needs_permission_and_what_does_not(enter, held):
    page = text(enter("duty").get(HERE))
    assert "UNCC 40(19)" in page
    assert "another investigation, prosecution or proceeding" in page
    assert f"{HERE}/record" in page
    assert "No use was recorded yet." in page
    assert HERE in text(enter("duty").get(f"/requests/{ASKED}/"))


def test_a_barred_use_is_refused_with_the_provision_and_an_open_one_recorded(enter, held):
    client = enter("duty")
    barred = text(client.post(f"{HERE}/record", USED | {"purpose": "other_proceedings"}), 409)
    assert "permission_needed" in barred
    assert not Use.objects.exists()
    assert client.post(f"{HERE}/record", USED).status_code == 302
    assert "Read out at the hearing." in text(client.get(HERE))


def test_a_disclosure_without_notice_stands_on_the_case_until_notice_is_given(enter, held):
    client, told = enter("duty"), {"items": ["1"], "description": "To the accused."}
    assert "duties_unmet" in text(client.post(f"{HERE}/disclose", told), 409)
    late = told | {"unannounced": "The hearing was the same morning."}
    assert client.post(f"{HERE}/disclose", late).status_code == 302
    due = "Give notice of an exculpatory disclosure, without delay"
    assert due in text(client.get(f"/requests/{ASKED}/"))
    made = Use.objects.get()
    address = f"/requests/{ASKED}/notify-exculpatory-disclosure"
    assert "To the accused." in text(client.get(address))
    form = {"items": ["1"], "disclosure": str(made.pk), "text": "What was disclosed this morning."}
    assert client.post(address, form).status_code == 302
    assert due not in text(client.get(f"/requests/{ASKED}/"))


def test_asking_takes_a_purpose_and_says_what_for(enter, held):
    client, address = enter("drafter"), f"/requests/{ASKED}/ask-use-permission"
    form = {"items": ["1"], "text": "A second bank was attacked.", "use": "Case 12 of 2027."}
    assert "Something must be corrected." in text(client.post(address, form), 422)
    unnamed = form | {"purpose": "other_proceedings"}
    assert "Name each of the other proceedings." in text(client.post(address, unnamed), 422)
    named = {"proceedings": "City Court, case 12\r\n\r\nCity Court, case 13"}
    assert client.post(address, unnamed | named).status_code == 302
    assert "Case 12 of 2027." in text(client.get(HERE))
    assert "City Court, case 13" in text(client.get(HERE))
    written = Letter.objects.get(kind="use_permission_asked")
    page = text(client.get(f"/letters/{written.pk}/"))
    assert "Case 12 of 2027." in page
    assert "another investigation, prosecution or proceeding" in page


def test_the_other_side_records_nothing_of_a_request_but_its_passing_on(enter, cases):
    client, where = enter("duty"), f"/requests/{WAS_ASKED}/use/record"
    offered = set(re.findall(r'name="purpose" value="([a-z_]+)"', text(client.get(where))))
    assert offered == {"third_state", "international_organisation"}
    used = Use.objects.count()
    assert client.post(where, USED).status_code == 422
    assert Use.objects.count() == used


def test_whoever_only_oversees_sees_that_it_was_used_and_not_the_words(enter, held, official, client):
    assert enter("duty").post(f"{HERE}/record", USED).status_code == 302
    client.force_login(official("auditor"))
    page = text(client.get(HERE))
    assert "the proceedings that the request states" in page
    assert USED["description"] not in page


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_the_pages_speak_the_readers_language(enter, held, official, client, language):
    person = official("drafter", "signatory", "registrar")
    person.language = language
    person.save()
    client.force_login(person)
    for page in ("", "/record", "/disclose"):
        assert f'lang="{language}"' in text(client.get(HERE + page))


def test_the_api_records_uses_and_refuses_as_the_pages_do(held, official, client):
    secret = tokens.make(official("drafter", "registrar"), "test", days=1, now=timezone.now())
    headers = {"Authorization": f"Bearer {secret}"}

    def post(path, body):
        where = f"/api/cases/{ASKED}/{path}"
        return client.post(where, body, content_type="application/json", headers=headers)

    use = {"items": [1], "purpose": "own_proceedings", "description": "Read out."}
    assert post("uses", use).status_code == 201
    barred = post("uses", use | {"purpose": "third_state", "recipient": "State XC"})
    assert (barred.status_code, barred.json()["code"]) == (400, "permission_needed")
    assert post("uses", use | {"surprise": 1}).json()["code"] == "input_unreadable"
    assert post("uses", use | {"purpose": "exculpatory_disclosure"}).json()["code"] == "input_unreadable"
    disclosure = {"items": [1], "description": "To the accused."}
    assert post("disclosures", disclosure).json()["code"] == "duties_unmet"
    made = post("disclosures", disclosure | {"unannounced": "That morning."})
    assert (made.status_code, made.json()["notice_due"]) == (201, True)
    listed = client.get(f"/api/cases/{ASKED}/uses", headers=headers).json()
    assert [each["purpose"] for each in listed] == ["own_proceedings", "exculpatory_disclosure"]
    assert client.get(f"/api/cases/{ASKED}/permissions", headers=headers).json() == []
    assert Case.objects.get(reference=ASKED).uses.count() == 2
