"""Messages leave by a real mail server and a real gateway: what they say, when, and how they fare."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.node.alerts.servers import PASSWORD, Mailbox, mail_server, make_certificate, sms_gateway

from comity.node import config, worker
from comity.node.alerts import codes, messages, reached, sending
from comity.node.alerts.gateways import GatewayRefusedError, GatewayUnreachableError, mail, send
from comity.node.alerts.models import Address, Alert, Hearing, Kind, Message, MessageState
from comity.node.alerts.raising import acknowledge
from comity.node.config import MailGateway, NodeFolderUnusableError, SmsGateway
from comity.node.jobs import outbox, running
from comity.node.jobs.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[Mailbox]:
    with mail_server(certificate) as box:
        yield box


@pytest.fixture
def mailbox(server: Mailbox, certificate: Path, setting: Any) -> Mailbox:
    """This node's mail server, by STARTTLS and with a password."""
    server.answer = ""
    for kept in (server.raw, server.recipients, server.encrypted, server.users):
        kept.clear()
    (config.current().folder / "mail-password").write_text(PASSWORD + "\n")
    setting(mail=gateway(server, certificate))
    return server


def gateway(server: Mailbox, certificate: Path, **columns: Any) -> MailGateway:
    columns = {"user": "node", "sender": "node@state-xa.example"} | columns
    ca = str(certificate.parent / "ca.pem")
    return MailGateway(host="127.0.0.1", port=server.port, **{"ca_file": ca} | columns)


def read(raw: bytes) -> Any:
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_an_emergency_leaves_at_once_encrypted_and_signed_in_and_says_nothing_of_the_case(
    mailbox: Mailbox, official: Any, proved: Any, emergency: Any, arrived: Any, run_jobs: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, "comity")
    duty = official("duty_officer", full_name="Dana Ospanova")
    proved(duty)
    arrived(emergency)
    run_jobs()
    said = read(mailbox.raw[0])
    assert said["Subject"] == "Point of contact of State XA: Emergency"
    assert (
        said.get_content() == "An emergency request has arrived. Sign in: http://127.0.0.1:8000/alerts/\r\n"
    )
    assert (mailbox.encrypted, mailbox.users) == ([True], ["node"])
    assert mailbox.recipients == ["officer@state-xa.example"]
    left = mailbox.raw[0].decode()
    for kept in (
        emergency.reference,
        emergency.heading,
        emergency.peer_reference,
        "Ospanova",
        "a.login",
        "XB",
    ):
        assert kept not in left
    assert PASSWORD not in caplog.text + left
    assert "officer@" not in caplog.text
    assert PASSWORD not in json.dumps(list(Job.objects.values_list("payload", flat=True)))


@pytest.mark.parametrize(("language", "part"), [("ru", "Поступила"), ("kk", "Төтенше")])
def test_a_message_speaks_the_official_s_language(
    mailbox: Mailbox,
    official: Any,
    proved: Any,
    emergency: Any,
    arrived: Any,
    run_jobs: Any,
    language: str,
    part: str,
) -> None:
    proved(official("duty_officer", language=language))
    arrived(emergency)
    run_jobs()
    assert part in read(mailbox.raw[0]).get_content()


def test_however_many_arrive_one_message_leaves_with_a_count(
    mailbox: Mailbox, official: Any, proved: Any, case: Any, arrived: Any, run_jobs: Any, clock: Any
) -> None:
    """The first leaves at once; what comes in the pause after it leaves together."""
    proved(official("duty_officer"))
    found = [case(f"XA-2027-{n:06}") for n in range(12)]
    arrived(found[0])
    run_jobs()
    for one in found[1:]:
        for _ in range(10):
            arrived(one)
    for _ in range(3):
        run_jobs()
    assert len(mailbox.raw) == 1
    clock.advance(minutes=15)
    run_jobs()
    assert len(mailbox.raw) == 2  # without the pause and the count there would be 111
    assert read(mailbox.raw[1]).get_content().startswith("Waiting for you: 110. Emergencies among them: 0.")
    assert Message.objects.count() == 2
    clock.advance(hours=1)
    run_jobs()
    assert len(mailbox.raw) == 2


