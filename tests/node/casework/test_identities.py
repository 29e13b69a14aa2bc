"""Protected persons: the case has a pseudonym; the name is sealed, found by nobody, opened on record."""

from __future__ import annotations

import io
import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.node.casework.conftest import CONTENTS, ITEM, WORDS

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.api import tokens
from comity.node.casework import attempts, finding, identities
from comity.node.casework.acts.ask_status import ask_status
from comity.node.casework.acts.change_access import assign, give_access
from comity.node.casework.acts.comment_on_draft import comment_on_draft
from comity.node.casework.acts.enclose_file import enclose_file
from comity.node.casework.acts.export_bundle import describe
from comity.node.casework.acts.mark import lift_marking, mark
from comity.node.casework.acts.protect_person import (
    IdentityToldError,
    NameTooShortError,
    ReaderNotEntitledError,
    name_reader,
    open_identity,
    protect_person,
)
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import return_draft, submit_for_review
from comity.node.casework.acts.translate_letter import translate_letter
from comity.node.casework.identities import Identity, IdentityInTextError
from comity.node.casework.marked import Marking, ProtectedPerson
from comity.node.casework.models import Case, Comment, Composition, DraftVersion, Event
from comity.node.exchange.models import Letter, Stage
from comity.node.exhibits.models import Exhibit
from comity.node.ledger.models import Entry

NAME, CYRILLIC = "Arailym Sadykova", "Арайлым Садықова"
FACTS = {**CONTENTS, "facts": f"{NAME} saw it. арайлым  садықоваға хат келді."}


@pytest.fixture
def told(open_case: Any, drafter: Any, clock: Any) -> Case:
    """A draft and a comment that name a witness."""
    case = save_draft(drafter, open_case(), {"contents": FACTS, "items": [ITEM]}, now=clock.now)
    comment_on_draft(drafter, case, "facts", f"Is {NAME} willing?", now=clock.now)
    return case


@pytest.fixture
def person(told: Case, drafter: Any, clock: Any) -> ProtectedPerson:
    return protect(drafter, told, clock.now)


def protect(official: Any, case: Case, now: Any, **changes: Any) -> ProtectedPerson:
    words: dict[str, Any] = {"names": [NAME, CYRILLIC], "details": "Born in 1990.", "reason": "Threats."}
    return protect_person(official, case, **words | changes, now=now)


def found(official: Any, word: str, now: Any) -> list[Case]:
    return finding.search(official, finding.Asked(words=word), now=now).cases


def test_the_name_gives_way_to_the_pseudonym_wherever_the_case_may_still_change(
    told: Case, drafter: Any, clock: Any
) -> None:
    assert found(drafter, "Sadykova", clock.now) == [told]
    person = protect(drafter, told, clock.now)
    told.refresh_from_db()
    assert person.pseudonym == "P-1"
    assert told.draft["contents"]["facts"] == "P-1 saw it. P-1 хат келді."  # type: ignore[index]
    rows = [
        *DraftVersion.objects.values_list("body", flat=True),
        *Comment.objects.values_list("text", flat=True),
        *Case.objects.values_list("draft", "facts", "heading"),
        *Event.objects.values_list("params", flat=True),
        *Entry.objects.values_list("content", flat=True),
        describe(told),
    ]
    everything = json.dumps(rows, ensure_ascii=False, default=str).casefold()
    assert "sadykova" not in everything
    assert "садықова" not in everything
    assert "Is P-1 willing?" in Comment.objects.get().text
    assert found(drafter, "Sadykova", clock.now) == found(drafter, "Садықова", clock.now) == []


def test_the_identity_does_not_lie_open_in_the_database(person: ProtectedPerson) -> None:
    assert b"Sadykova" not in bytes(person.sealed)
    assert identities.unseal(person) == Identity([NAME, CYRILLIC], "Born in 1990.")


