"""`comity advise` and `comity check` as a person and a script see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.cli import main


@pytest.fixture
def facts_file(tmp_path: Path, story: dict[str, Any]) -> Path:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(story), encoding="utf-8")
    return path


def test_advise_prints_machine_readable_findings(
    facts_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(facts_file), "--json"]) == 0
    opinion = json.loads(capsys.readouterr().out)
    assert opinion["recommended"] == "uncc"
    assert opinion["as_of"] == "2027-06-01"


def test_advise_prints_cited_sentences_for_people(
    facts_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(facts_file)]) == 0
    printed = capsys.readouterr().out
    assert "UNCC art. 42(8) · id: preservation minimum" in printed.replace("_", " ")
    assert "Recommended: uncc" in printed


def test_as_of_on_the_command_line_goes_before_the_file(
    facts_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(facts_file), "--as-of", "2026-12-31", "--json"]) == 0
    opinion = json.loads(capsys.readouterr().out)
    assert (opinion["as_of"], opinion["recommended"]) == ("2026-12-31", None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"requesting_state": ', "json_unreadable"),
        ('{"measure": "preserve_data", "measure": "extradite"}', "json_key_duplicated"),
        ('{"status": {"uncc": {"KZ": {}, "KZ": {}}}}', "json_key_duplicated"),
        ('{"offences": [{"max_penalty_years": NaN}]}', "json_number_inexact"),
        ("[" * 100_000, "json_too_deep"),
        ('{"a": ' * 40 + "1" + "}" * 40, "json_too_deep"),
        ("", "json_unreadable"),
        ("[]", "fact_wrong_type"),
        ("\ufeff{}", "json_unreadable"),
        ('{"requesting_state": "\\ud800"}', "json_text_broken"),
        ('{"offences": [{"max_penalty_years": 1e999}]}', "json_number_inexact"),
        ('{"requesting_state": "KZ", "requested_state": "KZ"}', "same_state_twice"),
        ('{"requesting_state": "KZ", "requested_state": "TM", "measure": "guess"}', "measure_unknown"),
    ],
)
def test_bad_facts_end_with_status_2_and_one_sentence(
    text: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.json"
    path.write_text(text, encoding="utf-8")
    assert main(["advise", str(path)]) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert f"[{code}]" in streams.err
    assert streams.err.count("\n") == 1


def test_a_bad_day_and_a_missing_file_end_with_status_2(
    facts_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", str(facts_file), "--as-of", "tomorrow"]) == 2
    assert "[date_impossible]" in capsys.readouterr().err
    assert main(["advise", str(facts_file.with_name("none.json"))]) == 2
    assert "[file_unreadable]" in capsys.readouterr().err


def test_a_mistake_of_syntax_is_named_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.json"
    path.write_text('{\n  "requesting_state": "KZ",\n  "urgent": yes\n}', encoding="utf-8")
    for command in ("advise", "check"):
        assert main([command, str(path)]) == 2
        assert "line 3 column 13" in capsys.readouterr().err


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", '{"a": "қ"}'.encode("utf-16"), b'{"a": "\xe9"}'])
def test_another_encoding_is_named(data: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(data)
    assert main(["check", str(path)]) == 2
    assert "not a text in UTF-8" in capsys.readouterr().err


def test_of_a_huge_file_no_more_is_read_than_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "facts.json"
    with path.open("wb") as file:
        file.truncate(1 << 36)  # 64 GiB that are not there
    assert main(["advise", str(path)]) == 2
    assert "[json_too_large]" in capsys.readouterr().err
    assert main(["advise", str(tmp_path)]) == 2
    assert "[file_unreadable]" in capsys.readouterr().err
