"""What the browser does of itself: it asks, says, counts, rings once, and asks cheaply."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from comity.node.alerts import raising
from comity.node.alerts.models import Kind

COMES_BACK = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a browser says when one comes back to its window: the page asks at once."""
RINGING = """
window.rung = [];
HTMLMediaElement.prototype.play = function () {
  window.rung.push(this.src.split("/").pop());
  return Promise.resolve();
};
"""


def test_an_emergency_is_said_counted_and_rung_until_it_is_acknowledged(visit: Any, node: Any) -> None:
    for each in node["alert"].told.model.objects.filter(ended_at=None):
        raising.end(each.alert, node["alert"].at)
    page = visit("dana")
    page.add_init_script(RINGING)
    with page.expect_response("**/alerts/now"):
        page.goto("/desk/")
    assert page.evaluate("rung") == []

    case = node["was_asked"]
    case.facts["emergency"] = True
    made = raising.raise_alert(Kind.REQUEST_ARRIVED, case.reference, now=node["alert"].at, case=case)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-alert-assertive] a")
    assert page.inner_text("[data-alert-assertive]") == "Alerts (1): An emergency request has arrived."
    assert page.title().startswith("(1) Desk")
    assert page.evaluate("rung") == ["emergency.wav"]
    with page.expect_response("**/alerts/now") as answered:
        page.evaluate(COMES_BACK)
    assert answered.value.status == 304
    page.goto("/requests/")  # another page rings no second time
    page.wait_for_selector("[data-alert-assertive] a")
    assert page.evaluate("rung") == []

    page.keyboard.press("Tab")
    page.click("[data-alert-assertive] a")
    page.get_by_role("button", name=re.compile("Acknowledge.*An emergency")).press("Enter")
    page.get_by_text("Acknowledged: nobody further is told.").wait_for()
    made.refresh_from_db()
    assert made.ended_by.username == "dana"
    assert made.next_at is None
    assert made.ended_at - made.at > timedelta(0)
    assert page.complaints == []


def test_whoever_is_signed_out_is_told_that_alerts_do_not_arrive(visit: Any, node: Any) -> None:
    page = visit("dana")
    page.goto("/desk/")
    page.wait_for_selector("[data-alert-assertive] a")
    page.context.clear_cookies()
    page.evaluate(COMES_BACK)
    page.get_by_text("You are signed out: alerts do not arrive here.").wait_for()
