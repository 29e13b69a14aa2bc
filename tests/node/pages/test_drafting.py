"""The guided draft in its pages: one group a screen, nothing lost, and what stands beside it."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.node.believable import CONTENTS
from tests.node.conftest import START

from comity.letters.word import EditedField, write_texts
from comity.letters.word_reading import LARGEST
from comity.node.casework import contents, screens
from comity.node.casework.models import Case, Comment, DraftVersion, Template

DRAFT, REVIEW = "XA-2026-000003", "XA-2026-000004"


def at(name: str, *parts: object, reference: str = DRAFT) -> str:
    return reverse(name, args=[reference, *parts])


def shown(client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def fields_of(page: str) -> set[str]:
    return set(re.findall(r'name="content_(\w+)"', page))


def saved() -> dict:
    return Case.objects.get(reference=DRAFT).draft


def test_each_screen_asks_one_group_and_together_they_ask_what_the_opinion_asks(enter, cases):
    client, asked = enter("drafter"), []
    for screen in screens.screens(contents.progress(cases["draft"])):
        page = shown(client, f"{at('draft')}?screen={screen.id}")
        assert fields_of(page) == {field.id for field in screen.fields}
        asked += [field.id for field in screen.fields]
    assert sorted(asked) == sorted(field.id for field in contents.fields(cases["draft"]))
    assert "property_value" not in asked


def test_a_field_has_its_provision_an_example_and_good_practice(enter):
    page = shown(enter("drafter"), f"{at('draft')}?screen=whereabouts")
    assert "UNCC 42(3)(d)" in page
    assert "For example" in page
    assert "Say why the data are believed to be there" in page


def test_the_draft_opens_where_something_required_is_missing(enter):
    page = shown(enter("drafter"), at("draft"))
    assert "intention_to_request" in fields_of(page)
    assert "required by" in page


def test_a_screen_saves_what_is_on_it_and_leaves_the_rest(enter):
    before = saved()
    form = {"screen": "proceedings", "content_facts": "New words", "step": "go:assistance"}
    answer = enter("drafter").post(at("draft"), form)
    assert answer.headers["Location"].endswith("?screen=assistance")
    after = saved()
    assert after["contents"] == before["contents"] | {"facts": "New words"}
    assert [after[key] for key in ("items", "urgent", "confidential")] == [
        before[key] for key in ("items", "urgent", "confidential")
    ]


@pytest.mark.parametrize("page", ["preview", "versions", "comments", "templates", "texts"])
def test_what_stands_beside_the_draft_is_reached_by_saving(enter, page):
    client = enter("drafter")
    form = {"screen": "proceedings", "content_facts": "New words", "step": f"go:draft_{page}"}
    assert client.post(at("draft"), form).headers["Location"] == at(f"draft_{page}")
    assert saved()["contents"]["facts"] == "New words"
    shown(client, at(f"draft_{page}"))


def test_a_step_leads_to_no_other_place(enter):
    for step in ("go:case", "go:https://evil.example", "go:account"):
        where = enter("drafter").post(at("draft"), {"screen": "items", "step": step}).headers["Location"]
        assert where.startswith(at("draft") + "?screen=")


def test_leaving_saves_quietly_and_typing_makes_one_version(enter):
    client = enter("drafter")
    for text, headers in (("a", {"HX-Request": "true"}), ("ab", {"HX-Request": "true"}), ("abc", {})):
        form = {"screen": "proceedings", "content_facts": text} | ({} if headers else {"step": "leave"})
        answer = client.post(at("draft"), form, headers=headers)
    assert answer.status_code == 204
    assert saved()["contents"]["facts"] == "abc"
    assert DraftVersion.objects.filter(case__reference=DRAFT).count() == 1


def test_versions_are_listed_compared_and_taken_back(enter):
    client = enter("drafter")
    for text in ("First words", "Second words"):
        client.post(at("draft"), {"screen": "proceedings", "content_facts": text, "step": "save"})
    assert "Version 2" in shown(client, at("draft_versions"))
    compared = shown(client, at("draft_compare") + "?earlier=1&later=2")
    assert re.search(r"<del>.*First.*</del>", compared)
    assert re.search(r"<ins>.*Second.*</ins>", compared)
    assert "Go back to this version" in shown(client, at("draft_version", 1))
    assert client.post(at("draft_version", 1)).status_code == 302
    assert saved()["contents"]["facts"] == "First words"
    shown(client, at("draft_version", 99), 404)
    assert shown(client, at("draft_compare") + "?earlier=x&later=2", 422)
    shown(client, at("draft_compare") + "?earlier=1&later=99", 404)


def test_whoever_only_reads_cannot_go_back(enter):
    enter("drafter").post(at("draft"), {"screen": "proceedings", "content_facts": "x", "step": "save"})
    client = enter("signatory")
    assert "Go back to this version" not in shown(client, at("draft_version", 1))
    assert client.post(at("draft_version", 1)).status_code in (403, 409)


def test_open_comments_are_shown_to_whoever_signs_and_resolved_ones_are_not(enter):
    signatory, drafter = enter("signatory"), enter("drafter")
    form = {"field": "facts", "text": "Which <day>?"}
    where = at("draft_comments", reference=REVIEW)
    assert signatory.post(where, form).status_code == 302
    page = shown(signatory, at("sign", reference=REVIEW))
    assert "1 comment is still open" in page
    assert "Which &lt;day&gt;?" in page
    comment = Comment.objects.get()
    assert drafter.post(at("draft_comment", comment.pk, reference=REVIEW)).status_code == 302
    page = shown(signatory, at("sign", reference=REVIEW))
    assert "No comment is open" in page
    assert "Which &lt;day&gt;?" not in page
    assert "resolved by Asel Demeuova" in shown(drafter, where)


def test_a_comment_stands_at_its_field(enter):
    client = enter("drafter")
    answer = client.post(at("draft"), {"screen": "proceedings", "step": "comment:facts"})
    assert answer.headers["Location"] == at("draft_comments") + "?field=facts"
    client.post(at("draft_comments"), {"field": "facts", "text": "Say the hour."})
    assert "Say the hour." in shown(client, f"{at('draft')}?screen=proceedings")
    assert "Say the hour." not in shown(client, f"{at('draft')}?screen=reasons")
    assert client.post(at("draft_comments"), {"field": "nothing", "text": "x"}).status_code == 422


def test_a_template_is_kept_taken_and_withdrawn(enter):
    client = enter("drafter")
    page = shown(client, at("draft_templates"))
    assert 'value="necessity"' in page
    assert 'value="facts"' not in page
    assert client.post(at("draft_templates"), {"name": "T", "fields_kept": ["facts"]}).status_code == 422
    client.post(at("draft_templates"), {"name": "Bank cases", "fields_kept": ["necessity"]})
    kept = Template.objects.get()
    client.post(at("draft"), {"screen": "reasons", "content_necessity": "", "step": "save"})
    assert "necessity" not in saved()["contents"]
    assert client.post(at("draft_templates"), {"step": f"take:{kept.pk}"}).status_code == 302
    assert saved()["contents"]["necessity"] == CONTENTS["necessity"]
    client.post(at("draft_templates"), {"step": f"withdraw:{kept.pk}"})
    assert "Bank cases" not in shown(client, at("draft_templates"))
    assert client.post(at("draft_templates"), {"step": f"take:{kept.pk}"}).status_code == 409


@pytest.mark.parametrize("language", ["en", "kk", "ru"])
def test_the_preview_shows_pages_and_gives_the_pdf(enter, language):
    client = enter("drafter")
    page = shown(client, f"{at('draft_preview')}?language={language}")
    assert at("draft_page", language, 1) in page
    assert client.get(at("draft_page", language, 1)).content.startswith(b"\x89PNG")
    assert client.get(at("draft_pdf", language)).content.startswith(b"%PDF")
    assert client.get(at("draft_page", language, 999)).status_code == 404
    assert client.get(at("draft_pdf", "xx")).status_code == 404


def test_what_no_letter_can_hold_is_told_instead_of_a_preview(enter):
    Case.objects.filter(reference=DRAFT).update(draft=saved() | {"contents": {"facts": "a\x07"}})
    answer = enter("drafter").get(at("draft_preview"))
    assert answer.status_code == 409
    assert "draft_unfit" in answer.content.decode()


def upload(client, data: bytes):
    file = SimpleUploadedFile("draft.docx", data)
    return client.post(at("draft_texts"), {"step": "compare", "document": file})


def edited(**texts: str) -> bytes:
    return write_texts(DRAFT, [EditedField(*each) for each in _fields(texts)], "en", now=START)


def _fields(texts: dict[str, str]) -> list[tuple[str, list[str], str]]:
    return [(name, [], text) for name, text in texts.items()]


def test_an_edited_document_is_compared_and_only_what_is_chosen_is_taken(enter):
    client = enter("drafter")
    answer = upload(client, edited(facts="New facts", necessity="New reason"))
    page = answer.content.decode()
    assert "Not in the document, and left as they are:" in page
    assert saved()["contents"]["facts"] == CONTENTS["facts"]
    compared = answer.context["comparison"].compared_with
    form = {
        "step": "take",
        "compared_with": compared,
        "take_facts": "on",
        "content_facts": "New facts",
        "content_necessity": "New reason",
    }
    assert client.post(at("draft_texts"), form).status_code == 302
    assert saved()["contents"]["facts"] == "New facts"
    assert saved()["contents"]["necessity"] == CONTENTS["necessity"]
    again = client.post(at("draft_texts"), form | {"content_facts": "Older"})
    assert "draft_changed" in again.content.decode()
    assert saved()["contents"]["facts"] == "New facts"


@pytest.mark.parametrize(
    ("data", "code"), [(b"no document", "word_unreadable"), (b"x" * (LARGEST + 1), "larger than 2 MB")]
)
def test_a_document_that_is_none_or_too_large_changes_nothing(enter, data, code):
    answer = upload(enter("drafter"), data)
    assert answer.status_code == 422
    assert code in answer.content.decode()


def test_the_document_is_given_in_each_language(enter):
    for language in ("en", "kk", "ru"):
        answer = enter("signatory").get(at("draft_document", language))
        assert answer.content.startswith(b"PK")
    assert enter("signatory").get(at("draft_document", "xx")).status_code == 404
    assert enter("signatory").post(at("draft_texts")).status_code == 403


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
def test_a_number_that_no_row_can_have_is_not_there(enter, number):
    client = enter("drafter")
    shown(client, at("draft_version", number), 404)
    shown(client, f"{at('draft_versions')}?after={number}")
    assert client.post(at("draft_comment", number)).status_code == 409
    assert client.post(at("draft_templates"), {"step": f"take:{number}"}).status_code == 409
