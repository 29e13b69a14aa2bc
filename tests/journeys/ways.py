"""What officials do in their browsers on the way of a request: ask, register, write, read."""

from __future__ import annotations

import re
from typing import Any

from tests.journeys.pair import Pair, shows
from tests.windows import follow

from comity.demonstration import cast

DRAFTER, HEAD, CUSTODIAN = ("kz", "aigerim"), ("kz", "daniyar"), ("kz", "madina")
DUTY, EXECUTING, DEPUTY = ("tm", "maral"), ("tm", "kerim"), ("tm", "ogulnar")
ACCOUNT = "night.heron@post.example"


class Way:
    """One request between the two nodes, followed in browsers on both sides."""

    data_kinds: tuple[str, ...] = ("subscriber",)
    """What is asked of each item."""

    def __init__(self, pair: Pair, heading: str) -> None:
        self.pair, self.heading = pair, heading
        self.references: dict[str, str] = {}

    def at(self, who: tuple[str, str], place: str = "") -> Any:
        """The official's window at a page of the case."""
        page = self.pair.page(*who)
        page.goto(self.address(who[0], place))
        return page

    def address(self, side: str, place: str = "") -> str:
        return f"/requests/{self.references[side]}/{place}"

    def sees(self, who: tuple[str, str], text: str, place: str = "") -> Any:
        """Wait until the official's page of the case shows a text."""
        page = self.pair.page(*who)
        address, what = self.address(who[0], place), f"{who[1]} sees {text!r}"
        self.pair.until(page, address, shows(text), what, says=text)
        return page

    def ask(self, measure: str, *identifiers: str, by: tuple[str, str] = DRAFTER) -> None:
        """Facts, legal basis, draft, review, signature: the request leaves."""
        self.draft(measure, *identifiers, by=by)
        self.seal(HEAD, "sign")
        self.arrives()

    def draft(self, measure: str, *identifiers: str, by: tuple[str, str] = DRAFTER) -> None:
        self.write(self.open(measure, by=by), identifiers)

    def open(self, measure: str, by: tuple[str, str] = DRAFTER, *, urgent: bool = False) -> Any:
        """Facts and legal basis: a case with an empty draft, on whose page the window stands."""
        page = self.pair.page(*by)
        page.goto("/requests/new")
        page.select_option("select[name=peer]", cast.node("tm")["id"])
        page.fill("input[name=heading]", self.heading)
        page.select_option("select[name=measure]", measure)
        for kind in ("subscriber", "traffic"):
            page.check(f"input[name=data_kinds][value={kind}]")
        page.select_option("select[name=offence]", "uncc:art_7")
        page.fill("input[name=description]", "Access without right to the servers of a bank")
        page.fill("input[name=max_penalty_years]", "5")
        for fact in ("by_ict", "electronic_evidence", "criminal_here", "criminal_there", "coercive"):
            page.select_option(f"select[name={fact}]", "yes")
        if urgent:
            page.check("input[name=urgent]")
        follow(page, "main form button[name=step][value=opinion]")
        follow(page, "main form button[name=step][value=open]")
        page.wait_for_url("**/draft*")
        self.references["kz"] = page.url.split("/")[4]
        return page

    def follow_up(self, measure: str, *identifiers: str) -> None:
        """A further request in the same case."""
        page = self.at(DRAFTER, "follow-up")
        page.select_option("select[name=measure]", measure)
        follow(page, "main form button.main")
        self.write(page, identifiers)
        self.seal(HEAD, "sign")
        self.arrives()

    def arrives(self) -> None:
        """Wait until the request stands on the duty officer's desk as new."""
        page, ours = self.pair.page(*DUTY), self.references["kz"]

        def to_register(page: Any) -> Any:
            return page.locator("main li", has_text=ours).locator("a[href$='/register']")

        new = lambda page: to_register(page).count() > 0  # noqa: E731
        self.pair.until(page, "/desk/", new, "a new request", says=re.escape(ours))
        self.references["tm"] = to_register(page).first.get_attribute("href").split("/")[2]

    def write(self, page: Any, identifiers: tuple[str, ...]) -> None:
        """Fill the draft, everything on one page, and hand it on."""
        page.goto(self.address("kz", "draft?screen=all"))
        for field in page.locator("textarea[name^=content_]").all():
            field.fill("What the investigation knows of it, in one sentence.")
        for n, identifier in enumerate(identifiers):
            if page.locator(f"select[name=item-{n}-identifier_type]").count() == 0:
                follow(page, "button[name=step][value=add]")
            page.select_option(f"select[name=item-{n}-identifier_type]", "email")
            page.fill(f"input[name=item-{n}-identifier_value]", identifier)
            for kind in self.data_kinds:
                page.check(f"input[name=item-{n}-data_kinds][value={kind}]")
        follow(page, "main form button[name=step][value=submit]")
        page.wait_for_url(f"**/requests/{self.references['kz']}/")

    def register(self, who: tuple[str, str] = DUTY) -> None:
        page = self.at(who, "register")
        follow(page, "main form button.main")
        self.sees(DRAFTER, self.references["tm"])

    def fill(self, page: Any, values: dict[str, str | list[str]]) -> None:
        """Fill a form: a text, a choice, or boxes to tick."""
        for name, value in values.items():
            field = page.locator(f"main form [name={name}]")
            kind = field.first.evaluate("node => node.type || node.tagName.toLowerCase()")
            if kind in ("checkbox", "radio"):
                wanted = value if isinstance(value, list) else [value]
                for box in field.all():
                    if kind == "checkbox" and box.input_value() not in wanted:
                        box.uncheck()
                for each in wanted:
                    page.locator(f"main form [name={name}][value='{each}']").check()
            elif kind.startswith("select"):
                field.select_option(value)
            else:
                field.fill(value)

    def seal(self, who: tuple[str, str], place: str, **values: Any) -> Any:
        """Fill the page of an act and sign it."""
        page = self.at(who, place)
        self.fill(page, values)
        follow(page, "main form button[name=sealing][value=at_once]")
        assert page.locator("main .notice.late, main [role=alert]").count() == 0, page.inner_text("main")
        return page

    def decide(self, by: tuple[str, str], signer: tuple[str, str], place: str, **values: Any) -> None:
        """Prepare a letter that decides; whoever prepared it cannot sign it, another official does."""
        self.do(by, place, **values)
        page = self.at(by)
        link = page.locator("main a[href*='/prepared/']").first.get_attribute("href")
        page.goto(link)
        assert page.locator("button[name=sealing]").count() == 0
        self.seal(signer, link.removeprefix(self.address(by[0])))

    def do(self, who: tuple[str, str], place: str, **values: Any) -> Any:
        """Fill the page of an act that writes no letter."""
        page = self.at(who, place)
        self.fill(page, values)
        follow(page, page.locator("main form button.main").first)
        assert page.locator("main [role=alert]").count() == 0, page.inner_text("main")
        return page
