"""Law folders that tests change: a copy of the shipped one, with or without the invented treaty."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

LAW = Path(__file__).resolve().parents[2] / "law"
NEW_TREATY = Path(__file__).resolve().parent / "new_treaty"


def shipped(to: Path) -> Path:
    """A copy of the shipped law, without the sources."""
    shutil.copytree(LAW, to / "law", ignore=shutil.ignore_patterns("sources"))
    return to / "law"


def with_new_treaty(to: Path) -> Path:
    """A copy with the invented treaty xa-xb and the words that it needs."""
    law = shipped(to)
    shutil.copytree(NEW_TREATY / "xa-xb", law / "xa-xb")
    lists = tomllib.loads((NEW_TREATY / "words.toml").read_text(encoding="utf-8"))
    for name, words in lists.items():
        path = law / "vocabulary" / f"{name}.toml"
        text = path.read_text(encoding="utf-8")
        for word, meaning in words.items():
            text = text.replace("ids = [", f'ids = [\n  "{word}",', 1) + f'{word} = "{meaning}"\n'
        path.write_text(text, encoding="utf-8")
    return law


def change(law: Path, path: str, was: str, now: str) -> None:
    """Replace the first occurrence of some characters, which must be there."""
    file = law / path
    text = file.read_text(encoding="utf-8")
    assert was in text, f"{path} has no {was!r}"
    file.write_text(text.replace(was, now, 1), encoding="utf-8")
