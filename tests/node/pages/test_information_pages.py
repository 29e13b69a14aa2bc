"""The pages of information without request: found a basis for, sent, registered with its limits, tied."""

from __future__ import annotations

import pytest
from tests.node.believable import ASKED, NOW, WAS_ASKED, letter

from comity.node.casework import opinions
from comity.node.casework.models import Case, Counter, Limit
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
    "text": "Three accounts were found.",
    "restrictions": ["confidential"],
    "words": "Until the trial begins.",
}


@pytest.fixture
def in_force(monkeypatch):
    """The Convention binds both invented States."""
    monkeypatch.setattr(opinions, "_with_own_status", lambda facts: facts | {"status": STATUS})


def test_the_basis_is_shown_before_it_is_signed_and_sent(enter, in_force):
    client = enter("signatory")
    for year in (NOW.year, NOW.year + 1):
        Counter.objects.create(name=f"XA-{year}", value=100)  # the cases there took theirs by hand
    page = client.post("/requests/inform", FORM)
    assert page.status_code == 200
    assert "UNCC 40(4)" in page.content.decode()
    assert not Letter.objects.filter(kind="information").exists()
    sent = client.post("/requests/inform", FORM | {"step": "send"})
    case = Case.objects.get(kind="information")
    assert sent.headers["Location"] == f"/requests/{case.reference}/"
    shown = client.get(f"/requests/{case.reference}/").content.decode()
    assert "Information that we sent without request" in shown
    assert "Until the trial begins." in shown
    assert "Ask for the status" not in shown
    assert case.reference in client.get("/requests/").content.decode()
    assert enter("signatory").get("/requests/inform").status_code == 200


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