def test_an_emergency_overtakes_what_waits_for_less(
    mailbox: Mailbox,
    official: Any,
    proved: Any,
    case: Any,
    emergency: Any,
    arrived: Any,
    run_jobs: Any,
    clock: Any,
) -> None:
    proved(official("duty_officer"))
    for n in (2, 3):
        arrived(case(f"XA-2027-00000{n}"))
        run_jobs()
    clock.advance(seconds=59)
    arrived(emergency)
    run_jobs()
    assert len(mailbox.raw) == 1
    clock.advance(seconds=1)
    run_jobs()
    assert "Emergencies among them: 1" in read(mailbox.raw[1]).get_content()


def test_what_was_acknowledged_meanwhile_leaves_no_more(
    mailbox: Mailbox, official: Any, proved: Any, case: Any, arrived: Any, run_jobs: Any, clock: Any
) -> None:
    duty = official("duty_officer")
    proved(duty)
    acknowledge(duty, arrived(case()).pk, now=clock.now)
    run_jobs()
    assert mailbox.raw == []
    assert Message.objects.get().state == MessageState.NOT_NEEDED


@pytest.mark.parametrize(("least", "count"), [("emergency", 0), ("urgent", 1), ("ordinary", 1)])
def test_an_address_takes_what_is_as_pressing_as_it_says(
    mailbox: Mailbox,
    official: Any,
    proved: Any,
    case: Any,
    arrived: Any,
    run_jobs: Any,
    least: str,
    count: int,
) -> None:
    proved(official("duty_officer"), least=least)
    arrived(case(urgent=True))
    run_jobs()
    assert len(mailbox.raw) == count


def test_nothing_goes_to_an_address_that_is_not_proved(
    mailbox: Mailbox, official: Any, proved: Any, case: Any, emergency: Any, arrived: Any, run_jobs: Any
) -> None:
    """Neither where it never was, nor where it was changed while a message waited."""
    address = proved(official("duty_officer"), verified_at=None)
    arrived(emergency)
    assert not Message.objects.exists()
    Address.objects.update(verified_at=emergency.opened_at)
    arrived(case("XA-2027-000002"))
    Address.objects.filter(pk=address.pk).update(verified_at=None)
    run_jobs()
    assert mailbox.raw == []
    assert Message.objects.get().state == MessageState.NOT_NEEDED


def test_quiet_hours_hold_back_all_but_emergencies(
    mailbox: Mailbox,
    official: Any,
    proved: Any,
    case: Any,
    emergency: Any,
    arrived: Any,
    run_jobs: Any,
    clock: Any,
) -> None:
    """From 22 to 7 in Almaty; it is 8:12 there, so the night before is tried."""
    duty = official("duty_officer", time_zone="Asia/Almaty")
    Hearing.objects.create(official=duty, quiet_from=time(22), quiet_until=time(7))
    proved(duty)
    clock.now = clock.now.replace(hour=20)  # 1:00 there
    arrived(case("XA-2027-000009", urgent=True))
    run_jobs()
    assert mailbox.raw == []
    assert Message.objects.get().due_at == clock.now.replace(hour=2, minute=0) + timedelta(days=1)
    arrived(emergency)
    run_jobs()
    assert len(mailbox.raw) == 1


def test_a_passing_failure_is_tried_again_and_a_final_one_is_not(
    mailbox: Mailbox, official: Any, proved: Any, emergency: Any, arrived: Any, run_jobs: Any, clock: Any
) -> None:
    keeper = official("administrator")
    proved(official("duty_officer"))
    mailbox.answer = "451 4.3.0 later"
    arrived(emergency)
    for _ in range(3):
        run_jobs()
        clock.advance(minutes=1)
    message = Message.objects.get()
    assert (message.state, message.last_code, message.attempts) == (MessageState.WAITING, "451", 3)
    trouble = Alert.objects.get(kind=Kind.GATEWAY_FAILED)
    assert [each.official for each in trouble.told.all()] == [keeper]
    mailbox.answer = ""
    clock.advance(minutes=1)
    run_jobs()
    assert len(mailbox.raw) == 1
    trouble.refresh_from_db()
    assert trouble.ended_at == clock.now


def test_a_refused_address_is_final_and_shown(
    mailbox: Mailbox, official: Any, proved: Any, emergency: Any, arrived: Any, run_jobs: Any, clock: Any
) -> None:
    proved(official("duty_officer"))
    mailbox.answer = "550 5.1.1 nobody"
    arrived(emergency)
    run_jobs()
    message = Message.objects.get()
    assert (message.state, message.last_code) == (MessageState.FAILED, "550")
    assert not Alert.objects.filter(kind=Kind.GATEWAY_FAILED).exists()


