"""`comity law validate`: every mistake is found at its line, with its remedy; the shipped law is right."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.law.folders import LAW, change, with_new_treaty

from comity.cli import main
from comity.reasoning.validating import LawFolderUnknownError, validate
from comity.treaties import Library
from comity.treaties.errors import LawDataUnreadableError

LANGUAGES_OF_A_RULE = 'en = "A request is executed within forty-five days of receipt."\n'
HOME = '\n[[home]]\neids = ["art_9"]\nkind = "{kind}"\nat = "{at}"\n'


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented treaty alone with the vocabulary: small, and free of mistakes."""
    law = with_new_treaty(tmp_path_factory.mktemp("pattern"))
    for other in ("uncc", "uncac", "csto-ict", "kz-tm", "states", "organisations"):
        shutil.rmtree(law / other, ignore_errors=True)
    (law / "topics.toml").unlink()
    (law / "orders.toml").unlink()
    for case in (law / "xa-xb" / "cases").glob("before_*.toml"):
        case.unlink()
    return law


@pytest.fixture
def law(pattern: Path, tmp_path: Path) -> Path:
    shutil.copytree(pattern, tmp_path / "law")
    return tmp_path / "law"


def codes(law: Path) -> list[str]:
    return [one.code for one in validate(law)]


def test_the_pattern_is_free_of_mistakes(pattern: Path) -> None:
    assert [str(one) for one in validate(pattern)] == []


