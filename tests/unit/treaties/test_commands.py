"""`comity law show` and `comity treaty status`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from comity.cli import main

LAW = Path(__file__).resolve().parents[3] / "law"
RULES = """
instrument = "kz-tm"
article = "art_4"
[heading]
en = "Requests"
[summary]
en = "How a request is made, and when it may be refused."
[[rule]]
eid = "art_4__para_1"
suffix = "form_1"
kind = "form"
id = "written"
quote = "жазбаша нысанда жіберіледі"
unless = ["urgent"]
reading = { en = "In writing.", ru = "Письменно.", kk = "Жазбаша." }
"""


@pytest.fixture
def law_with_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(LAW, tmp_path / "law", ignore=shutil.ignore_patterns("sources", "articles"))
    (tmp_path / "law" / "kz-tm" / "articles").mkdir()
    (tmp_path / "law" / "kz-tm" / "articles" / "art_04.toml").write_text(RULES, encoding="utf-8")
    monkeypatch.setenv("COMITY_LAW", str(tmp_path / "law"))


@pytest.mark.usefixtures("law_with_a_rule")
def test_law_show_gives_the_reading_in_the_language_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", "kz-tm:art_4", "--language", "ru"]) == 0
    out = capsys.readouterr().out
    assert "Письменно. [kz-tm:art_4__para_1__form_1: form, written, unless urgent]" in out
    assert main(["law", "show", "kz-tm:art_4__para_1__form_1"]) == 0
    out = capsys.readouterr().out
    assert "How a request is made, and when it may be refused." in out
    assert "In writing." in out


@pytest.mark.usefixtures("law_with_a_rule")
def test_law_show_gives_machines_rules_and_what_the_article_is_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["law", "show", "kz-tm:art_4__para_1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["article"]["heading"] == {"en": "Requests"}
    (rule,) = shown["rules"]
    assert (rule["cite"], rule["kind"], rule["id"]) == ("kz-tm:art_4__para_1__form_1", "form", "written")
    assert rule["quote"] in shown["text"]
    assert "need" not in rule


def test_law_show_prints_text_flaws_and_repairs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", "uncc:art_40__para_21"]) == 0
    out = capsys.readouterr().out
    assert "UNCC art. 40(21)" in out
    assert "a) егер өтініш осы баптың ережелеріне сәйкес берілмесе;" in out
    assert "UNCC art. 40(21)(c): “requesting” and “requested” are exchanged" in out


def test_law_show_gives_machines_the_whole_provision(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "show", "uncac:decl_KZ_2", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["cite"] == "uncac:bill__para_2"
    assert shown["also"] == ["uncac:decl_KZ_2"]
    assert shown["text_language"] == "kk"
    assert shown["children"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["law", "show", "article 40"], "citation_unreadable"),
        (["law", "show", "uncc:art_40__para_99"], "provision_unknown"),
        (["law", "show", "nato:art_5"], "instrument_unknown"),
        (["treaty", "status", "nato"], "instrument_unknown"),
        (["treaty", "status", "uncc", "--as-of", "2026-02-30"], "day_unreadable"),
        (["treaty", "status", "uncc", "--as-of", "20260101"], "day_unreadable"),
        (["treaty", "status", "uncc", "--state", "Kazakhstan"], "state_unknown"),
    ],
)
def test_what_cannot_be_read_ends_with_status_2_and_a_code(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    assert main(arguments) == 2
    assert f"[{code}]" in capsys.readouterr().err
    assert main([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == code


def test_treaty_status_shows_who_is_bound_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["treaty", "status", "uncac", "--as-of", "2008-07-18", "--state", "KZ", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert table["in_force"] is True
    (row,) = table["states"]
    assert (row["status"], row["since"], row["cite"]) == ("party", "2008-07-18", "uncac:art_68__para_2")
    assert {source["key"] for source in table["sources"]} >= {act["source"] for act in row["acts"]}


def test_treaty_status_does_not_say_more_than_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["treaty", "status", "uncc", "--as-of", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    assert "not known whether it is in force" in out
    assert "KZ  Kazakhstan                    at least signatory" in out
    assert main(["treaty", "status", "uncc", "--as-of", "2026-11-22", "--state", "TM", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["states"]
    assert (row["status"], row["since"], row["acts"]) == ("unknown", None, [])
