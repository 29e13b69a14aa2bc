"""`comity treaty status` and `comity treaty import` as a person or a script uses them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from comity.cli import main
from comity.treaties import load
from comity.treaties.status import read_status

LAW = Path(__file__).resolve().parents[3] / "law"
PAGE = Path(__file__).parent / "tables" / "page.txt"
SOURCE = ["--title", "A page", "--address", "https://example.org", "--date", "2024-04-20", "--mark", "D"]


def imported(*arguments: str | Path) -> int:
    return main(["treaty", "import", "uncac", *map(str, arguments), *SOURCE])


def status(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["treaty", "status", *arguments, "--json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_status_says_by_which_clauses_and_what_was_declared(capsys: pytest.CaptureFixture[str]) -> None:
    shown = status(capsys, "uncac", "--as-of", "2026-01-01", "--state", "KZ")
    (kazakhstan,) = shown["states"]
    assert (kazakhstan["status"], kazakhstan["since"]) == ("party", "2008-07-18")
    assert kazakhstan["cite"] == "uncac:art_68__para_2"
    assert kazakhstan["cites"] == ["uncac:art_67__para_4", "uncac:art_68__para_2"]
    said = {one["id"]: one for one in kazakhstan["statements"]}
    assert said["languages"]["cites"] == ["uncac:art_46__para_14", "uncac:bill__para_2"]
    assert said["dispute_settlement"]["cite"] == "uncac:art_66__para_3"
    assert said["dispute_settlement"]["stands"]
    assert {one["source"] for one in kazakhstan["statements"]} == {"S18"}


def test_status_shows_the_rules_of_the_treaty(capsys: pytest.CaptureFixture[str]) -> None:
    rules = status(capsys, "uncc", "--as-of", "2026-12-31")["rules"]
    assert rules["signature"] == {
        "open": True,
        "opens": "2025-10-25",
        "closes": "2026-12-31",
        "cite": "uncc:art_64__para_1",
    }
    assert rules["consent"]["accession"] == "uncc:art_64__para_4"
    assert (rules["instruments_needed"], rules["instruments_counted"]) == (40, 0)
    assert rules["organisations_not_counted"] == "uncc:art_65__para_1"
    assert rules["leaving"]["after"] == "P1Y"
    assert not status(capsys, "uncc", "--as-of", "2027-01-01")["rules"]["signature"]["open"]
    assert status(capsys, "csto-ict")["rules"]["leaving"]["condition"]["en"].startswith("All obligations")


def test_status_for_people_names_clauses_acts_and_statements(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["treaty", "status", "uncac", "--as-of", "2026-01-01", "--state", "AZ"]) == 0
    out = capsys.readouterr().out
    assert "not open for signature: from 2003-12-09 to 2005-12-09 (uncac:art_67__para_1)" in out
    assert "by uncac:art_67__para_3, uncac:art_68__para_1; signature 2004-02-27 [D, S13]" in out
    assert "reservation (uncac:art_66__para_3, uncac:art_66__para_2): It is not bound by article 66(2)" in out
    assert "declaration: It applies none of the Convention's rights" in out


def test_an_import_writes_a_new_file_that_reads_as_law_data(tmp_path: Path) -> None:
    out = tmp_path / "status.toml"
    assert imported(PAGE, "--format", "untc", "--out", out, "--complete") == 0
    library = load()
    read = read_status(out, "uncac", library.instrument("uncac").status.rules, library.organisations)
    assert len(read.acts) == 17
    assert list(tmp_path.iterdir()) == [out]


def test_an_import_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "status.toml"
    out.write_text("mine", encoding="utf-8")
    assert imported(PAGE, "--format", "untc", "--out", out) == 2
    assert "status_file_exists" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "mine"


def test_an_import_into_a_file_adds_only_what_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = tmp_path / "status.toml"
    shutil.copy(LAW / "uncac" / "status.toml", held)
    before = held.read_text(encoding="utf-8")
    assert imported(PAGE, "--format", "untc", "--into", held, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["state"] for one in report["known"]} == {"DZ", "EU", "TR", "VN"}
    assert {one["state"] for one in report["new"]} == {"AG", "BB", "BT", "CI", "IR", "ME"}
    after = held.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert imported(PAGE, "--format", "untc", "--into", held) == 0
    assert held.read_text(encoding="utf-8") == after
    assert list(tmp_path.iterdir()) == [held]


def test_a_second_import_of_the_same_source_names_it_once(tmp_path: Path) -> None:
    held = tmp_path / "status.toml"
    shutil.copy(LAW / "uncac" / "status.toml", held)
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text("state,act,date\nXA,accession,2020-01-01\n", encoding="utf-8")
    second.write_text("state,act,date\nXB,accession,2020-01-01\n", encoding="utf-8")
    assert imported(first, "--into", held) == imported(second, "--into", held) == 0
    assert held.read_text(encoding="utf-8").count('key = "import-2024-04-20"') == 1


def test_a_contradiction_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held, table = tmp_path / "status.toml", tmp_path / "table.csv"
    shutil.copy(LAW / "uncac" / "status.toml", held)
    before = held.read_text(encoding="utf-8")
    table.write_text("state,act,date\nKZ,accession,2008-06-19\nXA,accession,2020-01-01\n", encoding="utf-8")
    assert imported(table, "--into", held) == 1
    assert "KZ accession 2008-06-19 against KZ accession 2008-06-18" in capsys.readouterr().err
    assert held.read_text(encoding="utf-8") == before
    assert imported(table, "--into", held, "--partial") == 1
    after = held.read_text(encoding="utf-8")
    assert 'state = "XA"' in after
    assert "2008-06-19" not in after


def test_an_unread_row_is_reported_with_its_line_and_stops_the_writing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = tmp_path / "table.csv", tmp_path / "out.toml"
    table.write_text(
        "state,act,date\nXA,accession,2020-01-01\nRuritania,accession,2020-01-01\n", encoding="utf-8"
    )
    assert imported(table, "--out", out, "--complete") == 1
    assert "line 3: not read, no State is known by the name “Ruritania”" in capsys.readouterr().err
    assert not out.exists()
    assert imported(table, "--out", out, "--complete", "--partial") == 1
    assert "complete_until" not in out.read_text(encoding="utf-8")


def test_the_day_of_the_page_must_be_that_of_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    other = [*SOURCE[:5], "2024-04-21", *SOURCE[6:]]
    assert main(["treaty", "import", "uncac", str(PAGE), "--format", "untc", *other]) == 2
    assert "status_dates_differ" in capsys.readouterr().err


def test_a_key_that_another_source_has_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    held = tmp_path / "status.toml"
    shutil.copy(LAW / "uncac" / "status.toml", held)
    assert imported(PAGE, "--format", "untc", "--into", held, "--key", "S13") == 2
    assert "source_key_taken" in capsys.readouterr().err


def test_a_source_must_be_given(tmp_path: Path) -> None:
    for name in ("--title", "--address", "--date", "--mark"):
        at = SOURCE.index(name)
        with pytest.raises(SystemExit) as stop:
            main(["treaty", "import", "uncac", str(PAGE), *SOURCE[:at], *SOURCE[at + 2 :]])
        assert stop.value.code == 2


@pytest.mark.parametrize(
    ("content", "code"), [(None, "file_unreadable"), (b"\xff\xfe\x00", "table_unreadable")]
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: bytes | None, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.csv"
    if content is not None:
        table.write_bytes(content)
    assert imported(table) == 2
    assert code in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(PAGE, "--format", "untc", "--out", tmp_path / "none" / "status.toml") == 2
    assert "file_unwritable" in capsys.readouterr().err


@pytest.mark.parametrize(("day", "read"), [("2024-04-20", 0), ("2024-04-21", 1), ("9999-12-31", 1)])
def test_a_source_tells_nothing_of_a_day_after_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], day: str, read: int
) -> None:
    table = tmp_path / "acts.csv"
    table.write_text(f"state,act,date\nXB,ratification,{day}\n", encoding="utf-8")
    assert imported(table) == read
    assert ("later than the source's own day" in capsys.readouterr().err) == bool(read)


def test_what_is_no_ordinary_table_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"\0" * (8 * 1024 * 1024 + 1))
    (tmp_path / "latin").write_bytes("state,act,date\nXB,é,\n".encode("latin-1"))
    for name, said in (
        ("pipe", "no ordinary file"),
        ("large", "larger than"),
        ("latin", "line 2 is not UTF-8"),
    ):
        assert imported(tmp_path / name) == 2
        assert said in capsys.readouterr().err
