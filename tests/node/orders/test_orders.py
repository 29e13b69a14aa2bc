"""Orders to a real (demonstration) provider: signed, carried, answered, collected once."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from tests.node.provider import HERON, TOKEN
from tests.node.terms import TERMS

from comity import canonical
from comity.node.exhibits import intake
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import open_exhibit
from comity.node.jobs import outbox
from comity.node.jobs.models import Job, JobState
from comity.node.ledger.models import Entry
from comity.node.orders import address, answers, issuing, sending
from comity.node.orders.models import Order, OrderKind, OrderState
from comity.terms import ComityError


@pytest.fixture(autouse=True)
def wired(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "_handlers", dict(sending.HANDLERS))
    monkeypatch.setattr(answers, "_listeners", [])


@pytest.fixture
def officer(official: Any) -> Any:
    return official("executing_officer", "duty_officer")


def issue(officer: Any, provider: Any, clock: Any, kind: OrderKind, **changes: Any) -> Order:
    values: dict[str, Any] = {
        "case_reference": "XA-2027-000001",
        "item_number": 1,
        "identifiers": [("email", HERON)],
        "data_kinds": ["subscriber", "traffic", "content"],
    }
    subject = issuing.Subject(**(values | changes))
    prepared = issuing.prepare(officer, subject, kind, provider, TERMS, now=clock.now)
    return issuing.issue(officer, prepared, now=clock.now)


def test_an_order_to_preserve_is_followed_and_answered(
    officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    order = issue(officer, post_example, clock, OrderKind.PRESERVE)
    run_jobs()
    order.refresh_from_db()
    assert (order.state, order.number) == (OrderState.DONE, "XA-2027-000001-O1")
    assert (provider.desk.folder / str(order.id) / "mailbox.mbox").read_bytes().count(b"448 117") == 1
    assert set(Entry.objects.values_list("kind", flat=True)) >= {"order_issued", "order_answered"}


def test_what_the_user_deletes_after_preservation_is_produced_all_the_same(
    officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    issue(officer, post_example, clock, OrderKind.PRESERVE)
    run_jobs()
    assert provider.mailboxes.empty(HERON) == 1
    issue(officer, post_example, clock, OrderKind.PRODUCE)
    run_jobs()
    exhibits = {each.data_kind: each for each in Exhibit.objects.all()}
    assert set(exhibits) == {"subscriber", "traffic", "content"}
    with open_exhibit(exhibits["content"]) as stream:
        assert b"448 117" in stream.read()


def test_without_preservation_what_was_deleted_is_gone(
    officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    provider.mailboxes.empty(HERON)
    issue(officer, post_example, clock, OrderKind.PRODUCE)
    run_jobs()
    with open_exhibit(Exhibit.objects.get(data_kind="content")) as stream:
        assert b"448 117" not in stream.read()


def test_only_the_kinds_of_data_ordered_are_produced(
    officer: Any, post_example: Any, clock: Any, run_jobs: Any
) -> None:
    issue(officer, post_example, clock, OrderKind.PRODUCE, data_kinds=["subscriber"])
    run_jobs()
    assert [each.data_kind for each in Exhibit.objects.all()] == ["subscriber"]


def test_collecting_again_doubles_nothing(officer: Any, post_example: Any, clock: Any, run_jobs: Any) -> None:
    heard: list[str] = []
    answers.listen(lambda order, now: heard.append(str(order.state)))
    order = issue(officer, post_example, clock, OrderKind.PRODUCE)
    run_jobs()
    Order.objects.filter(pk=order.pk).update(state=OrderState.RECEIVED)  # as if killed before the commit
    sending.collect({"order": str(order.id)}, clock.now)
    assert Exhibit.objects.count() == 3
    sending.collect({"order": str(order.id)}, clock.now)
    assert heard == ["done", "done"]  # once for each time the row said "received"


def test_an_unknown_account_is_answered_as_not_held(
    officer: Any, post_example: Any, clock: Any, run_jobs: Any
) -> None:
    order = issue(
        officer, post_example, clock, OrderKind.PRESERVE, identifiers=[("email", "no@post.example")]
    )
    run_jobs()
    order.refresh_from_db()
    assert order.state == OrderState.NOT_HELD


def test_a_provider_that_is_down_is_tried_again(
    officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    post_example.peer_url = "http://127.0.0.1:9"
    post_example.save()
    order = issue(officer, post_example, clock, OrderKind.PRESERVE)
    run_jobs()
    assert Job.objects.get(kind="orders.send").state == JobState.WAITING
    post_example.peer_url = f"http://127.0.0.1:{provider.server_port}"
    post_example.save()
    clock.advance(minutes=5)
    run_jobs()
    order.refresh_from_db()
    assert order.state == OrderState.DONE


def answering(monkeypatch: pytest.MonkeyPatch, told: Any, file: bytes = b"") -> list[int]:
    """A provider that says this; the list counts the bytes that were fetched from it."""
    fetched: list[int] = []

    def pieces(data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), 1 << 20):
            fetched.append(len(data[at : at + (1 << 20)]))
            yield data[at : at + (1 << 20)]

    def answer(request: httpx.Request) -> httpx.Response:
        said = file if "/files/" in request.url.path else told
        return httpx.Response(200, content=pieces(said if isinstance(said, bytes) else canonical.write(said)))

    @contextmanager
    def client(order: Order) -> Iterator[httpx.Client]:
        with httpx.Client(transport=httpx.MockTransport(answer), base_url="https://post.example") as made:
            yield made

    monkeypatch.setattr(sending, "_client", client)
    return fetched


@pytest.mark.parametrize(
    "told",
    [
        {"state": "prepared"},
        {"state": "done", "identifiers": [{"number": 1, "outcome": "not_held"}]},
        {"state": "done", "identifiers": [{"number": 2, "outcome": "done"}]},
    ],
)
def test_a_provider_says_only_its_own_states_and_those_of_every_identifier(
    officer: Any, post_example: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, told: Any
) -> None:
    order = issue(officer, post_example, clock, OrderKind.PRESERVE)
    answering(monkeypatch, told)
    with pytest.raises(answers.AnswerUnreadableError):
        sending.collect({"order": str(order.id)}, clock.now)
    order.refresh_from_db()
    assert order.state == OrderState.ISSUED


def test_an_endless_answer_or_file_is_not_read_to_its_end(
    officer: Any, post_example: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = issue(officer, post_example, clock, OrderKind.PRODUCE)
    fetched = answering(monkeypatch, b" " * (8 << 20))
    with pytest.raises(ComityError):
        sending.collect({"order": str(order.id)}, clock.now)
    assert sum(fetched) <= 3 << 20
    file = {
        "name": "a.log",
        "media_type": "text/plain",
        "bytes": 3,
        "sha256": "0" * 64,
        "data_kind": "traffic",
    }
    fetched = answering(monkeypatch, {"state": "done", "files": [file]}, b"x" * (8 << 20))
    with pytest.raises(intake.ContentDiffersError):
        sending.collect({"order": str(order.id)}, clock.now)
    assert sum(fetched) <= 3 << 20
    assert not Exhibit.objects.exists()


@pytest.mark.parametrize(
    "url",
    ["http://provider.example", "ftp://127.0.0.1", "https://user@provider.example", "http://127.0.0.1.evil"],
)
def test_an_order_never_goes_out_unprotected(officer: Any, post_example: Any, clock: Any, url: str) -> None:
    post_example.peer_url = url
    with pytest.raises(address.ProviderAddressUnsafeError):
        issue(officer, post_example, clock, OrderKind.PRESERVE)
    assert not Order.objects.exists()


def put(provider: Any, order_id: str, signed: bytes, signature: str, token: str = TOKEN) -> httpx.Response:
    body = {"order": base64.b64encode(signed).decode(), "signature": signature}
    url = f"http://127.0.0.1:{provider.server_port}/orders/{order_id}"
    return httpx.put(url, json=body, headers={"Authorization": f"Bearer {token}"})


def test_the_provider_follows_only_what_the_authority_signed(
    officer: Any, post_example: Any, provider: Any, clock: Any
) -> None:
    order = issue(officer, post_example, clock, OrderKind.PRESERVE)
    signed, signature = bytes(order.canonical), order.signature
    changed = signed.replace(b"night.heron", b"other.heron")
    assert put(provider, str(order.id), changed, signature).status_code == 403
    assert put(provider, str(order.id), signed, signature, token="wrong").status_code == 401
    other = "00000000-0000-4000-8000-000000000000"
    assert put(provider, other, signed, signature).status_code == 403
    assert put(provider, str(order.id), signed, signature).status_code == 200
    assert put(provider, str(order.id), changed, signature).status_code == 403


def test_a_provider_takes_a_later_generation_and_no_other_order_of_the_same_number(
    officer: Any, post_example: Any, provider: Any, clock: Any, run_jobs: Any
) -> None:
    order = issue(officer, post_example, clock, OrderKind.PRESERVE)
    run_jobs()
    first = (bytes(order.canonical), order.signature)
    order.refresh_from_db()
    order.desired = "lifted"
    issuing.sign_anew(officer, order, now=clock.now)
    run_jobs()
    order.refresh_from_db()
    assert (order.generation, order.sent_generation) == (2, 2)
    assert (bytes(order.superseded.get().canonical), order.superseded.get().signature) == first
    assert put(provider, str(order.id), *first).status_code == 409


def test_a_user_cannot_read_mail_without_signing_in(provider: Any) -> None:
    base = f"http://127.0.0.1:{provider.server_port}"
    assert httpx.get(f"{base}/mail").status_code == 401
    wrong = {"address": HERON, "password": "wrong"}
    assert httpx.post(f"{base}/sessions", json=wrong).status_code == 401
    right = httpx.post(f"{base}/sessions", json={"address": HERON, "password": "a password"})
    mail = httpx.get(f"{base}/mail", headers={"Authorization": f"Bearer {right.json()['token']}"})
    assert [each["subject"] for each in mail.json()["messages"]] == ["Re: code"]
    assert b"sign-in-refused" in provider.books.access_log(HERON)
