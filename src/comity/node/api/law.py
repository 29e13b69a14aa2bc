"""The law by the API: a provision with what rests on it, search, topics. Every token may read it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from comity.node.api import shapes
from comity.node.api.shapes import FAILURES
from comity.terms import Citation
from comity.treaties import load, sheet
from comity.treaties.glossary import glossary, matching
from comity.treaties.search import LONGEST, index
from comity.treaties.topics import topic, topics
from comity.treaties.written import read_citation

router = Router(tags=["law"])


@router.get("/search", response={200: shapes.LawFound, FAILURES: shapes.Failure})
def search(request: HttpRequest, asked: Query[shapes.LawAsked]) -> dict[str, Any]:
    """Provisions that have all the words, best first, whatever the endings."""
    library = load()
    if asked.instrument:
        library.instrument(asked.instrument)
    places = [one for one in read_citation(asked.q, library) if asked.instrument in ("", one.instrument)]
    found = index(library).search(asked.q, asked.instrument or None, asked.start, asked.limit)
    return sheet.found_as_dict(found, places)


@router.get("/glossary", response={200: list[shapes.LawTerm], FAILURES: shapes.Failure})
def list_terms(request: HttpRequest, q: str = "") -> list[dict[str, Any]]:
    """The terms of the law in three languages, with their place in the published Kazakh text."""
    return [
        {"id": term.id, **term.words, "place": str(term.place) if term.place else None, "note": term.note}
        for term in matching(glossary(load()), q[:LONGEST])
    ]


@router.get("/topics", response={200: list[shapes.LawTopic], FAILURES: shapes.Failure})
def list_topics(request: HttpRequest) -> list[dict[str, Any]]:
    """Topics that several treaties treat, and where each does."""
    return [sheet.topic_as_dict(one) for one in topics(load()).values()]


@router.get("/topics/{name}", response={200: shapes.LawTopic, FAILURES: shapes.Failure})
def one_topic(request: HttpRequest, name: str) -> dict[str, Any]:
    """One topic."""
    return sheet.topic_as_dict(topic(load(), name))


@router.get("/provisions/{citation}", response={200: shapes.LawProvision, FAILURES: shapes.Failure})
def provision(request: HttpRequest, citation: str) -> dict[str, Any]:
    """A provision as published, its rules and questions, where it lives, what it refers to."""
    library = load()
    return sheet.as_dict(library, library.provision(Citation.parse(citation)))
