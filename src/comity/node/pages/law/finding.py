"""Pages on which the law is found: by words or a citation, and by topic across the treaties."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from comity.node.pages.law.passages import passages
from comity.terms import Citation
from comity.treaties import Library, load
from comity.treaties.glossary import glossary, matching
from comity.treaties.search import LONGEST, PAGE, Hit, index
from comity.treaties.sheet import article_of, resting_on
from comity.treaties.topics import topics as all_topics
from comity.treaties.written import read_citation


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What has all the words; a citation that can mean only one place leads straight there."""
    library = load()
    query = request.GET.get("q", "")[:LONGEST].strip()
    instrument = request.GET.get("instrument", "")
    if instrument not in library.instruments:
        instrument = ""
    places = [one for one in read_citation(query, library) if instrument in ("", one.instrument)]
    if len(places) == 1:
        return redirect("law_provision", str(places[0]))
    start = _start(request)
    found = index(library).search(query, instrument or None, start)
    asked = {"q": query} | ({"instrument": instrument} if instrument else {})
    context = {
        "query": query,
        "chosen": instrument,
        "instruments": [library.instrument(name) for name in library.by_priority],
        "places": [{"citation": one, "article": _article(library, one)} for one in places],
        "total": found.total,
        "hits": [_shown(library, hit) for hit in found.hits],
        "earlier": urlencode(asked | {"start": max(start - PAGE, 0)}) if start else "",
        "later": urlencode(asked | {"start": start + PAGE}) if start + PAGE < found.total else "",
        "longest": LONGEST,
    }
    return render(request, "pages/law/search.html", context)


def _start(request: HttpRequest) -> int:
    asked = request.GET.get("start", "0")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def _article(library: Library, place: Citation) -> Any:
    return article_of(library, library.provision(place))


def _shown(library: Library, hit: Hit) -> dict[str, Any]:
    provision = library.provision(hit.place)
    return {"hit": hit, "article": _article(library, hit.place), "heading": provision.heading}


@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of the law in three languages, all of them or those with the words that are sought."""
    query = request.GET.get("q", "")[:LONGEST].strip()
    found = matching(glossary(load()), query)
    return render(request, "pages/law/glossary.html", {"query": query, "terms": found, "longest": LONGEST})


@require_GET
def topics(request: HttpRequest) -> HttpResponse:
    """The topics, and which treaties speak of each."""
    return render(request, "pages/law/topics.html", {"topics": all_topics(load()).values()})


@require_GET
def topic(request: HttpRequest, topic: str) -> HttpResponse:
    """One topic, a column for each treaty."""
    library = load()
    known = all_topics(library)
    if topic not in known:
        raise Http404(topic)
    columns = [
        {"instrument": library.instrument(name), "places": [_compared(library, place) for place in places]}
        for name, places in known[topic].places.items()
    ]
    order = list(known)
    number = order.index(topic)
    context = {
        "topic": known[topic],
        "columns": columns,
        "silent": [
            library.instrument(name) for name in library.by_priority if name not in known[topic].places
        ],
        "before": known[order[number - 1]] if number else None,
        "after": known[order[number + 1]] if number + 1 < len(order) else None,
    }
    return render(request, "pages/law/topic.html", context)


def _compared(library: Library, place: Citation) -> dict[str, Any]:
    provision = library.provision(place)
    resting = resting_on(library, provision)
    article = article_of(library, provision)
    return {
        "citation": place,
        "article": article,
        "whole": provision.parent is None,
        "passages": passages(library, provision, resting),
        "rules": resting.rules,
    }
