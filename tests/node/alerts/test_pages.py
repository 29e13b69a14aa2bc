"""The pages of alerts, what a browser asks every few seconds, and how an official is reached."""

from __future__ import annotations

import re
import wave
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comity.node.accounts.models import Organisation
from comity.node.alerts import codes, raising, watching
from comity.node.alerts.models import Address, Alert, Kind, Message
from comity.node.api import tokens
from comity.node.config import MailGateway
from comity.node.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(official: Any) -> Any:
    return official("duty_officer")


def test_the_browser_is_told_in_one_query_and_of_no_case(
    enter: Any, duty: Any, emergency: Any, arrived: Any
) -> None:
    client = enter(duty)
    assert client.get("/alerts/now").json() == {
        "count": 0,
        "emergencies": 0,
        "newest": 0,
        "alerts": [],
        "sound": True,
        "desktop": False,
    }
    alert = arrived(emergency)
    with CaptureQueriesContext(connection) as found:
        answer = client.get("/alerts/now")
    of_alerts = [each["sql"] for each in found.captured_queries if "alerts_" in each["sql"]]
    assert len(of_alerts) == 1
    said = answer.json()
    text = "An emergency request has arrived."
    assert said["alerts"] == [{"id": alert.pk, "urgency": "emergency", "text": text}]
    assert emergency.reference not in answer.content.decode()
    again = client.get("/alerts/now", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    raising.acknowledge(duty, alert.pk, now=timezone.now())
    assert client.get("/alerts/now", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


def test_an_alert_of_a_drill_leads_to_it(enter: Any, duty: Any, drill: Any, clock: Any) -> None:
    watching.look(clock.now)
    page = enter(duty).get(f"/alerts/{Alert.objects.get().pk}/").content.decode()
    assert f'href="/drills/{drill.pk}/"' in page


def test_one_reacts_without_a_script_and_emergencies_one_by_one(
    enter: Any, duty: Any, case: Any, emergency: Any, arrived: Any
) -> None:
    client, grave = enter(duty), arrived(emergency)
    for n in (2, 3):
        arrived(case(f"XA-2027-00000{n}"))
    page = client.get("/alerts/").content.decode()
    assert emergency.reference in page
    seen = re.findall(r'name="seen" value="(\d+)"', page)
    late = arrived(case("XA-2027-000004"))
    assert client.post("/alerts/acknowledge", {"seen": seen}, follow=True).status_code == 200
    assert set(Alert.objects.filter(ended_at=None)) == {grave, late}, "what came since was not seen"
    raising.acknowledge(duty, late.pk, now=timezone.now())
    page = client.post(f"/alerts/{grave.pk}/acknowledge", follow=True).content.decode()
    assert "Nothing waits for you" in page
    assert not Alert.objects.filter(ended_at=None).exists()


def test_an_alert_of_a_case_that_is_not_open_any_more_is_shown_without_it(
    enter: Any, duty: Any, emergency: Any, arrived: Any
) -> None:
    arrived(emergency)
    duty.organisation = Organisation.objects.create(id="court", kind="court")
    duty.save()
    page = enter(duty).get("/alerts/").content.decode()
    assert "An emergency request has arrived." in page
    assert emergency.reference not in page


def test_nobody_sees_or_ends_what_they_were_not_told_of(
    enter: Any, official: Any, duty: Any, emergency: Any, arrived: Any
) -> None:
    alert = arrived(emergency)
    stranger = enter(official("drafter"))
    assert stranger.get(f"/alerts/{alert.pk}/").status_code == 404
    assert stranger.post(f"/alerts/{alert.pk}/acknowledge").status_code == 404
    overseer = enter(official("registrar"))
    assert emergency.reference in overseer.get("/alerts/").content.decode()
    assert overseer.get(f"/alerts/{alert.pk}/").status_code == 200


def test_the_api_lists_and_acknowledges(client: Any, duty: Any, emergency: Any, arrived: Any) -> None:
    arrived(emergency)
    secret = tokens.make(duty, "-", days=1, now=timezone.now(), roles=["duty_officer"])
    headers = {"Authorization": f"Bearer {secret}"}
    (one,) = client.get("/api/alerts", headers=headers).json()["own"]
    assert (one["kind"], one["case"], one["ended_at"]) == (Kind.REQUEST_ARRIVED, emergency.reference, None)
    answer = client.post(f"/api/alerts/{one['id']}/acknowledge", headers=headers).json()
    assert answer["ended_by"] == duty.username
    assert client.get("/api/alerts", headers=headers).json() == {"own": [], "others": []}


def test_an_official_enters_proves_tries_and_removes_an_address(enter: Any, duty: Any, setting: Any) -> None:
    setting(mail=MailGateway(host="127.0.0.1", port=9, tls="none", sender="node@state-xa.example"))
    client = enter(duty)
    values = {"mail-address": "officer@state-xa.example", "mail-least": "emergency"}
    page = client.post("/alerts/reached/mail", values, follow=True).content.decode()
    assert "Code of six digits" in page
    address = Address.objects.get()
    assert client.post("/alerts/reached/mail/test").status_code == 404  # not before it is proved
    wrong = client.post("/alerts/reached/mail/confirm", {"code": "none"})
    assert (wrong.status_code, "code_wrong" in wrong.content.decode()) == (409, True)
    client.post("/alerts/reached/mail/confirm", {"code": codes.of(address)})
    address.refresh_from_db()
    assert address.verified_at is not None
    client.post("/alerts/reached/mail/test")
    assert [each.purpose for each in Message.objects.order_by("at")] == ["code", "test"]
    assert Job.objects.filter(kind="alert_message").count() == 2
    client.post("/alerts/reached/mail/remove")
    assert Address.objects.get().address == ""


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("mail", "nobody"),
        ("mail", "a@b.example\r\nBcc: c@d.example"),
        ("mail", "é@state-xa.example"),
        ("sms", "112"),
        ("sms", "+7701000000000000000"),
        ("sms", "+7701\n{text}"),
    ],
)
def test_what_is_no_address_is_refused_at_the_field(enter: Any, duty: Any, way: str, address: str) -> None:
    values = {f"{way}-address": address, f"{way}-least": "urgent"}
    assert enter(duty).post(f"/alerts/reached/{way}", values).status_code == 422
    assert not Address.objects.exists()


