"""The programmable face: tokens, what they may see, strict input, one shape of failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openapi_spec_validator import validate
from tests.node import believable

from comity.node import config
from comity.node.accounts.models import Official, Role
from comity.node.api import service, tokens
from comity.node.api.models import Token
from comity.node.casework.models import Case, Item
from comity.node.directory import finding
from comity.node.directory.models import Authority
from comity.node.durable import DiskFailedError, DiskFullError
from comity.terms import ComityError

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "requesting_state": "XA",
    "requested_state": "XB",
    "measure": "preserve_data",
    "offences": [{"id": "uncc:art_7", "description": "access to a bank's servers"}],
    "status": {
        "uncc": {
            "in_force_since": "2026-01-01",
            "XA": {"status": "party", "since": "2026-01-01"},
            "XB": {"status": "party", "since": "2026-01-01"},
        }
    },
}


@pytest.fixture
def speak(official: Callable[..., Official]) -> Callable[..., Client]:
    """A client that carries a token of an official with the given roles."""

    def make(*roles: str) -> Client:
        secret = tokens.make(official(*roles), "test", days=1, now=timezone.now())
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return make


@pytest.fixture
def cases(keys: object) -> list[Case]:
    """More cases than a page holds, three of them changed in the same instant."""
    peer = Authority.objects.get(pk="xb-247")
    now = timezone.now()
    made = [
        Case(
            reference=f"XA-2027-{n:06}",
            side="requesting",
            peer=peer,
            heading=f"Case {n}",
            opened_at=now,
            changed_at=now + timedelta(seconds=n // 3),
        )
        for n in range(service.PAGE + 10)
    ]
    return Case.objects.bulk_create(made)


def test_the_description_is_valid_openapi_and_names_every_address(client: Client) -> None:
    description = client.get("/api/openapi.json").json()
    validate(description)
    assert {"/api/cases", "/api/advise", "/api/exhibits/{number}"} <= description["paths"].keys()


@pytest.mark.parametrize("path", ["/api/cases", "/api/cases/XA-2027-000001", "/api/ledger/checkpoint"])
def test_without_a_token_nothing_answers(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_needed")


def test_a_session_is_no_token(client: Client, official: Callable[..., Official]) -> None:
    client.force_login(official(Role.DRAFTER), "allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/api/cases").status_code == 401


def test_an_expired_token_and_one_of_a_former_official_are_refused(official: Callable[..., Official]) -> None:
    person = official(Role.DRAFTER)
    secret = tokens.make(person, "test", days=1, now=timezone.now() - timedelta(days=2))
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/cases").status_code == 401
    Token.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert client.get("/api/cases").status_code == 200
    Official.objects.update(is_active=False)
    assert client.get("/api/cases").status_code == 401


def test_the_secret_is_not_stored(official: Callable[..., Official]) -> None:
    secret = tokens.make(official(Role.DRAFTER), "test", days=1, now=timezone.now())
    assert secret not in repr(Token.objects.values())


def test_pages_of_cases_hold_each_case_once(speak: Callable[..., Client], cases: list[Case]) -> None:
    client, seen, after = speak(Role.DUTY_OFFICER), [], ""
    while after is not None:
        page = client.get("/api/cases", {"after": after}).json()
        seen += [each["reference"] for each in page["cases"]]
        after = page["after"]
    assert sorted(seen) == [case.reference for case in cases]


def test_a_page_of_cases_takes_few_queries(
    speak: Callable[..., Client], cases: list[Case], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    client = speak(Role.DUTY_OFFICER)
    with django_assert_max_num_queries(3):
        assert len(client.get("/api/cases").json()["cases"]) == service.PAGE


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/api/cases", Role.ADMINISTRATOR),
        ("/api/cases/XA-2027-000001", Role.ADMINISTRATOR),
        ("/api/exhibits/XA-2027-000001-E1", Role.REGISTRAR),
        ("/api/ledger/checkpoint", Role.DRAFTER),
    ],
)
def test_the_access_matrix_rules_here_too(
    speak: Callable[..., Client], cases: list[Case], path: str, role: str
) -> None:
    answer = speak(role).get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_authorised")


def test_what_is_absent_says_so_with_a_code_and_a_next_step(speak: Callable[..., Client]) -> None:
    answer = speak(Role.DRAFTER).get("/api/cases/XA-2027-999999")
    assert answer.status_code == 404
    assert answer.json()["code"] == "nothing_there"
    assert answer.json()["next_step"]


def test_an_opinion_is_found_from_facts(speak: Callable[..., Client], keys: object) -> None:
    facts = {key: value for key, value in FACTS.items() if key != "status"}
    opinion = speak(Role.DRAFTER).post("/api/advise", facts, content_type="application/json").json()
    assert {"bases", "recommended", "clocks", "grounds"} <= opinion.keys()


def test_facts_that_cannot_be_read_are_named(speak: Callable[..., Client]) -> None:
    wrong = FACTS | {"measure": "teleport"}
    answer = speak(Role.DRAFTER).post("/api/advise", wrong, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "measure_unknown")


@pytest.mark.parametrize(
    "body", ['"abc"', "[]", "{", '{"heading": 1, "peer": "xb-247", "facts": {}}', '{"x": 1}']
)
def test_a_body_of_another_shape_is_refused(speak: Callable[..., Client], keys: object, body: str) -> None:
    answer = speak(Role.DRAFTER).post("/api/cases", body, content_type="application/json")
    assert answer.status_code == 400
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"measure": "boil"},
        {"items": [{"identifier": 5}]},
        {"items": None},
        {"items": [{}]},
        {"items": [{"identifier": {"type": "email", "value": "x" * 301}}]},
        {"items": [{"identifier": {"type": "email", "value": "x"}, "period": "x"}]},
        {"contents": None},
        {"contents": {"facts": 5}},
        {"contents": {"facts": "a\u000bb"}},
        {"urgent": "yes"},
    ],
)
def test_a_draft_of_another_shape_changes_nothing(
    speak: Callable[..., Client], cases: list[Case], changes: dict[str, Any]
) -> None:
    path = f"/api/cases/{cases[0].reference}/draft"
    answer = speak(Role.DRAFTER).put(path, changes, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "next_step"}
    assert Case.objects.get(pk=cases[0].pk).draft is None


def test_a_fault_is_told_in_the_one_shape(
    speak: Callable[..., Client], keys: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.node.api.service.opinions.form", lambda *_: 1 / 0)
    client = speak(Role.DRAFTER)
    client.raise_request_exception = False
    answer = client.post("/api/advise", FACTS, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "division" not in answer.content.decode()


def test_a_case_is_opened_drafted_and_refused_review_while_it_lacks_something(
    speak: Callable[..., Client], keys: object, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = config.current()
    monkeypatch.setattr(config, "current", lambda: replace(node, assumptions=FACTS["status"]))
    client = speak(Role.DRAFTER)
    facts = {key: value for key, value in FACTS.items() if key != "status"}
    new = {"heading": "Access to a bank's servers", "peer": "xb-247", "facts": facts}
    made = client.post("/api/cases", new, content_type="application/json").json()
    item = {"identifier": {"type": "email", "value": "a@post.example"}, "data_kinds": ["traffic"]}
    changes = {"contents": {"facts": "Someone entered the bank's servers."}, "items": [item]}
    path = f"/api/cases/{made['reference']}"
    kept = client.put(f"{path}/draft", changes, content_type="application/json").json()
    assert kept["draft"]["items"][0]["desired"] == "preserved"
    answer = client.post(f"{path}/review")
    assert (answer.status_code, answer.json()["code"]) == (400, "draft_incomplete")
    reviewer = speak(Role.REVIEWER)
    answer = reviewer.post(f"{path}/approval")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_now")
    answer = reviewer.post(f"{path}/return", {"reason": "Say more."}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_now")
    assert client.post(f"{path}/approval").status_code == 403


def test_the_law_is_read_by_any_token_and_by_no_one_without(speak):
    client = speak("auditor")
    shown = client.get("/api/law/provisions/uncc:art_42__para_6").json()
    assert shown["refers_to"][0] == "uncc:art_40__para_21__point_b"
    assert shown["rules"]
    assert "grounds" in [topic["id"] for topic in shown["topics"]]
    assert Client().get("/api/law/provisions/uncc:art_42").status_code == 401
    assert Client().get("/api/law/search?q=data").status_code == 401


def test_the_law_is_searched_and_a_citation_is_recognised(speak):
    client = speak("auditor")
    found = client.get("/api/law/search", {"q": "өтінішті", "instrument": "uncc", "limit": 3}).json()
    assert found["total"] > 3 == len(found["hits"])
    assert all(hit["cite"].startswith("uncc:") for hit in found["hits"])
    assert any(piece["hit"] for piece in found["hits"][0]["pieces"])
    assert client.get("/api/law/search", {"q": "UNCC 40(21)(b)"}).json()["citations"] == [
        "uncc:art_40__para_21__point_b"
    ]


def test_the_topics_are_listed_and_each_is_there(speak):
    client = speak("auditor")
    listed = client.get("/api/law/topics").json()
    assert client.get(f"/api/law/topics/{listed[0]['id']}").json() == listed[0]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("provisions/uncc:art_999", 404, "provision_unknown"),
        ("provisions/nothing:art_1", 404, "instrument_unknown"),
        ("provisions/nothing", 400, "citation_unreadable"),
        ("topics/nothing", 404, "topic_unknown"),
        ("search?q=data&instrument=nothing", 404, "instrument_unknown"),
        ("search?q=data&limit=0", 400, "input_unreadable"),
        ("search?q=" + "x" * 201, 400, "input_unreadable"),
        ("search", 400, "input_unreadable"),
    ],
)
def test_what_the_law_does_not_have_is_said_in_the_one_shape(speak, address, status, code):
    answer = speak("auditor").get(f"/api/law/{address}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_case_tells_its_open_turns_with_what_the_law_asks_its_limits_and_its_timeline(speak, keys):
    believable.build()
    path = f"/api/cases/{believable.WAS_ASKED}"
    turns = {each["act"]: each for each in speak("signatory").get(f"{path}/turns").json()}
    assert turns["consult"] == {
        "act": "consult",
        "letter": "consultation",
        "items": [1, 2],
        "waiting": [],
        "blocked": "",
        "asked_before": [],
        "discharges": [],
    }
    consult = {"id": "consult_before_postponement", "cite": "uncc:art_40__para_28", "met": False}
    assert turns["postpone_execution"]["asked_before"] == [consult]
    assert "ask_supplement" not in turns  # a registrar's, an executing officer's or a duty officer's
    other = f"/api/cases/{believable.ASKED}"
    asking = speak("auditor")
    assert asking.get(f"{other}/turns").json() == []
    assert asking.get(f"{other}/limits").json()[0]["limit"] == "stated_purpose_only"
    assert asking.get(f"{other}/timeline").json()[0]["kind"] == "case_opened"
    for part in ("turns", "limits", "timeline"):
        assert speak("administrator").get(f"{other}/{part}").status_code == 403
        assert asking.get(f"/api/cases/XA-1999-000001/{part}").status_code == 404


def test_a_case_is_opened_to_an_official_who_then_sees_it_and_closed_again(speak, official, cases):
    someone, client = official(Role.DRAFTER), speak(Role.REGISTRAR)
    theirs = Client(
        headers={"Authorization": f"Bearer {tokens.make(someone, 't', days=1, now=timezone.now())}"}
    )
    case = f"/api/cases/{cases[0].reference}"
    assert theirs.get(case).json() == {
        **theirs.get("/api/cases/XA-2027-999999").json(),
        "message": f"There is nothing here under “{cases[0].reference}” for you.",
    }
    new = {"official": someone.username, "reason": "Writes the draft"}
    given = client.post(f"{case}/access", new, content_type="application/json")
    assert given.status_code == 201
    assert theirs.get(case).status_code == 200
    assert [one["reference"] for one in theirs.get("/api/cases").json()["cases"]] == [cases[0].reference]
    assert client.get(f"{case}/access").json() == [given.json()]
    end = {"reason": "Left"}
    left = client.post(f"{case}/access/{given.json()['id']}/end", end, content_type="application/json")
    assert left.json() == []
    assert theirs.get(case).status_code == 404


@pytest.mark.parametrize(
    ("new", "status", "code"),
    [
        ({"reason": "-"}, 400, "one_of_two"),
        ({"official": "nobody", "reason": "-"}, 404, "nothing_there"),
        ({"organisation": "nobody", "reason": "-"}, 404, "nothing_there"),
        ({"official": "nobody"}, 400, "input_unreadable"),
    ],
)
def test_access_is_given_to_somebody_for_a_reason(speak, cases, new, status, code):
    path = f"/api/cases/{cases[0].reference}/access"
    answer = speak(Role.REGISTRAR).post(path, new, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_only_oversees_gets_the_record_of_a_case(speak, cases):
    Case.objects.filter(pk=cases[0].pk).update(draft={"contents": {"facts": "Protected"}}, facts={"a": 1})
    item = {"number": 1, "measure": "preserve_data", "identifier_type": "email", "note": "Protected"}
    Item.objects.create(case=cases[0], identifier_value="a@post.example", desired="preserved", **item)
    path = f"/api/cases/{cases[0].reference}"
    record, read = speak(Role.AUDITOR).get(path).json(), speak(Role.DUTY_OFFICER).get(path).json()
    assert (record["draft"], record["facts"], record["items"][0]["identifier_value"]) == (None, {}, "")
    assert "Protected" not in str(record)
    assert (read["facts"], read["items"][0]["note"]) == ({"a": 1}, "Protected")  # the negative control


def test_clocks_of_all_cases_come_by_urgency_with_filters_and_by_key(
    speak: Callable[..., Client], cases: list[Case], clock: Any
) -> None:
    from comity.node.clocks import running

    made = [
        running.start(
            cases[n % 2].reference,
            "execution",
            "c",
            "requested",
            starts_at=clock.now,
            due_at=timezone.now() + timedelta(hours=n),
        )
        for n in range(1, 3)
    ]
    client = speak("registrar")
    found = client.get("/api/clocks?within=24h&whose=").json()
    assert [one["due_at"] for one in found["clocks"]] == sorted(one["due_at"] for one in found["clocks"])
    assert {one["case"] for one in found["clocks"]} == {one.case_reference for one in made}
    after = client.get(f"/api/clocks?after={made[0].pk}").json()
    assert len(after["clocks"]) == len(found["clocks"]) - 1
    assert client.get("/api/clocks?list=nonsense").status_code == 400
    assert client.get("/api/clocks?list=event").json() == {"clocks": [], "after": None}
    assert speak("administrator").get("/api/clocks").status_code == 403


def test_a_reminder_is_listed_until_somebody_entitled_takes_note(
    speak: Callable[..., Client], cases: list[Case], clock: Any
) -> None:
    from comity.node.clocks import running
    from comity.node.clocks.models import Reminder

    due = timezone.now() + timedelta(hours=2)
    one = running.start(cases[0].reference, "execution", "c", "requested", starts_at=clock.now, due_at=due)
    kept = Reminder.objects.create(clock=one, noted_at=timezone.now())
    where, registrar = f"/api/reminders/{kept.pk}/seen", speak("registrar")
    assert [each["id"] for each in registrar.get("/api/reminders").json()] == [kept.pk]
    assert speak("executing_officer").post(where).status_code == 404
    assert speak("auditor").post(where).status_code == 403
    assert registrar.post(where).status_code == 204
    assert registrar.get("/api/reminders").json() == []


def test_views_are_kept_listed_and_deleted_by_their_owner(speak: Callable[..., Client], keys: object) -> None:
    client = speak("registrar")
    new = {"name": "Urgent", "asked": {"urgent": True}}
    kept = client.post("/api/views", new, content_type="application/json")
    assert kept.status_code == 201
    assert [one["name"] for one in client.get("/api/views").json()] == ["Urgent"]
    where = f"/api/views/{kept.json()['id']}/delete"
    assert speak("drafter").post(where).status_code == 404
    assert client.post(where).status_code == 204
    assert client.get("/api/views").json() == []
    for wrong in (
        {"name": "x", "asked": {}},
        {"name": "x", "asked": {"nonsense": 1}},
        {"name": "", "asked": {}},
    ):
        assert client.post("/api/views", wrong, content_type="application/json").status_code == 400
    assert speak("administrator").get("/api/views").status_code == 403


@pytest.mark.parametrize(("error", "status"), [(DiskFullError, 507), (DiskFailedError, 503)])
def test_a_disk_that_takes_nothing_is_no_fault_of_the_program(
    speak: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, error: type[ComityError], status: int
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(finding, "authorities", fails)
    answer = speak(Role.AUDITOR).get("/api/directory")
    assert (answer.status_code, answer.json()["code"]) == (status, error.code)
