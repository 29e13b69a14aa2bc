"""The public's page in one process: its own handler, a clock of its own, no sleep."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.test.client import ClientHandler

from comity.node.reports.allowances import Allowances, Tokens
from comity.node.reports.public import views
from comity.node.reports.public.application import Public

SIGHT = {"HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "203.0.113.77", "HTTP_USER_AGENT": "Strange-Agent/77.7"}
WHAT = "They took my account <script>alert(1)</script>"


class PublicHandler(ClientHandler):
    load_middleware = Public.load_middleware  # type: ignore[assignment]


class Stranger(Client):
    """A browser that keeps nothing: what it says next stands in the page it was shown."""

    def __init__(self, seconds: list[float], **sight: Any) -> None:
        super().__init__(**(SIGHT | sight))
        self.handler = PublicHandler(enforce_csrf_checks=True)
        self.seconds = seconds

    def token(self, name: str = "token", where: str = "/en/report") -> str:
        return hidden(self.get(where).content.decode(), name)

    def report(self, *, wait: float = 10, **answers: Any) -> Any:
        token = self.token()
        self.seconds[0] += wait
        return self.post("/en/report", {"kind": "unknown", "what": WHAT, "token": token} | answers)

    def code(self, **answers: Any) -> str:
        answer = self.report(**answers)
        assert answer.status_code == 200, answer.content.decode()
        return re.search(r'public-code">([^<]+)<', answer.content.decode()).group(1)  # type: ignore[union-attr]

    def follow(self, code: str) -> str:
        return str(self.post("/en/follow", {"code": code}).content.decode())

    def does(self, shown: str, **said: Any) -> Any:
        return self.post("/en/follow", {"ticket": hidden(shown, "ticket")} | said)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The listener's monotonic clock; tokens and allowances begin anew."""
    now = [1_000_000.0]
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(views, "allowances", Allowances())
    monkeypatch.setattr(views, "tokens", Tokens())
    return now


@pytest.fixture
def stranger(keys: Any, seconds: list[float]) -> Stranger:
    return Stranger(seconds)
