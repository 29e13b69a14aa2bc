"""Letters that decide: one official prepares, another signs or returns; no way leads around the second."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.node.believable import WAS_ASKED, consultation

from comity.node.accounts.models import Role
from comity.node.casework import preparing
from comity.node.casework.dialogue.turns import TURNS
from comity.node.casework.models import Case, Event, Item, Prepared
from comity.node.exchange.models import Letter

ADDRESS = f"/requests/{WAS_ASKED}/postpone-execution"
FORM = {"items": ["1"], "ground": "uncc:art_40__para_27", "text": "Proceedings are going on."}


@pytest.fixture
def people(official: Any, cases: Any) -> tuple[Client, Client]:
    """Two signatories of the requested side, of whom the first prepares."""
    consultation(Case.objects.get(reference=WAS_ASKED), "postponement")
    entered = []
    for _each in range(2):
        client = Client(SERVER_NAME="localhost")
        client.force_login(official(Role.SIGNATORY))
        entered.append(client)
    return entered[0], entered[1]


@pytest.fixture
def prepared(people: tuple[Client, Client]) -> Prepared:
    assert people[0].post(ADDRESS, FORM | {"sealing": "at_once"}).status_code == 302
    return Prepared.objects.get()


def page_of(prepared: Prepared) -> str:
    return f"/requests/{WAS_ASKED}/prepared/{prepared.pk}"


def code(answer: Any) -> str:
    found = re.search(r"<code[^>]*>([a-z_]+)</code>", answer.content.decode())
    return found.group(1) if found else ""


def unsigned() -> bool:
    item = Item.objects.get(case__reference=WAS_ASKED, number=1)
    return item.actual != "postponed" and not Letter.objects.filter(kind="postponement").exists()


def test_preparing_decides_nothing_and_another_official_signs(
    people: tuple[Client, Client], prepared: Prepared
) -> None:
    assert unsigned()
    assert Event.objects.filter(kind="letter_prepared").exists()
    assert page_of(prepared) in people[1].get(f"/requests/{WAS_ASKED}/").content.decode()
    page = people[1].get(page_of(prepared)).content.decode()
    assert "Proceedings are going on." in page
    assert "uncc:art_40__para_27" not in page  # the ground is said in words
    shown = people[1].post(page_of(prepared), {"sealing": "show"})
    assert shown.status_code == 200
    assert unsigned()
    composition = str(shown.context["composition"].pk)
    assert people[1].post(page_of(prepared), {"composition": composition}).status_code == 302
    letter = Letter.objects.get(kind="postponement")
    prepared.refresh_from_db()
    assert (str(letter.pk), prepared.letter) == (composition, letter.pk)
    assert Item.objects.get(case__reference=WAS_ASKED, number=1).actual == "postponed"
    assert page_of(prepared) not in people[1].get(f"/requests/{WAS_ASKED}/").content.decode()


@pytest.mark.parametrize("how", ["at_once", "show"])
def test_who_prepared_a_letter_does_not_sign_it(
    people: tuple[Client, Client], prepared: Prepared, how: str
) -> None:
    answer = people[0].post(page_of(prepared), {"sealing": how})
    assert (answer.status_code, code(answer)) == (409, "four_eyes")
    assert 'value="at_once"' not in people[0].get(page_of(prepared)).content.decode()
    assert unsigned()


def test_the_page_of_the_act_signs_nothing_whatever_is_posted_to_it(people: tuple[Client, Client]) -> None:
    for more in ({}, {"sealing": "at_once"}, {"sealing": "show"}, {"composition": "x"}):
        people[1].post(ADDRESS, FORM | more)
    assert unsigned()


def test_a_letter_is_returned_with_a_reason_and_not_signed_any_more(
    people: tuple[Client, Client], prepared: Prepared
) -> None:
    assert people[1].post(page_of(prepared), {"step": "return", "reason": " "}).status_code == 422
    told = {"step": "return", "reason": "The ground is another one."}
    assert people[1].post(page_of(prepared), told).status_code == 302
    assert "The ground is another one." in people[0].get(f"/requests/{WAS_ASKED}/").content.decode()
    assert "The ground is another one." in people[0].get(page_of(prepared)).content.decode()
    assert code(people[1].post(page_of(prepared), {"sealing": "at_once"})) == "prepared_gone"
    assert code(people[1].post(page_of(prepared), told)) == "prepared_gone"
    assert unsigned()


def test_a_letter_prepared_before_the_case_moved_on_is_not_signed(
    people: tuple[Client, Client], prepared: Prepared
) -> None:
    case = Case.objects.get(reference=WAS_ASKED)
    Case.objects.filter(pk=case.pk).update(received_generation=case.received_generation + 1)
    assert code(people[1].post(page_of(prepared), {"sealing": "at_once"})) == "prepared_stale"
    assert unsigned()


def test_a_letter_is_signed_once(people: tuple[Client, Client], prepared: Prepared) -> None:
    assert people[1].post(page_of(prepared), {"sealing": "at_once"}).status_code == 302
    assert code(people[1].post(page_of(prepared), {"sealing": "at_once"})) == "prepared_gone"
    assert Letter.objects.filter(kind="postponement").count() == 1


def test_who_may_only_prepare_does_not_sign(
    people: tuple[Client, Client], prepared: Prepared, official: Any
) -> None:
    from comity.node.casework.acts.change_access import assign

    officer = official(Role.EXECUTING_OFFICER)
    assign(officer, Case.objects.get(reference=WAS_ASKED), prepared.at)
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    assert client.get(ADDRESS).status_code == 200
    assert client.post(ADDRESS, FORM).status_code == 302
    assert Prepared.objects.count() == 2
    assert client.post(page_of(prepared), {"sealing": "at_once"}).status_code == 403
    assert unsigned()


def test_the_duties_of_the_law_are_asked_again_when_it_is_signed(
    people: tuple[Client, Client], prepared: Prepared
) -> None:
    Letter.objects.filter(kind="consultation_reply").update(kind="status_asked")
    assert code(people[1].post(page_of(prepared), {"sealing": "at_once"})) == "duties_unmet"
    assert unsigned()


def test_a_refusal_goes_the_same_way(people: tuple[Client, Client]) -> None:
    consultation(Case.objects.get(reference=WAS_ASKED), "refusal")
    where = f"/requests/{WAS_ASKED}/refuse"
    ground = people[0].get(where).context["form"].fields["ground"].choices[-1][0]
    form = {"item": "1", "ground": ground, "reasons": "Because of that."}
    assert people[0].post(where, form).status_code == 302
    assert not Letter.objects.filter(kind="refusal").exists()
    made = Prepared.objects.get()
    assert people[1].post(page_of(made), {"sealing": "at_once"}).status_code == 302
    assert Letter.objects.filter(kind="refusal").exists()


def test_what_is_prepared_are_acts_and_letters_of_the_dialogue() -> None:
    turns = {act: turn.letter for act, turn in TURNS.items()} | {
        "refuse_execution": "refusal",
        "send_information": "information",
    }
    assert preparing.DECIDING.items() <= turns.items()
