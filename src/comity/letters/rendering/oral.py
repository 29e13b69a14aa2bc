"""The readable form of the oral request that a letter confirms in writing."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters.bodies import OralParticulars, Speaker
from comity.letters.document import Fields, Section
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section


def oral(said: OralParticulars, labels: Labels) -> Iterator[Section]:
    """When, by which means, who asked whom for what, why so, and the provision that admits the form."""
    rows = [
        ("made_at", labels.instant(said.made_at)),
        ("by_which_means", labels("spoken_means", said.means)),
        ("asked_by", _speaker(said.asked_by)),
        ("asked_of", _speaker(said.asked_of)),
        ("number_called", said.number),
        ("asked_orally", said.asked),
        ("urgency", said.urgency),
        ("agreed", said.agreed),
        ("provision", labels.citation(said.cite)),
    ]
    fields = Fields([(labels.word(word), value) for word, value in rows if value])
    yield section(labels, "oral_request", fields)


def _speaker(person: Speaker) -> str:
    return f"{person.name}, {person.post}"
