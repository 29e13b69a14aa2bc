"""A text of the law in passages: each with links in its words, the rules on it, and where it acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.node.pages import labels
from comity.terms import Citation
from comity.treaties import Library, Provision, Question, Rule
from comity.treaties.coverage import Place
from comity.treaties.flaws import flaws
from comity.treaties.references import find
from comity.treaties.sheet import Resting


@dataclass(frozen=True, slots=True)
class Linked:
    """A run of words, and the place they name if they name one."""

    text: str
    to: Citation | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Where a provision acts: what kind of home, in words, and a place or a question to follow."""

    kind: str
    label: str
    cite: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A provision's own words and its depth below the page's provision; what rests on it stands beside it."""

    citation: Citation
    anchor: str
    number: str
    depth: int
    words: tuple[Linked, ...]
    rules: tuple[Rule, ...] = ()
    acting: tuple[Acting, ...] = ()
    flaws: tuple[Mapping[str, str], ...] = ()


def passages(library: Library, provision: Provision, resting: Resting) -> list[Passage]:
    """A provision and all below it in the order of the text, closing words after what they close.

    What is only divided and has no words of its own, an article mostly, is left out.
    """
    lives = {place.citation: place for place in resting.lives}
    found = _passages(library, provision, lives, 0)
    return [one for one in found if one.words or one.rules or one.acting or one.flaws]


def _passages(
    library: Library, provision: Provision, lives: dict[Citation, Place], depth: int
) -> Iterator[Passage]:
    rules = library.rules_on(provision.citation)
    yield Passage(
        citation=provision.citation,
        anchor=provision.citation.eid,
        number=provision.number if depth else "",
        depth=depth,
        words=_linked(provision.text, provision.citation, library),
        rules=rules,
        acting=tuple(_acting(provision, lives)),
        flaws=tuple(flaws(library).get(flaw, {"en": flaw}) for flaw in provision.flaws),
    )
    for child in provision.children:
        yield from _passages(library, library.provision(child), lives, depth + 1)
    if provision.closing:
        words = _linked(provision.closing, provision.citation, library)
        yield Passage(provision.citation, "", "", depth, words)


def _linked(text: str, home: Citation, library: Library) -> tuple[Linked, ...]:
    pieces, done = [], 0
    for reference in find(text, home, library):
        pieces += [Linked(text[done : reference.start])] if reference.start > done else []
        pieces.append(Linked(text[reference.start : reference.end], reference.places[0]))
        done = reference.end
    return (*pieces, Linked(text[done:])) if done < len(text) else tuple(pieces)


def _acting(provision: Provision, lives: dict[Citation, Place]) -> Iterator[Acting]:
    """Where it acts; not what its parts or the rules beside it already show."""
    place = lives.get(provision.citation)
    if place is None:
        return
    if place.awaited:
        yield Acting("awaited", labels.label(place.awaited.room, "room"))
        return
    shown = {pointer for child in provision.children if child in lives for pointer in lives[child].at}
    for pointer in dict.fromkeys(place.at):
        if pointer not in shown:
            yield from _at(place, pointer)


def _at(place: Place, pointer: str) -> Iterator[Acting]:
    if place.kind in ("register", "workflow"):
        yield Acting(place.kind, labels.software(pointer))
    elif place.kind == "tracker":
        yield Acting("tracker", "", question=pointer.rpartition(":")[2])
    elif pointer.partition(":")[2].startswith(f"{place.citation.eid}__") or pointer == str(place.citation):
        return  # the rule stands beside it
    else:
        yield Acting(place.kind, "", cite=pointer)


def accounted(questions: tuple[Question, ...], library: Library) -> list[tuple[Question, list[Citation]]]:
    """Each question with the provisions that it accounts for."""
    return [
        (one, list(dict.fromkeys(library.provision(place).citation for place in one.places)))
        for one in questions
    ]
