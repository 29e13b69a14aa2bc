"""axe-core finds nothing on any page, in both widths and schemes; and it would find it."""

from __future__ import annotations

import pytest
from tests.browser.addresses import pages
from tests.browser.conftest import set_language, violations

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Each language, width and scheme occurs in the ordinary run, each pair of them in the long one.
LOOKS = [("en", WIDE, "light"), ("kk", NARROW, "dark")]
FURTHER = [("kk", WIDE, "light"), ("ru", NARROW, "light"), ("en", NARROW, "dark"), ("ru", WIDE, "dark")]
LONG = [pytest.param(*look, marks=pytest.mark.long) for look in FURTHER]


@pytest.mark.parametrize(("language", "size", "scheme"), [*LOOKS, *LONG])
def test_no_page_has_a_barrier_that_axe_knows_and_none_is_wider_than_the_window(
    visit, node, language, size, scheme
):
    found = {}
    windows = {}
    for username, address in pages(node):
        if username not in windows:
            windows[username] = visit(username, viewport=size, color_scheme=scheme)
            set_language(windows[username], language)
        page = windows[username]
        page.goto(address)
        assert page.get_attribute("html", "lang") == language
        problems = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            problems.append(f"{wide} px wider than the window")
        if problems:
            found[address] = problems
    assert not found
    noted = [text for page in windows.values() for text in page.complaints if "404" not in text]
    assert not noted  # nothing was blocked by the page's own policy


def test_a_planted_barrier_is_found(visit, node):
    page = visit("dana")
    page.goto("/desk/")
    assert violations(page) == []
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/x.png\">')")
    assert any("image-alt" in one for one in violations(page))


def test_a_planted_pale_text_is_found(visit, node):
    page = visit("dana")
    page.goto("/desk/")
    page.evaluate("document.querySelector('main h1').style.color = '#cccccc'")
    assert any("color-contrast" in one for one in violations(page))


def test_what_the_policy_blocks_is_noted(visit, node):
    page = visit("dana")
    page.goto("/desk/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
    page.evaluate("const s = document.createElement('script'); s.textContent = '1'; document.body.append(s)")
    assert any("Content Security Policy" in text for text in page.complaints)


def test_the_side_panel_with_a_provision_has_no_barrier(visit, node):
    page = visit("dana", viewport=WIDE)
    page.goto(f"/requests/{node['asked'].reference}/")
    page.click("a.cite >> nth=0")
    page.wait_for_selector("#side h2")
    assert violations(page) == []


def test_on_a_phone_the_open_room_is_in_view(visit, node):
    page = visit("nurlan", viewport=NARROW)
    set_language(page, "kk")
    page.goto("/administration/officials/")
    place = page.locator(".menu [aria-current]").bounding_box()
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= NARROW["width"]
