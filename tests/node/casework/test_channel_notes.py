"""What went or came by diplomatic channels or through INTERPOL is on record, with its documents."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.casework import channel_notes, enclosures, timeline
from comity.node.casework.acts.protect_person import protect_person
from comity.node.casework.acts.record_channel_note import (
    Document,
    add_note_document,
    record_channel_note,
    record_with_document,
)
from comity.node.casework.identities import IdentityInTextError
from comity.node.casework.models import Case
from comity.node.casework.noted import NoteDocument
from comity.node.casework.standing import NotYetHappenedError
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry

SAID = {
    "direction": "out",
    "channel": "diplomatic",
    "reference": "No. 14-27",
    "sender": "Ministry of Foreign Affairs of State XA",
    "recipient": "Embassy of State XB",
    "text": "A verbal note with the request of 12 June.",
}
CONTENT = b"%PDF-1.7 the verbal note"


def document_of(content: bytes = CONTENT, name: str = "n.pdf") -> Document:
    return Document(BytesIO(content), name, "application/pdf", len(content))


@pytest.fixture
def note(drafter: Any, clock: Any) -> Any:
    def record(case: Case, by: Any = None, **changes: Any) -> Any:
        said = {**SAID, "happened_at": clock.now - timedelta(hours=1)} | changes
        return record_channel_note(by or drafter, case, now=clock.now, **said)

    return record


@pytest.fixture
def keep(drafter: Any, clock: Any) -> Any:
    def add(
        case: Case, number: int = 1, *, by: Any = None, content: bytes = CONTENT, name: str = "n.pdf"
    ) -> Any:
        return add_note_document(by or drafter, case, number, document_of(content, name), now=clock.now)

    return add


def test_a_note_is_on_record_in_the_ledger_and_on_the_timeline(signed_case: Any, note: Any, clock: Any):
    case = signed_case
    letter = Letter.objects.get(case_reference=case.reference).pk
    note(case)
    note(case, direction="in", channel="interpol", reference="IP/88", letter=letter)
    noted = channel_notes.of_case(case)
    assert [(one.note.number, one.note.reference) for one in noted] == [(1, "No. 14-27"), (2, "IP/88")]
    entries = Entry.objects.filter(kind="record_channel_note").order_by("id")
    assert [entry.content["recipient"] for entry in entries] == [SAID["recipient"]] * 2
    told = [timeline.sentence(event) for event in case.events.filter(kind__startswith="channel_note")]
    assert any("diplomatic channels" in line and "No. 14-27" in line for line in told)
    assert any("Interpol" in line and "IP/88" in line for line in told)


def test_its_documents_are_exhibits_with_custody(signed_case: Any, note: Any, keep: Any):
    case = signed_case
    note(case)
    exhibit = keep(case)
    assert exhibit.sha256 == sha256(CONTENT).hexdigest()
    assert (exhibit.case_reference, exhibit.source) == (case.reference, SAID["sender"])
    assert [record.act for record in exhibit.custody.order_by("n")] == ["received", "hashed"]
    assert [one.documents for one in channel_notes.of_case(case)] == [[exhibit]]


def test_the_requested_side_notes_too(asked: Any, note: Any, officer: Any):
    note(asked, by=officer, direction="in")
    assert asked.channel_notes.get().direction == "in"


def test_what_cannot_be_is_not_recorded(signed_case: Any, note: Any, keep: Any, official: Any, clock: Any):
    case = signed_case
    with pytest.raises(NotYetHappenedError):
        note(case, happened_at=clock.now + timedelta(minutes=1))
    with pytest.raises(NothingThereError):
        note(case, letter="6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11")
    for stranger, error in (
        (official("auditor"), NotAuthorisedError),
        (official("drafter"), NothingThereError),
    ):
        with pytest.raises(error):
            note(case, by=stranger)
    with pytest.raises(NothingThereError):
        keep(case)
    assert not case.channel_notes.exists()


def test_a_name_that_is_kept_apart_is_in_no_note(
    signed_case: Any, note: Any, keep: Any, signatory: Any, clock: Any
):
    case = signed_case
    protect_person(signatory, case, names=["Zarina Example"], details="", reason="threats", now=clock.now)
    with pytest.raises(IdentityInTextError):
        note(case, text="It concerns Zarina Example.")
    note(case)
    with pytest.raises(IdentityInTextError):
        keep(case, name="Zarina Example.pdf")


def test_documents_are_bounded(signed_case: Any, note: Any, keep: Any, monkeypatch: Any):
    case = signed_case
    note(case)
    with pytest.raises(enclosures.EnclosureEmptyError):
        keep(case, content=b"")
    monkeypatch.setattr(enclosures, "LARGEST", 10)
    with pytest.raises(enclosures.EnclosureTooLargeError):
        keep(case)
    monkeypatch.setattr(enclosures, "LARGEST", 1000)
    monkeypatch.setattr(enclosures, "MOST", 1)
    keep(case)
    with pytest.raises(enclosures.TooManyEnclosuresError):
        keep(case)
    assert NoteDocument.objects.count() == 1


def test_a_note_and_its_first_document_are_kept_both_or_neither(
    signed_case: Any, drafter: Any, clock: Any, monkeypatch: Any
):
    case, said = signed_case, {**SAID, "happened_at": clock.now - timedelta(hours=1)}

    def record(document: Document, **changes: Any) -> Any:
        return record_with_document(drafter, case, document, **said | changes, now=clock.now)

    with pytest.raises(enclosures.EnclosureEmptyError):
        record(document_of(b""))
    with pytest.raises(NotYetHappenedError):
        record(document_of(), happened_at=clock.now + timedelta(minutes=1))
    with monkeypatch.context() as patched:
        patched.setattr(enclosures, "LARGEST", len(CONTENT) - 1)
        with pytest.raises(enclosures.EnclosureTooLargeError):  # more came than was said
            record(Document(BytesIO(CONTENT), "n.pdf", "", 1))
    assert not case.channel_notes.exists()
    assert not Exhibit.objects.filter(case_reference=case.reference).exists()
    assert not Entry.objects.filter(kind="record_channel_note").exists()
    made = record(document_of())
    assert [(one.note.number, len(one.documents)) for one in channel_notes.of_case(case)] == [
        (made.number, 1)
    ]
