"""The clauses of the specification, and where code names them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SPECIFICATION, SOURCE = ROOT / "docs" / "spec", ROOT / "src" / "comity"
SEALING = ROOT / "docs" / "sealing.md"
_CLAUSE = re.compile(r"^\*\*([A-Z]+)-([0-9]+)\*\* ", re.MULTILINE)
_CHAPTER, _SEALING_CLAUSE = re.compile(r"^## ([0-9]+)\. ", re.M), re.compile(r"^([0-9]+\.[0-9]+) ", re.M)
_SEALING_CITED = re.compile(r"\bclause ([0-9]+(?:\.[0-9]+)?)\b")


def written(texts: Iterable[str]) -> tuple[set[str], list[str]]:
    """The clauses of these documents, and what is wrong with their numbers: each once, without a gap."""
    numbers: dict[str, list[int]] = {}
    for text in texts:
        for prefix, number in _CLAUSE.findall(text):
            numbers.setdefault(prefix, []).append(int(number))
    wrong = [prefix for prefix, found in numbers.items() if sorted(found) != list(range(1, len(found) + 1))]
    return {f"{prefix}-{n}" for prefix, found in numbers.items() for n in found}, wrong


def problems(clauses: set[str], texts: Iterable[str]) -> list[str]:
    """Clauses that are named and do not exist, and clauses that nothing names."""
    prefixes = "|".join(sorted({clause.partition("-")[0] for clause in clauses}))
    named = {each for text in texts for each in re.findall(rf"\b(?:{prefixes})-[0-9]+\b", text)}
    unknown = [f"{each} does not exist" for each in sorted(named - clauses)]
    return unknown + [f"{each} is named nowhere" for each in sorted(clauses - named)]


def sealing_problems(document: str, texts: Iterable[str]) -> list[str]:
    """The same of the sealing profile, whose clauses are counted by chapter; naming a chapter names them."""
    chapters, clauses = set(_CHAPTER.findall(document)), set(_SEALING_CLAUSE.findall(document))
    named = {each for text in texts for each in _SEALING_CITED.findall(text)}
    unknown = [f"{each} does not exist" for each in sorted(named - chapters - clauses)]
    chapters_named = {each.partition(".")[0] for each in named}
    return unknown + [
        f"chapter {each} is named nowhere" for each in sorted(chapters - chapters_named, key=int)
    ]


def documents() -> list[str]:
    return [path.read_text() for path in sorted(SPECIFICATION.glob("*.md"))]


def sources(folder: Path = SOURCE) -> list[str]:
    return [path.read_text() for path in folder.rglob("*.py")]
