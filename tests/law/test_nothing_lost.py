"""Letter for letter: the corpus holds what the sources say, in their order, nothing more and nothing less.

Written without the parser: the source's lines with the plan's corrections on one side, the committed
files on the other, both reduced to letters and digits.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LAW = Path(__file__).resolve().parents[2] / "law"
INSTRUMENTS = ("csto-ict", "kz-tm", "uncac", "uncc")
# Letters that look alike in the two alphabets, written as the Latin one.
ALIKE = str.maketrans("асеорхуіһпт", "aceopxyihnt")


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower().translate(ALIKE))


def source_lines(instrument: str, plan: dict[str, Any]) -> str:
    lines = (LAW / "sources" / f"{instrument}.txt").read_text(encoding="utf-8").split("\n")
    for correction in plan["correction"]:
        first = correction["line"] - 1
        height = correction["was"].count("\n") + 1
        old = "\n".join(lines[first : first + height])
        assert old.count(correction["was"]) == 1
        lines[first : first + height] = [
            old.replace(correction["was"], correction["now"]),
            *[""] * (height - 1),
        ]
    kept = [line for part in plan["part"] for line in lines[part["first"] - 1 : part["last"]]]
    return "\n".join(re.sub(r"^([IVXІ]+) та[рp][аa][уy]", r"\1", line.strip()) for line in kept)


def in_order(provisions: list[dict[str, Any]]) -> Iterator[str]:
    """Number, opening words, what is below, closing words, as they stand in the text.

    A note of the annex carries the line that names its article in its number; in the text that
    line stands once above all its notes.
    """
    eids = [provision["eid"] for provision in provisions]
    above = ""

    def walk(provision: dict[str, Any]) -> Iterator[str]:
        nonlocal above
        line, _, sign = provision["number"].rpartition(" ")
        yield sign if line == above else provision["number"]
        above = line
        yield provision["text"]
        for other in provisions:
            if other["eid"].rpartition("__")[0] == provision["eid"]:
                yield from walk(other)
        yield provision.get("closing", "")

    for provision in provisions:
        if provision["eid"].rpartition("__")[0] not in eids:
            yield from walk(provision)


def corpus(instrument: str, plan: dict[str, Any]) -> str:
    files = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted((LAW / instrument / "text" / "kk").glob("*.toml"))
    }
    words: list[str] = []
    for part in plan["part"]:
        if part["form"] != "articles":
            words += in_order(files[part["id"]]["provision"])
            continue
        chapter = ""
        for name in sorted(name for name in files if name.startswith("art_")):
            article = files[name]
            if article["chapter"] != chapter:
                chapter = article["chapter"]
                words.append(chapter)
            number, *rest = in_order(article["provision"])
            words += [number, article["heading"], *rest]
    return "\n".join(words)


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_the_corpus_says_what_the_source_says_letter_for_letter(instrument: str) -> None:
    plan = tomllib.loads((LAW / "sources" / f"{instrument}.toml").read_text(encoding="utf-8"))
    source, parsed = letters(source_lines(instrument, plan)), letters(corpus(instrument, plan))
    assert len(parsed) > 5_000
    for place in range(0, max(len(source), len(parsed)), 60):
        assert parsed[place : place + 60] == source[place : place + 60]
