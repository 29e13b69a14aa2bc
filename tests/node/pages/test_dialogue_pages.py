"""The pages of the dialogue: what the law asks first, what a letter discharges, what waits for an answer."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation
from tests.node.believable import ASKED, WAS_ASKED, consultation, letter

from comity.node.casework.models import Case, Event, Item, Prepared
from comity.node.exchange.models import Letter


def shown(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.fixture
def sign_prepared(official):
    """What was prepared last is signed by another official."""

    def sign(reference):
        signatory = Client(SERVER_NAME="localhost")
        signatory.force_login(official("signatory"))
        where = f"/requests/{reference}/prepared/{Prepared.objects.latest('id').pk}"
        answer = signatory.post(where, {"sealing": "at_once"})
        assert answer.status_code == 302, answer.content.decode()

    return sign


def test_the_case_offers_the_turns_of_its_side_and_of_the_officials_roles(enter):
    page = shown(enter("signatory"), f"/requests/{WAS_ASKED}/")
    assert f"/requests/{WAS_ASKED}/postpone-execution" in page
    assert "withdraw-request" not in page
    assert "forward-request" not in page
    assert f"/requests/{WAS_ASKED}/forward-request" in shown(enter("duty"), f"/requests/{WAS_ASKED}/")
    assert f"/requests/{ASKED}/withdraw-request" in shown(enter("signatory"), f"/requests/{ASKED}/")


def test_a_postponement_shows_the_duty_with_its_provision_until_letters_meet_it(enter, cases, sign_prepared):
    client, address = enter("signatory"), f"/requests/{WAS_ASKED}/postpone-execution"
    page = shown(client, address)
    assert "UNCC 40(27)" in page
    assert "Consult before postponing" in page
    assert "UNCC 40(28)" in page
    assert 'value="uncc:art_42__para_5"' not in page  # a ground for refusal postpones nothing
    form = {"items": ["1"], "ground": "uncc:art_40__para_27", "text": "Proceedings are going on."}
    stopped = client.post(address, form)
    assert stopped.status_code == 409
    assert "duties_unmet" in stopped.content.decode()
    consultation(Case.objects.get(reference=WAS_ASKED), "postponement")
    assert client.post(address, form).status_code == 302
    sign_prepared(WAS_ASKED)
    assert Item.objects.get(case__reference=WAS_ASKED, number=1).actual == "postponed"
    assert Item.objects.get(case__reference=WAS_ASKED, number=2).actual == "registered"


def test_without_a_ground_the_page_says_that_nothing_lets_it_be_postponed(enter, cases):
    case = cases["was_asked"]
    case.opinion = {**case.opinion, "grounds": [], "duties": []}
    case.save()
    page = shown(enter("signatory"), f"/requests/{WAS_ASKED}/postpone-execution")
    assert "No provision on record lets this request be postponed." in page
    assert "<textarea" not in page
    page = shown(enter("signatory"), f"/requests/{WAS_ASKED}/offer-conditions")
    assert "No provision on record lets conditions bind." in page


def test_a_withdrawal_shows_the_duty_that_it_discharges(enter, sign_prepared):
    client = enter("signatory")
    page = shown(client, f"/requests/{ASKED}/withdraw-request")
    assert "Tell when the help is no longer needed" in page
    assert "UNCC 40(26)" in page
    Case.objects.filter(reference=ASKED).update(sent_generation=1)
    form = {"items": ["1", "2"], "text": "The proceedings were closed."}
    assert client.post(f"/requests/{ASKED}/withdraw-request", form).status_code == 302
    sign_prepared(ASKED)
    assert Case.objects.get(reference=ASKED).desired == "withdrawn"
    assert "Request withdrawn, items 1, 2" in shown(client, f"/requests/{ASKED}/")


def test_conditions_that_were_offered_are_read_before_they_are_accepted(enter, cases, sign_prepared):
    case = cases["asked"]
    offered = {"id": "confidential", "cite": "uncc:art_40__para_28", "text": "Not to be shown in public."}
    body = {"items": [{"number": 1}], "text": "We would help.", "conditions": [offered]}
    row = letter(case, "conditions_offered", "in", 9, "retrieved", body)
    client = enter("signatory")
    page = shown(client, f"/requests/{ASKED}/accept-conditions")
    assert "Not to be shown in public." in page
    assert "a letter waits for it" in shown(client, f"/requests/{ASKED}/")
    form = {"letter": str(row.id), "text": "Accepted."}
    assert client.post(f"/requests/{ASKED}/accept-conditions", form).status_code == 302
    sign_prepared(ASKED)
    page = shown(client, f"/requests/{ASKED}/")
    assert "Not to be shown in public." in page  # among the limits on use
    assert case.limits.filter(limit="confidential").exists()


def test_a_further_condition_needs_its_kind_and_its_words(enter):
    form = {
        "items": ["1"],
        "text": "We would help.",
        "condition_1": "confidential",
        "words_1": "Not in public.",
        "condition_2": "retention",
    }
    client, address = enter("signatory"), f"/requests/{WAS_ASKED}/offer-conditions"
    assert client.post(address, form).status_code == 422
    assert not Letter.objects.filter(kind="conditions_offered").exists()
    assert client.post(address, form | {"words_2": "A year."}).status_code == 302


def test_a_post_without_words_or_items_writes_nothing(enter):
    client, before = enter("duty"), Event.objects.count()
    for act in ("ask-supplement", "tell-status", "tell-obstacle", "forward-request"):
        assert client.post(f"/requests/{WAS_ASKED}/{act}", {"text": " "}).status_code == 422
    assert Event.objects.count() == before


def test_registering_names_what_the_request_lacks_and_the_official_chooses(enter, cases):
    client = enter("duty")
    page = client.get(f"/requests/{WAS_ASKED}/register")
    missing = [each.field for each in page.context["missing"]]
    assert all(f'value="{field.removeprefix("contents.")}"' in page.content.decode() for field in missing)


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_every_page_of_the_dialogue_speaks_the_readers_language(enter, official, client, language):
    from comity.node.accounts.models import Role
    from comity.node.casework.dialogue.turns import TURNS
    from comity.node.pages import labels

    person = official(*Role)
    person.language = language
    person.save()
    client.force_login(person)
    for act, turn in TURNS.items():
        reference = ASKED if turn.side == "requesting" else WAS_ASKED
        answer = client.get(f"/requests/{reference}/{act.replace('_', '-')}")
        assert answer.status_code == 200, act
        with translation.override(language):
            assert labels.label(act, "turn") in answer.content.decode()