def test_a_gateway_that_refuses_one_after_the_other_is_the_administrators_trouble(
    mailbox: Mailbox, official: Any, proved: Any, case: Any, arrived: Any, run_jobs: Any, clock: Any
) -> None:
    keeper = official("administrator")
    proved(official("duty_officer"))
    mailbox.answer = "553 5.7.1 sender not allowed"
    for n in range(3):
        assert not Alert.objects.filter(kind=Kind.GATEWAY_FAILED).exists()
        arrived(case(f"XA-2027-00001{n}", urgent=True))
        run_jobs()
        clock.advance(minutes=6)
    trouble = Alert.objects.get(kind=Kind.GATEWAY_FAILED)
    assert [each.official for each in trouble.told.all()] == [keeper]


def test_a_silent_gateway_is_given_up_in_the_end(
    official: Any,
    proved: Any,
    emergency: Any,
    arrived: Any,
    run_jobs: Any,
    clock: Any,
    setting: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sending, "MOST_ATTEMPTS", 3)
    setting(mail=MailGateway(host="127.0.0.1", port=9, tls="none", sender="node@state-xa.example"))
    proved(official("duty_officer"))
    arrived(emergency)
    for _ in range(5):
        run_jobs()
        clock.advance(minutes=1)
    message = Message.objects.get()
    assert (message.state, message.attempts) == (MessageState.FAILED, 3)


def test_a_server_of_whom_nobody_vouches_gets_neither_password_nor_message(
    mailbox: Mailbox, certificate: Path, setting: Any
) -> None:
    setting(mail=gateway(mailbox, certificate, ca_file=""))
    with pytest.raises(GatewayUnreachableError, match="SSLCertVerificationError"):
        send("mail", "officer@state-xa.example", "-", "-")
    assert mailbox.users == mailbox.raw == []


def test_encryption_from_the_first_byte(certificate: Path, setting: Any) -> None:
    (config.current().folder / "mail-password").write_text(PASSWORD)
    with mail_server(certificate, tls="tls") as box:
        setting(mail=gateway(box, certificate, tls="tls"))
        send("mail", "officer@state-xa.example", "-", "-")
    assert len(box.raw) == 1


def test_a_wrong_password_is_the_gateway_s_trouble_not_the_message_s(mailbox: Mailbox) -> None:
    (config.current().folder / "mail-password").write_text("wrong")
    with pytest.raises(GatewayUnreachableError, match="sign-in 535"):
        send("mail", "officer@state-xa.example", "-", "-")


def test_a_secret_that_cannot_be_sent_is_the_gateway_s_trouble_too(mailbox: Mailbox, sms: Any) -> None:
    (config.current().folder / "mail-password").write_text("пароль", encoding="utf-8")
    with pytest.raises(GatewayUnreachableError):
        send("mail", "officer@state-xa.example", "-", "-")
    (config.current().folder / "sms-secret").write_text("пароль", encoding="utf-8")
    with pytest.raises(GatewayUnreachableError):
        send("sms", "+77010000000", "-", "-")


