"""Letters prepared over the API: what a program prepares a person signs, and never the one it spoke for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.node.believable import ASKED, WAS_ASKED, consultation
from tests.node.pages.test_information_pages import STATUS
from tests.node.pages.test_preparing import FORM, code

from comity.node.accounts.models import Delegation, Official, Role
from comity.node.api import tokens
from comity.node.api.service import api
from comity.node.casework import information, opinions, preparing
from comity.node.casework.models import Case, Counter, Prepared
from comity.node.exchange.models import Letter

pytestmark = pytest.mark.django_db
WHERE = f"/api/cases/{WAS_ASKED}/prepared"
NEW = {"act": "postpone_execution", "entered": FORM}


def program(official: Official) -> Client:
    """A client that speaks in an official's name."""
    secret = tokens.make(official, "-", days=1, now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, content_type="application/json")


@pytest.fixture
def signatories(official: Any, cases: Any) -> tuple[Official, Official]:
    consultation(Case.objects.get(reference=WAS_ASKED), "postponement")
    return official(Role.SIGNATORY), official(Role.SIGNATORY)


@pytest.fixture
def made(signatories: tuple[Official, Official]) -> dict[str, Any]:
    answer = post(program(signatories[0]), WHERE, NEW)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def sign(official: Official, made: dict[str, Any], how: str = "at_once") -> Any:
    client = Client(SERVER_NAME="localhost")
    client.force_login(official)
    return client.post(f"/requests/{made['case']}/prepared/{made['id']}", {"sealing": how})


def test_a_program_prepares_and_a_person_signs(
    signatories: tuple[Official, Official], made: dict[str, Any]
) -> None:
    assert (made["state"], made["kind"], made["by"]) == ("waiting", "postponement", signatories[0].username)
    assert made["entered"]["items"] == ["1"]
    assert not Letter.objects.filter(kind="postponement").exists()
    assert sign(signatories[1], made).status_code == 302
    reader = program(signatories[1])
    assert [each["state"] for each in reader.get(WHERE).json()] == ["signed"]
    letter = Letter.objects.get(kind="postponement")
    assert reader.get(f"{WHERE}/{made['id']}").json()["letter"] == str(letter.pk)


@pytest.mark.parametrize("how", ["at_once", "show"])
def test_whoever_the_program_spoke_for_does_not_sign(
    signatories: tuple[Official, Official], made: dict[str, Any], how: str
) -> None:
    answer = sign(signatories[0], made, how)
    assert (answer.status_code, code(answer)) == (409, "four_eyes")
    assert not Letter.objects.filter(kind="postponement").exists()


def test_nor_does_whoever_stands_in_for_them(
    signatories: tuple[Official, Official], made: dict[str, Any], official: Any
) -> None:
    now = timezone.now()
    deputy = official(Role.SIGNATORY)
    Delegation.objects.create(
        role=Role.SIGNATORY,
        of=signatories[0],
        to=deputy,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=1),
        reason="-",
        given_by=signatories[0],
        given_at=now,
    )
    assert code(sign(deputy, made)) == "four_eyes"


def test_without_the_check_they_would(
    signatories: tuple[Official, Official], made: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the two tests before."""
    monkeypatch.setattr(preparing, "second_person", lambda first, second: None)
    assert sign(signatories[0], made).status_code == 302


def test_no_operation_signs(signatories: tuple[Official, Official], made: dict[str, Any]) -> None:
    client = program(signatories[1])
    for step in ("sign", "release", "composition"):
        assert post(client, f"{WHERE}/{made['id']}/{step}", {"sealing": "at_once"}).status_code == 404
    ends = {path.rpartition("/")[2] for path in api.get_openapi_schema()["paths"]}
    assert not ends & {"sign", "signature", "seal"}


def test_it_is_withdrawn_once_and_prepared_no_more(
    signatories: tuple[Official, Official], made: dict[str, Any]
) -> None:
    client = program(signatories[0])
    told = post(client, f"{WHERE}/{made['id']}/return", {"reason": "Not needed."})
    assert (told.status_code, told.json()["state"], told.json()["reason"]) == (200, "returned", "Not needed.")
    again = post(client, f"{WHERE}/{made['id']}/return", {"reason": "-"})
    assert (again.status_code, again.json()["code"]) == (400, "prepared_gone")
    assert code(sign(signatories[1], made)) == "prepared_gone"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"act": "release_result", "entered": {}}, "input_unreadable"),
        ({"act": "withdraw_request", "entered": {"items": ["1"], "text": "-"}}, "wrong_side"),
        (NEW | {"entered": FORM | {"by": "asel"}}, "entered_unfit"),
        (NEW | {"entered": {"items": ["1"]}}, "entered_unfit"),
        (NEW | {"entered": FORM | {"ground": "uncc:art_1"}}, "entered_unfit"),
        (NEW | {"entered": FORM | {"text": "a\u0000b"}}, "input_unreadable"),
        (NEW | {"more": 1}, "input_unreadable"),
        ({"act": "send_information", "entered": {"heading": "-", "text": "-"}}, "wrong_side"),
    ],
)
def test_what_the_form_of_the_act_does_not_take_is_not_kept(
    signatories: tuple[Official, Official], body: dict[str, Any], expected: str
) -> None:
    answer = post(program(signatories[0]), WHERE, body)
    assert (answer.status_code, answer.json()["code"]) == (400, expected)
    assert not Prepared.objects.exists()


def test_what_the_law_still_asks_is_heard_when_it_is_prepared(
    signatories: tuple[Official, Official],
) -> None:
    Letter.objects.filter(kind="consultation_reply").update(kind="status_asked")
    assert post(program(signatories[0]), WHERE, NEW).json()["code"] == "duties_unmet"


def test_a_prepared_letter_of_another_case_is_not_there(
    signatories: tuple[Official, Official], made: dict[str, Any]
) -> None:
    assert program(signatories[0]).get(f"/api/cases/{ASKED}/prepared/{made['id']}").status_code == 404


def test_information_is_prepared_over_the_api_and_signed_by_another(
    cases: Any, official: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opinions, "_with_own_status", lambda facts: facts | {"status": STATUS})
    for year in (timezone.now().year, timezone.now().year + 1):
        Counter.objects.create(name=f"XA-{year}", value=100)  # the cases there took theirs by hand
    both = official(Role.DRAFTER, Role.SIGNATORY)
    facts = {"requesting_state": "XA", "requested_state": "XB", "offences": [{"id": "uncc:art_7"}]}
    body = {"peer": "xb-247", "facts": facts, "heading": "Accounts"}
    client = program(both)
    assert post(client, "/api/information", body | {"peer": "none"}).status_code == 404
    assert post(client, "/api/information", body | {"more": 1}).status_code == 400
    opened = post(client, "/api/information", body)
    assert opened.status_code == 201, opened.content
    where = f"/api/cases/{opened.json()['reference']}/prepared"
    entered = {"heading": "Accounts", "text": "Three.", "restrictions": ["confidential"]}
    said = {"act": information.ACT, "entered": entered | {"spoken-untranslated": "on"}}
    answer = post(client, where, said)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert post(client, where, said).json()["code"] == "not_now"
    assert code(sign(both, made)) == "four_eyes"
    assert sign(official(Role.SIGNATORY), made).status_code == 302
    assert Letter.objects.filter(kind="information", case_reference=made["case"]).exists()
