"""Original and translation side by side in the pages and by the API."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comity.letters.bodies import digest, texts_of
from comity.node.api import tokens
from comity.node.casework.models import Case, LetterTranslation
from comity.node.exchange.models import Letter

DRAFT = "XA-2026-000003"
PAGE = f"/requests/{DRAFT}/draft/translation"
WHO = {"kind": "official", "name": "T. Translator", "post": "Translator"}


def draft() -> dict:
    return Case.objects.get(reference=DRAFT).draft


def entered(words: str = "Аударма", **changes: str) -> dict[str, str]:
    """The form as a browser sends it back."""
    form = {}
    for id, text in texts_of(draft()).items():
        form |= {f"text_{id}": f"{words} {id}", f"seen_{id}": digest(text)}
    return form | WHO | {"step": "save:kk"} | changes


def test_the_page_shows_what_is_accepted_and_two_columns(enter):
    client = enter("drafter")
    page = client.get(f"{PAGE}?into=kk").content.decode()
    assert "UNCC 40(13)" in page or "gives no rule on the language" in page
    assert page.count('class="beside"') == len(texts_of(draft()))
    assert 'dir="auto" lang="kk"' in page
    assert "not translated" in page


def test_a_translation_is_saved_and_a_changed_original_shows(enter):
    client = enter("drafter")
    assert client.post(PAGE, {"language": "en", "step": "original"}).status_code == 302
    assert client.post(f"{PAGE}?into=kk", entered()).status_code == 302
    (made,) = draft()["translations"]
    assert made["texts"]["facts"]["text"] == "Аударма facts"
    assert made["translator"] == WHO
    client.post(
        f"/requests/{DRAFT}/draft", {"screen": "proceedings", "content_facts": "New words", "step": "save"}
    )
    page = client.get(f"{PAGE}?into=kk").content.decode()
    assert page.count("original changed since") == 1
    same = entered() | {"seen_facts": digest("New words")}
    client.post(f"{PAGE}?into=kk", same)
    assert "original changed since" in client.get(f"{PAGE}?into=kk").content.decode()
    client.post(f"{PAGE}?into=kk", same | {"holds_facts": "on"})
    assert "original changed since" not in client.get(f"{PAGE}?into=kk").content.decode()
    assert client.post(PAGE, {"step": "drop:kk"}).status_code == 302
    assert "translations" not in draft()


@pytest.mark.parametrize(
    "form",
    [
        {"step": "save:kk", "text_facts": "x\x00", "seen_facts": "0" * 64},
        {"step": "save:kk", "text_facts": "x", "seen_facts": "not a digest"},
        {"step": "save:kk", "text_facts": "x", "name": "Only a name"},
        {"step": "original", "language": "klingon"},
    ],
)
def test_what_was_wrongly_entered_changes_nothing(enter, form):
    before = draft()
    assert enter("drafter").post(f"{PAGE}?into=kk", form).status_code == 422
    assert draft() == before


def test_an_unknown_language_is_not_translated_into(enter):
    for into in ("<script>", "english", "q1"):
        answer = enter("drafter").post(PAGE, {"step": f"save:{into}"})
        assert answer.status_code == 200
        assert "<script>" not in answer.content.decode()
    assert "translations" not in draft()


def test_a_letter_is_translated_for_oneself_beside_the_original(enter, cases):
    letter = cases["request"]
    client = enter("duty")
    where = reverse("letter_translation", args=[letter.pk])
    assert "no part of the letter" in client.get(f"{where}?into=ru").content.decode()
    answer = client.post(where, {"into": "ru", "text_facts": "Наш перевод"})
    assert answer.headers["Location"] == reverse("letter", args=[letter.pk])
    page = client.get(reverse("letter", args=[letter.pk])).content.decode()
    assert "Наш перевод" in page
    assert "our own translation" in page
    assert LetterTranslation.objects.get().texts == {"facts": "Наш перевод"}


def test_the_api_translates_as_the_pages_do(cases):
    def client(person: str) -> Client:
        secret = tokens.make(cases["people"][person], "test", days=1, now=timezone.now())
        return Client(headers={"Authorization": f"Bearer {secret}"})

    drafter, where = client("drafter"), f"/api/cases/{DRAFT}/draft/translations/kk"
    shown = drafter.get(where).json()
    texts = {one["id"]: {"text": "Аударма", "original": one["digest"]} for one in shown["texts"]}
    new = {"texts": texts, "translator": WHO, "statement": ""}
    assert drafter.put(where, new, content_type="application/json").status_code == 200
    after = drafter.get(where).json()
    assert {one["text"] for one in after["texts"]} == {"Аударма"}
    assert after["translator"] == WHO
    for wrong in ({"texts": {"facts": "x"}}, {"surprise": 1}, {"translator": {"kind": "friend"}}):
        assert drafter.put(where, wrong, content_type="application/json").status_code == 400
    assert drafter.delete(where).status_code == 200
    assert drafter.delete(where).status_code == 400
    assert "translations" not in draft()
    letter = f"/api/letters/{cases['request'].pk}/translations/ru"
    own = client("duty").post(letter, {"texts": {"facts": "Наш"}}, content_type="application/json")
    assert own.status_code == 201
    assert own.json()["texts"] == {"facts": "Наш"}


def test_a_letter_that_arrived_offers_a_translation_of_ones_own(enter, cases):
    client = enter("duty")
    arrived = cases["arrived"]
    Letter.objects.filter(pk=arrived.pk).update(stage="retrieved")
    where = reverse("letter_translation", args=[arrived.pk])
    assert where in client.get(reverse("letter", args=[arrived.pk])).content.decode()
    ours = cases["request"]
    shown = client.get(reverse("letter", args=[ours.pk])).content.decode()
    assert reverse("letter_translation", args=[ours.pk]) not in shown
