from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest

from comity import treaties
from comity.letters.bodies import BODIES, Actual, Desired
from comity.letters.labels import Labels, Language
from comity.letters.schema import Part
from comity.proofs.custody import CustodyAct
from comity.proofs.receipts import ReceiptName
from comity.terms import Citation

TABLES = tomllib.loads(resources.files("comity.letters").joinpath("labels.toml").read_text(encoding="utf-8"))

LISTS = {
    "kind": "letters",
    "measure": "measures",
    "status": "actual_statuses",
    "desired": "desired_statuses",
    "data_kind": "data_kinds",
    "limit": "limits",
    "act": "custody_acts",
    "field": "contents",
    "receipt": "receipts",
}


def test_every_label_is_written_in_every_language() -> None:
    gaps = [
        (section, id)
        for section, entries in TABLES.items()
        for id, entry in entries.items()
        if set(entry) != set(Language) or not all(text.strip() for text in entry.values())
    ]
    assert gaps == []


@pytest.mark.parametrize(("section", "vocabulary"), sorted(LISTS.items()))
def test_every_id_of_the_laws_vocabulary_has_its_label(section: str, vocabulary: str) -> None:
    assert set(TABLES[section]) == set(treaties.load().words(vocabulary))


def test_the_lists_in_the_code_are_those_of_the_laws_vocabulary() -> None:
    library = treaties.load()
    assert {act.value for act in CustodyAct} == set(library.words("custody_acts"))
    assert {name.value for name in ReceiptName} == set(library.words("receipts"))
    assert {status.value for status in Actual} == set(library.words("actual_statuses"))
    assert {status.value for status in Desired} == set(library.words("desired_statuses"))
    assert set(BODIES) <= set(library.words("letters"))
    assert {part.value for part in Part} == set(TABLES["part"])


def test_an_unknown_id_is_shown_as_it_is_and_a_missing_word_is_a_fault() -> None:
    labels = Labels(Language.KAZAKH)
    assert labels("measure", "invented_measure") == "invented_measure"
    assert labels.state("XA") == "XA"
    with pytest.raises(KeyError):
        labels.word("invented")


@pytest.mark.parametrize(
    ("citation", "english", "kazakh", "russian"),
    [
        ("uncc:art_42", "UNCC art. 42", "UNCC 42-бап", "UNCC ст. 42"),
        ("uncc:art_42__para_3__point_a", "UNCC art. 42(3)(a)", "UNCC 42-бап, 3-тармақ, a) тармақша",
         "UNCC ст. 42, п. 3, подп. a)"),
        ("uncc:annex__note_3", "UNCC annex, note 3", "UNCC қосымша, 3-ескертпе",
         "UNCC приложение, примечание 3"),
        ("uncac:bill__para_2", "UNCAC bill, para. 2", "UNCAC заң жобасы, 2-тармақ",
         "UNCAC законопроект, п. 2"),
        ("uncac:decl_KZ_2", "UNCAC declaration KZ 2", "UNCAC KZ 2 мәлімдемесі", "UNCAC заявление KZ 2"),
        ("uncc:art_40__para_8__ground_1", "UNCC art. 40(8), ground 1", "UNCC 40-бап, 8-тармақ, 1-негіз",
         "UNCC ст. 40, п. 8, основание 1"),
    ],
)  # fmt: skip
def test_citations_are_read_out(citation: str, english: str, kazakh: str, russian: str) -> None:
    assert [Labels(language).citation(citation) for language in Language] == [english, kazakh, russian]


def test_every_place_of_every_treaty_has_its_words_in_every_language() -> None:
    """In English what the command line says; in Kazakh and Russian no word of English is left."""
    english_word = re.compile(r"\b(?!i+\b|ICT\b|KZ\b|TM\b|AM\b|BY\b|KG\b|RU\b|TJ\b)[A-Za-z]{3,}\b")
    for instrument in treaties.load().instruments.values():
        cites = [str(one.citation) for one in instrument.provisions.values()]
        cites += [str(rule.citation) for article in instrument.articles for rule in article.rules]
        for cite in cites:
            said = {language: Labels(language).citation(cite) for language in Language}
            assert said[Language.ENGLISH] == Citation.parse(cite).label
            for language in (Language.KAZAKH, Language.RUSSIAN):
                place = said[language].removeprefix(instrument.id.upper())
                assert not english_word.search(place), said[language]
