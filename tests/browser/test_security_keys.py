"""A security key in a browser: it is set up, opens the account and signs a letter."""

from __future__ import annotations

from typing import Any

import pytest
from tests.browser.conftest import PASSWORD, sign_in, violations
from tests.windows import follow

from comity.node.casework.models import Case
from comity.node.exchange.models import Letter

TO_SIGN = "XA-2026-000004"


@pytest.fixture(autouse=True)
def no_earlier_failures() -> None:
    from django.core.cache import cache

    cache.clear()


def plug_in(page: Any) -> Any:
    """A key in software that verifies its holder, as Chromium offers it to tests."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "usb",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_key_is_set_up_opens_the_account_and_signs_a_letter(visit: Any, node: Any) -> None:
    page = visit()
    plug_in(page)
    sign_in(page, "marat")
    page.goto("/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)  # asked for once more, although it was just typed
    follow(page, "main form button.main")
    page.wait_for_selector("form[data-key=create]")
    assert violations(page) == []
    follow(page, "button[data-use-key]")
    assert "/add/" not in page.url
    page.goto("/account/2fa/webauthn/")
    assert page.locator("main li").count() == 1
    assert violations(page) == []

    page.click("details.account > summary")
    follow(page, "details.account button")
    sign_in(page, "marat")
    assert "/2fa/authenticate/" in page.url
    assert violations(page) == []
    follow(page, "button[data-use-key]")
    assert page.url.endswith("/desk/")

    Case.objects.filter(reference=TO_SIGN).update(sent_generation=0)
    page.goto(f"/requests/{TO_SIGN}/sign")
    before = Letter.objects.filter(direction="out", kind="request").count()
    follow(page, "button[name=sealing][value=show]")
    page.wait_for_selector("form[data-key=get]")
    assert page.locator("img.letter-page").count() >= 1
    page.click("details:has(#signed_pdf) > summary")
    assert violations(page) == []
    follow(page, "button[data-use-key]", key="Enter")
    assert page.url.endswith(f"/requests/{TO_SIGN}/")
    signed = Letter.objects.filter(direction="out", kind="request").order_by("-frozen_at").first()
    assert Letter.objects.filter(direction="out", kind="request").count() == before + 1
    assert signed.stepup["method"] == "webauthn"
    assert signed.stepup["assertion"]["rp_id"] == "localhost"
    assert page.complaints == []


def test_without_javascript_the_page_says_what_is_needed(visit: Any, node: Any) -> None:
    page = visit(java_script_enabled=False)
    sign_in(page, "marat")
    page.goto("/account/2fa/webauthn/add/")
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main form button.main")
    assert page.locator("[data-key-needs]").is_visible()
    assert page.locator("button[data-use-key]").is_disabled()