@pytest.mark.parametrize(
    "text",
    [
        "deposition_arailym-sadykova.pdf",
        NAME,
        NAME.upper(),
        "арайлым садықоваға",
        "Arailym \n Sadykova's phone",
        f"({CYRILLIC})",
    ],
)
def test_no_draft_comment_or_letter_takes_the_name_back_in(
    told: Case, person: ProtectedPerson, drafter: Any, clock: Any, text: str
) -> None:
    with pytest.raises(IdentityInTextError, match="P-1"):
        save_draft(drafter, told, {"contents": {"facts": text}}, now=clock.now)
    with pytest.raises(IdentityInTextError):
        comment_on_draft(drafter, told, "facts", text, now=clock.now)
    assert save_draft(drafter, told, {"contents": {"facts": "P-1 saw it."}}, now=clock.now)


def test_the_name_leaves_reasons_and_what_was_only_shown_and_comes_back_by_neither(
    told: Case, drafter: Any, official: Any, clock: Any
) -> None:
    named, kind = f"{NAME} is a witness.", "personal_data"
    mark(drafter, told, kind=kind, reason=named, now=clock.now)
    give_access(drafter, told, official("drafter"), named, now=clock.now)
    columns = {"case": told, "official": drafter, "act": "sign_request", "at": clock.now}
    Composition.objects.create(id=uuid.uuid4(), sha256="0" * 64, data=named.encode(), **columns)
    protect(drafter, told, clock.now)
    assert told.markings.get().reason == "P-1 is a witness."
    assert "P-1 is a witness." in told.access.values_list("reason", flat=True)
    assert not Composition.objects.exists()
    again: list[Any] = [
        lambda: mark(drafter, told, kind=kind, reason=named, now=clock.now),
        lambda: give_access(drafter, told, official("drafter"), named, now=clock.now),
        lambda: lift_marking(
            official("signatory"), told, told.markings.get().pk, reason=named, now=clock.now
        ),
        lambda: enclose(drafter, told, f"{NAME}.pdf", clock.now),
    ]
    for act in again:
        with pytest.raises(IdentityInTextError):
            act()
    assert Marking.objects.count() == 1


@pytest.mark.parametrize("name", [f"{NAME}.pdf", f"{CYRILLIC}.pdf"])
def test_no_letter_leaves_with_a_file_that_is_called_like_the_person(
    told: Case, drafter: Any, signatory: Any, clock: Any, name: str
) -> None:
    exhibit = enclose(drafter, told, name, clock.now)
    protect(drafter, told, clock.now)
    submit_for_review(drafter, told, now=clock.now)
    with pytest.raises(IdentityInTextError):
        sign_request(signatory, told, now=clock.now)
    assert Exhibit.objects.get(pk=exhibit.pk).letter is None


def enclose(official: Any, case: Case, name: str, now: Any) -> Exhibit:
    stream = io.BytesIO(b"a deposition")
    told = {"raw_name": name, "media_type": "application/pdf", "size": 12}
    return enclose_file(official, case, stream=stream, **told, now=now)  # type: ignore[arg-type]


def test_a_draft_goes_back_and_a_letter_is_translated_without_the_name(
    told: Case, drafter: Any, signatory: Any, clock: Any
) -> None:
    submit_for_review(drafter, told, now=clock.now)
    return_draft(signatory, told, f"Ask {NAME} again.", now=clock.now)
    protect(drafter, told, clock.now)
    assert Event.objects.get(kind="draft_returned").params["reason"] == "Ask P-1 again."
    submit_for_review(drafter, told, now=clock.now)
    with pytest.raises(IdentityInTextError):
        return_draft(signatory, told, f"Ask {NAME} again.", now=clock.now)
    return_draft(signatory, told, "Ask P-1 again.", now=clock.now)


def test_ones_own_translation_of_a_letter_does_not_name_the_person(
    ours: Case, drafter: Any, clock: Any, hear: Any
) -> None:
    protect(drafter, ours, clock.now)
    row = hear(ours, "obstacle", expected=None, text="A witness moved away.")
    Letter.objects.filter(pk=row.pk).update(stage=Stage.RETRIEVED)
    row.refresh_from_db()
    with pytest.raises(IdentityInTextError):
        translate_letter(drafter, row, "ru", {"text": CYRILLIC}, now=clock.now)


