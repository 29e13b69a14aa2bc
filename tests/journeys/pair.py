"""Two States' nodes and a provider that really run, and browsers of officials on both sides."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from comity.demonstration import founding, places
from comity.demonstration.__main__ import Demonstration

PATIENCE_SECONDS = 90


class Pair:
    """The running pair; ``page(side, username)`` is a window in which that official is signed in."""

    def __init__(self, folder: Path, chromium: Any) -> None:
        self.where = places.at(folder)
        self.running = Demonstration(self.where)
        self.chromium = chromium
        self.windows: dict[tuple[str, str], Any] = {}
        founding.found(self.where, self.running.drivers)
        for driver in self.running.drivers.values():
            driver.stop()  # from here on officials act in their browsers
        self.running.wait_until_open()
        self.passwords = {
            (side, person["username"]): person["password"]
            for side, people in founding.accounts(self.where).items()
            for person in people
        }

    def stop(self) -> None:
        for page in self.windows.values():
            page.context.close()
        self.running.stop()

    def page(self, side: str, username: str) -> Any:
        """The official's window; English, so that what a test reads is what it says."""
        if (side, username) not in self.windows:
            context = self.chromium.new_context(base_url=self.where.url(side).rstrip("/"), locale="en")
            page = context.new_page()
            page.set_default_timeout(PATIENCE_SECONDS * 1000)
            page.goto("/account/login/")
            page.fill("input[name=login]", username)
            page.fill("input[name=password]", self.passwords[side, username])
            page.click("main form button")
            page.wait_for_url(lambda url: "/account/login/" not in url)
            page.click("button[name=language][value=en]")
            self.windows[side, username] = page
        return self.windows[side, username]

    def until(
        self, page: Any, address: str, holds: Callable[[Any], bool], what: str, *, says: str = ""
    ) -> None:
        """Read the address again and again until the page shows it: a letter is on its way.

        The window is opened there once the page ``says`` it (a pattern in its words): to draw the page again
        and again while nothing has come keeps the nodes from their work.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if re.search(says, words(page.context.request.get(address).text())):
                page.goto(address)
                if holds(page):
                    return
            time.sleep(0.3)
        page.goto(address)
        raise AssertionError(f"{what}: not at {page.url}\n{page.inner_text('main')}")


def words(markup: str) -> str:
    """The words of a page, as in its source: more than what is shown, never less."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", markup)).split())


def shows(text: str) -> Callable[[Any], bool]:
    """Whether the page's main part shows a text."""
    return lambda page: bool(re.search(text, page.inner_text("main")))
