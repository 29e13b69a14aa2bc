"""Webhooks: signed notices of references and kinds alone, to endpoints outside, in somebody's name."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client
from tests.node import believable

from comity.node import config, wiring
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.administration.models import Change
from comity.node.casework import events
from comity.node.casework.models import Case
from comity.node.clocks import reminders, running
from comity.node.exchange.models import Letter
from comity.node.jobs import outbox
from comity.node.jobs import running as jobs_running
from comity.node.jobs.models import Job
from comity.node.webhooks import acts, reaching, telling
from comity.node.webhooks.models import Delivery, Endpoint, Happening
from comity.proofs.receipts import ReceiptName

pytestmark = pytest.mark.django_db


class Listener(BaseHTTPRequestHandler):
    """Keeps what it is told and answers as the test says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((dict(self.headers.items()), body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def program() -> Iterator[Any]:
    """A program of the State's that listens on a free port of this machine."""
    server = HTTPServer(("127.0.0.1", 0), Listener)
    server.told, server.answer = [], 204  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine itself may be told, as node.toml of a test says."""
    node = dataclasses.replace(config.current(), webhook_networks=["127.0.0.0/8"])
    monkeypatch.setattr(config, "current", lambda: node)


@pytest.fixture
def rows(keys: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(events, "_listeners", [telling.on_event])
    outbox.handler(telling.JOB, telling.send)
    return believable.build()


@pytest.fixture
def registered(rows: dict[str, Any], loopback: None, program: Any, clock: Any) -> tuple[Endpoint, str]:
    """An endpoint of everything, in the duty officer's name, and its secret."""
    return acts.register(
        rows["people"]["keeper"],
        f"http://127.0.0.1:{program.server_port}/hook",
        events=Happening.values,
        speaker=rows["people"]["duty"],
        now=clock.now,
    )


def expected(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature as the specification of Standard Webhooks computes it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def happen(rows: dict[str, Any], clock: Any, kind: str = "case_opened", **params: Any) -> None:
    events.note(rows["asked"], kind, now=clock.now, **params)


def test_a_notice_is_signed_and_names_reference_and_kind_alone(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    happen(rows, clock, "draft_returned", reason="The account of a.login@mail.example is missing")
    run_jobs()
    ((headers, body),) = program.told
    assert headers["webhook-signature"] == expected(registered[1], headers, body)
    assert headers["webhook-timestamp"] == str(int(clock.now.timestamp()))
    assert json.loads(body) == {
        "type": "case.changed",
        "timestamp": "2027-06-12T03:12:00Z",
        "data": {"case": rows["asked"].reference, "event": "draft_returned", "letter": None},
    }
    assert Delivery.objects.get().state == "delivered"


@pytest.mark.parametrize(
    ("kind", "with_letter", "happening"),
    [
        ("request_received", True, "letter.received"),
        ("letter_opened", True, "case.changed"),
        ("clock_ran_out", False, "clock.ran_out"),
        ("clock_reminder", False, "clock.reminder"),
        ("exhibits_received", False, "case.changed"),
    ],
)
def test_each_line_of_the_timeline_is_told_as_what_it_is(
    rows: Any, registered: Any, clock: Any, kind: str, with_letter: bool, happening: str
) -> None:
    happen(rows, clock, kind, letter=rows["request"].pk if with_letter else None)
    assert Delivery.objects.get().event == happening


def test_a_clock_that_nears_its_end_and_runs_out_is_told(
    rows: Any, registered: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the node is wired: the clock's room knows nothing of webhooks."""
    monkeypatch.setattr(running, "_handlers", {})
    monkeypatch.setattr(reminders, "_listeners", [])
    wiring.connect()
    made = running.start(
        rows["asked"].reference, "execution", "uncc:art_40", "requested", starts_at=clock.now, duration="P3D"
    )
    for at, happening in ((made.remind_at, "clock.reminder"), (made.due_at, "clock.ran_out")):
        Delivery.objects.all().delete()
        reminders.note(at)
        running.run_out(at)
        told = [each for each in Delivery.objects.all() if each.case_reference == made.case_reference]
        assert happening in {each.event for each in told}


def test_what_becomes_of_a_letter_of_ours_is_told(rows: Any, registered: Any, clock: Any) -> None:
    letter = Letter.objects.get(pk=rows["request"].pk)
    case = Case.objects.get(reference=letter.case_reference)
    for receipt in ReceiptName:
        telling.on_receipt(case, letter, receipt, clock.now)
    told = sorted(Delivery.objects.values_list("event", flat=True))
    assert told == ["letter.accepted", *["letter.failed"] * 4]


def test_only_what_was_asked_for_and_only_of_cases_open_to_the_speaker(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    Endpoint.objects.update(events=["letter.failed"])
    happen(rows, clock)
    assert not Delivery.objects.exists()
    Endpoint.objects.update(events=Happening.values)
    duty = rows["people"]["duty"]
    Official.objects.filter(pk=duty.pk).update(organisation=Organisation.objects.create(id="court"))
    happen(rows, clock)
    assert not Delivery.objects.exists()  # the case is another body's
    Official.objects.filter(pk=duty.pk).update(organisation=None)
    happen(rows, clock)
    Official.objects.filter(pk=duty.pk).update(is_active=False)  # left before the notice was sent
    run_jobs()
    assert (Delivery.objects.get().last_code, program.told) == ("not_entitled", [])


def test_during_a_change_both_secrets_sign_and_afterwards_the_new_one_alone(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    endpoint, old = registered
    new = acts.change_secret(rows["people"]["keeper"], endpoint.pk, now=clock.now)
    happen(rows, clock)
    run_jobs()
    clock.advance(hours=25)
    happen(rows, clock)
    run_jobs()
    (first, body), (second, later) = program.told
    assert first["webhook-signature"].split(" ") == [expected(new, first, body), expected(old, first, body)]
    assert second["webhook-signature"] == expected(new, second, later)
    stored = repr(list(Endpoint.objects.values()))
    assert new not in stored
    assert old not in stored


def test_a_failure_is_tried_again_with_the_same_bytes_under_the_same_id(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    program.answer = 503
    happen(rows, clock)
    run_jobs()
    program.answer = 200
    clock.advance(minutes=1)
    run_jobs()
    (first, body), (second, again) = program.told
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert first["webhook-timestamp"] != second["webhook-timestamp"]
    assert (Delivery.objects.get().attempts, Endpoint.objects.get().failures) == (2, 0)


@pytest.fixture
def dawdler() -> Iterator[Any]:
    """A program that never stops beginning its answer: a byte in a while, each in time."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                talk, _ = server.accept()
                with talk:
                    for sign in b"HTTP/1.1 204 " + b"x" * 600:
                        talk.send(bytes([sign]))
                        time.sleep(0.1)

    threading.Thread(target=serve, daemon=True).start()
    yield server
    server.close()


def test_an_endpoint_that_dawdles_costs_its_budget_and_no_more(
    rows: Any, registered: Any, dawdler: Any, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "BUDGET", 0.5)
    Endpoint.objects.update(url=f"http://127.0.0.1:{dawdler.getsockname()[1]}/")
    happen(rows, clock)
    began = time.monotonic()
    run_jobs()
    assert time.monotonic() - began < 30
    assert Delivery.objects.get().last_code == "TimeoutError"


def test_notices_wait_in_the_lane_of_their_endpoint_aside_of_the_nodes_work(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    happen(rows, clock)
    assert Job.objects.get(kind=telling.JOB).lane == registered[0].pk.hex
    while jobs_running.run_one(clock.now, "worker", aside=False):
        pass
    assert program.told == []
    assert jobs_running.run_one(clock.now, "worker", aside=True)
    assert len(program.told) == 1


def test_a_redirect_is_not_followed_and_counts_as_a_failure(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    program.answer = 307
    happen(rows, clock)
    run_jobs()
    assert len(program.told) == 1
    assert Delivery.objects.get().last_code == "307"


def test_one_that_never_answers_is_switched_off_and_leaves_no_job_behind(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any
) -> None:
    program.answer = 500
    for _ in range(3):
        happen(rows, clock)
    for _ in range(40):
        run_jobs()
        clock.advance(minutes=20)
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_active, endpoint.failures) == (False, telling.MOST_FAILURES)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert not Job.objects.exclude(state="done").exists()
    acts.switch(rows["people"]["keeper"], endpoint.pk, on=True, now=clock.now)
    assert Endpoint.objects.get().failures == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.0.1/",
        "https://172.16.9.9/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[fec0::1]/",
        "https://[::a00:1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "http://93.184.216.34/",
        "ftp://93.184.216.34/",
        "file:///etc/passwd",
        "https://user:word@93.184.216.34/",
        "https://93.184.216.34/#part",
        "https://93.184.216.34:99999/",
        "https:///",
        "//93.184.216.34/",
        "https://93.184.216.34/\r\nX-Other: 1",
    ],
)
def test_addresses_that_notices_must_not_reach_are_refused(url: str) -> None:
    with pytest.raises(reaching.EndpointRefusedError):
        reaching.judge(url)


def test_a_public_address_is_called_and_a_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert str(reaching.judge("https://93.184.216.34/hook")[1]) == "93.184.216.34"

    def resolve(*addresses: str) -> None:
        found = [(0, 0, 0, "", (address, 443)) for address in addresses]
        monkeypatch.setattr(reaching.socket, "getaddrinfo", lambda *_, **__: found)

    resolve("93.184.216.34", "10.0.0.1")  # one good address does not excuse a bad one
    with pytest.raises(reaching.EndpointRefusedError):
        reaching.judge("https://program.example/")
    resolve("93.184.216.34")
    assert reaching.judge("https://program.example/")[0] == "program.example"


def test_a_name_that_leads_inside_only_when_it_is_called_is_refused_then(
    rows: Any, registered: Any, program: Any, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = dataclasses.replace(config.current(), webhook_networks=[])
    monkeypatch.setattr(config, "current", lambda: node)
    happen(rows, clock)
    run_jobs()
    assert program.told == []
    assert Delivery.objects.get().last_code == "endpoint_refused"


def test_without_tls_only_this_machine_may_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    node = dataclasses.replace(config.current(), webhook_networks=["10.0.0.0/8", "127.0.0.0/8"])
    monkeypatch.setattr(config, "current", lambda: node)
    reaching.judge("https://10.1.2.3/")
    reaching.judge("http://127.0.0.1:8080/")
    with pytest.raises(reaching.EndpointRefusedError):
        reaching.judge("http://10.1.2.3/")


def test_only_administrators_register_and_only_for_somebody_who_sees_cases(
    rows: Any, loopback: None, official: Any, clock: Any
) -> None:
    keeper, duty = rows["people"]["keeper"], rows["people"]["duty"]
    values: dict[str, Any] = {"events": ["case.changed"], "speaker": duty, "now": clock.now}
    for role in Role:
        if role != Role.ADMINISTRATOR:
            with pytest.raises(NotAuthorisedError):
                acts.register(official(role), "http://127.0.0.1:1/", **values)
    with pytest.raises(acts.SpeakerSeesNothingError):
        acts.register(keeper, "http://127.0.0.1:1/", **values | {"speaker": keeper})
    for wrong in ([], ["case.changed", "case.deleted"]):
        with pytest.raises(acts.EventsUnknownError):
            acts.register(keeper, "http://127.0.0.1:1/", **values | {"events": wrong})
    assert not Endpoint.objects.exists()


def test_the_pages_register_show_change_and_remove(
    rows: Any, loopback: None, program: Any, clock: Any, run_jobs: Any
) -> None:
    client = Client()
    client.force_login(rows["people"]["keeper"], "allauth.account.auth_backends.AuthenticationBackend")
    form = {
        "url": f"http://127.0.0.1:{program.server_port}/",
        "events": ["case.changed"],
        "speaker": rows["people"]["duty"].pk,
    }
    shown = client.post("/webhooks/", form).content.decode()
    assert "whsec_" in shown
    made = Endpoint.objects.get()
    page = f"/webhooks/{made.pk}/"
    happen(rows, clock)
    run_jobs()
    said = client.get(page).content.decode()
    assert "delivered" in said
    assert "whsec_" not in said
    assert rows["asked"].reference not in said  # the administrator sees no case
    assert "whsec_" in client.post(page + "secret").content.decode()
    assert client.post(page + "switch", {"on": "no"}).status_code == 302
    assert client.post(page + "remove").status_code == 302
    assert client.get(page).status_code == 404
    with pytest.raises(NothingThereError):
        acts.switch(rows["people"]["keeper"], made.pk, on=True, now=clock.now + timedelta(days=1))
    kinds = [change.kind for change in Change.objects.order_by("id")]
    assert kinds == ["endpoint_added", "endpoint_secret", "endpoint_changed", "endpoint_removed"]
    assert client.post("/webhooks/", form | {"url": "https://10.0.0.1/"}).status_code == 409
    assert client.post("/webhooks/", form | {"events": []}).status_code == 422


def test_whoever_has_an_event_loop_of_its_own_can_tell_an_endpoint_too(program: Any, loopback: None) -> None:
    async def tell() -> None:
        reaching.post(f"http://127.0.0.1:{program.server_port}/", "{}", {})

    with ThreadPoolExecutor(max_workers=1) as aside:  # a browser's loop may run in this process
        aside.submit(asyncio.run, tell()).result()
    assert len(program.told) == 1