def test_a_letter_of_the_dialogue_does_not_name_the_person(ours: Case, drafter: Any, clock: Any) -> None:
    protect(drafter, ours, clock.now)
    count = Letter.objects.count()
    with pytest.raises(IdentityInTextError):
        ask_status(drafter, ours, [1], text=f"How is {NAME}?", now=clock.now)
    assert Letter.objects.count() == count
    assert ask_status(drafter, ours, [1], **WORDS, now=clock.now)


def test_a_name_is_no_part_of_another_word(told: Case, person: ProtectedPerson) -> None:
    identities.demand_absent(told, ["Karailym Sadykova", "Sadykova", "Arailym"])


def test_a_pseudonym_relates_no_two_cases(open_case: Any, drafter: Any, clock: Any) -> None:
    cases = []
    for _ in range(2):
        case = open_case()
        case.items.create(
            number=1, measure="preserve_data", identifier_type="person", identifier_value=NAME, desired="-"
        )
        protect(drafter, case, clock.now)
        assert case.items.get().identifier_value == "P-1"
        cases.append(case)
    for case in cases:
        assert finding.related(drafter, case) == finding.related_by_person(drafter, case) == []


def test_what_a_letter_has_said_is_not_taken_back(ours: Case, drafter: Any, clock: Any, hear: Any) -> None:
    hear(ours, "obstacle", expected=None, text=f"{NAME} moved away.")
    with pytest.raises(IdentityToldError):
        protect(drafter, ours, clock.now)
    assert not ProtectedPerson.objects.exists()


