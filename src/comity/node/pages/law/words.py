"""Names, citations and findings of the law, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from comity.letters.labels import Labels, Language
from comity.node.pages import times
from comity.terms import Citation, CitationUnreadableError
from comity.treaties import load


def instrument_name(instrument: str) -> str:
    """The treaty's name in the reader's language."""
    return in_language(load().instrument(instrument).name)


def instrument_short(instrument: str) -> str:
    """The treaty's short name in the reader's language."""
    return in_language(load().instrument(instrument).short)


def short_label(citation: str) -> str:
    """``uncc:art_42__para_3`` as people write it: ``UNCC 42(3)``; what is no citation stays as it is.

    The numbers of an article are the same in every language; words around them are the reader's.
    """
    try:
        return Labels(Language(times.language())).short_citation(Citation.parse(citation))
    except CitationUnreadableError:
        return citation


def in_language(texts: Any) -> str:
    """The reader's language out of texts by language; English, then any, where it is missing."""
    if not texts or isinstance(texts, str):
        return texts or ""
    return str(texts.get(times.language()) or texts.get("en") or next(iter(texts.values())))


def finding_text(finding: dict[str, Any]) -> str:
    """What a stored finding says, in the reader's language: the same words of the law data, found again.

    An opinion is kept as it was formed, in English; where the law data have changed since, its words stand.
    A finding that was kept without words says what the provision's first rule says.
    """
    said = str(finding.get("text", ""))
    library = load()
    if not library.cite_exists(finding["cite"]):
        return said
    provision = library.provision(finding["cite"])
    texts: list[Mapping[str, str]] = [rule.reading for rule in library.rules_on(provision.citation)]
    texts += [
        words
        for article in library.instrument(provision.citation.instrument).articles
        if article.citation == provision.citation
        for words in (article.heading, article.summary)
    ]
    if not said:
        return in_language(texts[0]) if texts else ""
    reach = library.reach[provision.citation.instrument]
    texts += [reach.goes_first, *(offence.names for offence in reach.offences.values())]
    return _found_again(said, texts)


def subject_text(compared: dict[str, Any], state: str) -> str:
    """What a provision of a State's own law is about, in the reader's language, as stored by an opinion."""
    enactments = load().states.get(state, ())
    return _found_again(str(compared["subject"]), [one.subject for one in enactments])


def _found_again(said: str, texts: Iterable[Mapping[str, str]]) -> str:
    return next((in_language(words) for words in texts if words.get("en") == said), said)
