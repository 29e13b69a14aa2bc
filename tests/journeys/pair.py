"""Two States' nodes (a third may join) and a provider that really run, and browsers of officials."""

from __future__ import annotations

import html
import re
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.windows import follow

from comity.demonstration import cast, founding, places
from comity.demonstration.__main__ import Demonstration
from comity.demonstration.processes import Driver, Process
from comity.node import folders

PATIENCE_SECONDS = 90
THIRD: dict[str, Any] = {
    "side": "uz",
    "state": "UZ",
    "person": {
        "username": "nodira",
        "full_name": "Nodira Karimova",
        "post": "Duty officer",
        "language": "en",
        "roles": ["duty_officer", "registrar"],
        "time_zone": "Asia/Tashkent",
    },
}
"""The third State and its duty officer, who is fictional."""


class Pair:
    """The running pair; ``page(side, username)`` is a window in which that official is signed in."""

    def __init__(self, folder: Path, chromium: Any) -> None:
        self.where = places.at(folder)
        self.running = Demonstration(self.where)
        self.chromium = chromium
        self.windows: dict[tuple[str, str], Any] = {}
        self.third: Process | None = None
        founding.found(self.where, self.running.drivers)
        self._assume_third()
        for driver in self.running.drivers.values():
            driver.stop()  # from here on officials act in their browsers
        self.running.wait_until_open()
        self.passwords = {
            (side, person["username"]): person["password"]
            for side, people in founding.accounts(self.where).items()
            for person in people
        }

    def _assume_third(self) -> None:
        """That the third State is bound too, on each node before it starts."""
        for side in cast.SIDES:
            with (self.where.node(side) / "node.toml").open("a", encoding="utf-8") as settings:
                settings.write(
                    f'\n[assumptions.uncc.{THIRD["state"]}]\nstatus = "party"\nsince = "2026-11-01"\n'
                )

    def join_third(self) -> None:
        """A node of a third State joins: it is founded, exchanges cards with the first, and starts."""
        side, folder = THIRD["side"], self.where.node(THIRD["side"])
        names = (side, f"{side}-peer")
        self.where.ports.update(zip(names, places._free_ports(2), strict=True))
        values = founding._settings("kz", self.where) | {
            "id": f"{side}-247",
            "state": THIRD["state"],
            "name": "24/7 Point of Contact of a third State (demonstration)",
            "listen": f"{places.HOST}:{self.where.ports[side]}",
            "peer_listen": f"{places.HOST}:{self.where.ports[names[1]]}",
            "peer_url": f"https://{places.HOST}:{self.where.ports[names[1]]}",
            "names": {},
        }
        folders.make(folder, values, now=datetime.now(UTC))
        driver = Driver(side, folder, self.where.folder / f"{side}-acts.log")
        try:
            person = {**THIRD["person"], "password": secrets.token_urlsafe(12)}
            self.passwords[side, person["username"]] = person["password"]
            card = founding._asked(driver, "found", people=[person], provider=None)
            first = self.running.drivers["kz"]
            own = founding._asked(first, "found", people=[], provider=None)
            founding._asked(driver, "know", **own)
            founding._asked(first, "know", **card)
            first.stop()
        finally:
            driver.stop()
        command = [
            sys.executable,
            "-m",
            "comity.demonstration.held",
            "comity.cli",
            "node",
            "run",
            str(folder),
        ]
        self.third = Process(side, command, self.where.folder / f"{side}.log")
        self.third.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(places.answers(self.where.ports[name]) for name in names):
            assert time.monotonic() < deadline, "the third node does not start"
            time.sleep(0.1)

    def stop(self) -> None:
        for page in self.windows.values():
            page.context.close()
        if self.third is not None:
            self.third.stop()
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
            follow(page, "main form button")
            assert "/account/login/" not in page.url
            follow(page, "button[name=language][value=en]")
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
