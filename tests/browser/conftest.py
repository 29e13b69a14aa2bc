"""Pages in a real browser: Debian's Chromium, driven by Playwright against a live server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import CHROMIUM
from tests.node.conftest import (  # noqa: F401  fixtures of the node's tests
    PASSWORD,
    connected,
    empty_store,
    key_folders,
    keys,
    quick_passwords,
    static_files_once,
)
from tests.windows import follow

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
# Playwright keeps an event loop in this thread; the ORM is used from it on purpose, by one thread alone.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture
def node(transactional_db: None, keys: Any, live_server: Any) -> dict[str, Any]:  # noqa: F811
    """A node with believable cases, its pages served on a free port and read once, so that none waits for
    what the first reading loads."""
    from django.test import Client
    from django.utils import timezone
    from tests.node import believable, on_duty

    from comity.node.ledger import sequencer

    rows = believable.build()
    rows["to_release"] = believable.prepared_result(rows["people"])
    rows["offer"] = believable.questions(rows["asked"])[-1]
    believable.drafting(rows)
    believable.administration(rows)
    believable.attendance(rows)
    believable.preparing(rows)
    believable.spoken(rows)
    on_duty.build(rows)
    rows["drills"] = believable.drilled(rows)
    believable.alerting(rows)
    believable.not_arrived(rows)
    believable.emergencies(rows)
    rows["report"] = believable.reported(rows["people"])
    sequencer.sequence(timezone.now())
    Client().get("/account/login/")
    return {**rows, "url": live_server.url}


@pytest.fixture
def visit(chromium: Any, node: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Open a browser window, signed in if a user name is given; what the page's policy blocks is noted."""
    contexts = []

    def open_window(username: str = "", **options: Any) -> Any:
        context = chromium.new_context(base_url=node["url"], **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.complaints, page.node = [], node["url"]
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        if username:
            enter(context, username, node["url"])
        return page

    yield open_window
    for context in contexts:
        context.close()


def enter(context: Any, username: str, url: str) -> None:
    """Give the window a session of this official, without the sign-in page."""
    from django.conf import settings
    from django.test import Client

    from comity.node.accounts.models import Official

    client = Client()
    client.force_login(Official.objects.get(username=username))
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def set_language(page: Any, language: str) -> None:
    """Switch the window's language, as the buttons in the frame do."""
    from django.conf import settings

    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": page.node}])


def sign_in(page: Any, username: str) -> None:
    page.goto("/account/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main form button")
    assert "/account/login/" not in page.url


def violations(page: Any) -> list[str]:
    """What axe finds on the page: rule, and the element. It tells every violation, of what passes nothing.

    Selectors are not read, so that it need not make them."""
    if page.evaluate("typeof axe") == "undefined":
        script = AXE.read_text(encoding="utf-8")
        page.context.add_init_script(script)  # the window's further pages have it from their beginning
        page.evaluate(script + "; undefined")
    found = page.evaluate(
        "async () => (await axe.run({resultTypes: ['violations'], selectors: false})).violations"
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
