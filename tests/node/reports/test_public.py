"""A stranger reports, comes back with the code, and leaves nothing that tells who they are."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.node.reports.conftest import SIGHT, WHAT, Stranger, hidden

from comity.node import config
from comity.node.jobs.models import Job
from comity.node.ledger.models import Entry
from comity.node.reports import codes, erasing, receiving, sealed
from comity.node.reports.models import Message, Metadata, Report, ReportFile, State
from comity.node.reports.public import application, views


def text_file(name: str = "log.txt", data: bytes = b"a line\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def everything_kept() -> str:
    """All rows of the node and the bytes of its folder, in which something might stand."""
    rows = [repr(list(model.objects.values_list())) for model in apps.get_models()]
    folder = config.current().folder
    files = [each.read_bytes().decode("latin-1") for each in sorted(folder.rglob("*")) if each.is_file()]
    return "\n".join(rows + files)


def test_the_first_page_says_who_receives_it_in_three_languages(stranger: Stranger) -> None:
    assert stranger.get("/").headers["Location"] == "/en/"
    for language, word in (("en", "follow-up code"), ("kk", 'lang="kk"'), ("ru", 'lang="ru"')):
        answer = stranger.get(f"/{language}/")
        assert answer.status_code == 200
        assert word in answer.content.decode()
    shown = stranger.get("/en/").content.decode()
    assert config.current().name in shown
    assert "112" in shown
    assert "script" not in shown.replace("runs no script", "")


def test_every_answer_is_bare_of_scripts_cookies_and_referrers(stranger: Stranger) -> None:
    for where in ("/en/", "/en/report", "/en/follow", "/nothing", "/style/reports.css"):
        answer = stranger.get(where)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
    assert stranger.get("/style/../../settings.py").status_code == 404
    assert stranger.get("/style/comity.js").status_code == 404


@pytest.mark.parametrize(
    "where", ["/desk/", "/account/login/", "/api/openapi.json", "/reports/", "/exhibits/"]
)
def test_no_page_of_officials_is_served(stranger: Stranger, where: str) -> None:
    assert stranger.get(where).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1@evil.example", "127.0.0.1/evil", "a b"])
def test_other_hosts_are_refused(keys: Any, seconds: list[float], host: str) -> None:
    answer = Stranger(seconds, HTTP_HOST=host).get("/en/")
    assert answer.status_code == 400
    assert not answer.content


def test_outside_a_demonstration_nothing_is_said_without_tls(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = replace(config.current(), demonstration=False)
    monkeypatch.setattr(config, "current", lambda: node)
    plain = stranger.get("/kk/report")
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://127.0.0.1/kk/report")
    assert not plain.content
    spoken = stranger.get("/kk/report", headers={"X-Forwarded-Proto": "https"})
    assert spoken.status_code == 200
    assert spoken.headers["Strict-Transport-Security"].startswith("max-age=")


def test_what_the_proxy_says_of_another_host_leads_nowhere(stranger: Stranger) -> None:
    answer = stranger.get("/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert answer.headers["Location"] == "/en/"


def test_a_report_is_kept_sealed_and_its_code_nowhere(stranger: Stranger) -> None:
    code = stranger.code(contact="Mira, tel. 7001", where="evil.example")
    report = Report.objects.get()
    assert report.state == State.NEW
    assert sealed.unseal(report, report.content)["what"] == WHAT  # type: ignore[index]
    assert sealed.unseal(report, report.contact) == "Mira, tel. 7001"
    assert report.code == codes.kept(code.lower().replace("-", " "))
    kept = everything_kept()
    for secret in (code, code.replace("-", ""), "They took my account", "tel. 7001"):
        assert secret not in kept


def test_nothing_tells_where_a_report_came_from_nor_its_minute(
    stranger: Stranger, run_jobs: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The address, the browser and the minute are in no row, no file and no log line."""
    before = timezone.now()
    code = stranger.code(attached=[text_file("mira-holiday.txt")], stripped="on")
    stranger.does(stranger.follow(code), do="write", text="more")
    clock.now = before
    run_jobs()
    assert not Entry.objects.filter(kind__startswith="report_").exists()  # its order would tell the minute
    clock.now = before + timedelta(hours=2)
    run_jobs()
    file = ReportFile.objects.get()
    assert sealed.unseal(file.report, file.name) == "1.text"
    kept = everything_kept() + caplog.text
    for trace in (SIGHT["REMOTE_ADDR"], SIGHT["HTTP_USER_AGENT"], "mira-holiday"):
        assert trace not in kept
    hour = Report.objects.get().received_hour
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    rows = [
        *ReportFile.objects.values_list("added_hour", flat=True),
        *Message.objects.values_list("hour", flat=True),
    ]
    rows += Job.objects.filter(kind=receiving.ENTER).values_list("asked_at", flat=True)
    assert len(rows) == 4
    assert all(each.minute == each.second == 0 for each in rows)
    entered = Entry.objects.filter(kind__startswith="report_")
    assert {each.kind for each in entered} == {"report_received", "report_answered"}
    assert all(each.written_at == clock.now for each in entered)  # when the hour was over
    assert "what" in entered[0].content
    assert WHAT not in str(entered[0].content)


