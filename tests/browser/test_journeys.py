"""Ways through the pages: by keyboard alone, without JavaScript, in the side panel, with single keys."""

from __future__ import annotations

import pytest
from tests.browser.conftest import sign_in
from tests.node.believable import ASKED, WAS_ASKED
from tests.windows import follow

from comity.node.casework.models import Case


def press_until(page, selector, key="Tab", limit=60):
    """Move the focus with a key until it is on the element."""
    for _ in range(limit):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with {key}")


def leads_nowhere(page, key):
    """Press a key; a page to which it led would be asked for before what is asked for afterwards."""
    asked = []
    page.on("request", lambda request: request.is_navigation_request() and asked.append(request.url))
    page.keyboard.press(key)
    assert page.evaluate("fetch('/account/').then(answer => answer.status)") == 200
    return asked == []


def test_a_request_is_registered_with_the_keyboard_alone(visit, node):
    page = visit()
    page.goto("/account/login/")
    press_until(page, "input[name=login]")
    page.keyboard.type("dana")
    press_until(page, "input[name=password]")
    page.keyboard.type("correct horse battery staple")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    press_until(page, f"a[href='/requests/{WAS_ASKED}/register']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register")
    press_until(page, "main form button.main")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/requests/{WAS_ASKED}/")
    assert page.locator("main [role=status]").count() == 1
    case = Case.objects.get(reference=WAS_ASKED)
    assert case.registered_generation == case.received_generation


