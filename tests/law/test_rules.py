"""Every rule of the law data is found at its place and read in each language; the rest `validate` checks."""

from __future__ import annotations

from pathlib import Path

from comity.treaties import load

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load(ROOT / "law")
RULES = [rule for instrument in LIBRARY.instruments for rule in LIBRARY.rules(instrument)]


def test_every_rule_stands_on_a_provision_and_is_found_there() -> None:
    for rule in RULES:
        assert rule in LIBRARY.rules_on(rule.place)
        assert LIBRARY.cite_exists(rule.citation)


def test_every_reading_is_one_line_in_each_language() -> None:
    for rule in RULES:
        assert set(rule.reading) == {"en", "kk", "ru"}
        assert all(text.strip() and "\n" not in text for text in rule.reading.values()), rule.citation
