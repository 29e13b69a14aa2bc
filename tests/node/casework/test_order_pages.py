"""The pages of domestic orders: what the law on record says, what can be done, what a reader is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.node.casework.test_domestic_orders import asked, officer, wired  # noqa: F401  # fixtures

from comity.node.accounts.models import Role
from comity.node.api import tokens
from comity.node.directory import known
from comity.node.orders import carrying, issuing, messages
from comity.node.orders.models import Order
from comity.orders.form import OrderUnreadableError
from comity.orders.verification import OrderSignatureWrongError

REASONS = {
    "legal_basis": "A provision",
    "necessity": "It is gone tomorrow.",
    "proportionality": "One account.",
}


@pytest.fixture(autouse=True)
def at_the_tests_time(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)


@pytest.fixture
def signed_in() -> Any:
    def enter(person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return enter


def test_an_order_is_prepared_issued_and_carried_over_its_pages(
    asked: Any,  # noqa: F811
    officer: Any,  # noqa: F811
    official: Any,
    signed_in: Any,
    post_example: Any,
) -> None:
    case = asked("collect_traffic_data")
    client, here = signed_in(officer), f"/requests/{case.reference}"
    assert f"{here}/orders" in client.get(f"{here}/").content.decode()
    assert f"{here}/order/collect_traffic" in client.get(f"{here}/orders").content.decode()
    form = client.get(f"{here}/order/collect_traffic").content.decode()
    assert "not on record" in form
    assert "art_29__para_3" in form
    said = {"item": "1", "provider": "post-example", "further": "a@post.example", **REASONS}
    assert client.post(f"{here}/order/collect_traffic", said | {"necessity": ""}).status_code == 422
    assert client.post(f"{here}/order/collect_traffic", said | {"provider": ""}).status_code == 422
    assert client.post(f"{here}/order/collect_traffic", said | {"holder": "Somebody"}).status_code == 422
    assert client.post(f"{here}/order/collect_traffic", said).status_code == 302
    order = Order.objects.get()
    assert order.identifiers.count() == 2
    page = f"{here}/orders/{order.id}"
    assert "Issue the order that was prepared" in client.get(f"{here}/").content.decode()
    assert client.post(f"{page}/issue").status_code == 409
    assert client.get(f"{page}.json").status_code == 404
    review = {"review_body": "Court", "review_reference": "7", "review_decided_on": "2027-06-11"}
    assert client.post(f"{page}/review", review).status_code == 302
    assert client.post(f"{page}/review", {}).status_code == 422
    assert signed_in(official("signatory")).post(f"{page}/issue").status_code == 302
    exported = client.get(f"{page}.json").content
    assert carrying.read(exported).number == order.number
    with pytest.raises(OrderUnreadableError):
        carrying.read(exported.replace(b'"order":"', b'"order":"!', 1))
    seals = known.own()
    other = seals.tsa_certificate
    seals.seal_certificate = other
    seals.save()
    with pytest.raises(OrderSignatureWrongError):
        carrying.read(exported)


def test_what_was_asked_is_replied_to_and_who_oversees_reads_neither(
    asked: Any,  # noqa: F811
    officer: Any,  # noqa: F811
    official: Any,
    signed_in: Any,
) -> None:
    case = asked()
    client, here = signed_in(officer), f"/requests/{case.reference}"
    said = {"item": "1", "holder": "Keeper of the archive", **REASONS}
    assert client.post(f"{here}/order-preservation", said).status_code == 302
    order = Order.objects.get()
    page = f"{here}/orders/{order.id}"
    messages.ask(order, "A. Clerk", "Which account?", order.issued_at)
    assert "Reply to the question" in client.get(f"{here}/").content.decode()
    assert client.post(f"{page}/reply", {"text": "The first."}).status_code == 302
    shown = client.get(page).content.decode()
    assert "Which account?" in shown
    assert "It is gone tomorrow." in shown
    overseen = signed_in(official(Role.AUDITOR)).get(page).content.decode()
    assert "Which account?" not in overseen
    assert "It is gone tomorrow." not in overseen
    assert order.identifiers.get().value not in overseen
    running = client.get("/orders/").content.decode()
    assert order.number in running
    case.items.update(desired="withdrawn")
    assert "Lift the order" in client.get(f"{here}/").content.decode()
    assert client.post(f"{page}/end", {"why": "The request was withdrawn."}).status_code == 302
    assert order.number not in client.get("/orders/").content.decode()


def test_interception_without_a_list_of_serious_offences_cannot_be_filled_in(
    asked: Any,  # noqa: F811
    officer: Any,  # noqa: F811
    signed_in: Any,
) -> None:
    case = asked("intercept_content")
    page = signed_in(officer).get(f"/requests/{case.reference}/order/intercept").content.decode()
    assert "list of them is not on record" in page
    assert "<textarea" not in page


def test_a_program_prepares_an_order_and_signs_none(
    asked: Any,  # noqa: F811
    officer: Any,  # noqa: F811
    clock: Any,
) -> None:
    case = asked()
    secret = tokens.make(
        officer, "-", days=1, now=clock.now, roles=[Role.EXECUTING_OFFICER, Role.DUTY_OFFICER]
    )
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    here = f"/api/cases/{case.reference}/orders"
    new = {"item": 1, "kind": "preserve", "holder": "Keeper of the archive", **REASONS}
    wrong = client.post(here, new | {"surprise": 1}, content_type="application/json")
    assert wrong.status_code in (400, 422)
    another = {**new, "holder": None, "provider": case.peer_id}
    no_provider = client.post(here, another, content_type="application/json").json()
    assert no_provider["code"] == known.AuthorityUnknownError.code
    made = client.post(here, new, content_type="application/json").json()
    assert (made["state"], made["generation"], made["issued_at"]) == ("prepared", 0, None)
    assert client.get(f"{here}/{made['id']}/signed").status_code == 404
    review = {"body": "Court", "reference": "7", "decided_on": "2027-06-11"}
    kept = client.post(f"{here}/{made['id']}/review", review, content_type="application/json").json()
    assert kept["review"] == review
    order = Order.objects.get()
    issuing.issue(officer, order, now=clock.now)
    messages.ask(order, "A. Clerk", "Which account?", clock.now)
    said = client.post(f"{here}/{order.id}/replies", {"text": "The first."}, content_type="application/json")
    assert [each["reply"] for each in said.json()["messages"]] == [False, True]
    done = {"number": 1, "outcome": "done"}
    told = client.post(f"{here}/{order.id}/answers", done, content_type="application/json").json()
    assert (told["state"], told["identifiers"][0]["outcome"]) == ("done", "done")
    assert [each["number"] for each in client.get(here).json()] == [order.number]
    assert carrying.read(client.get(f"{here}/{order.id}/signed").content).order == str(order.id)
