"""A rule file that is not of the fixed form is refused, by file, place and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.terms import Citation
from comity.treaties.errors import LawDataUnreadableError
from comity.treaties.rules import Rule, read_articles

WORDS = {
    "clocks": ("preservation_minimum",),
    "clock_starts": ("preservation",),
    "contents": ("facts",),
    "needs": ("required",),
    "forces": ("may", "must"),
    "sides": ("requested",),
    "barred_grounds": ("dual_criminality",),
    "measures": ("preserve_data",),
}
READING = 'reading = { en = "At least sixty days.", ru = "Не менее 60 дней.", kk = "Кемінде 60 күн." }\n'
CLOCK = (
    'eid = "art_42__para_8"\nkind = "clock"\nid = "preservation_minimum"\nquote = "алпыс күн"\n'
    'when = ["measure_is_preserve_data"]\nduration = "P60D"\nfrom = "preservation"\n' + READING
)


def read(tmp_path: Path, rule: str) -> Rule:
    text = f'instrument = "uncc"\narticle = "art_42"\n[heading]\nen = "Preservation"\n[[rule]]\n{rule}'
    (tmp_path / "art_42.toml").write_text(text, encoding="utf-8")
    (article,) = read_articles(tmp_path, "uncc", WORDS)
    return article.rules[0]


def test_a_rule_of_the_fixed_form_is_read(tmp_path: Path) -> None:
    rule = read(tmp_path, CLOCK)
    assert rule.place == Citation("uncc", "art_42__para_8")
    assert (rule.kind, rule.id, rule.duration, rule.start) == (
        "clock",
        "preservation_minimum",
        "P60D",
        "preservation",
    )
    assert rule.when == ("measure_is_preserve_data",)
    assert rule.reading["en"] == "At least sixty days."


def test_a_suffix_tells_several_rules_of_one_provision_apart(tmp_path: Path) -> None:
    rule = read(tmp_path, 'suffix = "clock_1"\n' + CLOCK)
    assert str(rule.citation) == "uncc:art_42__para_8__clock_1"
    assert str(rule.place) == "uncc:art_42__para_8"


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ('kind = "clock"', 'kind = "hint"', "rule_kind_unknown"),
        ("quote = ", "qoute = ", "rule_key_unknown"),
        ("duration = ", 'need = "required"\nduration = ', "rule_key_unknown"),
        ('"preservation_minimum"', '"preservation_maximum"', "word_unknown"),
        ('from = "preservation"', 'from = "dawn"', "word_unknown"),
        ('"P60D"', '"60 days"', "duration_wrong"),
        ('"P60D"', '"PT"', "duration_wrong"),
        ('"P60D"', "60", "type_wrong"),
        ('["measure_is_preserve_data"]', '["measure == preserve"]', "condition_unknown"),
        ('["measure_is_preserve_data"]', "[1]", "type_wrong"),
        (', kk = "Кемінде 60 күн."', "", "languages_missing"),
        ('kk = "Кемінде', 'de = "Кемінде', "language_unknown"),
        ('eid = "art_42__para_8"', 'eid = "art_43__para_1"', "rule_place_elsewhere"),
        ('eid = "art_42__para_8"\n', "", "key_missing"),
        ('id = "preservation_minimum"\n', "", "key_missing"),
        ("[heading]", "[headings]", "key_unknown"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_file_and_a_code(
    tmp_path: Path, was: str, now: str, code: str
) -> None:
    whole = f'instrument = "uncc"\narticle = "art_42"\n[heading]\nen = "Preservation"\n[[rule]]\n{CLOCK}'
    assert whole.count(was) == 1
    (tmp_path / "art_42.toml").write_text(whole.replace(was, now), encoding="utf-8")
    with pytest.raises(LawDataUnreadableError) as refusal:
        read_articles(tmp_path, "uncc", WORDS)
    assert "art_42.toml" in str(refusal.value)
    assert refusal.value.code == code


def test_a_rule_file_of_another_instrument_is_refused(tmp_path: Path) -> None:
    (tmp_path / "art_42.toml").write_text('instrument = "uncac"\narticle = "art_42"\n', encoding="utf-8")
    with pytest.raises(LawDataUnreadableError, match="another instrument"):
        read_articles(tmp_path, "uncc", WORDS)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "art_42.toml").write_text("instrument = ", encoding="utf-8")
    with pytest.raises(LawDataUnreadableError):
        read_articles(tmp_path, "uncc", WORDS)
