"""The languages of a request: what is accepted, translations in the draft, one's own of a letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, ITEM, request_body

from comity.letters.bodies import digest, texts_of
from comity.letters.schema import parse
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.casework import contents, drafts, languages, versions
from comity.node.casework.acts.comment_on_draft import FieldNotAskedError
from comity.node.casework.acts.restore_version import restore_version
from comity.node.casework.acts.save_draft import save_draft
from comity.node.casework.acts.sign_request import sign_request
from comity.node.casework.acts.submit_for_review import submit_for_review
from comity.node.casework.acts.translate_draft import (
    NoSuchTranslationError,
    drop_translation,
    translate_draft,
)
from comity.node.casework.acts.translate_letter import translate_letter
from comity.node.casework.models import Event, LetterTranslation
from comity.node.exchange.models import Stage

RULE = "uncac:decl_KZ_2__para_1"
OFFICIAL = {"kind": "official", "name": "T. Translator", "post": "Translator"}


@pytest.fixture
def full(open_case: Any, drafter: Any, clock: Any) -> Any:
    """A complete draft, written in English."""
    said = {"contents": CONTENTS, "items": [ITEM], "language": "en"}
    return save_draft(drafter, open_case(), said, now=clock.now)


def ruled(case: Any, accepted: list[str] | None, outcome: str = "applies") -> Any:
    """The case under an opinion with this finding on languages."""
    finding = {"cite": RULE, "of": "XB", "accepted": accepted, "outcome": outcome, "text": "…", "missing": []}
    case.opinion = {**case.opinion, "languages": [finding]}
    case.save()
    return case


def whole(case: Any, into: str = "Перевод: ") -> dict[str, dict[str, str]]:
    return {id: {"text": into + text, "original": digest(text)} for id, text in texts_of(case.draft).items()}


def codes(case: Any) -> list[tuple[str, bool]]:
    return [(lack.code, lack.is_error) for lack in languages.lacking(case)]


def test_what_the_law_names_binds_and_a_language_of_the_card_that_it_leaves_out_is_named(full: Any):
    full.peer.languages = ["ru", "de"]
    found = languages.accepted(ruled(full, ["kk", "ru"]))
    assert found.codes == ("kk", "ru")
    assert found.ruled_out == ("de",)
    assert found.cite == RULE
    assert codes(full) == [("translation_needed", True)]


def test_where_the_law_leaves_it_to_a_notification_the_card_is_advice(full: Any):
    full.peer.languages = ["fr"]
    ruled(full, None, "undetermined")
    assert languages.accepted(full).codes == ("fr",)
    assert languages.accepted(full).ruled_out == ()
    assert codes(full) == [("translation_needed", False)]
    languages.demand_translated(full)


def test_without_rule_and_card_nothing_is_asked(full: Any):
    full.peer.languages = []
    full.opinion = {**full.opinion, "languages": []}
    assert codes(full) == []
    assert languages.accepted(full).cite == ""


def test_the_draft_is_not_handed_on_before_its_translation_is_ready(full: Any, drafter: Any, clock: Any):
    case = ruled(full, ["ru"])
    with pytest.raises(languages.TranslationLackingError, match="Russian"):
        submit_for_review(drafter, case, now=clock.now)
    assert not contents.progress(case).complete
    half = dict(list(whole(case).items())[:3])
    case = translate_draft(drafter, case, "ru", half, now=clock.now)
    assert codes(case) == [("texts_untranslated", True), ("translator_unsaid", True)]
    case = translate_draft(drafter, case, "ru", whole(case), translator=OFFICIAL, now=clock.now)
    assert codes(case) == []
    submit_for_review(drafter, case, now=clock.now)


def test_the_signatory_cannot_sign_without_it_either(full: Any, drafter: Any, signatory: Any, clock: Any):
    case = submit_for_review(drafter, full, now=clock.now)
    ruled(case, ["ru"])
    with pytest.raises(languages.TranslationLackingError):
        sign_request(signatory, case, now=clock.now)


def test_the_signed_letter_carries_original_and_translation(
    full: Any, drafter: Any, signatory: Any, clock: Any
):
    case = ruled(full, ["ru"])
    case = translate_draft(
        drafter, case, "ru", whole(case), translator=OFFICIAL, statement="True.", now=clock.now
    )
    submit_for_review(drafter, case, now=clock.now)
    letter = sign_request(signatory, case, now=clock.now)
    body = parse(bytes(letter.canonical)).body
    assert body.language == "en"
    (made,) = body.translations
    assert (made.language, made.translator.name, made.statement) == ("ru", "T. Translator", "True.")
    assert made.texts["facts"].text == "Перевод: " + CONTENTS["facts"]
    assert made.texts["item_1"].text == "Перевод: The mailbox"


def test_a_change_of_the_original_makes_its_translation_stale(full: Any, drafter: Any, clock: Any):
    case = translate_draft(drafter, full, "ru", whole(full), translator=OFFICIAL, now=clock.now)
    case = save_draft(drafter, case, {"contents": CONTENTS | {"facts": "Otherwise"}}, now=clock.now)
    stale = [text.id for text in languages.beside(case.draft, "ru") if text.stale]
    assert stale == ["facts"]
    assert ("texts_stale", True) in codes(case)
    with pytest.raises(languages.TranslationLackingError):
        submit_for_review(drafter, case, now=clock.now)
    anew = {"facts": {"text": "Иначе", "original": digest("Otherwise")}}
    case = translate_draft(drafter, case, "ru", anew, now=clock.now)
    assert codes(case) == []


def test_a_sworn_translator_states_that_it_is_accurate(full: Any, drafter: Any, clock: Any):
    sworn = OFFICIAL | {"kind": "sworn"}
    case = translate_draft(drafter, full, "ru", whole(full), translator=sworn, now=clock.now)
    assert codes(case) == [("statement_missing", True)]
    case = translate_draft(drafter, case, "ru", {}, statement="I state it.", now=clock.now)
    assert codes(case) == []


def test_what_cannot_be_translated_is_refused(full: Any, drafter: Any, official: Any, clock: Any):
    for language in ("en", "Russian", "../x"):
        with pytest.raises(NoSuchTranslationError):
            translate_draft(drafter, full, language, {}, translator=OFFICIAL, now=clock.now)
    with pytest.raises(FieldNotAskedError):
        translate_draft(
            drafter, full, "ru", {"item_9": {"text": "x", "original": digest("x")}}, now=clock.now
        )
    with pytest.raises(NotAuthorisedError):
        translate_draft(official("custodian"), full, "ru", {}, now=clock.now)
    with pytest.raises(NoSuchTranslationError):
        drop_translation(drafter, full, "ru", now=clock.now)
    with pytest.raises(drafts.DraftUnreadableError):
        save_draft(drafter, full, {"language": "<b>"}, now=clock.now)
    translate_draft(drafter, full, "ru", whole(full), now=clock.now)
    with pytest.raises(drafts.LanguageTakenError):
        save_draft(drafter, full, {"language": "ru"}, now=clock.now)


def test_versions_keep_translations_and_bring_them_back(full: Any, drafter: Any, clock: Any):
    before = versions.number_now(full)
    case = translate_draft(drafter, full, "ru", whole(full), now=clock.now)
    translated = versions.number_now(case)
    places = {one.place for one in versions.differences(full.draft, case.draft)}
    assert "ru__facts" in places
    case = drop_translation(drafter, case, "ru", now=clock.now)
    assert "translations" not in case.draft
    case = restore_version(drafter, case, translated, now=clock.now)
    assert languages.translation(case.draft, "ru")
    case = restore_version(drafter, case, before, now=clock.now)
    assert "translations" not in case.draft


@pytest.fixture
def arrived(arrive: Any, from_xb: Any) -> Any:
    """A request of State XB that an official has opened."""
    body = request_body()
    made = {
        "language": "ru",
        "texts": {"facts": {"text": "Что случилось", "original": digest(CONTENTS["facts"])}},
        "translator": OFFICIAL,
        "at": "2026-01-01T00:00:00Z",
        "statement": None,
    }
    row = arrive(from_xb("request", body | {"language": "fr", "translations": [made]}))
    row.stage = Stage.RETRIEVED
    row.save()
    return row


def test_this_authority_translates_a_letter_for_itself_and_the_letter_stays(
    arrived: Any, official: Any, clock: Any
):
    signed = bytes(arrived.canonical)
    reader = official("registrar")
    translate_letter(reader, arrived, "kk", {"facts": "Не болды"}, now=clock.now)
    translate_letter(reader, arrived, "kk", {"item_1": "Пошта жәшігі"}, now=clock.now)
    arrived.refresh_from_db()
    assert bytes(arrived.canonical) == signed
    assert LetterTranslation.objects.get().texts == {"facts": "Не болды", "item_1": "Пошта жәшігі"}
    rows = languages.beside_letter(json.loads(signed)["body"], [], arrived.pk)
    facts = next(row for row in rows if row.name == "Summary of the facts")
    assert [(one.language, one.own) for one in facts.spoken] == [("fr", False), ("ru", False), ("kk", True)]
    assert Event.objects.filter(kind="letter_translated").count() == 2


def test_nobody_translates_a_letter_that_was_not_opened_or_is_not_open_to_them(
    arrive: Any, from_xb: Any, arrived: Any, official: Any, clock: Any
):
    with pytest.raises(NotAuthorisedError):
        translate_letter(official("auditor"), arrived, "kk", {"facts": "x"}, now=clock.now)
    with pytest.raises(FieldNotAskedError):
        translate_letter(official("registrar"), arrived, "kk", {"nothing": "x"}, now=clock.now)
    with pytest.raises(NoSuchTranslationError):
        translate_letter(official("registrar"), arrived, "xx", {"facts": "x"}, now=clock.now)
    with pytest.raises(NothingThereError):
        translate_letter(official("drafter"), arrived, "kk", {"facts": "x"}, now=clock.now)
    unread = arrive(
        from_xb("request", request_body(), case={"requesting": "XB-2027-000008", "requested": None})
    )
    with pytest.raises(NothingThereError):
        translate_letter(official("registrar"), unread, "kk", {"facts": "x"}, now=clock.now)