def test_a_server_that_dawdles_holds_a_message_only_so_long(
    setting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "BUDGET", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def dawdle() -> None:
            line, _ = listening.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(b"220 hello\r\n")
                while line.recv(1000):
                    for _ in range(100):
                        line.sendall(b"250-")
                        stop.wait(0.05)
                    said_all.set()

        stop, said_all = threading.Event(), threading.Event()
        thread = threading.Thread(target=dawdle, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        setting(mail=MailGateway(host="127.0.0.1", port=port, tls="none", sender="node@state-xa.example"))
        with pytest.raises(GatewayUnreachableError):
            send("mail", "officer@state-xa.example", "-", "-")
        assert not said_all.is_set()  # the line was cut before the server had said all that it would
        stop.set()
        thread.join(5)


@pytest.mark.parametrize("hostile", ["Desk\r\nBcc: all@elsewhere.example", "Desk\nX: y", "Desk\x00\x7f"])
def test_a_name_cannot_add_a_header(mailbox: Mailbox, setting: Any, hostile: str) -> None:
    setting(name=hostile)
    send("mail", "officer@state-xa.example", f"Subject {hostile}", "text")
    said = read(mailbox.raw[0])
    assert said["Bcc"] is None
    assert said["X"] is None
    assert mailbox.recipients == ["officer@state-xa.example"]


def test_an_address_cannot_add_a_header_or_a_recipient(mailbox: Mailbox) -> None:
    for hostile in ("a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"):
        with pytest.raises((GatewayRefusedError, GatewayUnreachableError)):
            send("mail", hostile, "-", "-")
    assert mailbox.raw == []


@pytest.fixture
def sms(setting: Any) -> Iterator[Any]:
    """This node's gateway for short messages."""
    (config.current().folder / "sms-secret").write_text(PASSWORD + "\n")
    with sms_gateway() as server:
        server.url = f"http://127.0.0.1:{server.server_port}/send"
        setting(sms=sms_by(server), webhook_networks=["127.0.0.0/8"])
        yield server


def sms_by(server: Any, **columns: Any) -> SmsGateway:
    fields = {"to": "{number}", "message": {"text": "{text}", "parts": 1}}
    secret = {"secret_header": "Authorization", "secret_prefix": "Bearer "}
    return SmsGateway(**{"url": server.url, "fields": fields, **secret, **columns})


def test_a_short_message_is_what_the_gateway_wants(
    sms: Any, official: Any, proved: Any, emergency: Any, arrived: Any, run_jobs: Any
) -> None:
    proved(official("duty_officer"), way="sms", least="emergency")
    arrived(emergency)
    run_jobs()
    ((method, headers, body),) = sms.told
    text = "An emergency request has arrived. Sign in: http://127.0.0.1:8000/alerts/"
    assert json.loads(body) == {"to": "+77010000000", "message": {"text": text, "parts": 1}}
    assert (method, headers["Content-Type"]) == ("POST", "application/json")
    assert headers["Authorization"] == f"Bearer {PASSWORD}"
    assert Message.objects.get().state == MessageState.SENT


def test_a_form_is_encoded_and_nothing_breaks_out_of_a_field(sms: Any, setting: Any) -> None:
    setting(sms=sms_by(sms, format="form", method="PUT", fields={"to": "{number}", "text": "{text}"}))
    send("sms", "+77010000000", "-", 'a&to=+1{number}"\u2028')
    ((method, _, body),) = sms.told
    assert method == "PUT"
    assert parse_qs(body.decode()) == {"to": ["+77010000000"], "text": ['a&to=+1{number}"\u2028']}


@pytest.mark.parametrize(
    ("answer", "error"),
    [(503, GatewayUnreachableError), (429, GatewayUnreachableError), (422, GatewayRefusedError)],
)
def test_what_the_gateway_answers_decides_whether_it_is_tried_again(
    sms: Any, answer: int, error: Any
) -> None:
    sms.answer = answer
    with pytest.raises(error, match=str(answer)):
        send("sms", "+77010000000", "-", "-")


def test_a_gateway_in_a_private_network_is_called_only_where_node_toml_names_it(
    sms: Any, setting: Any
) -> None:
    setting(webhook_networks=[])
    with pytest.raises(GatewayUnreachableError, match="not allowed"):
        send("sms", "+77010000000", "-", "-")
    assert sms.told == []


@pytest.mark.parametrize(
    "lines",
    [
        '[mail]\nhost = "mail.example"\nsender = "a@b.example"\ntls = "none"',
        '[mail]\nhost = "127.0.0.1"\nsender = "a@b.example"\ntls = "none"\nuser = "node"',
        '[mail]\nhost = "mail.example"\nsender = "a@b.example"\ntls = "sometimes"',
        '[mail]\nhost = "mail.example"',
        '[sms]\nurl = "http://sms.example/send"\nfields = {}',
        '[sms]\nurl = "https://sms.example/send"\nfields = {}\nmethod = "GET"',
        "[alerts]\nemergency_seconds = 5",
    ],
)
def test_a_setting_that_would_leak_or_is_unknown_is_refused(tmp_path: Path, lines: str) -> None:
    text = f'id = "xa"\nstate = "XA"\nname = "Point of contact"\n{lines}\n'
    (tmp_path / "node.toml").write_text(text)
    with pytest.raises(NodeFolderUnusableError):
        config.read(tmp_path)


def test_an_address_is_proved_by_its_code_and_not_by_another(
    mailbox: Mailbox, official: Any, run_jobs: Any, clock: Any
) -> None:
    person = official("duty_officer")
    address = reached.enter(person, "mail", "officer@state-xa.example", least="urgent", now=clock.now)
    run_jobs()
    code = codes.of(address)
    assert code in read(mailbox.raw[0]).get_content()
    assert code not in json.dumps(list(Job.objects.values_list("payload", flat=True)))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(4):
        with pytest.raises(reached.CodeWrongError):
            reached.confirm(person, "mail", wrong, now=clock.now)
    assert reached.confirm(person, "mail", code, now=clock.now).verified_at == clock.now
    changed = reached.enter(person, "mail", "other@state-xa.example", least="urgent", now=clock.now)
    assert changed.verified_at is None


def test_a_code_proves_no_address_that_is_entered_while_it_is_checked(
    mailbox: Mailbox, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = official("duty_officer")
    reached.enter(person, "mail", "officer@state-xa.example", least="urgent", now=clock.now)
    counted = Address.objects.get()

    def meanwhile(address: Address, entered: str, now: Any) -> bool:
        Address.objects.filter(pk=address.pk).update(address="other@state-xa.example", nonce="another")
        return True

    monkeypatch.setattr(codes, "is_right", meanwhile)
    with pytest.raises(reached.CodeWrongError):
        reached.confirm(person, "mail", codes.of(counted), now=clock.now)
    assert Address.objects.get().verified_at is None


def test_a_code_is_guessed_five_times_and_lives_a_quarter_of_an_hour(
    mailbox: Mailbox, official: Any, clock: Any
) -> None:
    person = official("duty_officer")
    address = reached.enter(person, "mail", "officer@state-xa.example", least="urgent", now=clock.now)
    for _ in range(5):
        with pytest.raises(reached.CodeWrongError):
            reached.confirm(person, "mail", "none", now=clock.now)
    with pytest.raises(reached.CodeWrongError):
        reached.confirm(person, "mail", codes.of(address), now=clock.now)
    reached.send_code(person, "mail", now=clock.now)
    address.refresh_from_db()
    clock.advance(minutes=15, seconds=1)
    with pytest.raises(reached.CodeWrongError):
        reached.confirm(person, "mail", codes.of(address), now=clock.now)


def test_nobody_s_telephone_is_flooded_with_codes(mailbox: Mailbox, official: Any, clock: Any) -> None:
    person = official("duty_officer")
    for n in range(10):
        reached.enter(person, "mail", f"a{n}@state-xa.example", least="urgent", now=clock.now)
        if n % 2:
            reached.remove(person, "mail")
    with pytest.raises(reached.TooManyMessagesError):
        reached.enter(person, "mail", "more@state-xa.example", least="urgent", now=clock.now)
    assert Address.objects.get().address == ""  # the refused one was not kept
    clock.advance(hours=1)
    reached.enter(person, "mail", "more@state-xa.example", least="urgent", now=clock.now)


def test_a_message_waits_in_a_lane_of_its_gateway(
    official: Any, proved: Any, emergency: Any, arrived: Any, mailbox: Mailbox
) -> None:
    proved(official("duty_officer"))
    arrived(emergency)
    job = Job.objects.get(kind=messages.JOB)
    assert (job.lane, job.priority) == ("alert_message:mail", 10)


def test_messages_leave_though_every_other_thread_waits_for_a_slow_peer(
    keys: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    for kind, lane in (("letter", "peer:xb-247"), ("message", f"{messages.JOB}:mail")):
        monkeypatch.setitem(outbox._handlers, kind, lambda payload, now, kind=kind: ran.append(kind))
        outbox.ask(kind, kind, {}, now=clock.now, lane=lane)
    while running.run_some(lambda: clock.now, "messages", most=8, aside=True, only=messages.JOB):
        pass
    assert ran == ["message"]
    started: list[tuple[Any, ...]] = []

    class Thread:
        def __init__(self, **how: Any) -> None:
            started.append(how["args"])

        def start(self) -> None:
            pass

    monkeypatch.setattr(worker.threading, "Thread", Thread)
    worker._serve(type("Stopped", (), {"raised": True})(), None, "owner")  # type: ignore[arg-type]
    assert [args[3:] for args in started if args[3:]] == [(messages.JOB,)]
