"""The paths of a request, each walked in browsers on both sides between two nodes that really run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import CHROMIUM
from tests.journeys.pair import THIRD, Pair, shows
from tests.journeys.ways import ACCOUNT, DEPUTY, DRAFTER, DUTY, EXECUTING, HEAD, Way
from tests.windows import follow

from comity.demonstration import cast, users

pytestmark = [
    pytest.mark.story,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]

ORDER = {
    "legal_basis": "Criminal Procedure Code (demonstration)",
    "necessity": "The account can be emptied.",
    "proportionality": "One account.",
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, chromium) -> Iterator[Pair]:
    made = Pair(tmp_path_factory.mktemp("pair"), chromium)
    users.deceive(made.where.provider_url)
    try:
        yield made
    finally:
        made.stop()


def test_a_request_is_withdrawn_and_its_execution_stopped(pair: Pair) -> None:
    way = Way(pair, "Withdrawn")
    way.ask("access_stored_data", ACCOUNT)
    way.register()
    way.decide(DRAFTER, HEAD, "withdraw-request", text="The suspect has handed everything over himself.")
    way.sees(DUTY, "withdrawn")
    way.seal(EXECUTING, "stop-execution", text="Nothing more is done.")
    way.sees(DRAFTER, "withdrawn")


def test_a_request_that_lacks_something_is_supplemented(pair: Pair) -> None:
    way = Way(pair, "Supplemented")
    way.ask("access_stored_data", ACCOUNT)
    way.register()
    way.seal(DUTY, "ask-supplement", text="By when is the answer needed?", fields_missing="facts")
    page = way.sees(DRAFTER, "deficient")
    assert page.locator("main", has_text="Supplement asked").count()
    more = {"text": "As follows.", "content_facts": "The bank closed the gap on Monday."}
    way.decide(DRAFTER, HEAD, "give-supplement", **more)
    way.sees(DUTY, "Supplement")
    way.seal(EXECUTING, "resume-execution", text="The request is complete now.")
    way.sees(DRAFTER, "in execution|registered")


def test_a_request_is_refused_after_consultation_item_by_item(pair: Pair) -> None:
    way = Way(pair, "Refused")
    way.ask("access_stored_data", ACCOUNT, "second@post.example")
    way.register()
    page = way.at(DEPUTY, "refuse")
    assert page.locator(".checks .open a", has_text="Consult the other side").count() == 1
    way.seal(DEPUTY, "consult", text="We think of refusing the second item. Is more known?", about="refusal")
    way.sees(DRAFTER, "Consultation")
    way.seal(HEAD, "reply-to-consultation", text="No more is known.")
    way.sees(DEPUTY, "Reply")
    page = way.at(DEPUTY, "refuse")
    assert page.locator(".checks .open a", has_text="Consult the other side").count() == 0
    ground = page.locator("main form input[name=ground]").first.get_attribute("value")
    belongs = {"item": "2", "ground": ground, "reasons": "The account belongs to a court."}
    way.decide(EXECUTING, DEPUTY, "refuse", **belongs)
    way.sees(DRAFTER, "The account belongs to a court")


def test_execution_is_postponed_and_conditions_bind_once_accepted(pair: Pair) -> None:
    way = Way(pair, "Postponed")
    way.ask("access_stored_data", ACCOUNT)
    way.register()
    way.seal(DEPUTY, "consult", text="Our own case would suffer now.", about="postponement")
    way.sees(DRAFTER, "Consultation")
    way.seal(HEAD, "reply-to-consultation", text="We can wait for a month.")
    way.sees(DEPUTY, "Reply")
    page = way.at(DEPUTY, "postpone-execution")
    ground = page.locator("main form input[name=ground]").first.get_attribute("value")
    reasons = "Our own investigation goes first."
    way.decide(EXECUTING, DEPUTY, "postpone-execution", text=reasons, ground=ground)
    way.sees(DRAFTER, "postponed")
    way.decide(
        EXECUTING,
        DEPUTY,
        "offer-conditions",
        text="We help under one condition.",
        condition_1="confidential",
        words_1="The data are shown to nobody but the court.",
    )
    way.sees(DRAFTER, "Conditions offered")
    way.decide(DRAFTER, HEAD, "accept-conditions", text="Accepted.")
    way.sees(DUTY, "Conditions accepted")
    for who in (DRAFTER, DUTY):
        way.sees(who, "shown to nobody but the court", "use")


def test_a_request_is_forwarded_to_the_competent_body(pair: Pair) -> None:
    way = Way(pair, "Forwarded")
    way.ask("access_stored_data", ACCOUNT)
    way.register()
    way.seal(
        DUTY,
        "forward-request",
        text="It is with the prosecutor.",
        competent="Prosecutor General",
        abroad="here",
    )
    way.sees(DRAFTER, "forwarded")
    way.seal(HEAD, "ask-status", text="How does it stand?")
    way.sees(DUTY, "Status asked|Question")
    way.seal(DUTY, "tell-status", text="The prosecutor has it.")
    way.sees(DRAFTER, "tells the status")


def test_a_request_is_executed_in_part_and_another_use_waits_for_permission(pair: Pair) -> None:
    way = Way(pair, "Executed")
    way.ask("preserve_data", ACCOUNT)
    way.register()
    way.do(DUTY, "order-preservation", **ORDER)
    way.sees(DUTY, "carried out", "report-preservation")
    way.do(DUTY, "report-preservation")
    way.sees(DRAFTER, "preserved until")
    way.follow_up("access_stored_data", ACCOUNT, "second@post.example")
    way.register()
    for item in ("1", "2"):
        way.do(EXECUTING, "order-production", item=item, **ORDER)
    way.sees(EXECUTING, r"\.mbox|\.csv|\.json|\.eml")
    way.do(
        EXECUTING,
        "result",
        authenticity="Exact copies.",
        outcome_1="executed",
        outcome_2="impossible",
        note_2="No such account.",
    )
    way.seal(DEPUTY, "release")
    way.sees(DRAFTER, "partly executed")
    way.sees(DRAFTER, "verified|proved")
    other = {"purpose": "other_proceedings", "description": "The proceedings on a second bank."}
    other["proceedings"] = "City Court, case 12"
    page = way.at(DRAFTER, "use/record")
    way.fill(page, other)
    follow(page, "main form button.main")
    assert "permission" in page.locator("main .notice.late, main [role=alert]").first.inner_text()
    way.seal(
        HEAD,
        "ask-use-permission",
        text="The same account wrote to a second bank.",
        purpose="other_proceedings",
        use="The proceedings on a second bank.",
        proceedings="City Court, case 12",
    )
    way.sees(DEPUTY, "Permission of another use asked")
    way.decide(EXECUTING, DEPUTY, "grant-use-permission", text="Permitted.")
    way.sees(DRAFTER, "Another use permitted")
    page = way.at(DRAFTER, "use/record")
    way.fill(page, other)
    page.locator("main form input[name=permission]").first.check()
    follow(page, "main form button.main")
    way.sees(DRAFTER, "The proceedings on a second bank", "use")


def test_what_was_asked_by_telephone_is_executed_at_once_and_answered_once_confirmed(pair: Pair) -> None:
    way = Way(pair, "Asked orally")
    draft = way.open("preserve_data", urgent=True)
    spoken = {
        "made_at": "2026-06-12T03:05",
        "means": "telephone",
        "asked": "To preserve the mailbox.",
        "urgency": "It is being emptied.",
        "agreed": "The duty officer agreed.",
    }
    asked_of = {"person_name": "The duty officer", "person_post": "Duty officer"}
    way.do(DRAFTER, "oral", **spoken, **asked_of)
    way.sees(DRAFTER, "waits for confirmation in writing", "oral")

    minute = pair.page(*DUTY)
    minute.goto("/requests/oral")
    minute.click("main details.more summary")
    asked_by = {"person_name": "The investigator", "person_post": "Investigator"}
    asked = {"peer": cast.node("kz")["id"], "measure": "preserve_data", "heading": "By telephone"}
    about = {"identifier_type": "email", "identifiers": ACCOUNT, "offence": "uncc:art_7"}
    way.fill(minute, spoken | asked_by | asked | about)
    minute.check("input[name=called_back]")
    follow(minute, minute.locator("main form button.main").last)
    minute.wait_for_url("**/requests/TM-*/")
    noted = minute.url.split("/")[4]

    way.references["tm"] = noted
    way.do(DUTY, "order-preservation", **ORDER)
    way.sees(DUTY, "carried out", "report-preservation")
    page = way.at(DUTY, "report-preservation")
    follow(page, page.locator("main form button.main").first)
    assert "confirmation" in page.locator("main .notice.late, main [role=alert]").first.inner_text()

    way.write(draft, (ACCOUNT,))
    way.seal(HEAD, "sign")
    way.arrives()
    page = way.at(DUTY, "register")
    follow(page, "main form button.main")
    assert page.locator("main [role=alert], main .notice.late").count(), "it may confirm what was noted"
    page = way.at(DUTY, "confirmation")
    follow(page, "main form button.main")
    page.wait_for_url(f"**/requests/{noted}/**")
    way.references["tm"] = noted
    way.register()
    way.do(DUTY, "report-preservation")
    way.sees(DRAFTER, "preserved until")
    way.sees(DRAFTER, "confirmed in writing", "oral")
    way.sees(DUTY, "confirmed in writing", "oral")


def test_a_path_is_disclosed_and_followed_into_a_third_state(pair: Pair) -> None:
    pair.join_third()
    way = Way(pair, "Path through three States")
    way.data_kinds = ("subscriber", "traffic")
    way.ask("preserve_data", ACCOUNT)
    way.register()
    way.do(DUTY, "order-preservation", **ORDER)
    way.sees(DUTY, "carried out", "report-preservation")
    relay = {"state_1": THIRD["state"], "provider_1": "Relay of mail", "identifier_1": "relay.example"}
    way.decide(DUTY, DEPUTY, "disclose-path", text="A provider in another State took part.", **relay)
    way.sees(DRAFTER, "writes on the path of a communication")
    page = way.at(DRAFTER)
    follow(page, "main a[href$='/path']")
    assert "relay.example" in page.inner_text("main")
    follow(page, "main form button.main")
    page.wait_for_url("**/draft*")

    onward = Way(pair, "Path through three States")
    onward.references["kz"] = page.url.split("/")[4]
    page.goto(onward.address("kz", "draft?screen=all"))
    assert page.input_value("input[name=item-0-identifier_value]") == ACCOUNT, (
        "what was asked is carried over"
    )
    for field in page.locator("textarea[name^=content_]").all():
        if not field.input_value():
            field.fill("What the investigation knows of it, in one sentence.")
    follow(page, "main form button[name=step][value=submit]")
    page.wait_for_url(f"**/requests/{onward.references['kz']}/")
    onward.seal(HEAD, "sign")
    there, ours = pair.page(THIRD["side"], THIRD["person"]["username"]), onward.references["kz"]
    pair.until(there, "/desk/", shows(ours), "the request in the third State", says=ours)
    follow(there, there.locator("main li", has_text=ours).locator("a[href$='/register']"))
    follow(there, there.locator("main form button.main").first)
    onward.sees(DRAFTER, rf"{THIRD['state']}-\d{{4}}-\d{{6}}")
