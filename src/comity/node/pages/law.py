"""The law as pages show it: an instrument, a provision with its text, our reading and the rules on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from comity.node.pages import times
from comity.terms import Citation, CitationUnreadableError
from comity.treaties import Instrument, Provision, load
from comity.treaties.errors import InstrumentUnknownError, ProvisionUnknownError


@dataclass(frozen=True, slots=True)
class Passage:
    """A provision on a page: its text and its depth below the provision the page is about."""

    provision: Provision
    depth: int


def instrument_name(instrument: str) -> str:
    """The treaty's name in the reader's language."""
    return in_language(load().instrument(instrument).name)


def instrument_short(instrument: str) -> str:
    """The treaty's short name in the reader's language."""
    return in_language(load().instrument(instrument).short)


def short_label(citation: str) -> str:
    """``uncc:art_42__para_3`` as people write it: ``UNCC 42(3)``; what is no citation stays as it is."""
    try:
        return Citation.parse(citation).label.replace(" art. ", " ")
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
    """
    said = str(finding["text"])
    library = load()
    if not library.cite_exists(finding["cite"]):
        return said
    provision = library.provision(finding["cite"])
    texts = [rule.reading for rule in library.rules_on(provision.citation)]
    texts += [
        words
        for article in library.instrument(provision.citation.instrument).articles
        if article.citation == provision.citation
        for words in (article.heading, article.summary)
    ]
    return next((in_language(words) for words in texts if words.get("en") == said), said)


def _passages(provision: Provision, depth: int = 0) -> Iterator[Passage]:
    yield Passage(provision, depth)
    for child in provision.children:
        yield from _passages(load().provision(child), depth + 1)


def _about(citation: str) -> dict[str, Any]:
    """What a provision's page and panel show."""
    library = load()
    try:
        provision = library.provision(citation)
    except (CitationUnreadableError, InstrumentUnknownError, ProvisionUnknownError) as error:
        raise Http404(str(error)) from error
    article = Citation(provision.citation.instrument, provision.citation.eid.partition("__")[0])
    ruled = next(
        (one for one in library.instrument(article.instrument).articles if one.citation == article), None
    )
    passages = list(_passages(provision))
    return {
        "citation": citation,
        "provision": provision,
        "instrument": library.instrument(article.instrument),
        "article": article,
        "ruled": ruled,
        "passages": passages,
        "rules": [rule for passage in passages for rule in library.rules_on(passage.provision.citation)],
    }


@require_GET
def panel(request: HttpRequest, citation: str) -> HttpResponse:
    """A provision for the side panel."""
    return render(request, "pages/law/panel.html", _about(citation))


@require_GET
def provision(request: HttpRequest, citation: str) -> HttpResponse:
    """A provision on its own page."""
    return render(request, "pages/law/provision.html", _about(citation))


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All instruments this node knows."""
    return render(request, "pages/law/index.html", {"instruments": load().instruments.values()})


@require_GET
def instrument(request: HttpRequest, instrument: str) -> HttpResponse:
    """An instrument: who is bound as far as the data say, and its articles."""
    library = load()
    if instrument not in library.instruments:
        raise Http404(instrument)
    found = library.instrument(instrument)
    context = {"instrument": found, "parts": list(_parts(found)), "statuses": list(_statuses(found))}
    return render(request, "pages/law/instrument.html", context)


def _parts(found: Instrument) -> Iterator[dict[str, Any]]:
    """The articles and other parts at the top level, in the order of the text."""
    ruled = {article.citation.eid: article for article in found.articles}
    for eid, part in found.provisions.items():
        if "__" not in eid:
            yield {"provision": part, "ruled": ruled.get(eid)}


def _statuses(found: Instrument) -> Iterator[dict[str, Any]]:
    """The States whose status the data prove, as of today."""
    today = timezone.localdate()
    for state in sorted(found.status.states()):
        yield {"state": state, "status": load().status(found.id, state, today)}
