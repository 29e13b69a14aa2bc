"""Tables that do not have their form are refused with file and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.treaties.errors import LawDataUnreadableError
from comity.treaties.reach import read_reach

MEASURES = """
instrument = "xx"
priority = 1
column = "art_1"
[measure.preserve_data]
basis = ["art_2__para_1"]
governed_by = ["art_3"]
"""
OFFENCES = """
instrument = "xx"
named_by = "id"
[serious]
from_years = 4
eid = "art_9"
[[offence]]
eid = "art_7"
name = { en = "a", kk = "b", ru = "c" }
"""
WORDS = {"measures": ("preserve_data", "extradite")}


def written(folder: Path, measures: str = MEASURES, offences: str = OFFENCES) -> Path:
    (folder / "measures.toml").write_text(measures, encoding="utf-8")
    (folder / "offences.toml").write_text(offences, encoding="utf-8")
    return folder


def test_the_tables_are_read(tmp_path: Path) -> None:
    reach = read_reach(written(tmp_path), "xx", WORDS)
    cell = reach.measures["preserve_data"]
    assert reach.serious_from_years == 4
    assert [cell.governs(eid) for eid in ("art_2__para_1", "art_3__para_9", "art_2", "art_30")] == [
        True,
        True,
        False,
        False,
    ]


BAD = [
    (MEASURES.replace("preserve_data", "guess"), OFFENCES, "guess"),
    (MEASURES.replace('["art_2__para_1"]', "[]"), OFFENCES, "basis"),
    (MEASURES.replace("governed_by", "governs"), OFFENCES, "governs"),
    (MEASURES.replace("priority = 1", "priority = true"), OFFENCES, "priority"),
    (MEASURES.replace("priority = 1\n", ""), OFFENCES, "priority"),
    (MEASURES + "[extra]\n", OFFENCES, "extra"),
    (MEASURES.replace('"xx"', '"yy"'), OFFENCES, "another instrument"),
    (MEASURES, OFFENCES.replace('"id"', '"name"'), "name an offence"),
    (MEASURES, OFFENCES.replace("from_years = 4", 'from_years = "four"'), "from_years"),
    (MEASURES, OFFENCES.replace('eid = "art_7"\n', ""), "eid"),
    (MEASURES, OFFENCES + "predicate = []\n", "predicate"),
    ("column =", OFFENCES, "measures.toml"),
]


@pytest.mark.parametrize(("measures", "offences", "reason"), BAD, ids=[reason for *_, reason in BAD])
def test_a_table_out_of_form_is_refused(measures: str, offences: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(LawDataUnreadableError) as caught:
        read_reach(written(tmp_path, measures, offences), "xx", WORDS)
    assert caught.value.code != "law_data_unreadable"
    assert reason in str(caught.value)
