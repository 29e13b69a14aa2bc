"""A provider's program: what the pages do, with a token; large files in pieces."""

from __future__ import annotations

import base64
import io
import uuid
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, BinaryIO, cast

import pytest
from django.test import Client
from django.utils import timezone

from comity.node.exhibits import uploads
from comity.node.exhibits.models import Exhibit, Upload, UploadState
from comity.node.orders import answers
from comity.node.orders.models import Desired, Order, OrderKind, OrderState
from comity.node.providers import producing, tokens
from comity.node.providers.models import Part

DATA = bytes(range(256)) * 2048


@pytest.fixture
def program(providers_site: Any) -> Any:
    """A program with a token of this person."""

    def of(person: Any) -> Client:
        secret = tokens.make(person, "robot", days=30, now=timezone.now())
        return Client(headers={"Authorization": f"Bearer {secret}"}, enforce_csrf_checks=True)

    return of


def send(client: Client, at: str, body: Any, method: str = "post") -> Any:
    return getattr(client, method)(at, body, content_type="application/json")


def announced(data: bytes = DATA, **changes: Any) -> dict[str, Any]:
    values = {"identifier": 1, "name": "log.bin", "media_type": "application/octet-stream"}
    values |= {"data_kind": "traffic", "bytes": len(data), "sha256": sha256(data).hexdigest()}
    return values | changes


def patch(client: Client, at: str, data: bytes, offset: int, **more: str) -> Any:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **more}
    return client.patch(at, data, content_type="application/offset+octet-stream", headers=headers)


def test_an_order_is_answered_by_a_program_and_a_large_file_goes_on_after_a_break(
    wire: Any, person: Any, order: Any, program: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "CHUNK_LEAST", 1024)
    issued, client = order(wire), program(person(wire))
    at = f"/api/orders/{issued.pk}"
    assert [each["number"] for each in client.get("/api/orders").json()] == [issued.number]
    whole = client.get(at).json()
    assert whole["verified"]
    assert [step["n"] for step in whole["steps"]] == [1, 2, 3, 4, 5, 6]
    assert whole["silence"]["holds"]
    signed = client.get(f"{at}/signed").json()
    assert base64.b64decode(signed["order"]) == bytes(issued.canonical)
    assert send(client, f"{at}/state", {"state": "received"}).json()["state"] == "received"
    assert send(client, f"{at}/questions", {"text": "Which zone?"}).status_code == 201

    begun = send(client, f"{at}/files", announced()).json()
    half = len(DATA) // 2
    broken = patch(client, begun["upload"], DATA[:half], 0, **{"Upload-Checksum": "sha256 AAAA"})
    assert broken.status_code == 460
    assert patch(client, begun["upload"], DATA[:half], 0).status_code == 204
    asked = client.head(begun["upload"], headers={"Tus-Resumable": "1.0.0"})
    assert asked.headers["Upload-Offset"] == str(half)
    done = {"identifiers": [{"number": 1, "outcome": "done"}, {"number": 2, "outcome": "not_held"}]}
    assert send(client, f"{at}/answers", done).json()["code"] == "provider_files_unfinished"
    assert patch(client, begun["upload"], DATA[half:], half).status_code == 204
    back = client.delete(f"/api/files/{begun['file']}")  # it came whole: it is not taken back
    assert (back.status_code, back.json()["code"]) == (409, "provider_file_arrived")
    uploads.finish({"upload": begun["file"]}, timezone.now())
    exhibit = Exhibit.objects.get(pk=begun["file"])
    assert (exhibit.sha256, exhibit.raw_name) == (sha256(DATA).hexdigest(), "log.bin")
    stated = {"how_made": "A query of the log.", "made_on": "2027-06-12", "ordinary_course": True}
    statement = send(client, f"{at}/statement", stated).json()
    assert statement["document"]["files"][0]["sha256"] == exhibit.sha256
    assert send(client, f"{at}/answers", done).json()["state"] == "partly_done"
    assert client.get("/api/orders").json() == []
    assert send(client, f"{at}/state", {"state": "received"}).json()["code"] == "order_not_open"


def test_an_order_does_not_end_with_a_file_that_nobody_stated_authentic(
    wire: Any, person: Any, order: Any, program: Any
) -> None:
    issued, client = order(wire, OrderKind.PRESERVE), program(person(wire))
    at = f"/api/orders/{issued.pk}"
    first = {"identifiers": [{"number": 1, "outcome": "done"}]}
    assert send(client, f"{at}/answers", first).json()["state"] == "in_execution"
    send(client, f"{at}/files", announced())
    last = {"identifiers": [{"number": 2, "outcome": "not_held"}]}
    assert send(client, f"{at}/answers", last).json()["code"] == "provider_files_unfinished"
    far = {"identifiers": [{"number": 2**40, "outcome": "not_held"}]}
    assert send(client, f"{at}/answers", far).json()["code"] == "input_unreadable"


