"""Parse law/sources into law/<instrument>/text/<language>; `--check` compares instead of writing.

Each source has a list beside it (`<instrument>.toml`): its parts by line, corrections made by hand
(exact characters before and after), places that show no marker, further names of provisions, and
flaws of sense, which stay in the text and are marked. `language` is that of the text, kk unless given.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

from corpus.reading import SourceError, blocks_of, read_lines
from corpus.structure import Part, Provision, articles_of, notes_part, numbered_part
from corpus.writing import part_toml

LAW = Path(__file__).resolve().parent.parent / "law"


def parse(source: str, plan: dict[str, Any]) -> list[Part]:
    """All parts of one text, with the plan's aliases and flaws set on their provisions."""
    lines = read_lines(source, plan.get("correction", []))
    places = {place["line"]: place for place in plan.get("place", [])}
    parts: list[Part] = []
    for section in plan["part"]:
        within = [line for line in lines if section["first"] <= line.number <= section["last"]]
        blocks = blocks_of(within)
        if section["form"] == "articles":
            parts += articles_of(blocks, headings=plan["headings"], places=places)
        elif section["form"] == "notes":
            parts.append(notes_part(section["heading"], blocks))
        else:
            parts.append(numbered_part(section["id"], section["heading"], blocks))
    _mark(parts, plan)
    return parts


def _mark(parts: list[Part], plan: dict[str, Any]) -> None:
    named: dict[str, Provision] = {p.eid: p for part in parts for p in part.provisions}
    for alias in plan.get("alias", []):
        named[alias["eid"]].also += alias["also"]
    for flaw in plan.get("flaw", []):
        named[flaw["eid"]].flaws.append(flaw["note"])
    names = [*named, *(name for p in named.values() for name in p.also)]
    if len(names) != len(set(names)):
        message = f"names given twice: {sorted(n for n in set(names) if names.count(n) > 1)}"
        raise SourceError(message)


def corpus_files(sources: Path) -> dict[str, str]:
    """Path under ``law/`` to content, for every source that has a plan."""
    files: dict[str, str] = {}
    for plan_path in sorted(sources.glob("*.toml")):
        plan = tomllib.loads(plan_path.read_text(encoding="utf-8"))
        source = plan_path.with_suffix(".txt").read_text(encoding="utf-8")
        for part in parse(source, plan):
            language = plan.get("language", "kk")
            path = f"{plan_path.stem}/text/{language}/{_file_name(part.id)}.toml"
            files[path] = part_toml(plan_path.stem, part)
    return files


def _file_name(part: str) -> str:
    """``art_07``: files of one instrument stand in the order of its articles."""
    kind, _, number = part.partition("_")
    return f"{kind}_{int(number):02}" if number else part


def differences(files: dict[str, str], law: Path) -> list[str]:
    """Paths whose committed bytes are not what the sources give, missing and left-over ones too."""
    committed = {str(path.relative_to(law)) for path in law.glob("*/text/*/*.toml")}
    missing = files.keys() - committed
    changed = {p for p in committed & files.keys() if (law / p).read_bytes() != files[p].encode()}
    return sorted({*missing, *changed, *(committed - files.keys())})


def main() -> int:
    """Write the corpus, or with ``--check`` say where it differs (exit 1)."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments.add_argument("--law", type=Path, default=LAW, help="the folder of law data")
    arguments.add_argument("--sources", type=Path, help="where the texts are, if not in its sources/")
    chosen = arguments.parse_args()
    files = corpus_files(chosen.sources or chosen.law / "sources")
    different = differences(files, chosen.law)
    if chosen.check:
        print("\n".join(different) or f"{len(files)} files as parsed")
        return 1 if different else 0
    for path in different:
        if path not in files:
            (chosen.law / path).unlink()
            continue
        (chosen.law / path).parent.mkdir(parents=True, exist_ok=True)
        (chosen.law / path).write_text(files[path], encoding="utf-8", newline="\n")
    print(f"{len(files)} files, {len(different)} of them changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
