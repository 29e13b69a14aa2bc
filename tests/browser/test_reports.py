"""An anonymous report with its follow-up, in a real browser with JavaScript off; no barrier on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count
from socketserver import ThreadingMixIn
from types import SimpleNamespace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.utils import timezone
from tests.browser.conftest import violations
from tests.windows import follow

from comity.node.accounts.models import Official
from comity.node.reports import triage
from comity.node.reports.allowances import Allowances, Tokens
from comity.node.reports.models import Metadata, Report
from comity.node.reports.public import views
from comity.node.reports.public.application import application

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
GIF = b"GIF89a" + b"\0" * 20


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing: it would name addresses."""


@pytest.fixture
def listener(transactional_db: None, keys: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The public's page on a free port; each look at its clock is ten seconds later."""
    ticks = count(1_000_000, 10)
    monkeypatch.setattr(views, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    monkeypatch.setattr(views, "allowances", Allowances())
    monkeypatch.setattr(views, "tokens", Tokens())
    served = make_server("127.0.0.1", 0, application(), _Threads, _Silent)
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def window(chromium: Any, listener: str) -> Iterator[Any]:
    opened = []

    def open_window(**options: Any) -> Any:
        context = chromium.new_context(base_url=listener, **options)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.complaints = []
        page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
        return page

    yield open_window
    for context in opened:
        context.close()


def test_an_anonymous_report_is_made_followed_and_answered_without_javascript(window: Any) -> None:
    page = window(java_script_enabled=False, viewport=NARROW)
    page.goto("/kk/")
    follow(page, "a.button.main")
    page.fill("textarea[name=what]", "Есептік жазбамды тартып алды")
    page.set_input_files("input[name=attached]", [{"name": "a.gif", "mimeType": "image/gif", "buffer": GIF}])
    follow(page, "button.main")
    code = page.inner_text(".public-code")
    follow(page, "button[value=keep]")
    report = Report.objects.get()
    assert report.contact is None
    assert report.files.get().metadata == Metadata.KEPT
    desk = Official.objects.create_user("desk", roles=["registrar"])
    triage.ask_reporter(desk, report.pk, "Қай банк?", now=timezone.now())

    page.goto("/kk/follow")
    page.fill("input[name=code]", code.lower())
    follow(page, "button.main")
    assert "Қай банк?" in page.inner_text("main")
    page.fill("textarea[name=text]", "Ең үлкені")
    follow(page, "button[value=write]")
    assert "Ең үлкені" in page.inner_text("main")
    page.check("input[name=sure]")
    follow(page, "button[value=withdraw]")
    report.refresh_from_db()
    assert report.content is None
    assert page.context.cookies() == []
    assert page.complaints == []


@pytest.mark.parametrize(("language", "size", "scheme"), [("ru", WIDE, "dark"), ("kk", NARROW, "light")])
def test_no_public_page_has_a_barrier(window: Any, language: str, size: Any, scheme: str) -> None:
    page = window(viewport=size, color_scheme=scheme)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        problems = violations(page) + ([f"{wide} px wider than the window"] if wide > 0 else [])
        if problems:
            found[name] = problems

    for name in ("", "follow", "report"):
        page.goto(f"/{language}/{name}")
        look(name)
    page.fill("textarea[name=what]", "-")
    page.set_input_files("input[name=attached]", [{"name": "a.gif", "mimeType": "image/gif", "buffer": GIF}])
    follow(page, "button.main")
    look("code")
    follow(page, "button[value=keep]")
    look("followed")
    page.goto(f"/{language}/follow")
    page.fill("input[name=code]", "0000-0000")
    follow(page, "button.main")
    look("refused")
    assert found == {}
    assert [text for text in page.complaints if "409" not in text and "404" not in text] == []
