"""Every rule of the law data: its place, its quote, its readings."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from comity.treaties import Library, Rule, load
from comity.treaties.rules import read_articles

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load(ROOT / "law")
RULES = [rule for instrument in LIBRARY.instruments for rule in LIBRARY.rules(instrument)]


def quoted(library: Library, rule: Rule) -> bool:
    """Whether the quote stands in the provision word for word (white space apart)."""
    return bool(rule.quote.strip()) and " ".join(rule.quote.split()) in library.wording(rule.place)


def test_every_rule_quotes_its_provision_verbatim() -> None:
    assert [str(rule.citation) for rule in RULES if not quoted(LIBRARY, rule)] == []


def test_every_rule_stands_on_a_provision_and_is_found_there() -> None:
    for rule in RULES:
        assert rule in LIBRARY.rules_on(rule.place)
        assert LIBRARY.cite_exists(rule.citation)


def test_no_rule_is_given_twice() -> None:
    keys = [(str(rule.citation), rule.kind, rule.id, rule.bars, rule.measures) for rule in RULES]
    assert sorted({key for key in keys if keys.count(key) > 1}, key=str) == []


def test_every_reading_is_one_line_in_each_language() -> None:
    for rule in RULES:
        assert set(rule.reading) == {"en", "kk", "ru"}
        assert all(text.strip() and "\n" not in text for text in rule.reading.values()), rule.citation


def test_every_rule_file_is_named_after_its_article() -> None:
    for instrument in LIBRARY.instruments:
        for path in sorted((ROOT / "law" / instrument / "articles").glob("*.toml")):
            article = tomllib.loads(path.read_text(encoding="utf-8"))["article"]
            part, _, number = article.rpartition("_")
            # A part that is read as one, such as a decree, has no number.
            width = 2 if part == "art" else 1
            assert path.stem == (f"{part.replace('__', '_')}_{number.zfill(width)}" if part else article)


@pytest.mark.parametrize(
    "quote", ["осы Конвенцияда жоқ сөздер", "", "осы баптың ережелеріне сәйкес берілмесе егер"]
)
def test_words_that_the_provision_does_not_have_are_no_quote(tmp_path: Path, quote: str) -> None:
    file = tmp_path / "art_40.toml"
    file.write_text(
        'instrument = "uncc"\narticle = "art_40"\n'
        '[[rule]]\neid = "art_40__para_21__point_a"\nkind = "ground"\n'
        f'quote = "{quote}"\nreading = {{ en = "a", ru = "b", kk = "c" }}\n',
        encoding="utf-8",
    )
    words = {name: LIBRARY.words(name) for name in ("measures", "forces")}
    (article,) = read_articles(tmp_path, "uncc", words)
    assert not quoted(LIBRARY, article.rules[0])
