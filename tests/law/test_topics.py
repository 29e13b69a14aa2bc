"""Topics: every place resolves, and a wrong file is refused with the place named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from comity.treaties import Library, load
from comity.treaties.errors import LawDataUnreadableError
from comity.treaties.topics import TopicUnknownError, topic, topics, topics_of

LAW = Path(__file__).resolve().parents[2] / "law"
LIBRARY = load(LAW)


def test_every_place_of_every_topic_resolves():
    found = topics(LIBRARY)
    assert len(found) >= 30
    for one in found.values():
        assert set(one.name) == {"en", "kk", "ru"}
        for instrument, places in one.places.items():
            assert places
            assert len(set(places)) == len(places)
            for place in places:
                assert place.instrument == instrument
                assert LIBRARY.provision(place).citation == place


def test_names_are_told_apart_in_each_language():
    for language in ("en", "kk", "ru"):
        names = [one.name[language] for one in topics(LIBRARY).values()]
        assert len(set(names)) == len(names)


def test_a_provision_has_the_topics_of_what_is_above_and_below_it():
    def of(place: str) -> set[str]:
        return {one.id for one in topics_of(LIBRARY, LIBRARY.provision(place))}

    assert "grounds" in of("uncc:art_40__para_21__point_b")
    assert {"grounds", "costs", "channels"} <= of("uncc:art_40")
    assert "costs" not in of("uncc:art_40__para_21")
    assert of("uncc:preamble__recital_1") == set()


@pytest.fixture
def law(tmp_path: Path) -> Path:
    shutil.copytree(LAW, tmp_path / "law", ignore=shutil.ignore_patterns("sources", "cases"))
    return tmp_path / "law"


@pytest.mark.parametrize(
    ("instead", "reason"),
    [
        ('uncc = ["art_999"]', "uncc:art_999"),
        ('nothing = ["art_1"]', "nothing"),
        ("", "names no place"),
    ],
)
def test_a_place_that_does_not_exist_is_refused(law, instead, reason):
    name = 'name = { en = "A", ru = "А", kk = "А" }'
    (law / "topics.toml").write_text(
        f'[[topic]]\nid = "a"\n{name}\n[topic.places]\n{instead}\n', encoding="utf-8"
    )
    with pytest.raises(LawDataUnreadableError, match=reason):
        topics(Library(law))


def test_a_name_in_every_language_and_an_id_of_its_own_are_asked_for(law):
    one = '[[topic]]\nid = "a"\nname = { en = "A" }\n[topic.places]\nuncc = ["art_1"]\n'
    (law / "topics.toml").write_text(one, encoding="utf-8")
    with pytest.raises(LawDataUnreadableError, match="name"):
        topics(Library(law))
    whole = one.replace('en = "A"', 'en = "A", ru = "А", kk = "А"')
    (law / "topics.toml").write_text(whole + whole, encoding="utf-8")
    with pytest.raises(LawDataUnreadableError, match="repeats"):
        topics(Library(law))


def test_law_without_topics_has_none(law):
    (law / "topics.toml").unlink()
    assert topics(Library(law)) == {}


def test_an_unknown_topic_is_said_with_those_that_exist():
    with pytest.raises(TopicUnknownError, match="nothing") as caught:
        topic(LIBRARY, "nothing")
    assert "costs" in caught.value.advice
