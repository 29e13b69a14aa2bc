"""Pages on which the law is read: all treaties, one treaty by chapters, one article or provision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from comity.node.pages.law.passages import accounted, passages
from comity.terms import Citation, CitationUnreadableError
from comity.treaties import Instrument, Library, Provision, load
from comity.treaties.catalogue import catalogued
from comity.treaties.errors import InstrumentUnknownError, ProvisionUnknownError
from comity.treaties.sheet import article_of, referring_to, resting_on
from comity.treaties.topics import Topic, topics_of


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All instruments this node knows."""
    library = load()
    instruments = [library.instrument(name) for name in library.by_priority]
    return render(request, "pages/law/index.html", {"treaties": [_counted(one) for one in instruments]})


def _counted(treaty: Instrument) -> dict[str, Any]:
    return {
        "instrument": treaty,
        "articles": sum(1 for eid in treaty.provisions if eid.startswith("art_") and "__" not in eid),
        "rules": sum(len(article.rules) for article in treaty.articles),
        "questions": sum(len(article.questions) for article in treaty.articles),
    }


@require_GET
def instrument(request: HttpRequest, instrument: str) -> HttpResponse:
    """An instrument by its chapters, and who is bound as far as the data say."""
    library = load()
    if instrument not in library.instruments:
        raise Http404(instrument)
    found = library.instrument(instrument)
    context = {
        "instrument": found,
        "counted": _counted(found),
        "chapters": list(_chapters(library, found)),
        "parts": _parts(found),
        "statuses": _statuses(library, found),
    }
    return render(request, "pages/law/instrument.html", context)


def _chapters(library: Library, treaty: Instrument) -> Iterator[dict[str, Any]]:
    """The articles under the chapters in which they stand."""
    chapter: dict[str, Any] = {}
    for provision in treaty.provisions.values():
        if provision.parent is None and _kind(provision) == "art":
            if not chapter or chapter["name"] != provision.chapter:
                if chapter:
                    yield chapter
                chapter = {"name": provision.chapter, "articles": []}
            article = article_of(library, provision)
            chapter["articles"].append({"provision": provision, "article": article})
    if chapter:
        yield chapter


def _parts(treaty: Instrument) -> list[dict[str, Any]]:
    """What stands around the articles: preamble, resolution, annex, acts of the State."""
    parts: dict[str, dict[str, Any]] = {}
    for provision in treaty.provisions.values():
        kind = _kind(provision)
        if provision.parent is None and kind != "art":
            part = parts.setdefault(kind, {"kind": kind, "heading": provision.heading, "provisions": []})
            part["provisions"].append(provision)
    return list(parts.values())


def _statuses(library: Library, treaty: Instrument) -> list[dict[str, Any]]:
    """The States whose status the data prove, as of today."""
    today = timezone.localdate()
    return [
        {"state": state, "status": library.status(treaty.id, state, today)}
        for state in sorted(treaty.status.states())
    ]


@require_GET
def panel(request: HttpRequest, citation: str) -> HttpResponse:
    """A provision for the side panel."""
    return render(request, "pages/law/panel.html", _about(citation))


@require_GET
def provision(request: HttpRequest, citation: str) -> HttpResponse:
    """An article or a part of one on its own page, with all that has to do with it."""
    library = load()
    context = _about(citation)
    shown: Provision = context["provision"]
    treaty: Instrument = context["instrument"]
    context |= {
        "before": _beside(treaty, shown, -1),
        "after": _beside(treaty, shown, 1),
        "offences": catalogued(library, shown),
        "referring": referring_to(library, shown),
        "topics": [
            {"topic": topic, "elsewhere": _elsewhere(topic, treaty.id)} for topic in topics_of(library, shown)
        ],
        "statuses": _statuses(library, treaty),
    }
    return render(request, "pages/law/provision.html", context)


def _about(citation: str) -> dict[str, Any]:
    """What a provision's page and panel show."""
    library = load()
    try:
        provision = library.provision(citation)
    except (CitationUnreadableError, InstrumentUnknownError, ProvisionUnknownError) as error:
        raise Http404(str(error)) from error
    resting = resting_on(library, provision)
    return {
        "citation": provision.citation,
        "provision": provision,
        "instrument": library.instrument(provision.citation.instrument),
        "whole": _whole(library, provision),
        "article": article_of(library, provision),
        "passages": passages(library, provision, resting),
        "rules": resting.rules,
        "questions": accounted(resting.questions, library),
    }


def _whole(library: Library, provision: Provision) -> Citation:
    """The article that a provision is part of."""
    while provision.parent is not None:
        provision = library.provision(provision.parent)
    return provision.citation


def _beside(treaty: Instrument, provision: Provision, step: int) -> Citation | None:
    """The neighbour at the same level: the article before or after, or the paragraph."""
    kind = _kind(provision)
    siblings = [
        one for one in treaty.provisions.values() if one.parent == provision.parent and _kind(one) == kind
    ]
    number = siblings.index(provision) + step
    if not 0 <= number < len(siblings):
        return None
    return siblings[number].citation


def _kind(provision: Provision) -> str:
    """What a place is part of: ``art``, ``annex``, ``preamble``."""
    return provision.citation.eid.partition("_")[0]


def _elsewhere(topic: Topic, instrument: str) -> list[tuple[str, tuple[Citation, ...]]]:
    return [(name, places) for name, places in topic.places.items() if name != instrument]
