"""The guide of drafting: every field is asked for once, and a wrong file is refused with the place named."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.law.folders import LAW, shipped

from comity.treaties import Library, load
from comity.treaties.drafting import guide
from comity.treaties.errors import LawDataUnreadableError

GUIDE = guide(load(LAW))


def test_every_field_of_the_vocabulary_stands_in_one_group():
    grouped = [field for group in GUIDE.groups for field in group.fields]
    assert sorted(grouped) == sorted(load(LAW).words("contents"))


def test_the_prompts_that_practice_asks_for_are_there_in_three_languages():
    prompts = {prompt.id: prompt for each in GUIDE.prompts.values() for prompt in each}
    assert {"office_hours", "call_back", "why_there", "deadline_with_reason"} <= prompts.keys()
    for prompt in prompts.values():
        assert set(prompt.text) == {"en", "kk", "ru"}
        assert len(set(prompt.text.values())) == 3


def test_persons_and_items_are_of_the_case():
    assert {"persons", "identification", "items_and_accounts", "facts"} <= GUIDE.of_the_case


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ('fields = ["facts", "facts"]', "facts.*twice"),
        ('fields = ["no_such_field"]', "no_such_field"),
        ('fields = ["facts"]\ncolour = "red"', "colour"),
    ],
)
def test_a_wrong_group_is_refused(tmp_path: Path, instead: str, reason: str):
    law = shipped(tmp_path)
    name = 'name = { en = "A", kk = "Ә", ru = "Б" }'
    (law / "drafting.toml").write_text(f'[[group]]\nid = "a"\n{name}\n{instead}\n', encoding="utf-8")
    with pytest.raises(LawDataUnreadableError, match=reason):
        guide(Library(law))


def test_without_the_file_there_is_no_group(tmp_path: Path):
    law = shipped(tmp_path)
    (law / "drafting.toml").unlink()
    assert guide(Library(law)).groups == ()
