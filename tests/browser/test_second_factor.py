"""The second factor in a browser: set up, written down, asked for, refused when wrong."""

from __future__ import annotations

import time

import pytest
from tests.browser.conftest import PASSWORD, sign_in, violations
from tests.windows import follow

from comity.node.accounts.models import Official


@pytest.fixture(autouse=True)
def no_earlier_failures():
    from django.core.cache import cache

    cache.clear()


def code(secret):
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def test_an_authenticator_app_is_set_up_and_then_asked_for(visit, node):
    page = visit()
    sign_in(page, "dana")
    page.goto("/account/2fa/totp/activate/")
    page.fill("input[name=password]", PASSWORD)  # asked for once more, although it was just typed
    follow(page, "main form button.main")
    assert page.locator("img.qr").is_visible()
    assert violations(page) == []
    secret = page.locator("main .mono").first.inner_text()

    page.fill("input[name=code]", "000000")
    follow(page, "main form button.main")
    assert page.locator(".wrong").count() == 1

    page.fill("input[name=code]", code(secret))
    follow(page, "main form button.main")
    codes = page.locator("ul.mono li").all_inner_texts()
    assert len(codes) >= 8
    assert violations(page) == []

    page.click("details.account > summary")
    follow(page, "details.account button")
    sign_in(page, "dana")
    assert "/2fa/authenticate/" in page.url
    assert violations(page) == []
    page.fill("input[name=code]", codes[0])  # the telephone is lost; the app's code was used a moment ago
    follow(page, "main form button.main")
    assert page.url.endswith("/desk/")
    assert page.complaints == []


def test_a_page_that_asks_for_the_password_again_has_no_barrier(visit, node):
    page = visit("dana")  # this window's session was given, so the password was never typed in it
    page.goto("/account/2fa/totp/activate/")
    assert "/reauthenticate/" in page.url
    assert violations(page) == []


def test_wrong_sign_in_data_are_refused_in_the_language_of_the_browser(visit, node):
    page = visit(locale="kk")
    page.goto("/account/login/")
    page.fill("input[name=login]", "dana")
    page.fill("input[name=password]", "not the password at all")
    follow(page, "main form button")
    assert "құпиясөз дұрыс емес" in page.locator(".notice").inner_text()
    assert violations(page) == []
    assert Official.objects.get(username="dana").last_login is None
