"""What every test shares: generated inputs are the same in every run, so that a failure is everybody's."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest import runner
from hypothesis import settings

from comity.node.stack import with_room

settings.register_profile("steady", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("steady")

MINUTES = (
    "tests/foreign/test_postgresql.py",
    "tests/journeys/",
    "tests/browser/",
    "tests/node/servers/",
    "tests/unit/conformance/test_conformance.py",
    "tests/faults/",
    "tests/node/pages/test_addresses.py",
    "tests/node/fuzzing/",
    "tests/node/api/test_access_matrix.py",
    "tests/unit/delivery/test_five_nodes.py",
    "tests/foreign/test_pdf.py",
    "tests/node/administration/test_form.py",
    "tests/law/test_exercise.py",
    "tests/unit/sealing/test_archive.py",
    "tests/node/casework/test_tokens.py",
    "tests/properties/test_opinions.py",
    "tests/law/test_validate.py",
)
"""What takes a minute or more in one file, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files start first, so that no worker is left alone with one of them at the end."""
    places = len(MINUTES)
    items.sort(
        key=lambda item: next((n for n in range(places) if item.nodeid.startswith(MINUTES[n])), places)
    )


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)  # as the command line does


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Any:
    """Each test begins with room on the stack: pages are drawn in the process of the tests."""
    return with_room(runner.pytest_runtest_protocol, item, nextitem)


_BROWSERS = "chromium-headless-shell", "chromium", "chromium-browser"
CHROMIUM = next(filter(None, map(shutil.which, _BROWSERS)), None)
"""The browser; without windows of its own it spends a third less processor time."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()
