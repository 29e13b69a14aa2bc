"""Letters of the dialogue in the languages of both sides: asked for, entered, signed and shown together."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.node.believable import ASKED, WAS_ASKED, consultation, letter, prepared_result

from comity.letters.bodies import digest
from comity.letters.schema import parse
from comity.node.accounts.models import Role
from comity.node.casework.models import Case, LetterTranslation, Prepared
from comity.node.exchange.models import Letter

ASK = f"/requests/{ASKED}/ask-status"
POSTPONE = f"/requests/{WAS_ASKED}/postpone-execution"
WORDS, TRANSLATED = "Орындау қалай жүріп жатыр?", "How is the execution going?"
FORM = {"items": ["1"], "text": WORDS, "spoken-language": "kk"}
WHO = {
    "spoken-kind": "official",
    "spoken-name": "T. Translator",
    "spoken-post": "Translator",
    "spoken-statement": "",
}
INTO = {"spoken-into": "en", "spoken-text_text": TRANSLATED, "spoken-seen_text": digest(WORDS)}
WHOLE = FORM | INTO | WHO
GROUND = "uncc:art_40__para_27"


def code(answer: Any) -> str:
    found = re.search(r"<code[^>]*>([a-z_]+)</code>", answer.content.decode())
    return found.group(1) if found else ""


def sent(kind: str = "status_asked") -> Any:
    return parse(bytes(Letter.objects.filter(direction="out").get(kind=kind).canonical or b"")).body


def unsent(kind: str = "status_asked") -> bool:
    return not Letter.objects.filter(kind=kind, direction="out").exists()


def test_the_page_of_an_act_names_the_languages_of_the_other_side(enter: Any) -> None:
    page = enter("signatory").get(ASK).content.decode()
    assert "Language of this letter" in page
    assert "The other side accepts: English" in page
    assert 'value="translate"' in page


def test_the_words_are_translated_beside_the_original_and_go_with_the_letter(enter: Any) -> None:
    client = enter("signatory")
    asked = client.post(ASK, FORM | {"sealing": "translate"})
    page = asked.content.decode()
    assert (asked.status_code, asked.context["into"]) == (200, "en")
    assert WORDS in page
    assert 'dir="auto" lang="en"' in page
    assert client.post(ASK, WHOLE | {"sealing": "at_once"}).status_code == 302
    body = sent()
    assert (body.language, body.text) == ("kk", WORDS)
    (made,) = body.translations
    assert (made.language, made.texts["text"].text) == ("en", TRANSLATED)
    assert made.translator.name == "T. Translator"
    row = Letter.objects.get(kind="status_asked")
    shown = client.get(reverse("letter", args=[row.pk])).content.decode()
    assert shown.index(WORDS) < shown.index(TRANSLATED)


def test_what_is_shown_with_its_translation_is_what_is_signed(enter: Any) -> None:
    client = enter("signatory")
    shown = client.post(ASK, WHOLE | {"sealing": "show"})
    hidden = [*shown.context["entered"], ("composition", str(shown.context["composition"].pk))]
    assert unsent()
    assert client.post(ASK, _form(hidden)).status_code == 302
    assert sent().translations[0].texts["text"].text == TRANSLATED


def test_a_translation_that_was_changed_after_it_was_shown_is_not_signed(enter: Any) -> None:
    client = enter("signatory")
    shown = client.post(ASK, WHOLE | {"sealing": "show"})
    hidden = dict([*shown.context["entered"], ("composition", str(shown.context["composition"].pk))])
    answer = client.post(ASK, hidden | {"spoken-text_text": "Something else"})
    assert code(answer) == "letter_changed"
    assert unsent()


@pytest.mark.parametrize("left_out", [WHO.keys(), ["spoken-post"]])
def test_half_a_translation_is_not_sent_and_what_was_typed_is_kept(enter: Any, left_out: Any) -> None:
    half = {name: value for name, value in WHOLE.items() if name not in left_out}
    answer = enter("signatory").post(ASK, half | {"sealing": "at_once"})
    assert answer.status_code in (409, 422)
    assert TRANSLATED in answer.content.decode()
    assert unsent()


def test_an_original_that_was_changed_since_is_found(enter: Any) -> None:
    changed = WHOLE | {"text": "Басқа сөз", "sealing": "at_once"}
    answer = enter("signatory").post(ASK, changed)
    assert code(answer) == "translation_unready"
    assert unsent()


def test_a_letter_in_no_language_of_the_other_side_asks_first(enter: Any) -> None:
    client = enter("signatory")
    answer = client.post(ASK, FORM | {"sealing": "at_once"})
    assert (answer.status_code, code(answer)) == (409, "untranslated")
    assert "spoken-untranslated" in answer.content.decode()
    assert unsent()
    assert client.post(ASK, FORM | {"sealing": "at_once", "spoken-untranslated": "on"}).status_code == 302
    assert (sent().language, sent().translations) == ("kk", [])


def test_a_letter_in_a_language_of_theirs_needs_nothing_more_and_the_next_one_begins_with_it(
    enter: Any,
) -> None:
    client = enter("signatory")
    assert client.post(ASK, FORM | {"spoken-language": "en", "sealing": "at_once"}).status_code == 302
    assert client.get(ASK).context["speaking"].original["language"].value() == "en"


@pytest.mark.parametrize(
    "entered",
    [
        {"spoken-language": "klingon"},
        {"spoken-into": "en", "spoken-text_text": "x\x00"},
        {"spoken-into": "en", "spoken-text_text": "x", "spoken-seen_text": "no digest"},
    ],
)
def test_what_was_wrongly_entered_is_not_signed(enter: Any, entered: dict[str, str]) -> None:
    answer = enter("signatory").post(ASK, FORM | WHO | entered | {"sealing": "at_once"})
    assert answer.status_code == 422
    assert unsent()


@pytest.mark.parametrize("id", ["<b>", "facts", "item_7", "text__"])
def test_a_text_that_the_letter_does_not_have_is_not_translated(enter: Any, id: str) -> None:
    strange = {f"spoken-text_{id}": "x", f"spoken-seen_{id}": digest(WORDS)}
    answer = enter("signatory").post(ASK, WHOLE | strange | {"sealing": "at_once"})
    assert answer.status_code in (409, 422)
    assert "<b>" not in answer.content.decode()
    assert unsent()


RUSSIAN = "Как идёт исполнение?"


def hidden(answer: Any) -> dict[str, Any]:
    """What the page would post: its hidden fields, the open translation as it is filled in, the language."""
    page = answer.content.decode()
    form: dict[str, Any] = {"spoken-language": "kk"}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        if name != "csrfmiddlewaretoken":
            form.setdefault(name, []).append(html.unescape(value))
    for name, text in re.findall(r'<textarea[^>]* name="(spoken-text_[^"]+)"[^>]*>([^<]*)</textarea>', page):
        form[name] = html.unescape(text).lstrip("\r\n")
    return form


def second(client: Client) -> dict[str, Any]:
    """A letter with an English translation entered and a Russian one begun beside it."""
    opened = client.post(ASK, WHOLE | {"sealing": "translate", "spoken-next-into": "ru"})
    assert opened.context["into"] == "ru"
    assert [each.language for each in opened.context["speaking"].kept] == ["en"]
    return hidden(opened) | WHO | {"spoken-name": "R. Second", "spoken-text_text": RUSSIAN}


def test_a_letter_takes_several_translations(enter: Any) -> None:
    client = enter("signatory")
    form = second(client)
    assert client.post(ASK, form | {"sealing": "at_once"}).status_code == 302
    made = {each.language: each for each in sent().translations}
    assert {code: each.texts["text"].text for code, each in made.items()} == {"en": TRANSLATED, "ru": RUSSIAN}
    assert [each.translator.name for each in made.values()] == ["T. Translator", "R. Second"]


def test_what_is_shown_with_several_translations_is_what_is_signed(enter: Any) -> None:
    client = enter("signatory")
    shown = client.post(ASK, second(client) | {"sealing": "show", "spoken-next-into": "de"})
    pairs = [*shown.context["entered"], ("composition", str(shown.context["composition"].pk))]
    assert client.post(ASK, _form(pairs)).status_code == 302
    assert [each.language for each in sent().translations] == ["en", "ru"]


def test_a_translation_is_opened_replaced_and_taken_out(enter: Any) -> None:
    client = enter("signatory")
    back = client.post(ASK, second(client) | {"spoken-open": "en"})
    assert back.context["into"] == "en"
    form = hidden(back) | WHO
    assert (form["spoken-text_text"], form["spoken-ru-text_text"]) == (TRANSLATED, [RUSSIAN])
    form["spoken-text_text"] = "How is it going?"
    without = client.post(ASK, form | {"spoken-drop": "ru"})
    assert (without.context["into"], without.context["speaking"].kept) == ("en", [])
    assert client.post(ASK, hidden(without) | WHO | {"sealing": "at_once"}).status_code == 302
    (made,) = sent().translations
    assert (made.language, made.texts["text"].text) == ("en", "How is it going?")


def test_the_open_translation_is_taken_out_and_the_others_stay(enter: Any) -> None:
    client = enter("signatory")
    without = client.post(ASK, second(client) | {"spoken-drop": "ru"})
    assert without.context["into"] == ""
    assert client.post(ASK, hidden(without) | {"sealing": "at_once"}).status_code == 302
    assert [each.language for each in sent().translations] == ["en"]


def test_a_stale_translation_that_is_not_open_keeps_the_letter_back(enter: Any) -> None:
    answer = enter("signatory").post(
        ASK, second(enter("signatory")) | {"text": "Басқа", "sealing": "at_once"}
    )
    assert code(answer) == "translation_unready"
    assert "English" in answer.content.decode()
    assert unsent()


def test_when_the_act_is_refused_its_page_keeps_the_translations(enter: Any) -> None:
    answer = enter("signatory").post(ASK, second(enter("signatory")) | {"items": [], "sealing": "at_once"})
    assert answer.status_code == 422
    form = hidden(answer)
    assert form["spoken-kept"] == ["en", "ru"]
    assert (form["spoken-en-text_text"], form["spoken-ru-text_text"]) == ([TRANSLATED], [RUSSIAN])


@pytest.mark.parametrize(
    "strange",
    [
        {"spoken-kept": ["klingon"]},
        {"spoken-language": "en"},
        {"spoken-en-seen_text": "no digest"},
        {"spoken-en-name": ""},
        {"spoken-kept": ["aa", "ab", "af", "ak", "am", "ar", "an", "as", "av", "ae", "en"], "more": ""},
    ],
)
def test_several_translations_that_cannot_be_so_are_not_sent(enter: Any, strange: dict[str, Any]) -> None:
    client = enter("signatory")
    form = second(client)
    if strange.pop("more", None) is not None:
        for each in strange["spoken-kept"]:
            form |= {f"spoken-{each}-text_text": "x", f"spoken-{each}-seen_text": digest(WORDS)}
            form |= {name.replace("spoken", f"spoken-{each}"): value for name, value in WHO.items()}
    answer = client.post(ASK, form | strange | {"sealing": "at_once"})
    assert answer.status_code in (409, 422)
    assert unsent()


@pytest.fixture
def drafter(official: Any, cases: Any) -> Client:
    """An official who prepares letters that decide and signs none."""
    consultation(Case.objects.get(reference=WAS_ASKED), "postponement")
    client = Client(SERVER_NAME="localhost")
    client.force_login(cases["people"]["drafter"])
    return client


def postponed(words: str = "Тергеу жүріп жатыр.") -> dict[str, Any]:
    said = {"items": ["1"], "ground": GROUND, "text": words, "spoken-language": "kk"}
    made = {"spoken-text_text": "An investigation is going on.", "spoken-seen_text": digest(words)}
    return said | {"spoken-into": "en"} | made | WHO


def test_who_prepares_a_letter_translates_it_and_another_signs_both(drafter: Client, official: Any) -> None:
    page = drafter.post(POSTPONE, postponed() | {"sealing": "translate"})
    assert page.status_code == 200
    assert unsent("postponement")
    assert drafter.post(POSTPONE, postponed() | {"sealing": "at_once"}).status_code == 302
    assert unsent("postponement")
    found = Prepared.objects.get()
    signatory = Client(SERVER_NAME="localhost")
    signatory.force_login(official(Role.SIGNATORY))
    where = f"/requests/{WAS_ASKED}/prepared/{found.pk}"
    assert "An investigation is going on." in signatory.get(where).content.decode()
    assert drafter.post(where, {"sealing": "at_once"}).status_code == 403
    assert signatory.post(where, {"sealing": "at_once", "spoken-language": "ru"}).status_code == 302
    body = sent("postponement")
    assert (body.language, body.translations[0].texts["text"].text) == ("kk", "An investigation is going on.")


def test_a_prepared_letter_keeps_several_translations_and_shows_them(drafter: Client, official: Any) -> None:
    russian = {"spoken-kept": "ru", "spoken-ru-text_text": "Идёт расследование."}
    russian |= {"spoken-ru-seen_text": postponed()["spoken-seen_text"]}
    russian |= {name.replace("spoken", "spoken-ru"): value for name, value in WHO.items()}
    assert drafter.post(POSTPONE, postponed() | russian | {"sealing": "at_once"}).status_code == 302
    signatory = Client(SERVER_NAME="localhost")
    signatory.force_login(official(Role.SIGNATORY))
    where = f"/requests/{WAS_ASKED}/prepared/{Prepared.objects.get().pk}"
    page = signatory.get(where).content.decode()
    assert "Идёт расследование." in page
    assert "An investigation is going on." in page
    assert signatory.post(where, {"sealing": "at_once"}).status_code == 302
    assert [each.language for each in sent("postponement").translations] == ["ru", "en"]


def test_trying_a_letter_out_lets_nobody_else_do_it(enter: Any, cases: Any) -> None:
    consultation(Case.objects.get(reference=WAS_ASKED), "postponement")
    answer = enter("keeper").post(POSTPONE, postponed() | {"sealing": "translate"})
    assert answer.status_code in (403, 404)
    assert unsent("postponement")


def test_who_releases_a_result_sees_the_translation_it_was_prepared_with(enter: Any, cases: Any) -> None:
    case = prepared_result(cases["people"])
    made = {
        "language": "en",
        "texts": {},
        "translator": {"kind": "official", "name": "T. Translator", "post": "Translator"},
        "at": "2026-01-01T00:00:00Z",
        "statement": None,
    }
    said = {"authenticity": case.draft["authenticity"], **_notes(case.draft)}
    made["texts"] = {id: {"text": f"In English: {id}", "original": digest(text)} for id, text in said.items()}
    case.draft = {**case.draft, "language": "kk", "translations": [made]}
    case.save()
    page = enter("signatory").get(f"/requests/{case.reference}/release").content.decode()
    assert page.index("Exact copies of what the provider holds.") < page.index("In English: authenticity")


def test_a_letter_of_theirs_is_shown_with_its_translation_and_ours(enter: Any, cases: Any) -> None:
    words = "Просим уточнить период."
    body = {
        "by": "requesting",
        "about": "other",
        "items": [{"number": 1}],
        "text": words,
        "language": "ru",
        "translations": [
            {
                "language": "kk",
                "texts": {"text": {"text": "Кезеңді нақтылауды сұраймыз.", "original": digest(words)}},
                "translator": {"kind": "sworn", "name": "S. Sworn", "post": "Licence 7"},
                "at": "2026-01-01T00:00:00Z",
                "statement": "Дұрыс.",
            }
        ],
    }
    row = letter(cases["was_asked"], "consultation", "in", 8, "retrieved", body)
    client = enter("duty")
    where = reverse("letter_translation", args=[row.pk])
    assert client.post(where, {"into": "en", "text_text": "Please specify the period."}).status_code == 302
    page = client.get(reverse("letter", args=[row.pk])).content.decode()
    for said in (
        words,
        "Кезеңді нақтылауды",
        "S. Sworn",
        "Please specify the period.",
        "no part of the letter",
    ):
        assert said in page
    assert LetterTranslation.objects.get().texts == {"text": "Please specify the period."}


def _notes(draft: dict[str, Any]) -> dict[str, str]:
    return {f"item_{item['number']}": item["note"] for item in draft["items"] if item["note"]}


def _form(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form
