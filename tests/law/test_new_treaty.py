"""A treaty more is a folder more: xa-xb between two invented States works without a line of code."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.law.folders import LAW, NEW_TREATY, change, with_new_treaty

from comity.cli import main

ROOT = LAW.parent
IDS = "|".join(path.parent.name for path in LAW.glob("*/instrument.toml"))
NAME = re.compile(rf"(?:{IDS})(?::\w+)?")
QUOTED = re.compile(rf"""["'](?:{IDS})(?::\w+)?["']""")
FACTS: dict[str, Any] = {
    "requesting_state": "XA",
    "requested_state": "XB",
    "as_of": "2026-01-15",
    "measure": "provide_records",
    "offences": [{"id": "xa-xb:art_2__para_1__point_b", "max_penalty_years": 5}],
}


def naming(source: str) -> list[str]:
    """The strings of a module that name an instrument or a place of one (docstrings are whole sentences)."""
    constants = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    docstrings = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
    }
    return [
        one for one in constants if isinstance(one, str) and NAME.fullmatch(one) and one not in docstrings
    ]


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_new_treaty(tmp_path_factory.mktemp("new"))


@pytest.fixture(autouse=True)
def _chosen(law: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_LAW", str(law))


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    assert main([*arguments, "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_nothing_in_the_code_knows_an_instrument() -> None:
    """Ids of instruments stand in examples and docstrings alone, never in a comparison or a table."""
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}
    assert len(code) > 200
    assert [f"{path.name}: {one}" for path, text in code.items() for one in naming(text)] == []
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.html")}
    assert [path.name for path, text in pages.items() if QUOTED.search(text)] == []


def test_a_name_in_the_code_would_be_found() -> None:
    assert naming('def f(x):\n    return x == "uncc"') == ["uncc"]
    assert naming('"""uncc"""') == []
    assert naming('PLACES = {"uncac:art_46": 1}') == ["uncac:art_46"]
    assert QUOTED.search('{% if instrument == "uncc" %}')


def test_its_text_is_what_its_source_says() -> None:
    parsed = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "parse_sources.py"), "--check", "--law", str(NEW_TREATY)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert parsed.returncode == 0, parsed.stdout + parsed.stderr


def test_it_is_valid_and_complete(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "law", "validate", str(law / "xa-xb")) == {
        "clean": True,
        "mistakes": [],
        "warnings": [],
    }
    found = printed(capsys, "law", "coverage", "--instrument", "xa-xb")["xa-xb"]
    assert (found["provisions"], found["none"]) == (37, [])


def test_an_opinion_rests_on_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "facts.json").write_text(json.dumps(FACTS), encoding="utf-8")
    opinion = printed(capsys, "advise", str(tmp_path / "facts.json"))
    assert (opinion["recommended"], opinion["procedure"]) == ("xa-xb", "xa-xb")
    assert [one["duration"] for one in opinion["clocks"]] == ["P45D"]
    (ground,) = [one for one in opinion["grounds"] if one["id"] == "already_tried"]
    assert ground["missing"] == ["assessment.XB.finally_tried_at_home"]


def test_a_drafted_request_is_held_to_its_contents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = {
        "instrument": "xa-xb",
        "measure": "provide_records",
        "facts": FACTS,
        "contents": {"requesting_authority": "Prosecutor of XA", "facts": "A bribe was paid."},
        "items": [{"number": 1, "measure": "provide_records"}],
    }
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request), encoding="utf-8")
    checked = printed(capsys, "check", str(path), status=1)
    (missing,) = [one for one in checked["problems"] if one["need"] == "required"]
    assert (missing["field"], missing["cite"]) == ("contents.purpose", "xa-xb:art_4__para_2__point_c")


def test_its_text_is_shown_in_its_own_language(capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(capsys, "law", "show", "xa-xb:art_5__para_1")
    assert shown["text_language"] == "en"
    assert shown["text"].startswith("The requested Party shall execute the request")
    assert main(["law", "show", "xa-xb:art_5__para_1"]) == 0
    assert "Text as published (English)" in capsys.readouterr().out


def test_its_status_follows_from_its_own_clause(capsys: pytest.CaptureFixture[str]) -> None:
    table = printed(capsys, "treaty", "status", "xa-xb", "--as-of", "2025-07-01")
    assert {row["state"]: row["status"] for row in table["states"]} == {"XA": "party", "XB": "party"}
    before = printed(capsys, "treaty", "status", "xa-xb", "--as-of", "2025-06-30")
    assert {row["status"] for row in before["states"]} == {"notified"}


def test_between_its_parties_its_procedure_goes_before_that_of_the_conventions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    party = {"status": "party", "since": "2026-01-01"}
    for instrument, offence in (("uncc", "uncc:art_7"), ("uncac", "uncac:art_15")):
        measure = "preserve_data" if instrument == "uncc" else "provide_records"
        facts = FACTS | {
            "measure": measure,
            "electronic_evidence": True,
            "offences": [{"id": offence, "max_penalty_years": 5}],
            "agreements": {"apply_convention_paragraphs": False},
            "status": {instrument: {"in_force_since": "2026-01-01", "XA": party, "XB": party}},
        }
        path = tmp_path / f"{instrument}.json"
        path.write_text(json.dumps(facts), encoding="utf-8")
        opinion = printed(capsys, "advise", str(path))
        assert (opinion["recommended"], opinion["procedure"]) == (instrument, "xa-xb")
        agreed = facts | {"agreements": {"apply_convention_paragraphs": True}}
        path.write_text(json.dumps(agreed), encoding="utf-8")
        assert printed(capsys, "advise", str(path))["procedure"] == instrument


def test_other_states_do_not_see_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(FACTS | {"requested_state": "XC"}), encoding="utf-8")
    outcomes = {one["instrument"]: one["outcome"] for one in printed(capsys, "advise", str(path))["bases"]}
    assert outcomes["xa-xb"] == "does_not_apply"


def test_what_the_guide_quotes_from_the_example_is_in_the_example() -> None:
    """Each block of the guide is TOML, and what it says of places, days and numbers is what the files say."""
    guide = (ROOT / "docs" / "law" / "adding-a-treaty.md").read_text(encoding="utf-8")
    files = "\n".join(path.read_text(encoding="utf-8") for path in NEW_TREATY.rglob("*.toml"))
    blocks = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert len(blocks) > 8
    for block in blocks:
        tomllib.loads(block.replace(", …]", "]"))
        lines = [re.sub(r"\s+#.*", "", line).strip() for line in block.splitlines()]
        for line in lines:
            if re.match(r"(eid|kind|id|duration|from|quote|at|column|instruments|after) = ", line):
                assert line in files, line


def test_the_sentence_that_the_guide_shows_is_the_one_that_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = with_new_treaty(tmp_path)
    change(law, "xa-xb/articles/art_05.toml", '"P45D"', '"45 days"')
    assert main(["law", "validate", str(law / "xa-xb")]) == 1
    shown = capsys.readouterr().out.splitlines()[0]
    assert shown in (ROOT / "docs" / "law" / "adding-a-treaty.md").read_text(encoding="utf-8")
