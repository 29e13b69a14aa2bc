"""Officials read, ask, mark, withhold, pass on, take into a case and close; the right ones, and on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.node import believable
from tests.node.reports.conftest import WHAT, Stranger

from comity.node import config
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Official, Organisation, Role
from comity.node.exhibits.reading import open_exhibit
from comity.node.ledger.models import Entry
from comity.node.reports import erasing, reading, triage
from comity.node.reports.models import Report, State
from comity.node.reports.sealed import ReportErasedError

NOW = timezone.now()


@pytest.fixture
def report(stranger: Stranger) -> Report:
    stranger.code(contact="Mira, tel. 7001")
    return Report.objects.get()


@pytest.fixture
def registrar(official: Any) -> Official:
    return official("registrar")  # type: ignore[no-any-return]


def client_of(person: Official) -> Client:
    client = Client()
    client.force_login(person)
    return client


def what_of(report: Report) -> list[str]:
    return list(report.lines.values_list("act", flat=True))


def test_reading_is_recorded_and_the_page_alone_shows_nothing(report: Report, registrar: Official) -> None:
    client = client_of(registrar)
    page = client.get(f"/reports/{report.pk}/").content.decode()
    assert report.number in page
    assert "took my account" not in page
    assert what_of(report) == ["received"]
    page = client.post(f"/reports/{report.pk}/read").content.decode()
    assert "took my account &lt;script&gt;" in page
    assert WHAT not in page
    assert what_of(report) == ["received", "read"]
    assert Entry.objects.get(kind="report_read").content["by"] == registrar.pk
    report.refresh_from_db()
    assert report.state == State.OPEN
    assert "7001" not in page


def test_question_and_answer_go_through_the_code(stranger: Stranger, registrar: Official) -> None:
    code = stranger.code()
    report = Report.objects.get()
    client = client_of(registrar)
    assert "1 report of the public waits." in client.get("/desk/").content.decode()
    assert client.post(f"/reports/{report.pk}/ask", {"ask-text": "Which bank?"}).status_code == 302
    assert "of the public wait" not in client.get("/desk/").content.decode()
    assert "Which bank?" in stranger.follow(code)
    stranger.does(stranger.follow(code), do="write", text="The one <i>there</i>")
    assert "1 report of the public waits." in client.get("/desk/").content.decode()
    read = client.post(f"/reports/{report.pk}/read").content.decode()
    assert "The one &lt;i&gt;there&lt;/i&gt;" in read
    still_open = stranger.follow(code)
    client.post(f"/reports/{report.pk}/close", {"close-text": "We closed it."})
    assert "We closed it." in stranger.follow(code)
    assert "closed with an answer" in stranger.follow(code)
    assert stranger.does(still_open, do="write", text="-").status_code == 409
    with pytest.raises(triage.ReportFinishedError):
        triage.ask_reporter(registrar, report.pk, "-", now=NOW)


def test_what_concerns_the_authority_is_for_those_who_oversee_it(stranger: Stranger, official: Any) -> None:
    stranger.code(about_us="on")
    stranger.code()
    about_us, other = Report.objects.order_by("-about_us")
    for role in Role:
        person = official(role)
        if role in (Role.AUDITOR, Role.DATA_PROTECTION_OFFICER):
            seen = [about_us]
        elif role in (Role.REGISTRAR, Role.DUTY_OFFICER, Role.SIGNATORY):
            seen = [other]
        else:
            with pytest.raises(NotAuthorisedError):
                reading.visible(person)
            assert reading.waiting(person) == 0
            continue
        assert list(reading.visible(person)) == seen
        hidden = other if seen == [about_us] else about_us
        assert client_of(person).get(f"/reports/{hidden.pk}/").status_code == 404
        with pytest.raises(NothingThereError):
            triage.read_report(person, hidden.pk, now=NOW)


def test_a_report_is_withheld_from_an_official_whom_it_may_concern(report: Report, official: Any) -> None:
    signatory, concerned = official("signatory"), official("registrar")
    triage.withhold_report(signatory, report.pk, concerned, reason="named in it", now=NOW)
    assert not reading.visible(concerned).exists()
    assert client_of(concerned).get("/reports/").content.decode().count(report.number) == 0
    with pytest.raises(NothingThereError):
        triage.read_report(concerned, report.pk, now=NOW)
    with pytest.raises(NotAuthorisedError):
        triage.withhold_report(official("registrar"), report.pk, signatory, reason="-", now=NOW)
    for unfit in (signatory, official("drafter")):
        with pytest.raises(triage.OfficialUnfitError):
            triage.withhold_report(signatory, report.pk, unfit, reason="-", now=NOW)
    with pytest.raises(triage.OfficialUnfitError):  # nor may they be named a reader
        triage.name_reader(signatory, report.pk, concerned, reason="-", now=NOW)


def test_who_the_reporter_is_opens_to_named_readers_with_a_purpose(report: Report, official: Any) -> None:
    signatory, reader = official("signatory"), official("registrar")
    for person in (signatory, reader):
        with pytest.raises(triage.NotAReaderError):
            triage.open_contact(person, report.pk, purpose="-", now=NOW)
    with pytest.raises(triage.OfficialUnfitError):  # two people stand behind each opening
        triage.name_reader(signatory, report.pk, signatory, reason="-", now=NOW)
    triage.name_reader(signatory, report.pk, reader, reason="calls back", now=NOW)
    page = client_of(reader).post(f"/reports/{report.pk}/contact", {"reason": "to call"}).content.decode()
    assert "tel. 7001" in page
    assert report.lines.last().note == "to call"  # type: ignore[union-attr]
    assert "7001" not in client_of(signatory).post(f"/reports/{report.pk}/read").content.decode()


def test_a_body_sees_what_is_passed_on_to_it(report: Report, official: Any, registrar: Official) -> None:
    body = Organisation.objects.create(id="bureau", kind="competent_body", names={"en": "Bureau"})
    theirs = official("registrar", organisation=body)
    assert not reading.visible(theirs).exists()
    triage.pass_on(registrar, report.pk, body, reason="competent", now=NOW)
    assert list(reading.visible(theirs)) == [report]
    other = Organisation.objects.create(id="other", kind="competent_body", names={"en": "Other"})
    assert not reading.visible(official("registrar", organisation=other)).exists()


def test_a_report_becomes_evidence_of_a_case_with_custody_and_without_the_contact(
    stranger: Stranger, official: Any
) -> None:
    rows = believable.build()
    stranger.code(contact="tel. 7001", attached=[SimpleUploadedFile("proof.txt", b"a trace\n")])
    report, duty = Report.objects.get(), official("duty_officer")
    made = triage.attach_report(duty, report.pk, rows["asked"].reference, now=NOW)
    assert [one.raw_name for one in made] == [f"{report.number}.txt", "proof.txt"]
    assert list(made[0].custody.values_list("act", flat=True)) == ["received", "hashed"]
    again = triage.attach_report(duty, report.pk, rows["asked"].reference, now=NOW)
    assert [one.pk for one in again] == [one.pk for one in made]
    with open_exhibit(made[0]) as stream:
        text = stream.read().decode()
    assert WHAT in text
    assert "7001" not in text
    with pytest.raises(NothingThereError):
        triage.attach_report(duty, report.pk, "XA-2026-999999", now=NOW)


def test_a_file_is_saved_and_never_shown(stranger: Stranger, registrar: Official) -> None:
    stranger.code(attached=[SimpleUploadedFile("page.html", b"<script>alert(1)</script>")])
    report = Report.objects.get()
    kept = report.files.get()
    answer = client_of(registrar).post(f"/reports/{report.pk}/files/{kept.pk}")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "page" not in answer.headers["Content-Disposition"]


def test_marks_end_a_report_and_its_words_are_erased_after_the_days(
    report: Report, stranger: Stranger, registrar: Official
) -> None:
    stranger.code()
    later = Report.objects.exclude(pk=report.pk).get()
    with pytest.raises(triage.DuplicateUnknownError):
        triage.mark_report(registrar, later.pk, "duplicate", reason="-", earlier=later.number, now=NOW)
    triage.mark_report(registrar, later.pk, "duplicate", reason="-", earlier=report.number, now=NOW)
    triage.mark_report(registrar, report.pk, "not_ours", reason="a private matter", now=NOW)
    days = config.current().reports_keep_days
    erasing.expire(NOW + timedelta(days=days - 1))
    report.refresh_from_db()
    assert report.is_there
    erasing.expire(NOW + timedelta(days=days))
    for each in (report, later):
        each.refresh_from_db()
        assert not each.is_there
        assert each.contact is None
        with pytest.raises(ReportErasedError):
            triage.read_report(registrar, each.pk, now=NOW)
    assert Entry.objects.filter(kind="report_erased").count() == 2
    page = client_of(registrar).get(f"/reports/{report.pk}/").content.decode()
    assert "a private matter" in page


def test_the_duplicate_of_a_withheld_report_does_not_name_it(
    stranger: Stranger, report: Report, registrar: Official, official: Any
) -> None:
    stranger.code()
    later = Report.objects.exclude(pk=report.pk).get()
    triage.mark_report(registrar, later.pk, "duplicate", reason="-", earlier=report.number, now=NOW)
    assert report.number in client_of(registrar).get(f"/reports/{later.pk}/").content.decode()
    triage.withhold_report(official("signatory"), report.pk, registrar, reason="named in it", now=NOW)
    assert report.number not in client_of(registrar).get(f"/reports/{later.pk}/").content.decode()


def test_the_list_shows_open_ones_and_the_finished_on_request(report: Report, registrar: Official) -> None:
    client = client_of(registrar)
    assert report.number in client.get("/reports/").content.decode()
    triage.mark_report(registrar, report.pk, "spam", reason="-", now=NOW)
    assert report.number not in client.get("/reports/").content.decode()
    assert report.number in client.get("/reports/?finished=yes").content.decode()
    assert client.get("/reports/?after=a~b").status_code == 404
    wrong = client.post(f"/reports/{report.pk}/mark", {"mark-mark": "duplicate", "mark-reason": "-"})
    assert wrong.status_code == 422
    assert client.post(f"/reports/{report.pk}/nothing").status_code == 404


def test_a_file_is_shown_to_nobody_before_its_reporter_decided(
    stranger: Stranger, registrar: Official
) -> None:
    gif = SimpleUploadedFile("a.gif", b"GIF89a" + b"\0" * 20)
    stranger.code(attached=[gif], stripped="on")
    report = Report.objects.get()
    undecided = report.files.get()
    assert triage.read_report(registrar, report.pk, now=NOW)[1].files == []
    answer = client_of(registrar).post(f"/reports/{report.pk}/files/{undecided.pk}")
    assert answer.status_code == 404
