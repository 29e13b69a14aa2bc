"""The README's pictures, taken from a running demonstration: ``python tools/screenshots.py``.

Start ``make run`` first and let the story end. Needs Chromium; writes docs/pictures/*.png, and leaves one
draft in the demonstration, which it enters through the pages to show them at work.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
DEMONSTRATION = ROOT / ".demonstration"
PICTURES = ROOT / "docs" / "pictures"
WIDE, NARROW = (1280, 860), (390, 844)
LARGEST = 300 * 1024


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: whose page, in which language and size, and which links lead there (CSS selectors)."""

    name: str
    side: str = "kz"
    role: str = "drafter"
    language: str = "en"
    size: tuple[int, int] = WIDE
    dark: bool = False
    steps: tuple[str, ...] = ()


REQUESTS = ".menu a[href='/requests/']"
CASE = "main tbody th a:has-text('-000001')"
WANTED = (
    Picture(name="case", steps=(REQUESTS, CASE)),
    Picture(name="case-on-a-phone", language="kk", size=NARROW, steps=(REQUESTS, CASE)),
    Picture(
        name="case-in-the-dark",
        side="tm",
        role="duty_officer",
        language="ru",
        dark=True,
        steps=(REQUESTS, CASE),
    ),
    Picture(name="law-beside-a-case", steps=(REQUESTS, CASE, "main a.cite")),
    Picture(name="opinion", language="ru", steps=(REQUESTS, CASE, "main a[href$='/opinion']")),
    Picture(name="letter", steps=(REQUESTS, CASE, ".letters li:has-text('←') a[href^='/letters/']")),
    Picture(name="exhibit", role="custodian", steps=(".menu a[href='/exhibits/']", "main tbody th a")),
    Picture(name="desk", role="reviewer", steps=(".menu a[href='/desk/']",)),
)


def main() -> int:
    """Take every picture; say what is too large."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not (DEMONSTRATION / "accounts.json").exists():
        print("Chromium and a running demonstration (make run) are needed.", file=sys.stderr)
        return 2
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        too_large = [path.name for path in take(browser) if path.stat().st_size > LARGEST]
        browser.close()
    if too_large:
        print(f"larger than {LARGEST} bytes: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


def take(browser: Browser) -> Iterator[Path]:
    """The pictures, one after another: the draft first, so that the desk has something to show."""
    yield save(drafted(browser), "draft")
    for wanted in WANTED:
        page = sign_in(browser, wanted)
        for selector in wanted.steps:
            page.locator(selector).first.click()
            page.wait_for_load_state("networkidle")
        yield save(page, wanted.name)


def drafted(browser: Browser) -> Page:
    """A new request as far as its draft."""
    page = sign_in(browser, Picture(name="draft"))
    page.goto("/requests/new")
    page.select_option("#id_peer", index=0)
    page.fill("#id_heading", "Login records of a second account")
    page.select_option("#id_measure", "preserve_data")
    page.check("input[name=data_kinds][value=traffic]")
    page.select_option("#id_offence", "uncc:art_7")
    page.select_option("#id_electronic_evidence", "yes")
    page.click("button[value=opinion]")
    page.click("button[value=open]")
    page.wait_for_selector("button[value='go:all']")
    page.click("button[value='go:all']")
    page.wait_for_selector("#content_necessity")
    page.fill("#content_facts", "A second account was used from the same address.")
    page.fill("#content_necessity", "Login records are overwritten after thirty days.")
    page.locator("#content_necessity").blur()
    page.locator("#progress li", has_text="Necessity").wait_for(state="detached")
    page.evaluate("window.scrollTo(0, 0)")
    return page


def sign_in(browser: Browser, wanted: Picture) -> Page:
    """A window of the picture's official, in its language."""
    accounts = json.loads((DEMONSTRATION / "accounts.json").read_text("utf-8"))
    ports = json.loads((DEMONSTRATION / "ports.json").read_text("utf-8"))
    account = next(one for one in accounts[wanted.side] if wanted.role in one["roles"])
    context = browser.new_context(
        base_url=f"http://localhost:{ports[wanted.side]}",
        viewport=ViewportSize(width=wanted.size[0], height=wanted.size[1]),
        color_scheme="dark" if wanted.dark else "light",
    )
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("input[name=login]", account["username"])
    page.fill("input[name=password]", account["password"])
    page.click("main form button")
    page.wait_for_load_state("networkidle")
    page.click(f".languages button[value={wanted.language}]")
    page.wait_for_load_state("networkidle")
    return page


def save(page: Page, name: str) -> Path:
    """Write the picture and close its window."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    page.context.close()
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")
    return path


if __name__ == "__main__":
    sys.exit(main())
