"""Files that travel with a request: under custody, announced with their hash, taken in on arrival."""

from __future__ import annotations

import uuid
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM, facts, request_body

from comity.letters.schema import parse
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError
from comity.node.casework import enclosures
from comity.node.casework.acts.enclose_file import enclose_file, take_out_file
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.models import Event
from comity.node.casework.standing import NotNowError
from comity.node.exhibits import arrival
from comity.node.jobs.models import Job

CONTENT = b"%PDF-1.7 a certified copy of the order"


@pytest.fixture
def full(open_case: Any, drafter: Any, clock: Any) -> Any:
    return save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)


@pytest.fixture
def enclose(drafter: Any, clock: Any) -> Any:
    """Add a file to a draft."""

    def add(
        case: Any, content: bytes = CONTENT, *, by: Any = None, name: str = "order.pdf", **changes: Any
    ) -> Any:
        given = {"media_type": "application/pdf", "size": len(content)} | changes
        return enclose_file(
            by or drafter, case, stream=BytesIO(content), raw_name=name, now=clock.now, **given
        )

    return add


def test_a_file_is_hashed_and_goes_with_the_signed_request(
    full: Any, enclose: Any, drafter: Any, signatory: Any, clock: Any
):
    exhibit = enclose(full)
    assert exhibit.sha256 == sha256(CONTENT).hexdigest()
    submit_for_review(drafter, full, now=clock.now)
    letter = sign_request(signatory, full, now=clock.now)
    (attached,) = parse(bytes(letter.canonical)).attachments
    assert (attached.sha256, attached.bytes, attached.exhibit) == (
        exhibit.sha256,
        len(CONTENT),
        str(exhibit.pk),
    )
    assert attached.name.endswith("/order.pdf")
    assert [record.act for record in exhibit.custody.order_by("n")] == ["received", "hashed", "sent"]
    assert letter.attachments == [str(exhibit.pk)]
    full.refresh_from_db()
    assert enclosures.waiting(full) == []


def test_what_was_taken_out_does_not_go(full: Any, enclose: Any, drafter: Any, signatory: Any, clock: Any):
    exhibit = enclose(full)
    take_out_file(drafter, full, exhibit.pk, now=clock.now)
    with pytest.raises(enclosures.EnclosureUnknownError):
        take_out_file(drafter, full, exhibit.pk, now=clock.now)
    submit_for_review(drafter, full, now=clock.now)
    letter = sign_request(signatory, full, now=clock.now)
    assert parse(bytes(letter.canonical)).attachments == []
    kinds = list(Event.objects.filter(case=full, kind__startswith="file_").values_list("kind", flat=True))
    assert kinds == ["file_enclosed", "file_taken_out"]


@pytest.mark.parametrize(
    ("content", "size", "error"),
    [
        (b"", None, enclosures.EnclosureEmptyError),
        (b"x", enclosures.LARGEST + 1, enclosures.EnclosureTooLargeError),
    ],
)
def test_an_empty_or_too_large_file_is_refused(
    full: Any, enclose: Any, content: bytes, size: Any, error: Any
):
    with pytest.raises(error):
        enclose(full, content, size=len(content) if size is None else size)
    assert not full.enclosures.exists()


def test_a_file_larger_than_it_says_is_refused(full: Any, enclose: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enclosures, "LARGEST", 10)
    with pytest.raises(enclosures.EnclosureTooLargeError):
        enclose(full, CONTENT, size=5)
    assert not full.enclosures.exists()


def test_a_request_carries_so_many_files_and_bytes(full: Any, enclose: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enclosures, "MOST", 2)
    enclose(full, b"1")
    enclose(full, b"2")
    with pytest.raises(enclosures.TooManyEnclosuresError):
        enclose(full, b"3")
    monkeypatch.setattr(enclosures, "MOST_BYTES", 2)
    with pytest.raises(enclosures.EnclosureTooLargeError):
        enclose(full, b"3")


def test_only_who_drafts_adds_a_file_while_it_is_a_draft(
    full: Any, enclose: Any, official: Any, signatory: Any, drafter: Any, clock: Any
):
    with pytest.raises(NotAuthorisedError):
        enclose(full, by=official("custodian"))
    submit_for_review(drafter, full, now=clock.now)
    with pytest.raises(NotNowError):
        enclose(full)


def test_who_adds_a_file_has_written_and_does_not_sign_it_alone(
    full: Any, enclose: Any, official: Any, drafter: Any, clock: Any
):
    other = official("drafter", "signatory")
    enclose(full, by=other)
    submit_for_review(drafter, full, now=clock.now)
    with pytest.raises(FourEyesError):
        sign_request(other, full, now=clock.now)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202efdp.exe", "order\x00.pdf", "." * 300])
def test_a_hostile_name_stays_inside_the_letter(
    full: Any, enclose: Any, drafter: Any, signatory: Any, clock: Any, name: str
):
    enclose(full, name=name, media_type="text/html; <script>")
    submit_for_review(drafter, full, now=clock.now)
    letter = sign_request(signatory, full, now=clock.now)
    (attached,) = parse(bytes(letter.canonical)).attachments
    assert attached.name.isascii()
    assert ".." not in attached.name.split("/")
    assert attached.media_type == "application/octet-stream"


INFORMATION = {"instrument": "uncc", "basis": ["uncc:art_40__para_4"], "subject": "-", "text": "-"}


@pytest.mark.parametrize("kind", ["request", "information"])
def test_the_files_of_a_letter_that_arrives_are_taken_in(arrive: Any, from_xb: Any, kind: str):
    body = (
        request_body()
        if kind == "request"
        else INFORMATION | {"facts": facts("XB", "XA", "share_information")}
    )
    attachment = {
        "name": "exhibits/XB-2027-000007-E1/order.pdf",
        "media_type": "application/pdf",
        "bytes": len(CONTENT),
        "sha256": sha256(CONTENT).hexdigest(),
        "exhibit": str(uuid.uuid4()),
    }
    row = arrive(from_xb(kind, body, attachments=[attachment]))
    asked = Job.objects.filter(kind=arrival.JOB)
    assert [job.payload["letter"] for job in asked] == [str(row.pk)]


def test_a_request_without_files_asks_for_no_intake(arrive: Any, from_xb: Any):
    arrive(from_xb("request", request_body()))
    assert not Job.objects.filter(kind=arrival.JOB).exists()