# Path, what stands there, what is written instead, the code, what stands at the line (if not that).
MISTAKES = [
    ("articles/art_05.toml", 'kind = "clock"', "kind = clock", "toml_unreadable", None),
    (
        "articles/art_05.toml",
        'duration = "P45D"',
        'duration = "P45D"\nduration = "P4D"',
        "toml_unreadable",
        "P4D",
    ),
    ("articles/art_05.toml", 'duration = "P45D"', "duration = 2026-02-30", "toml_unreadable", None),
    ("articles/art_05.toml", "quote = ", "qoute = ", "rule_key_unknown", None),
    ("articles/art_05.toml", 'quote = "execute', 'qoute = "execute', "key_missing", "[[rule]]"),
    ("articles/art_05.toml", 'kind = "clock"', 'kind = "watch"', "rule_kind_unknown", None),
    ("articles/art_05.toml", 'id = "execution"', 'id = "ececution"', "word_unknown", None),
    ("articles/art_05.toml", 'id = "execution"\n', "", "key_missing", "[[rule]]"),
    ("articles/art_05.toml", 'from = "receipt"', 'from = "reciept"', "word_unknown", None),
    ("articles/art_05.toml", '"P45D"', '"45 days"', "duration_wrong", None),
    ("articles/art_05.toml", '"P45D"', '"PT5M"', "duration_wrong", None),
    ("articles/art_05.toml", '"P45D"', '"P9999999999D"', "duration_wrong", None),
    ("articles/art_05.toml", 'duration = "P45D"', f"duration = {'9' * 5000}", "toml_unreadable", None),
    ("articles/art_05.toml", '"P45D"', "45", "type_wrong", None),
    ("articles/art_05.toml", "before = false", 'before = "no"', "type_wrong", None),
    ("articles/art_05.toml", 'eid = "art_5__para_1"', 'eid = "art_5__para_9"', "rule_place_unknown", None),
    ("articles/art_05.toml", 'eid = "art_5__para_1"', 'eid = "Article 5(1)"', "eid_malformed", None),
    ("articles/art_05.toml", 'eid = "art_5__para_1"', 'eid = "art_6__para_1"', "rule_place_elsewhere", None),
    ("articles/art_05.toml", "forty-five days of its", "45 days of its", "quote_not_verbatim", None),
    ("articles/art_05.toml", LANGUAGES_OF_A_RULE, "", "languages_missing", "[rule.reading]"),
    (
        "articles/art_05.toml",
        LANGUAGES_OF_A_RULE,
        'de = "x"\n' + LANGUAGES_OF_A_RULE,
        "language_unknown",
        "de =",
    ),
    ("articles/art_05.toml", LANGUAGES_OF_A_RULE, 'en = ""\n', "type_wrong", 'en = ""'),
    ("articles/art_05.toml", 'en = "Time limits"\n', "", "translation_missing", "[heading]"),
    ("articles/art_05.toml", "[summary]", "[sumary]", "key_unknown", None),
    ("articles/art_05.toml", 'instrument = "xa-xb"', 'instrument = "uncc"', "belongs_elsewhere", None),
    ("articles/art_05.toml", 'article = "art_5"', 'article = "art_15"', "rule_place_unknown", None),
    (
        "articles/art_06.toml",
        '["finally_tried_at_home"]',
        '["finaly_tried_at_home"]',
        "condition_unknown",
        None,
    ),
    ("articles/art_06.toml", '["finally_tried_at_home"]', '["tried or not"]', "condition_unknown", None),
    ("articles/art_06.toml", 'bars = "bank_secrecy"', 'bars = "secrecy"', "word_unknown", None),
    ("articles/art_08.toml", 'force = "must"', 'force = "shall"', "word_unknown", None),
    ("articles/art_08.toml", '["art_8"]', '["art_8__para_2"]', "rule_place_unknown", None),
    ("articles/art_08.toml", '["art_8"]', "[]", "key_missing", "[[question]]"),
    (
        "articles/art_01.toml",
        'at = "xa-xb:art_1__para_1"',
        'at = "xa-xb:art_1__para_2"',
        "target_unknown",
        None,
    ),
    ("articles/art_01.toml", 'measures = ["every"]', 'measures = ["extradite", "x"]', "word_unknown", None),
    ("measures.toml", "[measure.preserve_data]", "[measure.preserve_date]", "word_unknown", None),
    ("measures.toml", '["art_1__para_2__point_b"]', '["art_1__para_2__point_z"]', "rule_place_unknown", None),
    ("measures.toml", 'basis = ["art_1__para_2__point_b"]', "", "key_missing", "[measure.preserve_data]"),
    ("measures.toml", '"art_5", ', "", "rule_unreached", None),
    ("measures.toml", 'parties = ["XA", "XB"]', 'parties = ["XA", "xb"]', "state_unknown", None),
    ("measures.toml", "priority = 2", "priority = true", "type_wrong", None),
    ("measures.toml", 'open_clause = "art_1', 'open_clause = "art_7', "rule_place_unknown", None),
    (
        "measures.toml",
        "[measure.take_statement]",
        '[precedence]\neid = "art_99"\n[measure.take_statement]',
        "rule_place_unknown",
        "art_99",
    ),
    (
        "offences.toml",
        'eid = "art_2__para_1__point_a"',
        'eid = "art_2__para_1__point_q"',
        "rule_place_unknown",
        None,
    ),
    ("offences.toml", 'named_by = "id"', 'named_by = "name"', "word_unknown", None),
    ("offences.toml", 'ru = "Подкуп публичных должностных лиц", ', "", "translation_missing", "Bribery"),
    ("instrument.toml", 'after = "P30D"', 'after = "30 days"', "duration_wrong", None),
    ("instrument.toml", "[entry_into_force]", "[entry_in_force]", "key_unknown", None),
    ("instrument.toml", 'eid = "art_9__para_1"', 'eid = "art_9__para_5"', "rule_place_unknown", None),
    ("status.toml", 'source = "X1"', 'source = "X9"', "source_unlisted", None),
    ("status.toml", 'state = "XA"', 'state = "AA"', "act_unfit", "[[act]]"),
    ("status.toml", 'what = "signature"', 'what = "handshake"', "act_unfit", "[[act]]"),
    ("status.toml", 'source = "X1"\n\n[[act]]', "\n[[act]]", "key_missing", "[[act]]"),
    ("status.toml", "on = 2025-03-01", "on = 2025-02-28", "day_impossible", None),
    ("status.toml", "on = 2025-06-01", "on = 2025-08-01", "source_too_old", 'source = "X1"'),
    ("status.toml", "on = 2025-03-01", 'on = "2025-03-01"', "type_wrong", None),
    ("text/en/art_07.toml", 'eid = "art_7"', 'eid = "art_6"', "eid_repeated", None),
    ("text/en/art_07.toml", "lines = [68, 72]", "lines = [68]", "type_wrong", None),
    (
        "cases/records.toml",
        'measure = "provide_records"',
        'measure = "provide_record"',
        "case_unreadable",
        None,
    ),
    ("cases/records.toml", "max_penalty_years = 5", "max_penalty_years = -5", "case_unreadable", None),
    (
        "cases/records.toml",
        '"xa-xb:art_5__para_1 execution"',
        '"xa-xb:art_5__para_2 x"',
        "case_disagrees",
        None,
    ),
    ("cases/records.toml", 'recommended = "xa-xb"', 'recommended = "none"', "case_disagrees", None),
    ("cases/records.toml", 'until = "2026-02-24"', 'until = "2026-02-25"', "case_disagrees", "[[finding]]"),
    ("cases/records.toml", "[facts]", "[fact]", "key_unknown", None),
    ("cases/records.toml", "[lists]", "[list]", "key_unknown", None),
]