def test_the_skip_link_is_first_and_leads_past_the_menu(visit, node):
    page = visit("dana")
    page.goto("/requests/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_every_focus_can_be_seen(visit, node):
    page = visit("dana")
    page.goto(f"/requests/{ASKED}/")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # past the last one
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_provision_opens_beside_the_page_and_gives_the_focus_back(visit, node):
    page = visit("dana", viewport={"width": 1280, "height": 900})
    page.goto(f"/requests/{ASKED}/")
    link = page.locator("main a.cite").first
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#side h2")
    assert page.url.endswith(f"/requests/{ASKED}/")
    assert page.evaluate("document.activeElement.closest('#side') !== null")
    page.keyboard.press("Escape")
    assert page.locator("#side > *").count() == 0
    assert link.evaluate("link => link === document.activeElement")


def test_nothing_of_a_case_is_kept_by_htmx_in_the_browser(visit, node):
    page = visit("dana")
    page.goto(f"/requests/{ASKED}/")
    page.locator("main a.cite").first.click()
    page.wait_for_selector("#side h2")
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "bank" not in kept
    assert "htmx-history-cache" not in kept


def test_single_keys_go_by_their_place_and_complete_nothing(visit, node):
    page = visit("dana")
    page.goto("/desk/")
    page.keyboard.press("KeyR")  # the same place gives К in the Russian and the Kazakh layout
    page.wait_for_url("**/register")
    assert Case.objects.get(reference=WAS_ASKED).registered_generation == 0


def test_single_keys_do_nothing_once_they_are_switched_off(visit, node):
    page = visit("dana")
    page.goto("/account/")
    follow(page, "button[name=shortcuts]")
    page.goto("/desk/")
    assert leads_nowhere(page, "KeyR")
    assert page.url.endswith("/desk/")


def test_single_keys_do_nothing_while_one_writes(visit, node):
    page = visit("dana")
    page.goto("/requests/")
    page.focus("#filter-side")
    assert leads_nowhere(page, "KeyN")
    assert page.url.endswith("/requests/")


@pytest.fixture
def plain(visit):
    """A window without JavaScript."""
    return visit(java_script_enabled=False)


def test_without_javascript_a_draft_is_saved_and_says_what_is_missing(plain, node):
    sign_in(plain, "asel")
    plain.goto(f"/requests/{node['draft'].reference}/draft")
    missing = plain.locator("#progress .checks li.open").count()
    assert missing > 0
    plain.fill("#content_intention_to_request", "A request for access follows.")
    follow(plain, "button[value=save]")
    assert plain.locator("#progress .checks li.open").count() == missing - 1
    assert plain.input_value("#content_intention_to_request") == "A request for access follows."


def test_without_javascript_a_citation_is_a_page_of_its_own(plain, node):
    sign_in(plain, "dana")
    plain.goto(f"/requests/{ASKED}/")
    follow(plain, plain.locator("main a.cite").first)
    assert "/law/uncc:" in plain.url
    assert plain.locator("main .law.beside").count() == 1


def test_without_javascript_the_account_menu_opens_and_signs_out(plain, node):
    sign_in(plain, "dana")
    plain.goto("/desk/")
    plain.click("details.account > summary")
    follow(plain, "details.account button")
    assert "/account/login/" in plain.url


def test_with_javascript_a_draft_saves_itself_and_counts_anew(visit, node):
    page = visit("asel")
    page.goto(f"/requests/{node['draft'].reference}/draft?screen=assistance")
    missing = page.locator("#progress .checks li.open").count()
    page.fill("#content_intention_to_request", "A request for access follows.")
    page.locator("#content_intention_to_request").blur()
    page.wait_for_function(
        "wanted => document.querySelectorAll('#progress .checks li.open').length === wanted", arg=missing - 1
    )
    page.reload()
    assert page.input_value("#content_intention_to_request") == "A request for access follows."
    assert page.complaints == []


def test_the_letter_beside_the_draft_changes_as_one_types(visit, node):
    page = visit("asel")
    page.goto(f"/requests/{node['draft'].reference}/draft?screen=proceedings")
    page.fill("#content_facts", "Words that nobody saved")
    page.wait_for_selector("#progress :text('Words that nobody saved')")
    assert page.complaints == []


def test_what_was_typed_a_moment_before_leaving_is_not_lost(visit, node):
    page = visit("asel")
    page.goto(f"/requests/{node['draft'].reference}/draft?screen=proceedings")
    page.fill("#content_facts", "Typed and left at once")
    page.goto("/requests/")
    for _ in range(50):
        page.goto(f"/requests/{node['draft'].reference}/draft?screen=proceedings")
        if page.input_value("#content_facts") == "Typed and left at once":
            break  # what was sent while leaving has come
    assert page.input_value("#content_facts") == "Typed and left at once"


def test_without_javascript_one_goes_through_the_screens_and_nothing_is_lost(plain, node):
    sign_in(plain, "asel")
    plain.goto(f"/requests/{node['draft'].reference}/draft?screen=proceedings")
    plain.fill("#content_facts", "Typed without a script")
    follow(plain, "button.main[value^='go:']")
    assert "screen=assistance" in plain.url
    plain.fill("#content_intention_to_request", "A request for access follows.")
    follow(plain, "button[value='go:proceedings']")
    assert plain.input_value("#content_facts") == "Typed without a script"
    follow(plain, plain.locator("button[value='go:whole']").first)
    follow(plain, "button[value=submit]")
    assert plain.url.endswith(f"/requests/{node['draft'].reference}/")


def test_a_document_goes_out_and_comes_back_through_the_browser(visit, node, tmp_path):
    page = visit("asel", accept_downloads=True)
    page.goto(f"/requests/{node['draft'].reference}/draft/texts")
    with page.expect_download() as download:
        page.click("a[href$='kk.docx']")
    download.value.save_as(tmp_path / "draft.docx")
    page.set_input_files("input[type=file]", tmp_path / "draft.docx")
    follow(page, "button[value=compare]")
    assert page.locator(".empty", has_text="The document says what the draft says.").count() == 1


def test_the_other_side_s_time_is_shown_on_focus(visit, node):
    page = visit("dana")
    page.goto(f"/requests/{ASKED}/")
    first = page.locator("main .elsewhere").first
    assert not first.locator("[role=tooltip]").is_visible()
    first.focus()
    assert first.locator("[role=tooltip]").is_visible()
    assert "UTC" in first.locator("[role=tooltip]").inner_text()
