"""`comity law show`, `law search` and `law topics` over the law that is shipped."""

from __future__ import annotations

import json

import pytest

from comity.cli import main


def test_show_takes_a_citation_as_people_write_it_and_tells_all_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["law", "show", "UNCC", "42(6)"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("UNCC art. 42(6)   uncc:art_42__para_6")
    assert "uncc:art_40__para_21__point_b, uncc:art_40__para_21__point_c, uncc:art_40__para_22" in out
    assert "Referred to by" in out
    assert "[grounds]" in out
    assert "Where it lives in the software" in out


def test_show_gives_machines_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", "uncc:art_40__para_22", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {"uncc:art_42__para_6", "uncc:art_43__para_2"} <= set(shown["referred_from"])
    assert {"questions", "lives", "topics", "refers_to", "rules", "children"} <= set(shown)


@pytest.mark.parametrize("written", ["40-бап", "nonsense", "uncc 999"])
def test_show_refuses_what_is_no_place_or_several(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", written]) == 2
    assert "citation" in capsys.readouterr().err


def test_search_marks_what_it_found_and_says_no_when_nothing_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "search", "өтінішті", "--instrument", "uncc", "--limit", "2"]) == 0
    out = capsys.readouterr().out
    assert "[өтінішті]" in out
    assert out.count("UNCC art.") == 2
    assert main(["law", "search", "қырмызыгүл"]) == 1
    assert "0 provisions" in capsys.readouterr().out
    assert main(["law", "search", "сот", "--instrument", "nothing"]) == 2


def test_search_gives_machines_hits_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "search", "40-бап", "--json", "--limit", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["citations"] == ["uncc:art_40", "uncac:art_40"]
    assert len(found["hits"]) == 1 <= found["total"]


def test_topics_are_listed_and_one_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "topics", "--language", "kk"]) == 0
    assert "Шығыстар" in capsys.readouterr().out
    assert main(["law", "topics", "costs"]) == 0
    assert "UNCC art. 40(30)" in capsys.readouterr().out
    assert main(["law", "topics", "costs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["places"]["kz-tm"] == ["kz-tm:art_5"]
    assert main(["law", "topics", "nothing"]) == 2