def test_the_reporter_reads_questions_answers_and_withdraws(
    stranger: Stranger, django_capture_on_commit_callbacks: Any
) -> None:
    code = stranger.code()
    report = Report.objects.get()
    shown = stranger.follow(code)
    assert "not read yet" in shown
    sent = stranger.does(shown, do="write", text="<b>more</b>", attached=[text_file()]).content.decode()
    assert "It was sent." in sent
    assert "&lt;b&gt;more&lt;/b&gt;" in sent
    assert report.files.count() == 1
    again = stranger.does(sent, do="withdraw")  # without the tick nothing happens
    report.refresh_from_db()
    assert report.is_there
    with django_capture_on_commit_callbacks(execute=True):
        stranger.does(again.content.decode(), do="withdraw", sure="yes")
    report.refresh_from_db()
    assert (report.state, report.wrapped_key, report.content) == (State.WITHDRAWN, None, None)
    assert not Message.objects.exclude(text=None).exists()
    assert not any(config.current().store.rglob("segments/*/*"))
    assert "has been erased" in stranger.follow(code)


def test_a_ticket_is_used_once_and_ends(stranger: Stranger) -> None:
    shown = stranger.follow(stranger.code())
    assert stranger.does(shown, do="write", text="once").status_code == 200
    assert stranger.does(shown, do="write", text="twice").status_code == 409
    late = stranger.follow(stranger.code())
    stranger.seconds[0] += views.OPEN_LASTS + 1
    assert stranger.does(late, do="write", text="late").status_code == 409
    assert stranger.post("/en/follow", {"ticket": "a:b:c:d", "do": "write", "text": "-"}).status_code == 409
    assert Message.objects.count() == 1


@pytest.mark.parametrize("wait", [0, views.FORM_LASTS + 1])
def test_a_form_that_is_sent_too_fast_or_too_late_is_not_taken(stranger: Stranger, wait: int) -> None:
    answer = stranger.report(wait=wait)
    assert answer.status_code == 409
    assert "alert(1)" in answer.content.decode()  # what was written is in the form still
    assert "<script>" not in answer.content.decode()
    assert not Report.objects.exists()


def test_a_form_is_taken_once_and_never_without_its_token(stranger: Stranger) -> None:
    token = stranger.token()
    stranger.seconds[0] += 10
    sent = {"kind": "unknown", "what": "-", "token": token}
    assert stranger.post("/en/report", sent).status_code == 200
    assert stranger.post("/en/report", sent).status_code == 409
    for forged in ("", "form:0:0:0", token[:-1] + "0", "é" * 9):
        assert stranger.post("/en/report", sent | {"token": forged}).status_code == 409
    assert Report.objects.count() == 1


def test_trying_out_codes_is_soon_over(stranger: Stranger) -> None:
    tried = [stranger.post("/en/follow", {"code": codes.draw()}).status_code for _ in range(40)]
    assert tried.count(409) == 30
    assert tried[-1] == 429
    stranger.seconds[0] += 3600
    assert stranger.post("/en/follow", {"code": codes.draw()}).status_code == 409


