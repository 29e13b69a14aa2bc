"""An offence's article shows its catalogue entry and the national law that answers it."""

from __future__ import annotations

import pytest

from comity.cli import main
from comity.treaties import Library, load
from comity.treaties.catalogue import as_dict, catalogued


@pytest.fixture(scope="module")
def library() -> Library:
    return load()


@pytest.mark.parametrize(
    "cite", ["uncc:art_7", "uncc:art_7__para_2", "uncac:art_15", "uncac:art_15__point_a"]
)
def test_an_offence_is_found_at_its_article_and_at_its_parts(library: Library, cite: str) -> None:
    (found,) = catalogued(library, library.provision(cite))
    assert cite.startswith(str(found.offence.citation))


def test_a_place_that_describes_no_offence_shows_none(library: Library) -> None:
    assert catalogued(library, library.provision("uncc:art_40")) == ()


def test_national_law_stands_with_its_source(library: Library) -> None:
    (found,) = catalogued(library, library.provision("uncc:art_7"))
    shown = as_dict(found)
    kazakhstan = [one for one in shown["national_law"] if one["state"] == "KZ"]
    assert [one["article"] for one in kazakhstan] == ["205"]
    assert all(one["source"] and one["address"] for one in kazakhstan)
    assert {one["effect"] for one in shown["options"]} == {"may_require"}


def test_the_command_prints_conduct_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", "uncc:art_7"]) == 0
    printed = capsys.readouterr().out
    assert "The offence: Illegal access" in printed
    assert "breach_of_security_measures" in printed


def test_every_offence_of_the_conventions_is_told_whole(library: Library) -> None:
    """Conduct, mental element and whether it must be established, in every language."""
    for name in ("uncc", "uncac"):
        for offence in library.reach[name].offences.values():
            if offence.citation.eid in ("art_19", "art_27"):  # participation and attempt themselves
                continue
            assert set(offence.conduct) == set(offence.mental) == {"en", "kk", "ru"}, offence.citation
            assert offence.establish in ("must", "consider")
            assert offence.participation
            assert all(library.cite_exists(one) for one in (*offence.participation, *offence.attempt))
            assert all(library.cite_exists(option.citation) for option in offence.options)