def test_a_file_that_comes_when_the_order_was_withdrawn_is_no_evidence(
    wire: Any, person: Any, order: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued, somebody = order(wire), person(wire)
    file = producing.Announced(1, "a.log", "text/plain", "traffic", len(DATA), sha256(DATA).hexdigest())
    asked = io.BytesIO(DATA)

    def read(size: int = -1) -> bytes:
        Order.objects.filter(pk=issued.pk).update(desired=Desired.WITHDRAWN)
        return asked.read(size)

    stream = cast(BinaryIO, SimpleNamespace(read=read))
    with pytest.raises(answers.OrderNotOpenError):
        producing.hand_over(somebody, issued.pk, file, stream, now=timezone.now())
    assert not Exhibit.objects.exists()


def test_what_arrives_otherwise_than_announced_is_no_evidence(
    wire: Any, person: Any, order: Any, program: Any
) -> None:
    issued, client = order(wire), program(person(wire))
    begun = send(client, f"/api/orders/{issued.pk}/files", announced(sha256="0" * 64)).json()
    assert patch(client, begun["upload"], DATA, 0).status_code == 204
    uploads.finish({"upload": begun["file"]}, timezone.now())
    assert Upload.objects.get().state == UploadState.FAILED
    assert not Exhibit.objects.exists()
    file = client.get(f"/api/orders/{issued.pk}").json()["files"][0]
    assert (file["state"], file["stated"]) == ("failed", False)
    assert client.delete(f"/api/files/{begun['file']}").status_code == 204
    assert not Upload.objects.exists()


def test_an_upload_belongs_to_its_provider_and_to_no_official(
    wire: Any, other_provider: Any, person: Any, order: Any, program: Any
) -> None:
    from comity.node.accounts.authority import NothingThereError
    from comity.node.accounts.models import Official

    issued, client = order(wire), program(person(wire))
    begun = send(client, f"/api/orders/{issued.pk}/files", announced()).json()
    stranger = program(person(other_provider, "omar"))
    assert patch(stranger, begun["upload"], DATA, 0).status_code == 404
    assert stranger.delete(f"/api/files/{begun['file']}").status_code == 404
    reader = program_of_reader(wire, person)
    assert patch(reader, begun["upload"], DATA, 0).status_code == 401
    assert patch(Client(), begun["upload"], DATA, 0).status_code == 401
    officer = Official.objects.get(username="officer")
    officer.roles = [*officer.roles, "custodian"]
    with pytest.raises(NothingThereError):
        uploads.find(officer, uuid.UUID(begun["file"]))
    assert Upload.objects.get().offset == 0


def program_of_reader(wire: Any, person: Any) -> Client:
    """Readers make no tokens."""
    from comity.node.accounts.authority import NotAuthorisedError

    reader = person(wire, "rosa", Part.READER)
    with pytest.raises(NotAuthorisedError):
        tokens.make(reader, "robot", days=1, now=timezone.now())
    return Client(headers={"Authorization": "Bearer nothing"})


def test_another_providers_order_answers_as_an_absent_one(
    wire: Any, other_provider: Any, person: Any, order: Any, program: Any
) -> None:
    theirs, client = order(wire, OrderKind.PRESERVE), program(person(other_provider, "omar"))
    assert client.get("/api/orders").json() == []
    assert client.get("/api/orders?waiting=false").json() == []
    said: list[tuple[int, dict[str, str]]] = []
    for key in (theirs.pk, uuid.uuid4()):
        answer = client.get(f"/api/orders/{key}")
        said.append((answer.status_code, {k: v.replace(str(key), "") for k, v in answer.json().items()}))
    assert said[0] == said[1]
    assert said[0][0] == 404
    bodies = {
        "state": {"state": "received"},
        "questions": {"text": "?"},
        "answers": {"identifiers": [{"number": 1, "outcome": "not_held"}]},
        "files": announced(),
        "statement": {"how_made": "-", "made_on": "2027-01-01", "ordinary_course": False},
    }
    for part, body in bodies.items():
        assert send(client, f"/api/orders/{theirs.pk}/{part}", body).status_code == 404, part
    assert send(client, f"/api/orders/{theirs.pk}/readers", {"usernames": []}, "put").status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == OrderState.ISSUED


def test_tokens_end_and_wrong_bodies_are_told(wire: Any, person: Any, order: Any, program: Any) -> None:
    issued, lena = order(wire), person(wire)
    client = program(lena)
    wrong = send(client, f"/api/orders/{issued.pk}/state", {"state": "done"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "input_unreadable")
    more = {"state": "received", "by": "another"}
    assert send(client, f"/api/orders/{issued.pk}/state", more).status_code == 400
    assert (
        client.post(f"/api/orders/{issued.pk}/state", '{"a":1,"a":2}', "application/json").status_code == 400
    )
    assert send(client, f"/api/orders/{issued.pk}/files", announced(identifier=9)).json()["code"] == (
        "no_such_identifier"
    )
    tokens.revoke(lena, lena.tokens.get().pk, now=timezone.now())
    assert client.get("/api/orders").status_code == 401
    assert client.get("/api/openapi.json").status_code == 200


def test_readers_are_named_by_a_program(wire: Any, person: Any, order: Any, program: Any) -> None:
    issued, rosa = order(wire), person(wire, "rosa", Part.READER)
    client = program(person(wire))
    at = f"/api/orders/{issued.pk}/readers"
    assert send(client, at, {"usernames": ["rosa"]}, "put").status_code == 204
    assert issued.readers.get().person == rosa
    assert send(client, at, {"usernames": ["nobody"]}, "put").json()["code"] == "not_of_this_provider"


def test_a_large_file_begins_on_the_page_as_well(wire: Any, person: Any, order: Any, enter: Any) -> None:
    issued = order(wire)
    client = enter(person(wire))
    told = {
        "identifier": "2",
        "data_kind": "content",
        "sha256": sha256(DATA).hexdigest(),
        "filename": "a.bin",
    }
    pairs = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(DATA)), "Upload-Metadata": pairs}
    at = f"/orders/{issued.pk}/uploads"
    begun = client.post(at, b"", content_type="application/octet-stream", headers=headers)
    assert begun.status_code == 201
    assert patch(client, begun.headers["Location"], DATA, 0).status_code == 204
    headers["Upload-Metadata"] = "filename YQ=="
    assert client.post(at, b"", content_type="application/octet-stream", headers=headers).status_code == 400
