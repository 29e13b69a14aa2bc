"""Topics that several instruments treat, and where each does: ``law/topics.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from comity.terms import Citation, ComityError, gettext_noop
from comity.treaties.corpus import Provision
from comity.treaties.library import Library
from comity.treaties.toml import LANGUAGES, Table, read_toml


class TopicUnknownError(ComityError):
    """No topic has this id."""

    code = "topic_unknown"
    message = gettext_noop("There is no topic “{topic}”.")
    next_step = gettext_noop("Choose one of: {choices}.")


@dataclass(frozen=True, slots=True)
class Topic:
    """A matter with its name by language, and the provisions on it by instrument, in order of priority."""

    id: str
    name: Mapping[str, str]
    places: Mapping[str, tuple[Citation, ...]]

    def covers(self, provision: Provision) -> bool:
        """Whether the topic names the provision, something above it or something below it."""
        own = provision.citation.eid
        named = (place.eid for place in self.places.get(provision.citation.instrument, ()))
        return any(_within(own, eid) or _within(eid, own) for eid in named)


@cache
def topics(library: Library) -> Mapping[str, Topic]:
    """The topics of a library by id, in the file's order; none where it has no such file."""
    path = library.root / "topics.toml"
    if not path.exists():
        return MappingProxyType({})
    table = read_toml(path)
    table.only("topic")
    found: dict[str, Topic] = {}
    for one in table.tables("topic"):
        topic = _topic(one, library)
        if topic.id in found:
            one.refuse(f"repeats “{topic.id}”")
        found[topic.id] = topic
    return MappingProxyType(found)


def topic(library: Library, name: str) -> Topic:
    """A topic by its id; raise TopicUnknownError."""
    known = topics(library)
    if name not in known:
        raise TopicUnknownError(topic=name, choices=", ".join(known))
    return known[name]


def topics_of(library: Library, provision: Provision) -> tuple[Topic, ...]:
    """The topics that a provision belongs to."""
    return tuple(one for one in topics(library).values() if one.covers(provision))


def _topic(table: Table, library: Library) -> Topic:
    table.only("id", "name", "places")
    name = table.texts("name")
    if set(name) != set(LANGUAGES):
        table.refuse(f"needs its name in {', '.join(LANGUAGES)}")
    places = table.table("places")
    if places is None or not places.keys():
        table.refuse("names no place")
    by_instrument = {
        instrument: tuple(_place(places, instrument, eid, library) for eid in places.words(instrument))
        for instrument in library.by_priority
        if instrument in places.keys()  # noqa: SIM118  a method of Table
    }
    places.only(*by_instrument)
    return Topic(table.need("id", str), name, MappingProxyType(by_instrument))


def _place(table: Table, instrument: str, eid: str, library: Library) -> Citation:
    if not library.cite_exists(f"{instrument}:{eid}"):
        table.refuse(f"names {instrument}:{eid}, which is no provision")
    return library.provision(f"{instrument}:{eid}").citation


def _within(eid: str, above: str) -> bool:
    return eid == above or eid.startswith(above + "__")
