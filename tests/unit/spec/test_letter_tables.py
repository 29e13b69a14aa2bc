"""The tables of docs/spec/letter.md are those by which letters are judged (LETTER-4, LETTER-5)."""

from __future__ import annotations

import ast
import re

from tests.unit.spec.clauses import SOURCE, SPECIFICATION

from comity.letters.bodies.kinds import KINDS

TEXT = (SPECIFICATION / "letter.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The cells of the one table under a heading, without its head."""
    _, _, section = TEXT.partition(f"\n## {heading}\n")
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def named(cell: str) -> list[str]:
    return re.findall(r"`([a-z_]+)`", cell)


def test_every_kind_stands_in_the_table_as_it_is_judged() -> None:
    published = {
        named(kind)[0]: (writer, set(named(answers)), named(status))
        for kind, writer, answers, status in rows("Kinds")
    }
    judged = {}
    for kind, each in KINDS.items():
        status = each.actual or each.desired
        judged[kind] = (each.writer.value, set(each.answers), [status.value] if status else [])
    assert published == judged


def test_every_contradiction_that_is_found_is_published() -> None:
    found = set()
    for path in [SOURCE / "letters" / "validation.py", *(SOURCE / "letters" / "consistency").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LetterProblem":
                found |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    published = [named(name)[0] for name, _, _ in rows("Contradictions")]
    assert len(published) == len(set(published))
    assert set(published) == found
    of = [cell for _, kinds, _ in rows("Contradictions") for cell in named(kinds)]
    assert set(of) <= set(KINDS)
