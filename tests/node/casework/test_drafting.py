"""Versions, comments, templates and edited texts of a draft."""

from __future__ import annotations

from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM
from tests.node.conftest import START
from tests.node.provider import HERON

from comity.letters.word import EditedField, write_texts
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Organisation
from comity.node.casework import patterns, previews, returning, versions
from comity.node.casework.acts.change_access import give_access
from comity.node.casework.acts.comment_on_draft import (
    CommentUnknownError,
    FieldNotAskedError,
    comment_on_draft,
    resolve_comment,
)
from comity.node.casework.acts.keep_template import draft_from_template, keep_template, withdraw_template
from comity.node.casework.acts.restore_version import restore_version
from comity.node.casework.acts.save_draft import draft_follow_up, save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.acts.take_texts import take_texts
from comity.node.casework.models import DraftVersion, Event, Origin, Template
from comity.node.casework.standing import NotNowError, WrongSideError


@pytest.fixture
def write(drafter: Any, clock: Any) -> Any:
    """Save contents of a draft."""

    def save(case: Any, *, by: Any = None, typing: bool = False, **contents: str) -> Any:
        return save_draft(by or drafter, case, {"contents": contents}, now=clock.now, typing=typing)

    return save


def said(case: Any) -> list[tuple[int, str, str]]:
    rows = DraftVersion.objects.filter(case=case).order_by("number")
    return [(row.number, row.origin, row.body["contents"].get("facts", "")) for row in rows]


def test_every_save_is_a_version_with_who_and_when(open_case: Any, write: Any, drafter: Any, clock: Any):
    case = write(open_case(), facts="One")
    clock.advance(minutes=1)
    write(case, facts="Two")
    assert said(case) == [(1, "begun", ""), (2, "saved", "One"), (3, "saved", "Two")]
    last = versions.newest(case)
    assert (last.by, last.at) == (drafter, clock.now)


def test_the_same_words_twice_make_no_second_version(open_case: Any, write: Any):
    case = write(open_case(), facts="One")
    write(case, facts="One")
    assert len(said(case)) == 2


def test_what_one_types_for_a_while_is_one_version_and_a_saved_one_is_never_changed(
    open_case: Any, write: Any, clock: Any
):
    case = write(open_case(), facts="Saved")
    for text in ("T", "Ty", "Typed"):
        clock.advance(seconds=30)
        write(case, facts=text, typing=True)
    assert said(case)[1:] == [(2, "saved", "Saved"), (3, "saved", "Typed")]
    write(case, facts="Typed and saved")
    assert said(case)[2:] == [(3, "saved", "Typed and saved")]
    write(case, facts="Anew", typing=True)
    assert said(case)[2:] == [(3, "saved", "Typed and saved"), (4, "saved", "Anew")]


def test_long_typing_and_typing_of_another_person_begin_a_version(
    open_case: Any, write: Any, official: Any, drafter: Any, clock: Any
):
    case = write(open_case(), facts="Mine", typing=True)
    clock.advance(minutes=11)
    write(case, facts="Mine, later", typing=True)
    colleague = official("drafter")
    give_access(drafter, case, colleague, "Writes on", now=clock.now)
    write(case, by=colleague, facts="Theirs", typing=True)
    assert [text for _, _, text in said(case)] == ["", "Mine", "Mine, later", "Theirs"]


def test_one_goes_back_to_a_version_by_a_new_one(open_case: Any, write: Any, drafter: Any, clock: Any):
    case = write(open_case(), facts="One")
    case = write(case, facts="Two")
    case = restore_version(drafter, case, 2, now=clock.now)
    assert case.draft["contents"]["facts"] == "One"
    assert said(case)[2:] == [(3, "saved", "Two"), (4, "restored", "One")]
    assert Event.objects.get(kind="draft_restored").params == {"number": 2}
    with pytest.raises(versions.VersionUnknownError):
        restore_version(drafter, case, 99, now=clock.now)


def test_who_goes_back_becomes_the_drafter_for_the_four_eyes(
    open_case: Any, write: Any, official: Any, clock: Any
):
    case = write(write(open_case(), facts="One"), facts="Two")
    other = official("drafter", "signatory")
    assert restore_version(other, case, 2, now=clock.now).drafter == other


def test_who_saves_without_a_change_does_not_become_the_drafter(
    full: Any, write: Any, drafter: Any, official: Any, clock: Any
):
    other = official("drafter", "signatory")
    case = write(full, by=other, **CONTENTS)
    assert case.drafter == drafter
    submit_for_review(drafter, case, now=clock.now)
    with pytest.raises(FourEyesError):
        sign_request(drafter, case, now=clock.now)
    assert len(said(case)) == 2


