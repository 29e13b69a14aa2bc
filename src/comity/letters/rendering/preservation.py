"""The readable form of what letters about a preservation say besides items and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comity.letters import bodies
from comity.letters.document import Fields, Paragraphs, Section, Table
from comity.letters.labels import Labels
from comity.letters.rendering.parts import day, section, table
from comity.shapes import Shape


def preservation(body: Shape, labels: Labels) -> Iterator[Section]:
    """The times, concerns, decision or path that the letter is about; nothing for another kind."""
    match body:
        case bodies.ExtensionAskedBody():
            yield day(labels, "extension_until", body.until)
        case bodies.ExtensionGrantedBody():
            clock = f"{labels('clock', body.clock.id)}, {labels.citation(body.clock.cite)}"
            rows = [(labels.word("until"), labels.instant(body.until)), (labels.word("clock"), clock)]
            yield section(labels, "extension", Fields(rows))
        case bodies.PreservationExpiringBody():
            yield day(labels, "preservation_ends", body.until)
        case bodies.PreservationUnhelpfulBody():
            concerns = "\n".join(labels("concern", each) for each in body.concerns)
            yield section(labels, "concerns", Paragraphs(concerns))
        case bodies.PreservationDecisionBody():
            yield section(labels, "decision", Paragraphs(labels("decision", body.decision)))
        case bodies.PathDisclosureBody():
            if body.path:
                yield section(labels, "path", _path(body.path, labels))
            if body.withheld:
                yield section(labels, "path_withheld", Paragraphs(labels.citation(body.withheld.cite)))


def _path(path: Iterable[bodies.PathProvider], labels: Labels) -> Table:
    rows = [
        [
            str(number),
            f"{labels.state(one.state)} ({one.state})",
            "\n".join(filter(None, (one.provider, one.identifier))),
            f"{labels.instant(one.period.start)} —\n{labels.instant(one.period.end)}" if one.period else "",
        ]
        for number, one in enumerate(path, start=1)
    ]
    return table(labels, "number state provider period", (1, 4, 6, 6), rows)