@pytest.mark.parametrize(("path", "was", "now", "code", "at"), MISTAKES)
def test_a_mistake_is_found_at_its_line(
    law: Path, path: str, was: str, now: str, code: str, at: str | None
) -> None:
    change(law / "xa-xb", path, was, now)
    text = (law / "xa-xb" / path).read_text(encoding="utf-8")
    after = text.index(now) if at is None else text.index(at)
    found = [one for one in validate(law) if one.code == code]
    assert found, codes(law)
    if code == "rule_unreached":
        assert {one.place.short for one in found} == {"xa-xb/articles/art_05.toml"}
        return
    lines = {(one.place.short, one.place.line) for one in found}
    sought = text[:after].count("\n") + 1 if at is None else None
    rows = [n for n, row in enumerate(text.splitlines(), 1) if at is not None and at in row]
    assert any(file == f"xa-xb/{path}" and (line == sought or line in rows) for file, line in lines), lines
    for one in found:
        assert not re.search(r"\{\w*\}", str(one) + one.advice)
        assert str(one).startswith(f"{one.place.short}:{one.place.line}")


BETWEEN_FILES = [
    (lambda law: (law / "xa-xb/status.toml").unlink(), "file_missing"),
    (lambda law: (law / "xa-xb/offences.toml").write_bytes(b'named_by = "\xff"'), "encoding_wrong"),
    (
        lambda law: (law / "xa-xb/articles/art_05.toml").rename(law / "xa-xb/articles/art_5.toml"),
        "file_misnamed",
    ),
    (lambda law: shutil.copytree(law / "xa-xb/text/en", law / "xa-xb/text/kk"), "text_folder_wrong"),
    (lambda law: (law / "xa-xb/articles/art_05.toml").unlink(), "provision_homeless"),
    (lambda law: (law / "xa-xb").rename(law / "xa-xc"), "belongs_elsewhere"),
    (lambda law: twice(law, "articles/art_05.toml", "[[rule]]"), "rule_repeated"),
    (lambda law: twice(law, "articles/art_08.toml", "[[question]]"), "id_repeated"),
    (lambda law: change(law, "vocabulary/forces.toml", '"may",', '"may", "may",'), "word_list_wrong"),
    (
        lambda law: change(law, "vocabulary/assessments.toml", "finally_tried_at_home =", "x ="),
        "word_list_wrong",
    ),
    (
        lambda law: append(
            law, "articles/art_09.toml", HOME.format(kind="register", at="comity.node.nothing.X")
        ),
        "target_unknown",
    ),
    (lambda law: opened_by_one_measure(law), "measure_unopened"),
]


def twice(law: Path, path: str, mark: str) -> None:
    file = law / "xa-xb" / path
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "\n" + text[text.index(mark) :], encoding="utf-8")


