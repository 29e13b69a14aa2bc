"""The pages of information without request: found a basis for, sent, registered with its limits, tied."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.node.believable import ASKED, NOW, WAS_ASKED, letter

from comity.node.casework import opinions
from comity.node.casework.models import Case, Counter, Limit, Prepared
from comity.node.exchange.models import Letter

STATUS = {
    "uncc": {
        "in_force_since": "2026-01-01",
        "XA": {"status": "party", "since": "2026-01-01"},
        "XB": {"status": "party", "since": "2026-01-01"},
    }
}
FORM = {
    "peer": "xb-247",
    "heading": "Accounts used against a bank",
    "offence": "uncc:art_7",
    "electronic_evidence": "yes",
}
WORDS = {
    "heading": "Accounts used against a bank",
    "text": "Three accounts were found.",
    "restrictions": ["confidential"],
    "words": "Until the trial begins.",
    "spoken-untranslated": "on",
}


@pytest.fixture
def in_force(monkeypatch):
    """The Convention binds both invented States."""
    monkeypatch.setattr(opinions, "_with_own_status", lambda facts: facts | {"status": STATUS})


@pytest.fixture
def prepared(enter, in_force):
    """Information that the drafter prepared, after its basis was shown."""
    client = enter("drafter")
    for year in (NOW.year, NOW.year + 1):
        Counter.objects.create(name=f"XA-{year}", value=100)  # the cases there took theirs by hand
    page = client.post("/requests/inform", FORM)
    assert page.status_code == 200
    assert "UNCC 40(4)" in page.content.decode()
    assert not Case.objects.filter(kind="information").exists()
    where = client.post("/requests/inform", FORM | {"step": "open"}).headers["Location"]
    case = Case.objects.get(kind="information")
    assert where == f"/requests/{case.reference}/inform"
    assert FORM["heading"] in client.get(where).content.decode()
    assert client.post(where, WORDS | {"sealing": "translate"}).status_code == 200  # beside a translation
    assert client.post(where, WORDS).status_code == 302
    return Prepared.objects.get()


def address(prepared):
    return f"/requests/{prepared.case.reference}/prepared/{prepared.pk}"


def test_the_basis_is_shown_then_it_is_prepared_and_another_signs_what_is_shown(enter, prepared):
    case, client = prepared.case, enter("signatory")
    assert address(prepared) in client.get("/desk/").content.decode()  # the desk of whoever signs
    assert address(prepared) not in enter("drafter").get("/desk/").content.decode()
    assert "Information without request, not sent yet" in client.get("/requests/").content.decode()
    page = client.get(address(prepared)).content.decode()
    assert "Three accounts were found." in page
    shown = client.post(address(prepared), {"sealing": "show"})
    assert not Letter.objects.filter(kind="information").exists()
    composition = str(shown.context["composition"].pk)
    assert client.post(address(prepared), {"composition": composition}).status_code == 302
    assert str(Letter.objects.get(kind="information").pk) == composition
    shown = client.get(f"/requests/{case.reference}/").content.decode()
    assert "Information that we sent without request" in shown
    assert "Until the trial begins." in shown
    assert "Ask for the status" not in shown
    assert case.reference in client.get("/requests/").content.decode()
    assert enter("drafter").get(f"/requests/{case.reference}/inform").status_code == 409


def test_it_is_returned_and_prepared_again_with_its_files(enter, prepared, empty_store):
    case, drafter = prepared.case, enter("drafter")
    files, again = f"/requests/{case.reference}/draft/files", f"/requests/{case.reference}/inform"
    file = SimpleUploadedFile("accounts.txt", b"content", "text/plain")
    assert drafter.post(files, {"step": "enclose", "file": file}).status_code == 302
    assert "Take out" in drafter.get(files).content.decode()
    assert "accounts.txt" in drafter.get(address(prepared)).content.decode()
    assert drafter.get(again).status_code == 409  # it waits for its signature
    told = {"step": "return", "reason": "Name the bank."}
    assert enter("signatory").post(address(prepared), told).status_code == 302
    assert "Prepare the information" in drafter.get(f"/requests/{case.reference}/").content.decode()
    page = drafter.get(again).content.decode()
    for kept in ("Three accounts were found.", "Until the trial begins.", "Name the bank."):
        assert kept in page
    assert "checked" in page
    assert drafter.post(again, {"heading": ""}).status_code == 422
    assert drafter.post(again, WORDS | {"heading": "Bank Alpha"}).status_code == 302
    assert Prepared.objects.count() == 2


def test_the_page_of_the_request_draft_is_not_there_for_information(enter, prepared):
    for page in ("draft", "sign"):
        assert enter("drafter").get(f"/requests/{prepared.case.reference}/{page}").status_code == 409


def test_what_arrived_is_registered_with_its_limits_in_view_and_tied(enter, cases):
    case = cases["was_asked"]
    case.items.all().delete()
    case.kind, case.actual, case.registered_generation, case.received_generation = "information", "", 0, 4
    case.save()
    body = {"instrument": "uncc", "basis": ["uncc:art_40__para_4"], "subject": "-", "facts": {}}
    row = letter(case, "information", "in", 4, "retrieved", body | {"text": "Three accounts were found."})
    Limit.objects.create(
        case=case, limit="confidential", cite="uncc:art_40__para_5", letter=row.id, since=case.opened_at
    )
    client = enter("duty")
    page = client.get(f"/requests/{WAS_ASKED}/register").content.decode()
    assert "Three accounts were found." in page
    assert "UNCC 40(5)" in page
    assert client.post(f"/requests/{WAS_ASKED}/tie", {"reference": ASKED}).status_code == 409
    assert client.post(f"/requests/{WAS_ASKED}/register").status_code == 302
    assert client.post(f"/requests/{WAS_ASKED}/tie", {"reference": "XA-2026-999999"}).status_code == 404
    assert client.post(f"/requests/{WAS_ASKED}/tie", {"reference": ASKED}).status_code == 302
    shown = client.get(f"/requests/{WAS_ASKED}/").content.decode()
    assert f"Information tied to case {ASKED}" in shown
    assert "Information that came without request" in shown
