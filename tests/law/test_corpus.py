"""The corpus against its sources, and against what is known of the treaties' structure."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from comity.treaties import Library, Provision, load

ROOT = Path(__file__).resolve().parents[2]
PARSER = ROOT / "tools" / "parse_sources.py"
INSTRUMENTS = ("csto-ict", "kz-tm", "uncac", "uncc")


@pytest.fixture(scope="module")
def library() -> Library:
    return load(ROOT / "law")


def provisions(library: Library, instrument: str) -> list[Provision]:
    return list(library.instrument(instrument).provisions.values())


def parse_again(sources: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PARSER), "--check", "--sources", str(sources)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_parsing_the_sources_again_gives_the_committed_files_byte_for_byte() -> None:
    again = parse_again(ROOT / "law" / "sources")
    assert again.returncode == 0, again.stdout + again.stderr


def changed(tmp_path: Path, name: str, was: str, now: str) -> subprocess.CompletedProcess[str]:
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "law" / "sources", sources)
    text = (sources / name).read_text(encoding="utf-8")
    assert was in text
    (sources / name).write_text(text.replace(was, now, 1), encoding="utf-8")
    return parse_again(sources)


def test_a_changed_word_of_a_source_is_found(tmp_path: Path) -> None:
    again = changed(tmp_path, "kz-tm.txt", "ұйымдасқан қылмыскерлік;", "ұйымдасқан қылмыс;")
    assert again.returncode == 1
    assert "kz-tm/text/kk/art_01.toml" in again.stdout


def test_a_marker_out_of_sequence_stops_the_parser(tmp_path: Path) -> None:
    again = changed(tmp_path, "kz-tm.txt", "      12) экономикалық", "      13) экономикалық")
    assert again.returncode != 0
    assert "'13' after ['11']" in again.stderr


def test_a_missing_article_stops_the_parser(tmp_path: Path) -> None:
    again = changed(tmp_path, "kz-tm.txt", "\n7-бап\n", "\n")
    assert again.returncode != 0
    assert "article 8 does not follow article 6" in again.stderr


def test_a_correction_that_no_longer_matches_stops_the_parser(tmp_path: Path) -> None:
    again = changed(tmp_path, "kz-tm.txt", "ратификациялансын.келісім", "ратификациялансын.")
    assert again.returncode != 0
    assert "stands there 0 times" in again.stderr


@pytest.mark.parametrize(
    ("instrument", "count"), [("uncc", 68), ("csto-ict", 18), ("uncac", 71), ("kz-tm", 10)]
)
def test_every_article_of_an_instrument_is_there_once(library: Library, instrument: str, count: int) -> None:
    articles = [
        p.citation.eid for p in provisions(library, instrument) if re.fullmatch(r"art_\d+", p.citation.eid)
    ]
    assert articles == [f"art_{number}" for number in range(1, count + 1)]


# Numbers of paragraphs as in the authentic texts of the conventions and the treaty's own numbering.
@pytest.mark.parametrize(
    ("citation", "children"),
    [
        ("uncc:art_2", 15),
        ("uncc:art_3", 2),
        ("uncc:art_17__para_2", 6),
        ("uncc:art_37", 20),
        ("uncc:art_40", 32),
        ("uncc:art_40__para_3", 13),
        ("uncc:art_40__para_15", 7),
        ("uncc:art_40__para_21", 4),
        ("uncc:art_41__para_3", 5),
        ("uncc:art_42", 9),
        ("uncc:art_42__para_3", 7),
        ("uncc:art_45__para_3", 6),
        ("uncc:art_57", 8),
        ("uncac:art_14", 5),
        ("uncac:art_44", 18),
        ("uncac:art_46", 30),
        ("uncac:art_46__para_3", 11),
        ("uncac:art_46__para_15", 6),
        ("uncac:art_55", 9),
        ("uncac:art_63", 7),
        ("kz-tm:art_1__para_1", 14),
        ("kz-tm:art_4", 6),
        ("csto-ict:art_5", 7),
        ("csto-ict:art_7", 8),
    ],
)
def test_a_provision_is_divided_as_the_treaty_divides_it(
    library: Library, citation: str, children: int
) -> None:
    assert len(library.provision(citation).children) == children


def test_the_parts_outside_the_articles_are_addressable(library: Library) -> None:
    for part, count in (("res__para", 12), ("decree__para", 3), ("annex__note", 5)):
        assert all(library.cite_exists(f"uncc:{part}_{number}") for number in range(1, count + 1))
        assert not library.cite_exists(f"uncc:{part}_{count + 1}")
    assert all(library.cite_exists(f"uncac:bill__para_{number}") for number in (1, 2, 3))


def test_every_citation_of_the_legal_specification_names_a_provision(library: Library) -> None:
    lines = (ROOT / "tests" / "law" / "citations.txt").read_text(encoding="utf-8").splitlines()
    cited = [line for line in lines if not line.startswith("#")]
    assert len(cited) > 300
    assert [citation for citation in cited if not library.cite_exists(citation)] == []


def test_a_provision_answers_to_each_of_its_names(library: Library) -> None:
    assert library.provision("uncac:decl_KZ_2") is library.provision("uncac:bill__para_2")
    assert library.provision("csto-ict:art_3__point_1") is library.provision(
        "csto-ict:art_3__para_1__point_1"
    )
    assert library.provision("uncc:art_10__para_1") is library.provision("uncc:art_10")
    assert library.provision("uncc:art_3__para_1__point_b") is library.provision("uncc:art_3__point_b")


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_provision_has_words_of_its_own_or_is_divided(library: Library, instrument: str) -> None:
    assert [p.citation for p in provisions(library, instrument) if not p.text and not p.children] == []


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_no_word_mixes_alphabets_and_no_letters_are_spaced(library: Library, instrument: str) -> None:
    for provision in provisions(library, instrument):
        words = f"{provision.heading}|{provision.text}|{provision.closing}"
        assert not re.search(r"[A-Za-z][\u0400-\u04ff]|[\u0400-\u04ff][A-Za-z]", words), provision.citation
        assert not re.search(r"(?:\b\w ){4}", words), provision.citation
        assert "  " not in words
        assert "\u00a0" not in words


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_parents_and_children_agree(library: Library, instrument: str) -> None:
    for provision in provisions(library, instrument):
        for child in provision.children:
            assert library.provision(child).parent == provision.citation


def test_what_is_listed_as_repaired_is_how_the_text_reads_now(library: Library) -> None:
    repairs = [
        (repair, provision)
        for instrument in INSTRUMENTS
        for provision in provisions(library, instrument)
        for repair in provision.repairs
        if repair.kind in ("mixed_alphabets", "displaced_word", "letter_spacing", "hyphen_gap")
    ]
    assert len(repairs) > 50
    for repair, provision in repairs:
        source = (ROOT / "law" / "sources" / f"{provision.citation.instrument}.txt").read_text(
            encoding="utf-8"
        )
        assert " ".join(repair.was.split()) in " ".join(source.split())
        assert repair.was != repair.now


def test_the_text_of_a_repaired_place_reads_right(library: Library) -> None:
    assert library.provision("uncc:decree__recital_1").text.endswith(
        "8-бабының 1) тармақшасына сәйкес ҚАУЛЫ ЕТЕМІН:"
    )
    assert library.provision("csto-ict:art_9__para_1").text.endswith(
        "толық немесе ішінара бас тартылуы мүмкін."
    )
    assert library.provision("uncc:art_44").number == "44-бап"
    assert library.provision("uncc:art_27").heading == "Ақпарат беру туралы өкім"
    assert library.provision("uncc:art_37").heading == "Ұстап беру"


def test_places_where_the_sense_is_lost_are_marked_and_kept(library: Library) -> None:
    swapped = library.provision("uncc:art_40__para_21__point_c")
    assert "exchanged" in swapped.flaws[0]
    assert "сұрау салушы Қатысушы мемлекеттің ішкі заңнамасы" in swapped.text
    assert library.provision("uncc:art_42__para_8").flaws == ()


def test_the_footer_of_the_page_is_no_law(library: Library) -> None:
    everything = " ".join(library.wording(p.citation) for p in provisions(library, "uncac"))
    assert "Ctrl" not in everything