def test_one_address_reports_some_times_an_hour_and_another_still_may(stranger: Stranger) -> None:
    answers = [stranger.report().status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert Stranger(stranger.seconds, REMOTE_ADDR="203.0.113.78").report().status_code == 200


def test_what_is_undecided_is_asked_and_forgotten_unless_the_reporter_decides(stranger: Stranger) -> None:
    gif = b"GIF89a" + b"\0" * 20
    answer = stranger.report(attached=[text_file("a.gif", gif), text_file("b.gif", gif)], stripped="on")
    shown = answer.content.decode()
    assert "nothing could be removed" in shown
    first, second = ReportFile.objects.all()
    assert first.metadata == Metadata.UNDECIDED
    shown = stranger.does(shown, do="keep", file=str(first.pk)).content.decode()
    first.refresh_from_db()
    assert first.metadata == Metadata.KEPT
    assert "nothing could be removed" in shown  # the other
    erasing.expire(timezone.now() + timedelta(hours=60))
    assert list(ReportFile.objects.all()) == [first]
    stranger.does(shown, do="leave", file="not-an-id")
    assert second.pk not in ReportFile.objects.values_list("pk", flat=True)


def test_files_that_are_too_many_too_large_or_of_no_kind_leave_nothing(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = text_file("a.exe", b"MZ\0\1")
    archive = text_file("a.zip", b"PK\x03\x04" + b"\0" * 30)
    for files in ([program], [text_file(), archive], [text_file() for _ in range(11)]):
        assert stranger.report(attached=files).status_code == 409
    monkeypatch.setattr(receiving, "MOST_FILE_BYTES", 10)
    assert stranger.report(attached=[text_file(data=b"a" * 11)]).status_code == 409
    node = replace(config.current(), reports_bytes=3)
    monkeypatch.setattr(config, "current", lambda: node)
    assert stranger.report(attached=[text_file()]).status_code == 409
    assert not Report.objects.exists()
    assert not any(node.store.rglob("segments/*/*"))


@pytest.mark.parametrize("length", [str(application.MOST_BYTES + 1), "-1", "9" * 30, "1e3"])
def test_what_is_too_large_is_refused_before_it_is_read(stranger: Stranger, length: str) -> None:
    class Unread(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError

    answer = stranger.generic(
        "POST", "/en/report", b"", content_type="multipart/form-data; boundary=x",
        **{"CONTENT_LENGTH": length, "wsgi.input": Unread()},
    )  # fmt: skip
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b'--x\r\nContent-Disposition: form-data; name="what"\r\n\r\n',
        b"--x\r\n" * 2000,
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n' % n for n in range(1500))
        + b"--x--",
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="attached"; filename="%d"\r\n\r\n1\r\n' % n
            for n in range(200)
        )
        + b"--x--",
    ],
)
def test_forms_that_are_broken_or_endless_break_nothing(stranger: Stranger, body: bytes) -> None:
    answer = stranger.generic("POST", "/en/report", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (400, 422)
    assert not Report.objects.exists()


def test_names_of_files_lead_nowhere(stranger: Stranger) -> None:
    before = set(Path(config.current().folder).rglob("*"))
    stranger.code(attached=[text_file("../../../etc/passwd"), text_file("a\0<b>.txt")])
    names = {sealed.unseal(each.report, each.name) for each in ReportFile.objects.all()}
    assert "passwd" in names
    added = set(Path(config.current().folder).rglob("*")) - before
    assert all(each.is_relative_to(config.current().store) for each in added if each.is_file())


def test_numbers_follow_each_other(stranger: Stranger) -> None:
    stranger.code()
    stranger.code()
    year = timezone.now().year
    assert set(Report.objects.values_list("number", flat=True)) == {f"R-{year}-1", f"R-{year}-2"}


def test_a_hidden_field_of_another_purpose_opens_nothing(stranger: Stranger) -> None:
    shown = stranger.follow(stranger.code())
    sent = {"kind": "unknown", "what": "-", "token": hidden(shown, "ticket")}
    stranger.seconds[0] += 10
    assert stranger.post("/en/report", sent).status_code == 409


def test_behind_a_proxy_that_is_named_addresses_count_as_well(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def through(peer: str, forwarded: str) -> int:
        sight = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
        return int(Stranger(stranger.seconds, **sight).report().status_code)

    node = replace(config.current(), trusted_proxies=["10.20.0.3"])
    monkeypatch.setattr(config, "current", lambda: node)
    assert [through("10.20.0.3", "192.0.2.66") for _ in range(11)] == [200] * 10 + [429]
    assert through("10.20.0.3", "198.51.100.8, 192.0.2.66") == 429
    assert through("10.20.0.3", "198.51.100.7") == 200
    assert [through("10.20.0.3", "") for _ in range(11)] == [200] * 11  # it tells no address: all together
    forged = [through("203.0.113.9", f"198.51.100.{number}") for number in range(11)]
    assert forged == [200] * 10 + [429]
