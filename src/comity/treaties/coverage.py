"""Where every article, paragraph and point of a treaty lives in the software.

A provision is at home at what its article's file says (``[[home]]``), else at the rule that stands on it,
else at a question of the tracker. One whose workflow is not built yet (``[[awaited]]``) has no home, whatever
rule stands on it. A divided provision without an entry of its own lives where its parts live. Preambles,
recitals and closing formulas are not counted: they order nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from comity.terms import Citation
from comity.treaties.corpus import Provision
from comity.treaties.homes import Awaited
from comity.treaties.library import Library
from comity.treaties.rules import Rule

NONE = "none"
KINDS = ("rule", "register", "workflow", "right_or_limit", "tracker", NONE)
_RIGHT_OR_LIMIT = ("right", "limit")
# A rule that only says that something is registered is no register.
_NO_HOME = "record"


@dataclass(frozen=True, slots=True)
class Place:
    """A provision and its home: a kind of ``KINDS`` and pointers (citations, dotted names, questions).

    ``awaited`` says which room still owes the workflow of a provision without a home.
    """

    citation: Citation
    kind: str
    at: tuple[str, ...] = ()
    awaited: Awaited | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """All counted provisions of an instrument with their homes, in the order of the text."""

    instrument: str
    places: tuple[Place, ...]

    @property
    def homeless(self) -> tuple[Place, ...]:
        """Those without a home that no room has promised: there should be none."""
        return tuple(place for place in self.places if place.kind == NONE and place.awaited is None)

    def by_room(self) -> Mapping[str, tuple[Place, ...]]:
        """The provisions that still wait for their workflow, by the room that owes it."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            if place.kind == NONE and place.awaited is not None:
                found.setdefault(place.awaited.room, []).append(place)
        return {room: tuple(found[room]) for room in sorted(found)}

    def as_dict(self) -> dict[str, object]:
        """The shape of the public contract; ``awaited`` says of ``none`` which room owes what."""
        counted = Counter(place.kind for place in self.places)
        return {
            "provisions": len(self.places),
            "by_kind": {kind: counted[kind] for kind in KINDS},
            "none": [str(place.citation) for place in self.places if place.kind == NONE],
            "awaited": {
                room: [str(place.citation) for place in places] for room, places in self.by_room().items()
            },
        }


def coverage(library: Library, instrument: str) -> Coverage:
    """Find the home of every counted provision; raise InstrumentUnknownError."""
    return Coverage(instrument, tuple(_Homes(library, instrument).places()))


class _Homes:
    """What the files of an instrument say, by place."""

    def __init__(self, library: Library, instrument: str) -> None:
        self._library = library
        self._provisions = library.instrument(instrument).provisions
        self._found: dict[Citation, Place] = {}
        for article in library.instrument(instrument).articles:
            for question in article.questions:
                for cited in question.places:
                    self._note(cited, "tracker", f"{instrument}:question:{question.id}")
            for home in article.homes:
                for cited in home.places:
                    self._found[self._own(cited)] = Place(self._own(cited), home.kind, (home.at,))
            for awaited in article.awaited:
                for cited in awaited.places:
                    self._found[self._own(cited)] = Place(self._own(cited), NONE, (), awaited)

    def _own(self, cited: Citation) -> Citation:
        return self._library.provision(cited).citation

    def _note(self, cited: Citation, kind: str, pointer: str) -> None:
        own = self._own(cited)
        before = self._found.get(own, Place(own, kind))
        self._found[own] = Place(own, kind, (*before.at, pointer))

    def places(self) -> list[Place]:
        """The counted provisions, each with its home."""
        return [self._place(one) for eid, one in self._provisions.items() if _counts(eid)]

    def _place(self, provision: Provision) -> Place:
        said = self._found.get(provision.citation)
        if said is not None and said.kind != "tracker":
            return said
        rules = [rule for rule in self._library.rules_on(provision.citation) if rule.kind != _NO_HOME]
        if rules:
            return Place(provision.citation, _kind(rules), tuple(str(rule.citation) for rule in rules))
        if said is not None:
            return said
        parts = [self._place(self._library.provision(child)) for child in provision.children]
        housed = [part for part in parts if part.kind != NONE] or [part for part in parts if part.awaited]
        if housed:
            kind = housed[0].kind
            pointers = dict.fromkeys(at for part in housed if part.kind == kind for at in part.at)
            return Place(provision.citation, kind, tuple(pointers), housed[0].awaited)
        return Place(provision.citation, NONE)


def _counts(eid: str) -> bool:
    return not eid.rpartition("__")[2].startswith("recital")


def _kind(rules: list[Rule]) -> str:
    return "right_or_limit" if all(rule.kind in _RIGHT_OR_LIMIT for rule in rules) else "rule"
