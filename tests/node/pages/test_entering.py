"""What officials enter reaches the letter, or the form says at the field why it cannot."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation
from tests.node.believable import CONTENTS, ITEMS, WAS_ASKED, consultation, draft

from comity.letters.bodies import RequestBody
from comity.node.casework.forms import ReasonForm, RefusalForm, ResultForm
from comity.node.casework.item_form import ItemForm
from comity.node.casework.models import Case, Item, Prepared
from comity.node.exchange.models import Letter
from comity.node.pages import labels
from comity.shapes import LINE_LENGTH

DRAFT = "XA-2026-000003"
TWO_LINES = "It would harm order.\r\nIt would also harm security."
CONTROL = "It would \x07 harm order."
SENTENCE = "The text holds a character that cannot be shown."


def complete(**changes):
    items = [ITEMS[0] | changes]
    contents = CONTENTS | {"intention_to_request": "A request for access will follow."}
    Case.objects.filter(reference=DRAFT).update(draft=draft(contents=contents, items=items))


def posted(**changes):
    return {
        "step": "submit",
        "item-TOTAL_FORMS": "1",
        "item-INITIAL_FORMS": "0",
        "item-0-identifier_type": "email",
        "item-0-identifier_value": "a.login@mail.example",
        "item-0-data_kinds": ["traffic"],
    } | changes


def test_a_refusal_with_two_lines_of_reasons_is_sent(enter):
    consultation(Case.objects.get(reference=WAS_ASKED))
    form = {"item": "1", "ground": "uncc:art_42__para_5", "reasons": TWO_LINES}
    assert enter("drafter").post(f"/requests/{WAS_ASKED}/refuse", form).status_code == 302
    prepared = f"/requests/{WAS_ASKED}/prepared/{Prepared.objects.get().pk}"
    assert enter("signatory").post(prepared, {"sealing": "at_once"}).status_code == 302
    assert Item.objects.get(case__reference=WAS_ASKED, number=1).reasons == TWO_LINES.replace("\r\n", "\n")
    assert Letter.objects.filter(kind="refusal", direction="out").exists()


def test_reasons_with_a_control_character_are_refused_at_their_field(enter):
    form = {"item": "1", "ground": "uncc:art_42__para_5", "reasons": CONTROL}
    answer = enter("signatory").post(f"/requests/{WAS_ASKED}/refuse", form)
    assert answer.status_code == 422
    assert SENTENCE in answer.content.decode()
    assert not Letter.objects.filter(kind="refusal").exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (lambda said: ResultForm(said, items=[], limits=[]), "authenticity"),
        (ReasonForm, "reason"),
        (lambda said: RefusalForm(said, items=[], grounds=[]), "reasons"),
    ],
)
def test_every_text_of_several_lines_is_kept_as_letters_keep_it(form, field):
    bound = form({field: " one\r\ntwo\rthree "})
    bound.is_valid()
    assert bound.cleaned_data[field] == "one\ntwo\nthree"
    assert field in form({field: "one\x0btwo"}).errors


@pytest.mark.parametrize("value", ["a\nb@mail.example", "a\x7f@mail.example", "a" * (LINE_LENGTH + 1)])
def test_an_identifier_that_no_letter_can_hold_is_refused_at_its_field(value):
    assert "identifier_value" in ItemForm({"identifier_type": "email", "identifier_value": value}).errors
    longest = ItemForm({"identifier_type": "email", "identifier_value": "a" * LINE_LENGTH})
    assert longest.is_valid(), longest.errors


def test_an_item_without_a_description_is_reviewed_and_signed(enter):
    complete()
    assert enter("drafter").post(f"/requests/{DRAFT}/draft", posted()).status_code == 302
    assert Case.objects.get(reference=DRAFT).preparation == "in_review"
    signed = enter("signatory").post(f"/requests/{DRAFT}/sign", {"step": "sign"})
    assert signed.status_code == 302
    assert RequestBody.model_validate(Case.objects.get(reference=DRAFT).draft).items[0].description == ""


def test_contents_with_a_control_character_are_shown_again_with_the_sentence_and_not_saved(enter):
    complete()
    answer = enter("drafter").post(f"/requests/{DRAFT}/draft", posted(content_facts=CONTROL))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert SENTENCE in page
    assert "It would " in page
    case = Case.objects.get(reference=DRAFT)
    assert (case.preparation, case.draft["contents"]["facts"]) == ("draft", CONTENTS["facts"])


@pytest.mark.parametrize(
    "unfit",
    [
        {"identifier": {"type": "email", "value": "a" * 301}},
        {"description": "a\x0bb"},
    ],
)
def test_a_draft_that_could_not_be_signed_is_not_handed_on(cases, official, unfit):
    from tests.node.believable import NOW

    from comity.node.casework.acts.submit_for_review import DraftUnfitError, submit_for_review

    complete(**unfit)
    case = Case.objects.get(reference=DRAFT)
    with pytest.raises(DraftUnfitError) as caught:
        submit_for_review(cases["people"]["drafter"], case, now=NOW)
    assert str(caught.value.params["place"]) == "Item 1"
    assert Case.objects.get(reference=DRAFT).preparation == "draft"


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_unmet_duties_are_named_in_the_reader_s_words(cases, language):
    person = cases["people"]["signatory"]
    person.language = language
    person.save()
    client = Client()
    client.force_login(person)
    form = {"item": "1", "ground": "uncc:art_42__para_5", "reasons": "It would harm order."}
    answer = client.post(f"/requests/{WAS_ASKED}/refuse", form)
    said = answer.context["error"].happened
    with translation.override(language):
        assert f"{labels.label('consult_before_refusal', 'duty')} (UNCC 40(28))" in said
    assert "consult_before_refusal" not in said


def test_what_a_draft_lacks_is_named_in_the_reader_s_words(enter):
    form = {"step": "submit", "item-TOTAL_FORMS": "0", "item-INITIAL_FORMS": "0"}
    said = enter("drafter").post(f"/requests/{DRAFT}/draft", form).context["error"].happened
    assert "Intention to request the data (UNCC 42(3)(f))" in said
    assert "intention_to_request" not in said


def test_where_a_case_stands_is_named_in_the_reader_s_words(enter):
    said = enter("drafter").post("/requests/XA-2026-000004/draft", posted()).context["error"].happened
    assert "“in review”" in said
