"""What a person does in a browser: to press what leads on, and to wait for the whole next page."""

from __future__ import annotations

from typing import Any


def follow(page: Any, target: Any, *, key: str = "") -> None:
    """Press what leads to another page (a selector, or a place on the page), or the ``key`` while it has the
    focus; return when the next page is whole.

    A click alone returns when the next page begins to come: what is counted then may be the half of it.
    """
    with page.expect_navigation():
        place = page.locator(target) if isinstance(target, str) else target
        place.press(key) if key else place.click()