def append(law: Path, path: str, text: str) -> None:
    with (law / "xa-xb" / path).open("a", encoding="utf-8") as file:
        file.write(text)


def opened_by_one_measure(law: Path) -> None:
    for number in (1, 2):
        change(law, f"xa-xb/articles/art_0{number}.toml", '["every"]', '["preserve_data"]')


@pytest.mark.parametrize(("spoil", "code"), BETWEEN_FILES, ids=[code for _, code in BETWEEN_FILES])
def test_a_mistake_between_files_is_found(law: Path, spoil: object, code: str) -> None:
    assert callable(spoil)
    spoil(law)
    assert code in codes(law)


@pytest.mark.parametrize("at", ["comity.node.directory.models.Authority", "comity.terms.Citation.parse"])
def test_a_home_that_the_software_has_is_no_mistake(law: Path, at: str) -> None:
    append(law, "articles/art_09.toml", HOME.format(kind="register", at=at))
    assert codes(law) == []


ODD: list[Any] = ["", 0, [], {}, True, ["x"], {"en": 1}, [{}], "P1D", "XA"]


def written(value: Any) -> str:
    """A value as TOML in one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return str(value) if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if way:
        yield way
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*way, key))


@pytest.mark.parametrize(
    "path",
    ["articles/art_06.toml", "measures.toml", "offences.toml", "instrument.toml", "status.toml",
     "text/en/art_06.toml", "cases/records.toml"],
)  # fmt: skip
def test_whatever_stands_anywhere_is_told_and_nothing_crashes(law: Path, path: str) -> None:
    file = law / "xa-xb" / path
    pattern = file.read_text(encoding="utf-8")
    for number, way in enumerate(places(tomllib.loads(pattern))):
        document = tomllib.loads(pattern)
        place: Any = document
        for step in way[:-1]:
            place = place[step]
        place[way[-1]] = ODD[number % len(ODD)]
        lines = (f"{json.dumps(key)} = {written(one)}\n" for key, one in document.items())
        file.write_text("".join(lines), encoding="utf-8")
        assert all(str(one) and one.advice for one in validate(law)), way


def test_every_mistake_is_found_in_one_pass_not_only_the_first(law: Path) -> None:
    change(law, "xa-xb/articles/art_05.toml", '"P45D"', '"45 days"')
    change(law, "xa-xb/articles/art_05.toml", 'from = "receipt"', 'from = "dawn"')
    change(law, "xa-xb/articles/art_05.toml", "before = false", "before = 0\ncolour = 1")
    change(law, "xa-xb/measures.toml", "priority = 2", "priority = 'two'\nmood = 1")
    change(law, "xa-xb/status.toml", 'source = "X1"', 'source = "X9"')
    change(law, "xa-xb/articles/art_06.toml", '"essential_interests_prejudiced"', '"prejudice"')
    assert sorted(codes(law)) == [
        "condition_unknown",
        "duration_wrong",
        "key_unknown",
        "rule_key_unknown",
        "source_unlisted",
        "type_wrong",
        "type_wrong",
        "word_unknown",
    ]


def test_loading_stops_at_the_first_of_them_with_the_same_sentence(law: Path) -> None:
    change(law, "xa-xb/articles/art_05.toml", '"P45D"', '"45 days"')
    change(law, "xa-xb/articles/art_05.toml", 'from = "receipt"', 'from = "dawn"')
    with pytest.raises(LawDataUnreadableError) as first:
        Library(law)
    assert str(first.value) in {str(one) for one in validate(law)}


def test_the_folder_of_one_instrument_is_checked_with_the_law_beside_it(law: Path) -> None:
    change(law, "xa-xb/articles/art_05.toml", '"P45D"', '"45 days"')
    assert codes(law / "xa-xb") == ["duration_wrong"]


def test_the_folder_of_one_instrument_alone_is_checked_with_the_shipped_vocabulary(
    law: Path, tmp_path: Path
) -> None:
    alone = shutil.copytree(law / "xa-xb", tmp_path / "elsewhere" / "xa-xb")
    assert set(codes(alone)) == {"condition_unknown", "case_unreadable"}


def test_what_is_no_folder_of_law_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LawFolderUnknownError):
        validate(tmp_path)
    for folder in (tmp_path, tmp_path / "none"):
        assert main(["law", "validate", str(folder)]) == 2
        assert "[law_folder_unknown]" in capsys.readouterr().err


def test_the_command_tells_people_and_machines(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["law", "validate", str(law)]) == 0
    assert capsys.readouterr().out == "0 mistakes, 0 warnings.\n"
    change(law, "xa-xb/articles/art_05.toml", 'kind = "clock"', 'kind = "clok"')
    assert main(["law", "validate", str(law)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == (
        "xa-xb/articles/art_05.toml:16 [[rule]] 1: there is no kind of rule “clok”."
        " Use one of: clock. [rule_kind_unknown]"
    )
    assert main(["law", "validate", str(law), "--json"]) == 1
    shape = json.loads(capsys.readouterr().out)
    assert shape["clean"] is False
    assert shape["mistakes"][0] | {"next_step": ""} == {
        "code": "rule_kind_unknown",
        "message": printed[0].partition(" Use one")[0],
        "next_step": "",
        "file": "xa-xb/articles/art_05.toml",
        "line": 16,
        "table": "[[rule]] 1",
    }


def test_a_warning_alone_is_no_failure(law: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(law, "xa-xb/articles/art_05.toml", 'en = "Time limits"\n', "")
    assert main(["law", "validate", str(law)]) == 0
    assert capsys.readouterr().out.startswith("warning: xa-xb/articles/art_05.toml:4")


def test_the_shipped_law_has_no_mistake() -> None:
    assert [str(one) for one in validate(LAW) if not one.warning] == []


def test_what_is_not_utf_8_is_shown_at_its_line(law: Path) -> None:
    path = law / "xa-xb" / "articles" / "art_05.toml"
    lines = path.read_bytes().count(b"\n")
    path.write_bytes(path.read_bytes() + b"# \xff\n")
    assert (one := validate(law)[0]).code == "encoding_wrong"
    assert one.place.line == lines + 1


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_read(law: Path) -> None:
    for path in (law / "xa-xb").rglob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert validate(law) == ()


def test_a_pipe_and_a_device_are_no_files(law: Path) -> None:
    articles = law / "xa-xb" / "articles"
    (articles / "art_05.toml").unlink()
    os.mkfifo(articles / "art_05.toml")
    (articles / "art_06.toml").unlink()
    (articles / "art_06.toml").symlink_to("/dev/zero")
    assert codes(law).count("file_missing") == 2


def test_a_file_larger_than_any_law_is_refused_unread(law: Path) -> None:
    with (law / "xa-xb" / "articles" / "art_05.toml").open("ab") as file:
        file.truncate(9 * 1024 * 1024)
    assert "file_too_large" in codes(law)


def test_what_would_move_the_cursor_or_turn_the_text_is_printed_as_its_number(
    law: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(law, "xa-xb/articles/art_05.toml", '"receipt"', '"\\u001b[31m\\u202ereceipt"')
    assert main(["law", "validate", str(law)]) == 1
    assert "\\u001b[31m\\u202ereceipt" in (printed := capsys.readouterr().out)
    assert "\x1b" not in printed


def test_an_order_rests_on_provisions_that_exist(law: Path) -> None:
    cited = '["xa-xb:art_5", "xa-xb:art_999"]'
    order = f'[[order]]\nkind = "preserve"\ndesired = ["preserved"]\nprovisions = {cited}\n'
    (law / "orders.toml").write_text(order, encoding="utf-8")
    assert codes(law) == ["rule_place_unknown"]
    (law / "orders.toml").write_text(order.replace('preserve"', 'torture"', 1), encoding="utf-8")
    assert "word_unknown" in codes(law)