def test_nobody_goes_back_in_a_draft_that_waits_for_its_signature(
    open_case: Any, drafter: Any, signatory: Any, clock: Any
):
    case = save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        restore_version(signatory, case, 1, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    with pytest.raises(NotNowError):
        restore_version(drafter, case, 1, now=clock.now)


def test_a_version_of_an_earlier_request_is_not_taken_back(signed_case: Any, drafter: Any, clock: Any):
    signed_case.actual = "preserved"
    signed_case.save()
    case = draft_follow_up(drafter, signed_case, "access_stored_data", now=clock.now)
    with pytest.raises(versions.VersionOfAnotherRequestError):
        restore_version(drafter, case, 2, now=clock.now)


def test_two_versions_are_compared_word_by_word():
    before = {"contents": {"facts": "He came at noon.", "purpose": "x"}, "items": [], "urgent": False}
    after = {"contents": {"facts": "He left at noon.", "purpose": "x"}, "items": [ITEM], "urgent": True}
    facts, items, urgent = versions.differences(before, after)
    assert [(piece.kind, piece.text) for piece in facts.pieces] == [
        ("same", "He "),
        ("removed", "came "),
        ("added", "left "),
        ("same", "at noon."),
    ]
    assert (items.of, urgent.place, urgent.after) == ("items", "urgent", True)
    assert versions.differences(before, before) == []


def test_a_very_long_text_is_compared_as_a_whole():
    long = "word " * (versions.COMPARED_WORDS + 1)
    assert [piece.kind for piece in versions.compare(long, "short")] == ["removed", "added"]


def test_a_comment_is_open_until_somebody_resolves_it(
    open_case: Any, drafter: Any, signatory: Any, clock: Any
):
    case = open_case()
    comment = comment_on_draft(signatory, case, "facts", "Which day?", now=clock.now)
    assert (comment.by, comment.version, comment.resolved_at) == (signatory, 1, None)
    first = clock.advance(hours=1)
    resolve_comment(drafter, case, comment.pk, now=first)
    clock.advance(hours=1)
    again = resolve_comment(signatory, case, comment.pk, now=clock.now)
    assert (again.resolved_by, again.resolved_at) == (drafter, first)


def test_a_comment_needs_a_role_a_field_of_the_draft_and_an_unsigned_draft(
    open_case: Any, signed_case: Any, official: Any, signatory: Any, clock: Any
):
    case = open_case()
    with pytest.raises(NotAuthorisedError):
        comment_on_draft(official("custodian"), case, "", "x", now=clock.now)
    with pytest.raises(FieldNotAskedError):
        comment_on_draft(signatory, case, "property_value", "x", now=clock.now)
    with pytest.raises(NotNowError):
        comment_on_draft(signatory, signed_case, "", "x", now=clock.now)
    other = comment_on_draft(signatory, open_case(), "", "x", now=clock.now)
    with pytest.raises(CommentUnknownError):
        resolve_comment(signatory, case, other.pk, now=clock.now)


@pytest.fixture
def full(open_case: Any, drafter: Any, clock: Any) -> Any:
    """A draft with all its contents and one item."""
    return save_draft(drafter, open_case(), {"contents": CONTENTS, "items": [ITEM]}, now=clock.now)


def test_a_template_holds_texts_and_nothing_of_the_case(full: Any, drafter: Any, clock: Any):
    kept = keep_template(drafter, full, "Preservation", list(CONTENTS), now=clock.now)
    assert "necessity" in kept.contents
    assert not {"facts", "subject_and_nature", "relation_to_offence", "persons"} & kept.contents.keys()
    assert HERON not in str(kept.contents)
    with pytest.raises(patterns.TemplateEmptyError):
        keep_template(drafter, full, "Nothing", ["facts"], now=clock.now)


@pytest.mark.parametrize("mark", [HERON, HERON.upper(), "{reference}"])
def test_a_text_that_names_an_item_or_the_case_is_kept_in_no_template(
    full: Any, drafter: Any, clock: Any, mark: str
):
    text = f"Because {mark.format(reference=full.reference)} may vanish."
    case = save_draft(drafter, full, {"contents": {**CONTENTS, "necessity": text}}, now=clock.now)
    with pytest.raises(patterns.TemplateOfTheCaseError):
        keep_template(drafter, case, "T", ["necessity", "purpose"], now=clock.now)
    assert keep_template(drafter, case, "T", ["purpose"], now=clock.now).contents.keys() == {"purpose"}


def test_a_template_fills_what_is_empty_and_overwrites_nothing(
    full: Any, open_case: Any, write: Any, drafter: Any, clock: Any
):
    kept = keep_template(drafter, full, "T", ["necessity", "data_sought"], now=clock.now)
    case = write(open_case(), necessity="My own reason")
    case = draft_from_template(drafter, case, kept.pk, now=clock.now)
    assert case.draft["contents"]["necessity"] == "My own reason"
    assert case.draft["contents"]["data_sought"] == CONTENTS["data_sought"]
    last = versions.newest(case)
    assert (last.origin, last.source) == (Origin.TEMPLATE, "T")


def test_templates_are_of_one_organisation_and_one_measure(
    full: Any, open_case: Any, official: Any, drafter: Any, clock: Any
):
    kept = keep_template(drafter, full, "T", ["necessity"], now=clock.now)
    stranger = official("drafter", organisation=Organisation.objects.create(id="other"))
    case = open_case()
    with pytest.raises(NothingThereError):
        draft_from_template(stranger, case, kept.pk, now=clock.now)
    give_access(drafter, case, stranger, "Drafts with us", now=clock.now)
    with pytest.raises(patterns.TemplateUnknownError):
        draft_from_template(stranger, case, kept.pk, now=clock.now)
    with pytest.raises(patterns.TemplateUnknownError):
        withdraw_template(stranger, kept.pk, now=clock.now)
    Template.objects.update(measure="intercept_content")
    with pytest.raises(patterns.TemplateUnfitError):
        draft_from_template(drafter, open_case(), kept.pk, now=clock.now)


def test_a_withdrawn_template_is_offered_no_more(full: Any, drafter: Any, official: Any, clock: Any):
    kept = keep_template(drafter, full, "T", ["necessity"], now=clock.now)
    with pytest.raises(NotAuthorisedError):
        withdraw_template(official("custodian"), kept.pk, now=clock.now)
    withdraw_template(drafter, kept.pk, now=clock.now)
    assert not patterns.fitting(drafter, full.draft)


def edited(**texts: str) -> bytes:
    fields = [EditedField(name, [], text) for name, text in texts.items()]
    return write_texts("X", fields, "en", now=START)


def test_edited_texts_are_compared_first_and_then_a_new_version(full: Any, drafter: Any, clock: Any):
    comparison = returning.compare(full, edited(facts="New facts", necessity=CONTENTS["necessity"]))
    assert [(each.place, each.after) for each in comparison.changes] == [("facts", "New facts")]
    assert comparison.unchanged == ["necessity"]
    assert "purpose" not in comparison.unchanged
    full.refresh_from_db()
    assert full.draft["contents"]["facts"] == CONTENTS["facts"]
    case = take_texts(
        drafter, full, {"facts": "New facts"}, compared_with=comparison.compared_with, now=clock.now
    )
    assert case.draft["contents"] == {**CONTENTS, "facts": "New facts"}
    assert said(case)[-2:] == [(2, "saved", CONTENTS["facts"]), (3, "imported", "New facts")]


def test_a_draft_that_changed_since_is_not_overwritten(full: Any, drafter: Any, write: Any, clock: Any):
    comparison = returning.compare(full, edited(facts="New facts"))
    write(full, facts="Typed meanwhile", typing=True)
    with pytest.raises(versions.DraftChangedError):
        take_texts(
            drafter, full, {"facts": "New facts"}, compared_with=comparison.compared_with, now=clock.now
        )
    full.refresh_from_db()
    assert full.draft["contents"]["facts"] == "Typed meanwhile"


def test_texts_of_fields_that_are_not_asked_for_are_refused(full: Any, drafter: Any, clock: Any):
    with pytest.raises(FieldNotAskedError):
        take_texts(
            drafter,
            full,
            {"property_value": "x"},
            compared_with=versions.fingerprint(full.draft),
            now=clock.now,
        )


def test_a_document_with_other_fields_reports_them(full: Any):
    comparison = returning.compare(full, edited(property_value="Much"))
    assert comparison.unrecognised == ("Much",)
    assert comparison.changes == []


@pytest.mark.parametrize("language", previews.LANGUAGES)
def test_the_exported_document_comes_back_unchanged(full: Any, clock: Any, language: str):
    comparison = returning.compare(full, previews.texts(full, language, now=clock.now))
    assert (comparison.changes, comparison.unrecognised, comparison.absent) == ([], (), [])


def test_the_preview_is_the_draft_and_changes_nothing(full: Any, drafter: Any):
    before = DraftVersion.objects.count()
    assert previews.pdf(full, drafter, "kk").startswith(b"%PDF")
    assert previews.pages(full, drafter, "ru")[0].startswith(b"\x89PNG")
    assert DraftVersion.objects.count() == before
    full.side = "requested"
    full.save()
    with pytest.raises(WrongSideError):
        restore_version(drafter, full, 1, now=full.changed_at)