def test_a_way_without_a_gateway_is_closed_and_an_unknown_one_is_not_there(enter: Any, duty: Any) -> None:
    values = {"mail-address": "officer@state-xa.example", "mail-least": "urgent"}
    answer = enter(duty).post("/alerts/reached/mail", values)
    assert "way_closed" in answer.content.decode()
    assert enter(duty).post("/alerts/reached/pigeon", values).status_code == 404


def test_quiet_hours_have_two_ends(enter: Any, duty: Any) -> None:
    client = enter(duty)
    assert client.post("/alerts/reached/hearing", {"quiet_from": "22:00"}).status_code == 422
    kept = {"sound": "on", "quiet_from": "22:00", "quiet_until": "07:00"}
    assert client.post("/alerts/reached/hearing", kept).status_code == 302


def test_the_page_of_gateways_shows_no_secret_and_no_address(
    enter: Any, official: Any, duty: Any, proved: Any, setting: Any
) -> None:
    setting(
        mail=MailGateway(host="mail.state-xa.example", sender="node@state-xa.example", user="the-user"),
    )
    address = proved(duty)
    now = timezone.now()
    Message.objects.create(address=address, way="mail", purpose="alerts", state="failed", at=now, due_at=now)
    page = enter(official("administrator")).get("/alerts/gateways/").content.decode()
    assert "mail.state-xa.example:587" in page
    assert "the-user" not in page
    assert address.address not in page


def test_the_sounds_are_what_the_tool_computes(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools import sounds

    kept = sounds.FOLDER
    monkeypatch.setattr(sounds, "FOLDER", tmp_path)
    sounds.main()
    for name in sounds.TONES:
        assert (tmp_path / name).read_bytes() == (kept / name).read_bytes()
        with wave.open(str(kept / name)) as sound:  # WCAG 2.2, 1.4.2: none plays for three seconds
            assert sound.getnframes() / sound.getframerate() < 3


def test_doctor_tells_of_a_missing_secret_and_of_messages_that_failed(
    duty: Any, proved: Any, setting: Any
) -> None:
    from comity.node import config, diagnosing

    secret = "no-such-file"
    host, sender = "mail.state-xa.example", "node@state-xa.example"
    setting(mail=MailGateway(host=host, sender=sender, user="node", secret_file=secret))
    now = timezone.now()
    address = proved(duty)
    Message.objects.create(address=address, way="mail", purpose="alerts", state="failed", at=now, due_at=now)
    found = [
        each for each in diagnosing.diagnose(config.current(), now) if each.subject.startswith("alerts by")
    ]
    assert [(each.subject, each.code) for each in found] == [
        ("alerts by sms", None),
        ("alerts by mail", "gateway_secret_missing"),
        ("alerts by mail", "messages_failed"),
    ]
    assert not any(address.address in each.text for each in found)


def test_an_alert_about_a_letter_leads_to_it(enter: Any, duty: Any, emergency: Any, clock: Any) -> None:
    letter = "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11"
    about = f"{emergency.reference}:{letter}"
    failed = raising.raise_alert(Kind.LETTER_FAILED, about, now=clock.now, case=emergency)
    refused = raising.raise_alert(Kind.LETTER_REFUSED, "xb-247", now=clock.now)
    client = enter(duty)
    assert f'href="/letters/{letter}/"' in client.get(f"/alerts/{failed.pk}/").content.decode()
    assert 'href="/letters/?list=failed"' in client.get(f"/alerts/{refused.pk}/").content.decode()
