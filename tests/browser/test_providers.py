"""A provider's legal desk in a real browser: come in by invitation, verify, ask, hand over, state, answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test.testcases import LiveServerThread
from django.utils import timezone
from tests.browser.conftest import violations
from tests.node.conftest import official  # noqa: F401  a fixture
from tests.node.providers.conftest import alone, order, providers_site, wire  # noqa: F401  fixtures
from tests.windows import follow

from comity.node.exhibits import uploads
from comity.node.exhibits.models import Exhibit
from comity.node.orders.models import Order, OrderState
from comity.node.providers import accounts
from comity.node.providers.models import Part

PASSWORD = "seven herons over the bay"
DATA = b"2027-06-11T22:04:00Z sign-in 192.0.2.7\n" * 300


@pytest.fixture
def desk(transactional_db: None, chromium: Any, providers_site: Any) -> Iterator[Any]:  # noqa: F811
    """A window at a telephone's width on the providers' pages, served as their own process serves them."""
    server = LiveServerThread("127.0.0.1", lambda application: application)
    server.daemon = True
    server.start()
    server.is_ready.wait(30)
    context = chromium.new_context(
        base_url=f"http://127.0.0.1:{server.port}", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    yield page
    context.close()
    server.terminate()


def press(page: Any, words: str) -> None:
    follow(page, page.get_by_role("button", name=words))


def test_a_legal_desk_verifies_asks_hands_over_and_answers(
    desk: Any,
    wire: Any,  # noqa: F811
    order: Any,  # noqa: F811
    official: Any,  # noqa: F811
    tmp_path: Any,
) -> None:
    issued: Order = order(wire)
    about = accounts.About(username="lena", full_name="Lena Orlova", post="Counsel", part=Part.LEGAL)
    _person, link = accounts.invite(official("administrator"), wire, about, now=timezone.now())

    desk.goto(f"/invitation/{link}")
    assert link not in desk.url
    assert violations(desk) == []
    secret = re.search(r"\b[A-Z2-7]{32}\b", desk.inner_text("main")).group()  # type: ignore[union-attr]
    counter = int(timezone.now().timestamp()) // 30
    desk.fill("input[name=password]", PASSWORD)
    desk.fill("input[name=again]", PASSWORD)
    desk.fill("input[name=code]", totp.format_hotp_value(totp.hotp_value(secret, counter)))
    press(desk, "Open the account")

    assert violations(desk) == []
    follow(desk, f"text={issued.number}")
    assert desk.locator(".steps .mark.good").count() == 6
    assert violations(desk) == []
    wide = desk.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    press(desk, "Confirm receipt")
    desk.fill("textarea[name=text]", "Which time zone is meant?")
    press(desk, "Ask the authority")

    file = tmp_path / "sign-ins.log"
    file.write_bytes(DATA)
    desk.select_option("select[name=data_kind]", "traffic")
    desk.fill("input[name=sha256]", hashlib.sha256(DATA).hexdigest())
    desk.set_input_files("input[type=file]", file)
    press(desk, "Hand the file over")
    row = issued.files.get()  # type: ignore[attr-defined]  # a reverse relation
    uploads.finish({"upload": str(row.pk)}, timezone.now())
    assert Exhibit.objects.get(pk=row.pk).sha256 == hashlib.sha256(DATA).hexdigest()
    desk.reload()
    desk.fill("textarea[name=how_made]", "A query of the sign-in log.")
    desk.check("input[name=ordinary_course]")
    press(desk, "Make the statement")

    desk.select_option("select[name=i1-outcome]", "done")
    desk.select_option("select[name=i2-outcome]", "not_held")
    press(desk, "Give the answer")
    issued.refresh_from_db()
    assert issued.state == OrderState.PARTLY_DONE
    assert violations(desk) == []
    desk.goto("/account/")
    assert violations(desk) == []
    desk.click("summary")
    press(desk, "Sign out")
    assert "/sign-in/" in desk.url
    assert violations(desk) == []
    assert desk.complaints == []
