"""What a provision says in one sentence of the reader's language."""

from __future__ import annotations

from functools import lru_cache

from comity.terms import Citation
from comity.treaties import Library


@lru_cache(maxsize=4096)
def sense(library: Library, citation: Citation, language: str, measure: str = "") -> str:
    """What a provision says: the reading of its first rule (the first for the measure, where one is named
    for it), else its article's heading, else its label."""
    rules = library.rules_on(citation)
    if rules:
        own = [one for one in rules if f"measure_{measure}" in one.when or measure in one.measures]
        return (own or rules)[0].reading[language]
    article = citation.eid.partition("__")[0]
    found = [
        one.heading[language]
        for one in library.instrument(citation.instrument).articles
        if one.citation.eid == article and language in one.heading
    ]
    return found[0] if found else citation.label
