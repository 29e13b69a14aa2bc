"""Where letters are, consignments of couriers, notes of other channels: by page and by program."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from tests.node.believable import ASKED

from comity.node.api import tokens
from comity.node.casework.acts import carry_by_courier as acts
from comity.node.casework.models import Case
from comity.node.exchange import consignments
from comity.node.exchange.delivering import SEND_RECEIPT
from comity.node.exchange.models import Letter, Receipt, Shipment, Stage
from comity.node.exchange.outgoing import lane
from comity.node.jobs import outbox
from comity.node.jobs.models import Job
from comity.node.pages.labels import delivery


@pytest.fixture
def sealed(cases: Any) -> Letter:
    """The request of the case that is asked, as it waits to be brought to the peer."""
    letter: Letter = cases["request"]
    Receipt.objects.filter(letter=letter).delete()
    letter.stage, letter.travelling, letter.sha256, letter.bytes = Stage.SEALED, "letters/x.age", "ab" * 32, 9
    letter.attempts, letter.tried_at, letter.tried_code = 3, timezone.now(), "peer_unreachable"
    letter.sealed_at, letter.expires_at = timezone.now(), timezone.now() + timedelta(days=9)
    letter.save()
    return letter


@pytest.mark.parametrize(
    ("stage", "lists"),
    [
        (Stage.FROZEN, {"waiting", "all"}),
        (Stage.SEALED, {"waiting", "unreceipted", "all"}),
        (Stage.RELAYED, {"unreceipted", "all"}),
        (Stage.FAILED, {"failed", "all"}),
        (Stage.RETRIEVED, {"all"}),
    ],
)
def test_a_letter_stands_on_the_lists_of_its_stage(enter: Any, sealed: Letter, stage: str, lists: set[str]):
    Letter.objects.filter(pk=sealed.pk).update(stage=stage)
    client = enter("duty")
    for each in ("waiting", "unreceipted", "failed", "arriving", "all"):
        page = client.get(f"/letters/?list={each}").content.decode()
        assert (f"/letters/{sealed.pk}/" in page) == (each in lists), each
    elsewhere = client.get("/letters/?list=all&peer=xb-247").content.decode()
    assert (f"/letters/{sealed.pk}/" in elsewhere) == (sealed.peer_id == "xb-247")


def test_the_list_says_which_proof_is_awaited_until_when_and_what_went_wrong(enter: Any, sealed: Letter):
    page = enter("duty").get("/letters/").content.decode()
    assert page.count("no receipt yet; awaited until") == 3
    assert "offered 3 times" in page
    assert "peer_unreachable" in page


@pytest.mark.parametrize(
    ("code", "accepted", "said", "courier"),
    [
        ("timed_out", False, "The other node did not take this letter in time.", True),
        ("timed_out", True, "did not say in time that it verified it", False),
        ("wrong_recipient", True, "it is addressed to another authority", False),
        ("not_understood", True, "may read it after an upgrade", False),
        ("what_no_release_knows", False, "The other node refused this letter:", False),
    ],
)
def test_a_letter_that_failed_says_what_happened_and_what_can_be_done(
    enter: Any, sealed: Letter, code: str, accepted: bool, said: str, courier: bool
):
    failure = "NON_DELIVERY" if accepted else "RELAY_REMMD_FAILURE"
    ours = code == "timed_out"
    for kind, by in [(failure, "xa-247" if ours else sealed.peer_id)] + [
        ("RELAY_REMMD_ACCEPTANCE", sealed.peer_id)
    ] * accepted:
        Receipt.objects.create(letter=sealed, kind=kind, issued_by=by, note="-", at=timezone.now())
    Letter.objects.filter(pk=sealed.pk).update(stage=Stage.FAILED, refusal_code=code)
    page = enter("duty").get(f"/letters/{sealed.pk}/").content.decode()
    assert said in page
    assert code in page
    assert ("refused" in page) == (code != "timed_out")
    assert ('href="/courier/"' in page) == courier
    assert "awaited until" not in page
    assert "no receipt" in page
    assert code in enter("duty").get("/letters/?list=failed").content.decode()
    hops = enter("duty").get(f"/letters/{sealed.pk}/").context["hops"]
    assert [hop.until for hop in hops if not hop.proof] == [None] * (2 if accepted else 3)


def test_a_letter_is_offered_again_by_page_and_by_a_program(enter: Any, official: Any, sealed: Letter):
    failed = {"stage": Stage.FAILED, "refusal_code": "timed_out", "asked_again_at": None}
    Letter.objects.filter(pk=sealed.pk).update(**failed)
    client, where = enter("duty"), f"/letters/{sealed.pk}/"
    assert f'action="{where}offer"' in client.get(where).content.decode()
    assert f'action="{where}offer"' not in enter("drafter").get(where).content.decode()
    assert client.post(f"{where}offer").headers["Location"] == where
    page = client.get(where).content.decode()
    assert "The letter is offered again until" in page
    assert f'action="{where}offer"' not in page
    assert "A letter that had failed is offered again" in client.get(f"/requests/{ASKED}/").content.decode()
    refused = client.post(f"{where}offer")
    assert (refused.status_code, "not_offered_again" in refused.content.decode()) == (409, True)
    Letter.objects.filter(pk=sealed.pk).update(**failed)
    secret = tokens.make(official("registrar"), "-", days=1, now=timezone.now(), roles=["registrar"])
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    answer = program.post(f"/api/letters/{sealed.pk}/offer")
    assert (answer.status_code, answer.json()["stage"]) == (202, "failed")
    assert program.post(f"/api/letters/{sealed.pk}/offer").json()["code"] == "not_offered_again"


def test_a_letter_that_cannot_be_sealed_says_what_it_waits_for(enter: Any, sealed: Letter):
    early = timezone.now() - timedelta(hours=2)
    Letter.objects.filter(pk=sealed.pk).update(stage=Stage.FROZEN, sealed_at=None, frozen_at=early)
    Job.objects.filter(key=f"exchange.seal:{sealed.pk}").delete()
    client, where = enter("duty"), f"/letters/{sealed.pk}/"
    assert "What it waits for:" not in client.get(where).content.decode()
    outbox.ask("exchange.seal", f"exchange.seal:{sealed.pk}", {"letter": str(sealed.pk)}, now=timezone.now())
    Job.objects.filter(key=f"exchange.seal:{sealed.pk}").update(attempts=3, last_code="recipient_expired")
    page = client.get(where).content.decode()
    assert "What it waits for:" in page
    assert "the key of the other side has ended, and no later one is known" in page
    assert f'href="{where}"' in client.get("/desk/").content.decode()


def test_the_desk_shows_what_did_not_arrive(enter: Any, sealed: Letter):
    client, link = enter("duty"), f'href="/letters/{sealed.pk}/"'
    Letter.objects.filter(pk=sealed.pk).update(attempts=0)
    assert link not in client.get("/desk/").content.decode()
    Letter.objects.filter(pk=sealed.pk).update(stage=Stage.FAILED, refusal_code="timed_out")
    page = client.get("/desk/").content.decode()
    assert link in page
    assert "no receipt came in time" in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("timed_out", "мерзімінде түбіртек келмеді"),
        ("signature_broken", "Қолтаңба бұл мазмұнға жатпайды"),
        ("seal_unproved", ""),  # its sentence needs a reason filled in
        ("error", ""),
        ("what_no_release_knows", ""),
    ],
)
def test_a_code_is_told_in_the_words_of_the_reader(code: str, words: str):
    with translation.override("kk"):
        assert delivery.words(code) == words


def test_the_lists_page_through_every_letter_once(enter: Any, sealed: Letter, monkeypatch: Any):
    from comity.node.pages import keyset

    monkeypatch.setattr(keyset.page_of, "__kwdefaults__", {"size": 1})
    client, seen, query = enter("duty"), [], "/letters/?list=all"
    while query:
        answer = client.get(query)
        seen += [letter.pk for letter, _ in answer.context["lines"]]
        following = answer.context["page"].following
        query = f"/letters/?{urlencode({'list': 'all', 'after': following})}" if following else ""
    assert len(seen) == len(set(seen)) == Letter.objects.count()


def test_a_consignment_is_packed_downloaded_and_handed_over(enter: Any, sealed: Letter, monkeypatch: Any):
    client = enter("duty")
    assert "1 letter" in client.get("/courier/").content.decode()
    answer = client.post("/courier/pack", {"peer": sealed.peer_id})
    row = Shipment.objects.get()
    assert answer.headers["Location"] == f"/courier/{row.pk}/"
    monkeypatch.setattr(consignments, "write", lambda row, out, now: out.write(b"package"))
    got = client.get(f"/courier/{row.pk}/package")
    assert b"".join(got.streaming_content) == b"package"
    assert row.filename in got.headers["Content-Disposition"]
    way = {"carrier": "B. Courier", "bag_number": "DB-17", "handed_to": "Embassy"}
    late = timezone.now() + timedelta(days=2)
    assert (
        client.post(answer.headers["Location"], way | {"handed_at": f"{late:%Y-%m-%dT%H:%M}"}).status_code
        == 422
    )
    assert client.post(answer.headers["Location"], way | {"handed_at": "2026-11-01T10:00"}).status_code == 302
    for page in (f"/letters/{sealed.pk}/", f"/courier/{row.pk}/", "/courier/", f"/requests/{ASKED}/"):
        said = client.get(page).content.decode()
        assert "B. Courier" in said, page
        assert "DB-17" in said, page
    assert client.post(answer.headers["Location"], way | {"handed_at": "2026-11-01T10:00"}).status_code == 409


@pytest.fixture
def had(sealed: Letter) -> Letter:
    """The same letter after the peer attested that it has it."""
    sealed.stage, sealed.travelling, sealed.container = Stage.DELIVERED, "letters/x.age", "letters/y.age"
    sealed.save()
    receipt = {"letter": sealed, "kind": "DELIVERY", "issued_by": sealed.peer_id, "note": "-"}
    Receipt.objects.create(**receipt, at=timezone.now() - timedelta(hours=2))
    return sealed


def test_what_a_restored_peer_had_is_packed_again_by_page(enter: Any, had: Letter):
    client = enter("duty")
    assert "/courier/again" in client.get("/courier/").content.decode()
    assert client.get("/courier/again").status_code == 200
    clock = timezone.localtime(timezone.now())
    asked = {"peer": had.peer_id, "since": f"{clock - timedelta(hours=3):%Y-%m-%dT%H:%M}"}
    before = asked | {"until": f"{clock - timedelta(hours=2, minutes=30):%Y-%m-%dT%H:%M}"}
    assert "nothing_to_carry" in client.post("/courier/again", before).content.decode()
    backwards = asked | {"until": f"{clock - timedelta(hours=4):%Y-%m-%dT%H:%M}"}
    refused = client.post("/courier/again", backwards)
    assert (refused.status_code, "span_backwards" in refused.content.decode()) == (409, True)
    assert client.post("/courier/again", {"peer": had.peer_id}).status_code == 422
    assert not Shipment.objects.exists()
    answer = client.post("/courier/again", asked)
    row = Shipment.objects.get()
    assert answer.headers["Location"] == f"/courier/{row.pk}/"
    assert [each.letter for each in row.carried.filter(what="letter")] == [had.pk]


def test_what_a_restored_peer_had_is_packed_again_by_a_program(official: Any, had: Letter):
    person = official("registrar")
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=["registrar"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def send(body: dict[str, str]) -> Any:
        return client.post("/api/consignments/again", json.dumps(body), content_type="application/json")

    since = timezone.now() - timedelta(hours=3)
    asked = {"peer": had.peer_id, "since": f"{since:%Y-%m-%dT%H:%M:%SZ}"}
    assert send(asked | {"until": "2020-01-01T00:00:00Z"}).json()["code"] == "span_backwards"
    assert send({"peer": had.peer_id}).json()["code"] == "input_unreadable"
    assert send(asked | {"until": "yesterday"}).json()["code"] == "input_unreadable"
    made = send(asked)
    assert made.status_code == 201, made.content
    assert str(had.pk) in [each["letter"] for each in made.json()["carried"]]


def test_receipts_that_were_not_told_yet_are_counted_for_the_bag(enter: Any, sealed: Letter):
    client = enter("duty")
    assert "1 receipt" not in client.get("/courier/").content.decode()
    payload = {"letter": str(sealed.pk), "receipt": "DELIVERY"}
    outbox.ask(SEND_RECEIPT, "one", payload, now=timezone.now(), lane=lane(sealed.peer_id))
    assert "1 letter, 1 receipt" in client.get("/courier/").content.decode()
    Letter.objects.filter(pk=sealed.pk).update(stage=Stage.DELIVERED)
    page = client.get("/courier/").content.decode()
    assert ("1 receipt" in page, "letters, " in page) == (True, False)
    Job.objects.filter(key="one").update(state="done")
    assert "No letter waits, and no receipt." in client.get("/courier/").content.decode()


def test_of_a_letter_of_others_the_list_says_what_this_node_attested(enter: Any, sealed: Letter):
    Letter.objects.filter(pk=sealed.pk).update(direction="in", stage=Stage.DELIVERED)
    for kind in ("RELAY_REMMD_ACCEPTANCE", "DELIVERY"):
        Receipt.objects.create(letter=sealed, kind=kind, issued_by="xa-247", note="-", at=timezone.now())
    page = enter("duty").get("/letters/?list=all").content.decode()
    for words in ("On the receiving node’s disk", "In the authority’s inbox", "signed by xa-247"):
        assert words in page


def test_what_is_no_package_is_refused_with_a_code(enter: Any, cases: Any):
    way = {"carrier": "-", "bag_number": "-", "handed_to": "-", "handed_at": "2026-11-01T10:00"}
    client = enter("duty")
    refused = {
        b"rubbish": "no_consignment",
        b"%PDF-1.7 another file of the disk": "no_consignment",
        b"age-encryption.org/v1\n" + b"x" * 100: "cut_off",
    }
    for content, code in refused.items():
        answer = client.post("/courier/take", way | {"file": SimpleUploadedFile("a.asice.age", content)})
        assert (answer.status_code, code in answer.content.decode()) == (409, True)
        assert not Shipment.objects.exists()


def test_programs_see_and_do_the_same(official: Any, sealed: Letter):
    person = official("registrar")
    secret = tokens.make(person, "-", days=1, now=timezone.now(), roles=["registrar"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    (found,) = client.get("/api/deliveries").json()
    assert (found["letter"], found["stage"], found["code"]) == (str(sealed.pk), "sealed", "peer_unreachable")
    assert [hop["proved_at"] for hop in found["hops"]] == [None] * 3
    send = lambda path, body: client.post(f"/api{path}", json.dumps(body), content_type="application/json")  # noqa: E731
    made = send("/consignments", {"peer": sealed.peer_id})
    assert made.status_code == 201, made.content
    number = made.json()["id"]
    assert [each["letter"] for each in made.json()["carried"]] == [str(sealed.pk)]
    way = {"carrier": "-", "bag_number": "7", "handed_at": "2026-11-01T10:00:00Z", "handed_to": "-"}
    assert send(f"/consignments/{number}/handover", way).json()["bag_number"] == "7"
    assert send("/consignments", {"peer": "xb-247", "more": 1}).json()["code"] == "input_unreadable"
    assert [each["id"] for each in client.get("/api/consignments").json()] == [number]
    assert acts.ACT == "carry_by_courier"


def test_a_communication_by_another_channel_is_recorded_on_the_page(enter: Any, cases: Any):
    client, where = enter("duty"), f"/requests/{ASKED}/channel-notes"
    said = {
        "direction": "in",
        "channel": "interpol",
        "happened_at": "2026-11-01T10:00",
        "reference": "IP/88",
        "sender": "NCB of State XB",
        "recipient": "NCB of State XA",
        "text": "They have the request.",
        "letter": str(cases["request"].pk),
    }
    refused = client.post(where, said | {"text": ""})
    assert refused.status_code == 422
    assert "→ Request, generation 1</option>" in refused.content.decode()
    document = SimpleUploadedFile("note.pdf", b"%PDF-1.7 a note", content_type="application/pdf")
    answer = client.post(where, said | {"file": document})
    assert answer.status_code == 302, answer.content
    more = SimpleUploadedFile("annex.pdf", b"%PDF-1.7 an annex", content_type="application/pdf")
    assert client.post(f"{where}/1/documents", {"file": more}).status_code == 302
    page = client.get(where).content.decode()
    for words in ("IP/88", "NCB of State XB", "note.pdf", "annex.pdf", "They have the request."):
        assert words in page
    assert "IP/88" in client.get(f"/requests/{ASKED}/").content.decode()
    assert Case.objects.get(reference=ASKED).channel_notes.get().documents.count() == 2
