"""The line of every key of a TOML text, checked by hand and against tomllib on all of the law."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.treaties.positions import nearest, positions

LAW = Path(__file__).resolve().parents[3] / "law"
TEXT = '''# a comment with [brackets] and = signs
title = "a # no comment" # one
[heading]
en = "x"

[[rule]]
eid = "art_1"
quote = """two
lines [[rule]] and \\""" more ""end"""
when = [
  "urgent", # why ]
  # nothing here
  "coercive",
]
[rule.reading]
en = 'a = "b"'
[[rule.part]]
n = 1
[[rule.part]]
n = 2

[[rule]]
eid = "art_2"
reading = { en = "a", ru = "b", "k k" = { deep = [1, { x = 2 }] } }
dotted . key."of three" = 1979-05-27 07:32:00
literal = \'\'\'
it's'' "raw" \\
\'\'\'
after = [[1, 2],
  [3]]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("heading",), 3),
        (("heading", "en"), 4),
        (("rule",), 6),
        (("rule", 0), 6),
        (("rule", 0, "eid"), 7),
        (("rule", 0, "quote"), 8),
        (("rule", 0, "when"), 10),
        (("rule", 0, "when", 0), 11),
        (("rule", 0, "when", 1), 13),
        (("rule", 0, "reading"), 15),
        (("rule", 0, "reading", "en"), 16),
        (("rule", 0, "part", 1), 19),
        (("rule", 0, "part", 1, "n"), 20),
        (("rule", 1), 22),
        (("rule", 1, "reading", "ru"), 24),
        (("rule", 1, "reading", "k k", "deep", 1, "x"), 24),
        (("rule", 1, "dotted", "key", "of three"), 25),
        (("rule", 1, "literal"), 26),
        (("rule", 1, "after", 1, 0), 30),
    ],
)
def test_every_key_and_element_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert positions(TEXT)[path] == line
    assert nearest(positions(TEXT), path) == line


def test_what_is_absent_is_shown_at_the_table_that_lacks_it() -> None:
    assert nearest(positions(TEXT), ("rule", 1, "kind")) == 22
    assert nearest(positions(TEXT), ("rule", 0, "reading", "kk")) == 15
    assert nearest(positions(TEXT), ("nothing", "at", "all")) == 1
    assert nearest(positions(""), ()) == 1


def paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {found for key, one in inner for found in paths(one, (*path, key))}


def test_exactly_the_keys_that_tomllib_reads_are_found() -> None:
    for path in sorted(LAW.rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        lines = positions(text)
        assert set(lines) == paths(tomllib.loads(text)) - {()}, path
        rows = text.splitlines()
        for where, line in lines.items():
            key = str(where[-1])
            named = re.search(rf"(?<!\w){re.escape(key)}(?!\w)", rows[line - 1])
            assert named or isinstance(where[-1], int), where


values = st.recursive(
    st.integers()
    | st.booleans()
    | st.sampled_from(['"a ] b"', "'c # d'", '"""e\n"f\\""""""', "'''\n''g'''"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[ # list\n" + "".join(f"{written(one)},\n" for one in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(st.dictionaries(st.sampled_from("abc"), values, max_size=3))
def test_whatever_tomllib_accepts_is_located_wholly(document: dict[str, Any]) -> None:
    text = "".join(f"{key} = {written(value)}\n" for key, value in document.items())
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return  # a list with line breaks inside an inline table
    assert set(positions(text)) == paths(read) - {()}
