"""`comity law search` and `comity law topics`: find provisions by words, and one matter across treaties."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from comity.cli.lines import wrapped
from comity.treaties import Library, load
from comity.treaties.search import PAGE, Found, Hit, index
from comity.treaties.sheet import article_of, found_as_dict, topic_as_dict
from comity.treaties.topics import Topic, topic, topics
from comity.treaties.written import read_citation


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `search` and `topics`."""
    search = commands.add_parser("search", help="provisions that have all the words, whatever their endings")
    search.add_argument("words", nargs="+", help="words in Kazakh, Russian or English, or a citation")
    search.add_argument("--instrument", help="only in this one, for example uncc")
    search.add_argument("--limit", type=int, default=PAGE, help=f"how many are shown ({PAGE})")
    search.set_defaults(run=run_search)
    listed = commands.add_parser("topics", help="topics, or where each instrument treats one")
    listed.add_argument("topic", nargs="?", help="for example dual_criminality")
    listed.set_defaults(run=run_topics)
    for command in (search, listed):
        command.add_argument("--language", choices=("en", "kk", "ru"), default="en", help="of the headings")
        command.add_argument("--json", action="store_true", help="for machines")


def run_search(arguments: argparse.Namespace) -> int:
    """Print what was found; exit 1 where nothing is, 2 for an unknown instrument."""
    library = load()
    query = " ".join(arguments.words)
    if arguments.instrument:
        library.instrument(arguments.instrument)
    found = index(library).search(query, arguments.instrument, limit=max(arguments.limit, 0))
    places = [
        place for place in read_citation(query, library) if arguments.instrument in (None, place.instrument)
    ]
    if arguments.json:
        print(json.dumps(found_as_dict(found, places), ensure_ascii=False, indent=2))
    else:
        for place in places:
            print(f"{place.label}   {place}   comity law show {place}")
        print("\n".join(_lines(library, found, arguments.language)))
    return 0 if found.total or places else 1


def run_topics(arguments: argparse.Namespace) -> int:
    """Print the topics or one of them; TopicUnknownError (exit 2) for another."""
    library = load()
    chosen = [topic(library, arguments.topic)] if arguments.topic else list(topics(library).values())
    if arguments.json:
        shown: Any = [topic_as_dict(one) for one in chosen]
        json.dump(
            shown[0] if arguments.topic else {"topics": shown}, sys.stdout, ensure_ascii=False, indent=2
        )
        print()
    elif arguments.topic:
        print("\n".join(_topic(library, chosen[0], arguments.language)))
    else:
        for one in chosen:
            print(f"{one.id:22} {one.name[arguments.language]}")
    return 0


def _lines(library: Library, found: Found, language: str) -> Iterator[str]:
    yield f"{found.total} provisions" if found.total != 1 else "1 provision"
    for hit in found.hits:
        yield ""
        yield f"{hit.place.label}   {hit.place}   {_heading(library, hit, language)}".rstrip()
        yield from wrapped("".join(f"[{one.text}]" if one.hit else one.text for one in hit.pieces), "  ")


def _heading(library: Library, hit: Hit, language: str) -> str:
    article = article_of(library, library.provision(hit.place))
    return article.heading.get(language, "") if article else library.provision(hit.place).heading


def _topic(library: Library, chosen: Topic, language: str) -> Iterator[str]:
    yield chosen.name[language]
    for instrument, places in chosen.places.items():
        yield from ("", library.instrument(instrument).short[language])
        for place in places:
            yield from wrapped(f"{place.label}: {library.wording(place)}", "  ", "    ")
