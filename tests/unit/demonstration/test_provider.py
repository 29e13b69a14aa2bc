"""The provider keeps what it was ordered to keep, and answers nonsense without falling over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comity.demonstration import users
from comity.demonstration.provider.service import Provider


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    service = Provider(tmp_path, "127.0.0.1", 0)
    threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{service.server_port}"
    service.shutdown()
    service.server_close()


def test_users_write_to_each_other_once_however_often_the_story_is_played(url: str) -> None:
    for _ in range(2):
        users.deceive(url)
    deceiver = users.User(users.DECEIVER, url)
    deceiver.sign_in()
    assert len(deceiver.subjects()) == 2
    assert users.deleted_subject() in deceiver.subjects()
    users.delete_traces(url)
    assert deceiver.subjects() == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/accounts", b"{", 400),
        ("/accounts", b"[]", 400),
        ("/accounts", b"{}", 400),
        ("/accounts", b'{"address": "x@post.example"}', 400),
        ("/accounts", b'{"address": "../x@post.example", "name": "x", "password": "x"}', 400),
        ("/sessions", b'{"address": 1, "password": 2}', 401),
        ("/mail", b"{}", 401),
        ("/nowhere", b"{}", 404),
        ("/accounts", b" " * 1_048_577, 413),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_as_such(
    url: str, path: str, body: bytes, status: int
) -> None:
    assert httpx.post(url + path, content=body).status_code == status
    assert httpx.get(url + "/health").json() == {"ok": True}


def test_an_address_is_given_once(url: str) -> None:
    body = {"address": "a@post.example", "name": "A", "password": "x"}
    assert [httpx.post(f"{url}/accounts", json=body).status_code for _ in range(2)] == [200, 409]


def test_orders_of_unknown_authorities_are_not_taken(url: str) -> None:
    order = "00000000-0000-4000-8000-000000000000"
    answer = httpx.put(f"{url}/orders/{order}", json={}, headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401
