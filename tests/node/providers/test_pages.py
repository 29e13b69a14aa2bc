"""What people of a provider see and do on their pages, and what they do not."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.node.conftest import START
from tests.node.providers.conftest import HERON

from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry
from comity.node.orders import carrying, issuing, messages
from comity.node.orders.models import Order, OrderKind, OrderState
from comity.node.providers import acts, checking
from comity.node.providers.models import Deed, Part, ProducedFile, Statement

DATA = b"A line of the subscriber's record.\n" * 40


def file_of(order: Order, data: bytes = DATA, said: str = "", **changes: Any) -> dict[str, Any]:
    values = {
        "identifier": "1",
        "data_kind": "subscriber",
        "sha256": said or sha256(data).hexdigest(),
        "file": SimpleUploadedFile("record.txt", data, "text/plain"),
    }
    return values | changes


def test_an_order_is_read_confirmed_asked_about_answered_and_its_files_become_evidence(
    wire: Any, person: Any, order: Any, enter: Any, official: Any
) -> None:
    issued = order(wire)
    client, at = enter(person(wire)), f"/orders/{issued.pk}/"
    listed = client.get("/").content.decode()
    assert issued.number in listed
    shown = client.get(at).content.decode()
    assert HERON in shown
    assert "Tell nobody of this order" in shown
    assert shown.count('<span class="mark good">passed</span>') == 6

    assert client.post(f"{at}acknowledge", {"state": "received"}).status_code == 302
    issued.refresh_from_db()
    assert issued.state == OrderState.RECEIVED
    assert client.post(f"{at}ask", {"text": "Which time zone?"}).status_code == 302
    messages.reply(official("executing_officer"), issued, "UTC.", timezone.now())
    assert "UTC." in client.get(at).content.decode()

    done = {"i1-outcome": "done", "i2-outcome": ""}
    refused = client.post(f"{at}answer", done)
    assert (refused.status_code, "provider_files_missing" in refused.content.decode()) == (409, True)
    assert client.post(f"{at}files", file_of(issued)).status_code == 302
    exhibit = Exhibit.objects.get()
    assert (exhibit.sha256, exhibit.item_number) == (sha256(DATA).hexdigest(), 1)
    assert exhibit.source == "wire-example: Lena, Counsel"
    assert [each.act for each in exhibit.custody.all()] == ["received", "hashed"]
    assert "provider_statement_missing" in client.post(f"{at}answer", done).content.decode()
    stated = {"how_made": "Exported by the billing system.", "made_on": "2027-06-12", "ordinary_course": "on"}
    assert client.post(f"{at}statement", stated).status_code == 302
    statement = Statement.objects.get()
    assert sha256(DATA).hexdigest() in statement.document
    assert Exhibit.objects.get(pk=statement.exhibit).sha256 == statement.sha256

    assert client.post(f"{at}answer", done).status_code == 302
    issued.refresh_from_db()
    assert issued.state == OrderState.IN_EXECUTION
    against = {"i1-outcome": "done", "i2-outcome": "conflict_with_law", "i2-note": ""}
    assert "answer_reason_missing" in client.post(f"{at}answer", against).content.decode()
    against["i2-note"] = "The subscriber is under another State's law."
    assert client.post(f"{at}answer", against).status_code == 302
    issued.refresh_from_db()
    assert issued.state == OrderState.PARTLY_DONE
    closed = client.post(f"{at}answer", against)
    assert (closed.status_code, "order_not_open" in closed.content.decode()) == (409, True)
    told = set(Deed.objects.values_list("kind", flat=True))
    assert told >= {"provider_looked", "provider_received", "provider_asked", "provider_answered"}
    assert told <= set(Entry.objects.values_list("kind", flat=True))


def test_another_providers_order_is_as_one_that_does_not_exist(
    wire: Any, other_provider: Any, person: Any, order: Any, enter: Any
) -> None:
    theirs, absent = order(wire), uuid.uuid4()
    client = enter(person(other_provider, "omar"))
    assert theirs.number not in client.get("/").content.decode()
    for rest in ("", "download/json"):
        pages = [client.get(f"/orders/{one}/{rest}") for one in (theirs.pk, absent)]
        assert [page.status_code for page in pages] == [404, 404]
        bodies = [
            page.content.replace(str(one).encode(), b"").split(b"<main")[1]
            for page, one in zip(pages, (theirs.pk, absent), strict=True)
        ]
        assert bodies[0] == bodies[1]
    for rest in ("acknowledge", "ask", "answer", "files", "statement", "readers"):
        body = {"text": "?", "state": "received", "how_made": "-", "made_on": "2027-01-01"}
        assert client.post(f"/orders/{theirs.pk}/{rest}", body).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == OrderState.ISSUED
    assert not Deed.objects.exists()


def test_an_order_that_is_only_prepared_is_not_there(wire: Any, person: Any, order: Any, enter: Any) -> None:
    issued = order(wire)
    Order.objects.filter(pk=issued.pk).update(state=OrderState.PREPARED)
    assert enter(person(wire)).get(f"/orders/{issued.pk}/").status_code == 404


def test_a_reader_sees_what_they_are_named_for_and_acts_on_nothing(
    wire: Any, other_provider: Any, person: Any, order: Any, enter: Any
) -> None:
    issued, legal, reader = order(wire), person(wire), person(wire, "rosa", Part.READER)
    stranger = person(other_provider, "omar", Part.READER)
    desk, reading = enter(legal), enter(reader)
    assert reading.get(f"/orders/{issued.pk}/").status_code == 404
    wrong = desk.post(f"/orders/{issued.pk}/readers", {"readers": [stranger.pk]})
    assert "not_of_this_provider" in wrong.content.decode()
    with pytest.raises(acts.NotOfThisProviderError):
        acts.name_readers(legal, issued.pk, [reader.pk, stranger.pk], now=timezone.now())
    assert desk.post(f"/orders/{issued.pk}/readers", {"readers": [reader.pk]}).status_code == 302
    assert reading.get(f"/orders/{issued.pk}/").status_code == 200
    assert reading.post(f"/orders/{issued.pk}/acknowledge", {"state": "received"}).status_code == 403
    assert reading.post(f"/orders/{issued.pk}/answer", {"i1-outcome": "not_held"}).status_code == 403
    issued.refresh_from_db()
    assert issued.state == OrderState.ISSUED
    assert desk.post(f"/orders/{issued.pk}/readers", {}).status_code == 302
    assert reading.get(f"/orders/{issued.pk}/").status_code == 404


def test_nothing_of_the_case_is_shown_beyond_the_order(
    wire: Any, person: Any, order: Any, enter: Any
) -> None:
    issued = order(wire)
    client = enter(person(wire))
    client.post(f"/orders/{issued.pk}/files", file_of(issued))
    exhibit = Exhibit.objects.get()
    told = client.get(f"/orders/{issued.pk}/").content.decode() + client.get("/").content.decode()
    for name in ("json", "signed.json", "sig", "pem", "pdf"):
        answer = client.get(f"/orders/{issued.pk}/download/{name}")
        assert answer.status_code == 200
        told += answer.content.decode("latin-1")
    outside = told.replace(issued.number, "")
    assert issued.case_reference not in outside
    assert exhibit.number not in told
    for words in (issued.necessity, issued.proportionality, "Investigator"):
        assert words not in told


def test_a_file_that_is_not_what_was_announced_is_no_evidence(
    wire: Any, person: Any, order: Any, enter: Any
) -> None:
    issued = order(wire)
    client = enter(person(wire))
    wrong = client.post(f"/orders/{issued.pk}/files", file_of(issued, said="0" * 64))
    assert (wrong.status_code, "content_differs" in wrong.content.decode()) == (409, True)
    assert not Exhibit.objects.exists()
    assert not ProducedFile.objects.exists()


def test_what_is_downloaded_verifies_elsewhere(wire: Any, person: Any, order: Any, enter: Any) -> None:
    issued = order(wire)
    client = enter(person(wire))
    parts = {
        name: client.get(f"/orders/{issued.pk}/download/{name}").content
        for name in ("json", "sig", "pem", "signed.json")
    }
    seal, root = x509.load_pem_x509_certificates(parts["pem"])
    seal.verify_directly_issued_by(root)
    signature = base64.b64decode(parts["sig"])
    seal.public_key().verify(signature, parts["json"], ec.ECDSA(hashes.SHA256()))  # type: ignore[union-attr, call-arg, arg-type]
    assert carrying.read(parts["signed.json"]).order == str(issued.pk)
    assert client.get(f"/orders/{issued.pk}/download/key").status_code == 404


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"canonical": b"{}"}, "form", None),
        ({"signature": "AAAA"}, "signature", "order_signature_wrong"),
        ({"generation": 2}, "newest", "order_replaced"),
    ],
)
def test_a_forged_order_is_refused_by_the_steps_and_offers_no_act(
    wire: Any, person: Any, order: Any, enter: Any, changes: Any, step: str, code: str | None
) -> None:
    issued = order(wire)
    Order.objects.filter(pk=issued.pk).update(**changes)
    issued.refresh_from_db()
    last = checking.steps(issued)[-1]
    assert last.id == step
    assert last.code == (code or last.code)
    assert last.code is not None
    client = enter(person(wire))
    shown = client.get(f"/orders/{issued.pk}/").content.decode()
    assert "Do not follow it" in shown
    assert "Confirm receipt" not in shown
    refused = client.post(f"/orders/{issued.pk}/acknowledge", {"state": "received"})
    assert "order_not_verified" in refused.content.decode()
    issued.refresh_from_db()
    assert issued.state == OrderState.ISSUED


def test_an_order_by_another_seal_or_for_another_provider_is_refused(
    wire: Any, other_provider: Any, order: Any, keys: Any
) -> None:
    from comity.node.directory.models import Authority

    issued = order(wire)
    own, peer = Authority.objects.get(own=True), Authority.objects.get(pk="xb-247")
    issued.provider = other_provider
    assert checking.steps(issued)[-1].code == "order_of_another"
    issued.provider = wire
    issued.certificates = peer.seal_certificate
    assert checking.steps(issued)[-1].code == "order_seal_not_issued"
    Authority.objects.filter(pk=own.pk).update(ca_certificate=peer.ca_certificate)
    assert checking.steps(issued)[-1].code == "order_signature_wrong"
    Authority.objects.filter(pk=own.pk).update(withdrawn_at=timezone.now())
    assert checking.steps(issued)[-1].code == "order_authority_unknown"


def test_an_order_of_before_holds_when_the_authority_has_another_seal(
    wire: Any, order: Any, person: Any, enter: Any
) -> None:
    from comity.node.directory.models import Authority

    issued = order(wire)
    other = Authority.objects.get(pk="xb-247").seal_certificate
    Authority.objects.filter(own=True).update(seal_certificate=other)
    assert checking.holds(checking.steps(issued))
    shown = enter(person(wire)).get(f"/orders/{issued.pk}/download/pem").content.decode()
    assert shown == issued.certificates != ""
    assert other.strip() not in shown


def test_what_may_be_told_changes_when_secrecy_ends(wire: Any, person: Any, order: Any, enter: Any) -> None:
    now = timezone.now()
    open_, until = order(wire, secret=False), order(wire, secret_until=now + timedelta(hours=1))
    over, event = order(wire), order(wire, secret_event="the indictment is served")
    Order.objects.filter(pk=over.pk).update(secret_ended_at=now)
    client = enter(person(wire))
    page = lambda one: client.get(f"/orders/{one.pk}/").content.decode()  # noqa: E731
    assert "asked for no secrecy" in page(open_)
    assert "Secrecy ends:" in page(until)
    assert "the indictment is served" in page(event)
    assert "you may tell the user" in page(over)
    assert client.get("/").content.decode().count("Secrecy has ended") == 1
    Order.objects.filter(pk=until.pk).update(secret_until=now - timedelta(seconds=1))
    assert "Secrecy has ended" in page(until)


def test_a_withdrawn_order_takes_no_answer(wire: Any, person: Any, order: Any, enter: Any) -> None:
    issued = order(wire, OrderKind.PRESERVE)
    issued.desired = "lifted"
    issuing.sign_anew(issued.issued_by, issued, now=START)
    client = enter(person(wire))
    shown = client.get(f"/orders/{issued.pk}/").content.decode()
    assert "does not want this order carried out any more" in shown
    body = {"i1-outcome": "not_held", "i2-outcome": "not_held"}
    assert "order_not_open" in client.post(f"/orders/{issued.pk}/answer", body).content.decode()


def test_a_form_needs_its_token(wire: Any, person: Any, order: Any, enter: Any) -> None:
    issued = order(wire)
    client = enter(person(wire), enforce_csrf_checks=True)
    answer = client.post(f"/orders/{issued.pk}/acknowledge", {"state": "received"})
    assert answer.status_code == 403
    issued.refresh_from_db()
    assert issued.state == OrderState.ISSUED


def test_pages_carry_the_policy_and_stay_in_no_cache(wire: Any, person: Any, enter: Any) -> None:
    for client in (Client(), enter(person(wire))):
        answer = client.get("/", follow=True)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store, private"
