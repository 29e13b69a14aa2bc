"""What is flawed in the published texts, said in each language: ``law/flaws.toml``.

A provision keeps its flaws in English, beside the text; here are the same sentences for those who read a page
in Kazakh or Russian.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from comity.treaties.library import Library
from comity.treaties.toml import Table, read_toml


@cache
def flaws(library: Library) -> Mapping[str, Mapping[str, str]]:
    """Each flaw's sentence by language, by its English one; none where a library has no such file."""
    path = library.root / "flaws.toml"
    if not path.exists():
        return MappingProxyType({})
    table = read_toml(path)
    table.only("flaw")
    said = [_said(one) for one in table.tables("flaw")]
    return MappingProxyType({words["en"]: words for words in said})


def _said(table: Table) -> Mapping[str, str]:
    table.only("says")
    return table.sentence("says")
