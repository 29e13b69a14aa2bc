"""What is flawed in the published texts is said in each language, and nothing else is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from comity.treaties import load
from comity.treaties.errors import LawDataUnreadableError
from comity.treaties.flaws import flaws

LAW = Path(__file__).resolve().parents[2] / "law"
LIBRARY = load(LAW)


def test_every_flaw_of_the_corpus_is_said_in_each_language_and_no_other():
    provisions = (one for each in LIBRARY.instruments.values() for one in each.provisions.values())
    in_corpus = {flaw for provision in provisions for flaw in provision.flaws}
    said = flaws(LIBRARY)
    assert set(said) == in_corpus
    for language in ("en", "kk", "ru"):
        assert len({words[language] for words in said.values()}) == len(said)


def test_a_sentence_without_a_language_is_refused(tmp_path: Path):
    root = tmp_path / "law"
    shutil.copytree(LAW, root)
    path = root / "flaws.toml"
    text = path.read_text(encoding="utf-8")
    kazakh = next(line for line in text.splitlines() if line.startswith("kk = "))
    path.write_text(text.replace(kazakh + "\n", "", 1), encoding="utf-8")
    with pytest.raises(LawDataUnreadableError, match="kk"):
        flaws(load(root))
