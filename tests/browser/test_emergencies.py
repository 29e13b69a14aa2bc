"""An emergency in a real browser: a genuine one is called back and released, a forged one stops."""

from __future__ import annotations

from typing import Any

import pytest
from tests.windows import follow

from comity.node.casework.averting import Emergency
from comity.node.exchange.models import Letter

CALLED = {"contact": "Head of the point of contact, +999 1 000", "spoken_with": "The head on duty"}


@pytest.fixture
def called_back(visit: Any, node: Any) -> Any:
    """From the desk by one key to the emergency; the duty officer calls back and records what was said."""

    def call(result: str) -> Any:
        reference = node["in_danger"].reference
        page = visit("dana", viewport={"width": 390, "height": 844})
        page.goto("/desk/")
        follow(page, page.locator(f"main a[href='/requests/{reference}/emergency']").first)
        follow(page, "main section a.button.main")
        assert page.url.endswith("/call-backs")
        page.locator("select[name=means]").select_option("telephone")
        page.locator("input[name=called_at]").fill(page.evaluate(NOW))
        for name, text in CALLED.items():
            page.locator(f"[name={name}]").fill(text)
        page.locator(f"input[name=result][value={result}]").check()
        follow(page, "main form .actions button")
        page.goto(f"/requests/{reference}/emergency")
        return page

    return call


NOW = (
    "new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Almaty', dateStyle: 'short', timeStyle: 'short'})"
    ".format(new Date()).replace(' ', 'T')"
)
"""This minute as the form takes it, by the clocks of whoever is signed in."""


def answer_everything(page: Any) -> None:
    """Answer each warning that waits."""
    while page.locator("article form textarea").count():
        page.locator("article form textarea").first.fill("The head on duty knows the case.")
        follow(page, page.locator("article form button").first)


def release(visit: Any, node: Any) -> Any:
    """The signatory tries to release the data."""
    page = visit("marat")
    page.goto(f"/requests/{node['in_danger'].reference}/release")
    follow(page, "main form button[name=sealing][value=show]")
    if page.locator("main [data-key-needs], input[name=composition]").count():
        follow(page, page.locator("main form:has(input[name=composition]) .actions button.main").last)
    return page


def test_a_genuine_emergency_is_called_back_answered_for_and_released(
    visit: Any, node: Any, called_back: Any
) -> None:
    page = called_back("confirmed")
    answer_everything(page)
    done = release(visit, node)
    assert not done.locator("main [role=alert]").count(), done.locator("main").inner_text()
    assert Letter.objects.filter(kind="result", case_reference=node["in_danger"].reference).exists()
    assert Emergency.objects.get(case=node["in_danger"]).disclosed is not None


def test_a_forged_emergency_is_denied_and_nothing_leaves(visit: Any, node: Any, called_back: Any) -> None:
    page = called_back("denied")
    assert page.locator("a.button.grave[href$='/refuse']").count() == 1
    answer_everything(page)
    refused = release(visit, node)
    assert refused.locator("[role=alert]").count()
    assert not Letter.objects.filter(kind="result", case_reference=node["in_danger"].reference).exists()
