"""The interface in Kazakh and Russian: nothing is missing, guessed, or loses what must be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext, ngettext

import comity

LOCALE = Path(comity.__file__).parent / "locale"
LANGUAGES = ("kk", "ru")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
LATIN_IN_CYRILLIC = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі][A-Za-z]|[A-Za-z][А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")


def catalogue(language):
    return polib.pofile(str(LOCALE / language / "LC_MESSAGES" / "django.po"))


def forms(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_a_guess(language):
    entries = catalogue(language)
    assert len(entries) > 900
    assert [entry.msgid for entry in entries if not all(forms(entry))] == []
    assert [entry.msgid for entry in entries if entry.fuzzy] == []
    counted = {"kk": 2, "ru": 4}[language]
    assert [entry.msgid for entry in entries if entry.msgid_plural and len(forms(entry)) != counted] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_is_kept(language):
    for entry in catalogue(language):
        wanted = set(PLACEHOLDER.findall(entry.msgid)) | set(PLACEHOLDER.findall(entry.msgid_plural or ""))
        for form in forms(entry):
            assert set(PLACEHOLDER.findall(form)) == wanted, entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_mixes_the_two_alphabets(language):
    mixed = {
        entry.msgid: form
        for entry in catalogue(language)
        for form in forms(entry)
        if LATIN_IN_CYRILLIC.search(PLACEHOLDER.sub(" ", form))
    }
    assert not mixed


def test_both_languages_hold_the_same_sentences():
    kk, ru = ({(entry.msgctxt, entry.msgid) for entry in catalogue(language)} for language in LANGUAGES)
    assert kk == ru


@pytest.mark.parametrize(("count", "words"), [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (21, "21 день")])
def test_russian_numbers_take_their_forms(count, words):
    with translation.override("ru"):
        assert ngettext("%(count)d day", "%(count)d days", count) % {"count": count} == words


def test_what_the_libraries_lack_in_kazakh_our_catalogue_says():
    with translation.override("kk"):
        assert gettext("Incorrect code.") == "Код дұрыс емес."
        assert gettext("This password is too common.") == "Бұл құпиясөз тым жиі кездеседі."


def test_every_sentence_that_an_error_can_say_is_in_the_catalogues():
    from comity.node import wiring  # noqa: F401  imports every room of the node
    from comity.terms import ComityError

    def kinds(base):
        for kind in base.__subclasses__():
            yield kind
            yield from kinds(kind)

    known = {entry.msgid for entry in catalogue("kk")}
    said = [
        sentence
        for kind in kinds(ComityError)
        if kind.__module__.startswith("comity.")
        and not kind.__module__.startswith(("comity.cli", "comity.demo"))
        for sentence in (kind.message, kind.next_step)
    ]
    assert len(said) > 100
    assert [sentence for sentence in said if sentence not in known] == []


@pytest.mark.parametrize(("language", "digits"), [("kk", "кемінде 12 таңба"), ("ru", "хотя бы 12 символов")])
def test_what_a_password_needs_is_said_in_the_language(language, digits):
    in_english = set(map(str, password_validators_help_texts()))
    with translation.override(language):
        hints = set(map(str, password_validators_help_texts()))
        with pytest.raises(ValidationError) as refused:
            validate_password("short")
    assert not hints & in_english
    assert any(digits in hint for hint in hints)
    assert digits in refused.value.messages[0]