def test_only_a_named_reader_opens_it_and_each_time_is_on_record(
    told: Case, person: ProtectedPerson, drafter: Any, official: Any, clock: Any
) -> None:
    opened = open_identity(drafter, person, purpose="To arrange the hearing.", now=clock.now)
    assert opened.names == [NAME, CYRILLIC]
    assert Event.objects.get(kind="identity_opened").params == {
        "person": "P-1",
        "purpose_stated": "To arrange the hearing.",
    }
    assert Entry.objects.filter(kind="identity_opened", subject=told.reference).count() == 1
    other = official("signatory")  # sees every case
    with pytest.raises(NothingThereError):
        open_identity(other, person, purpose="-", now=clock.now)
    with pytest.raises(NothingThereError):
        name_reader(other, person, other, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        open_identity(official("auditor"), person, purpose="-", now=clock.now)
    name_reader(drafter, person, other, now=clock.now)
    assert open_identity(other, person, purpose="To sign.", now=clock.now) == opened


def test_a_reader_who_lost_the_case_lost_the_identity(
    told: Case, person: ProtectedPerson, drafter: Any, official: Any, clock: Any
) -> None:
    stranger = official("drafter")
    with pytest.raises(ReaderNotEntitledError):
        name_reader(drafter, person, stranger, now=clock.now)
    assign(stranger, told, clock.now)
    name_reader(drafter, person, stranger, now=clock.now)
    told.access.filter(official=stranger).delete()
    with pytest.raises(NothingThereError):
        open_identity(stranger, person, purpose="-", now=clock.now)


def test_the_purpose_and_the_reason_do_not_tell_the_name(
    told: Case, person: ProtectedPerson, drafter: Any, clock: Any
) -> None:
    with pytest.raises(IdentityInTextError):
        open_identity(drafter, person, purpose=f"To call {NAME}", now=clock.now)
    with pytest.raises(IdentityInTextError):
        protect(drafter, told, clock.now, names=["Somebody Else"], reason=f"Like {NAME}")


@pytest.mark.parametrize("names", [[], ["Li"], ["", " "], [NAME, "B."]])
def test_a_name_too_short_to_be_kept_out_is_not_taken(
    told: Case, drafter: Any, clock: Any, names: list[str]
) -> None:
    with pytest.raises(NameTooShortError):
        protect(drafter, told, clock.now, names=names)


def test_the_pages_show_the_pseudonym_and_the_name_once_to_its_reader(
    told: Case, person: ProtectedPerson, drafter: Any, official: Any, client: Any
) -> None:
    where = f"/requests/{told.reference}"
    for who in (drafter, official("signatory")):
        client.force_login(who)
        for page in (f"{where}/", f"{where}/protected", f"{where}/draft/versions", f"{where}/draft/comments"):
            answer = client.get(page)
            assert "Sadykova" not in answer.content.decode(), page
    assert client.get(f"{where}/protected/1").status_code == 404  # not named: nothing is there
    assert client.post(f"{where}/protected/1", {"purpose": "-"}).status_code == 404
    client.force_login(drafter)
    assert "Sadykova" not in client.get(f"{where}/protected/1").content.decode()
    opened = client.post(f"{where}/protected/1", {"purpose": "To arrange the hearing."})
    assert NAME in opened.content.decode()
    assert "no-store" in opened.headers["Cache-Control"]
    assert "Sadykova" not in client.get(f"{where}/").content.decode()


# --- a text that names a person, tried out to learn the name


@pytest.fixture
def prober(
    told: Case, person: ProtectedPerson, official: Any, drafter: Any, clock: Any
) -> tuple[Any, Client]:
    """A drafter who was given the case and is no reader of the identity."""
    insider = official("drafter")
    assign(insider, told, clock.now)
    client = Client(SERVER_NAME="localhost")
    client.force_login(insider)
    return insider, client


def guess(client: Client, case: Case, words: str) -> int:
    told = {"field": "facts", "text": words}
    return int(client.post(reverse("draft_comments", args=[case.reference]), told).status_code)


def test_a_hit_outlives_the_act_and_is_told_to_the_readers(
    told: Case, prober: tuple[Any, Client], drafter: Any, clock: Any
) -> None:
    insider, client = prober
    assert guess(client, told, "Is it Somebody Else?") == 302
    assert not Event.objects.filter(kind="identity_named").exists()
    assert guess(client, told, f"Is it {NAME}?") == 409
    line = Event.objects.get(kind="identity_named")
    assert (line.by, line.params, line.case) == (insider, {"person": "P-1"}, told)
    assert Entry.objects.filter(kind="identity_named", subject=told.reference).exists()
    reader = Client(SERVER_NAME="localhost")
    reader.force_login(drafter)
    assert "Texts that named protected persons were refused" in reader.get("/desk/").content.decode()
    assert "Texts that named protected persons were refused" not in client.get("/desk/").content.decode()


@pytest.mark.parametrize("limited", [True, False])
def test_after_three_hits_no_answer_tells_anything(
    told: Case, prober: tuple[Any, Client], monkeypatch: pytest.MonkeyPatch, limited: bool
) -> None:
    """Not limited, the negative control, a fourth guess still learns whether it was right."""
    if not limited:
        monkeypatch.setattr(attempts, "demand_answered", lambda case: None)
    client = prober[1]
    for _each in range(attempts.ANSWERED):
        assert guess(client, told, f"Is it {NAME}?") == 409
    assert guess(client, told, "Is it Somebody Else?") == (409 if limited else 302)
    assert Event.objects.filter(kind="identity_named").count() == attempts.ANSWERED


def test_a_program_is_answered_and_noted_no_less(told: Case, prober: tuple[Any, Client], clock: Any) -> None:
    insider = prober[0]
    secret = tokens.make(insider, "-", days=1, now=timezone.now())
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {"field": "facts", "text": f"Is it {NAME}?"}
    answer = program.post(f"/api/cases/{told.reference}/draft/comments", body, "application/json")
    assert answer.json()["code"] == "identity_in_text"
    assert Event.objects.get(kind="identity_named").by == insider
