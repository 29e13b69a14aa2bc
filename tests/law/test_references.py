"""Cross-references in the Kazakh texts: counted, and checked by hand in each instrument."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from comity.terms import Citation
from comity.treaties import load
from comity.treaties.references import find, references

LIBRARY = load()


def named(place: str) -> list[tuple[str, list[str]]]:
    """What is linked at a place, and where each link leads (a long run: first, last)."""
    provision = LIBRARY.provision(place)
    found = []
    for text in (provision.text, provision.closing):
        for one in find(text, provision.citation, LIBRARY):
            places = [cited.eid for cited in one.places]
            found.append((text[one.start : one.end], places if len(places) < 4 else [places[0], places[-1]]))
    return found


def of_text(text: str, home: str = "uncc:art_40__para_3") -> list[list[str]]:
    return [[cited.eid for cited in one.places] for one in find(text, Citation.parse(home), LIBRARY)]


def test_the_references_of_each_instrument_are_counted():
    counted: Counter[str] = Counter()
    for instrument in LIBRARY.instruments.values():
        for provision in instrument.provisions.values():
            counted[instrument.id] += len(named(str(provision.citation)))
    assert {name: counted[name] for name in ("uncc", "uncac", "csto-ict", "kz-tm")} == {
        "uncc": 162,
        "uncac": 102,
        "csto-ict": 2,
        "kz-tm": 1,
    }


def test_every_number_before_a_word_for_article_paragraph_or_point_is_linked_but_these():
    written = re.compile(r"\d\)?-\s?(?:б[аa][пб]|тарма)|\) тарма")
    silent = set()
    for instrument in LIBRARY.instruments.values():
        for provision in instrument.provisions.values():
            for text in (provision.text, provision.closing):
                linked = find(text, provision.citation, LIBRARY)
                for mention in written.finditer(text):
                    if not any(one.start <= mention.start() < one.end for one in linked):
                        silent.add(str(provision.citation))
    assert silent == {
        "uncc:decree__recital_1",  # article 8 of a law of Kazakhstan
        "uncc:annex__note_1",  # "(i)" of article 2(e), named a line before
    }


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            "uncc:art_42__para_6",
            [
                ("40-бабының 21-тармағының (b)", ["art_40__para_21__point_b"]),
                ("(с) тармақшаларында", ["art_40__para_21__point_c"]),
                ("22-тармағында", ["art_40__para_22"]),
            ],
        ),
        (
            "uncc:art_22__para_2__point_c",
            [
                (
                    "17-бабының 1-тармағы (b) тармақшасының (іі) тармақшасына",
                    ["art_17__para_1__point_b__item_ii"],
                ),
                ("17-бабының 1-тармағының (а) тармақшасының (і)", ["art_17__para_1__point_a__item_i"]),
                ("(іі) тармақшасына", ["art_17__para_1__point_a__item_ii"]),
                ("(b) тармақшасының (і) тармақшасына", ["art_17__para_1__point_b__item_i"]),
            ],
        ),
        ("uncc:art_40__para_7", [("осы баптың 8 - 31-тармақтары", ["art_40__para_8", "art_40__para_31"])]),
        (
            "uncc:art_35__para_2",
            [
                ("Осы баптың 1-тармағының (b)", ["art_35__para_1__point_b"]),
                ("(с) тармақшаларында", ["art_35__para_1__point_c"]),
                ("40-бабының", ["art_40"]),
                ("41-46-баптарының", ["art_41", "art_46"]),
            ],
        ),
        (
            "uncc:art_14__para_1__point_d",
            [
                (
                    "осы тармақтың (а) - (с) тармақшаларына",
                    [f"art_14__para_1__point_{letter}" for letter in "abc"],
                )
            ],
        ),
        ("uncc:annex__note_1", [("2-баптың (е) (іі) тармақшасындағы", ["art_2__point_e__item_ii"])]),
        (
            "uncc:res__para_5",
            [
                ("57-бабы 5-тармағының (g) тармақшасы", ["art_57__para_5__point_g"]),
                ("61", ["art_61"]),
                ("62-баптарына", ["art_62"]),
            ],
        ),
        ("uncc:res__para_10", [("5", ["res__para_5"]), ("6-тармақтарға", ["res__para_6"])]),
        (
            "uncac:art_55__para_1__point_b",
            [
                ("31-бабының 1-тармағына", ["art_31__para_1"]),
                ("54-бабының 1(а)-тармағына", ["art_54__para_1__point_a"]),
                ("31-бабының 1-тармағында", ["art_31__para_1"]),
            ],
        ),
        (
            "uncac:art_57__para_3",
            [
                ("46", ["art_46"]),
                ("55-баптары", ["art_55"]),
                ("осы баптың 1", ["art_57__para_1"]),
                ("2-тармақтарына", ["art_57__para_2"]),
            ],
        ),
        ("uncac:art_23__para_2__point_c", [("(b) тармақшасының", ["art_23__para_2__point_b"])]),
        ("uncac:bill__para_1", [("44-бабы 6-тармағының а) тармақшасына", ["art_44__para_6__point_a"])]),
        ("csto-ict:art_6__para_4", [("3-бабында", ["art_3"])]),
        ("csto-ict:art_15", [("16-бабында", ["art_16"])]),
        ("kz-tm:art_9", [("10-бабында", ["art_10"])]),
    ],
)
def test_references_checked_by_hand(place, expected):
    assert named(place)[: len(expected)] == expected


def test_what_resolves_to_nothing_is_no_reference():
    assert of_text("осы Конвенцияның 99-бабына сәйкес") == []
    assert of_text("осы баптың 99-тармағына сәйкес") == []
    assert of_text("Қазақстан Республикасы Заңының 8-бабының 1-тармағына сәйкес") == []
    assert of_text("осы бапқа сәйкес, осы тармақта, осы тарауда, II тарауында") == []
    assert of_text("8-бабына сәйкес") == [["art_8"]]


def test_a_deeper_place_that_is_missing_leaves_the_place_above_it():
    assert of_text("осы Конвенцияның 40-бабының 99-тармағына сәйкес") == [["art_40"]]
    assert of_text("осы Конвенцияның 40-бабының 21-тармағының (z) тармақшасы") == [["art_40__para_21"]]


def test_references_are_known_from_both_ends():
    both = references(LIBRARY)
    citing = [str(place) for place in both.to(LIBRARY.provision("uncc:art_40__para_22"))]
    assert citing == ["uncc:art_40__para_7", "uncc:art_42__para_6", "uncc:art_43__para_2"]
    for instrument in LIBRARY.instruments.values():
        for provision in instrument.provisions.values():
            for place in both.of(provision):
                assert provision.citation in both.to(LIBRARY.provision(place))
