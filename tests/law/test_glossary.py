"""The glossary: each Kazakh term stands at its place, and what people read uses its words and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

import comity
from comity.terms import Citation
from comity.treaties import Library, load
from comity.treaties.glossary import GlossaryUnreadableError, glossary, matching, read_terms

ROOT = Path(comity.__file__).parent
WORD = re.compile(r"[^\W\d_]+")
CORE = {
    "Bank secrecy": "bank_secrecy",
    "Extradite a person": "extradition",
    "Confidentiality": "confidentiality",
    "Confiscation by own order": "confiscation",
    "Postponement": "postponement",
    "Consultation": "consultation",
    "Withdrawal": "withdrawal",
}
"""Labels of the interface that are terms as they stand, by the term."""


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


def wording(library: Library, place: Citation) -> str:
    """All that the published text says at a place and below it."""
    provision = library.provision(place)
    below = (wording(library, library.provision(child).citation) for child in provision.children)
    return " ".join(filter(None, (provision.heading, provision.text, provision.closing, *below)))


def stands(term: str, text: str) -> list[str]:
    """The words of a term of which the text has no form: Kazakh endings change up to two letters in five."""
    words = {word.casefold() for word in WORD.findall(text)}

    def found(word: str) -> bool:
        beginning = word[: max(2, -(-len(word) * 6 // 10))]
        return any(other.startswith(beginning) for other in words)

    return [word for word in WORD.findall(term.casefold()) if not found(word)]


def test_every_kazakh_term_with_a_place_stands_there(library: Library) -> None:
    placed = [term for term in glossary(library) if term.place]
    assert len(placed) > 200
    missing = {
        term.id: (term.words["kk"], str(term.place), left)
        for term in placed
        if (left := stands(term.words["kk"], wording(library, term.place)))
    }
    assert missing == {}


def test_at_another_place_most_terms_do_not_stand(library: Library) -> None:
    """The negative control: the comparison is no rubber stamp."""
    placed = [term for term in glossary(library) if term.place]
    elsewhere = wording(library, Citation.parse("uncc:art_68"))
    assert sum(bool(stands(term.words["kk"], elsewhere)) for term in placed) > len(placed) * 0.9


def test_a_term_without_a_place_says_what_it_rests_on(library: Library) -> None:
    silent = [term.id for term in glossary(library) if not term.place and not term.note.startswith("ours")]
    assert silent == []


def said(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence that people read in a language, with where it stands."""
    for entry in polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po")):
        if not entry.obsolete:
            for form in (entry.msgstr, *entry.msgstr_plural.values()):
                yield entry.msgid, form
    for section, entries in tomllib.loads((ROOT / "letters/labels.toml").read_text("utf-8")).items():
        for id, words in entries.items():
            yield f"{section}.{id}", words[language]
    for path in (load().root / "drafting.toml", load().root / "topics.toml"):
        yield from ((path.name, text) for text in _in(tomllib.loads(path.read_text("utf-8")), language))


def _in(value: object, language: str) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get(language), str):
            yield value[language]
        for part in value.values():
            yield from _in(part, language)
    elif isinstance(value, list):
        for part in value:
            yield from _in(part, language)


def avoided(library: Library, language: str) -> re.Pattern[str]:
    words = [re.escape(one) for term in glossary(library) for one in term.avoided[language]]
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_sentence_uses_a_word_that_the_glossary_avoids(library: Library, language: str) -> None:
    pattern = avoided(library, language)
    assert [(at, text) for at, text in said(language) if pattern.search(text.casefold())] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("kk", "Банк құпиясына сілтеме"),
        ("kk", "провайдерлерге"),
        ("ru", "для экстрадиции"),
        ("ru", "держать в тайне"),
    ],
)
def test_an_avoided_word_is_found_whatever_its_ending(library: Library, language: str, sentence: str) -> None:
    assert avoided(library, language).search(sentence.casefold())


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_labels_that_are_terms_use_the_words_of_the_glossary(library: Library, language: str) -> None:
    terms = {term.id: term.words[language] for term in glossary(library)}
    catalogue = {
        entry.msgid: entry.msgstr
        for entry in polib.pofile(str(ROOT / "locale" / language / "LC_MESSAGES" / "django.po"))
        if not entry.msgctxt
    }
    known = {msgid: id for msgid, id in CORE.items() if msgid in catalogue}
    assert len(known) > 3
    strange = {
        msgid: (catalogue[msgid], terms[id], left)
        for msgid, id in known.items()
        if (left := stands(terms[id], catalogue[msgid]))
    }
    assert strange == {}


def test_terms_are_found_in_any_language_by_the_beginning_of_words(library: Library) -> None:
    terms = glossary(library)
    for query in ("extradit", "ұстап бер", "выдач", "ВЫДАЧА"):
        assert "extradition" in {term.id for term in matching(terms, query)}
    assert matching(terms, "") == terms
    assert matching(terms, "қырмызыгүл") == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x,a,b,c,nowhere:art_1,,,", "no place"),
        ("x,a,,c,,,,", "three languages"),
        ("x,a,b,c", "8 columns"),
        ("x,a,b,c,,,,\nx,a,b,c,,,,", "twice"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, library: Library, line: str, reason: str) -> None:
    (tmp_path / "glossary.csv").write_text(f"id,en,kk,ru,place,not_kk,not_ru,note\n{line}\n", "utf-8")
    with pytest.raises(GlossaryUnreadableError, match=reason):
        read_terms(tmp_path / "glossary.csv", library)


def test_another_heading_is_refused(tmp_path: Path, library: Library) -> None:
    (tmp_path / "glossary.csv").write_text("id,en\n", "utf-8")
    with pytest.raises(GlossaryUnreadableError, match="columns"):
        read_terms(tmp_path / "glossary.csv", library)
