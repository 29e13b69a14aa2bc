"""The readable form of an emergency: what a request says of it, and what its authority says afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters import bodies
from comity.letters.document import Fields, Section
from comity.letters.labels import Labels
from comity.letters.rendering.parts import section
from comity.letters.rendering.translation import worded
from comity.shapes import Shape


def emergency(said: bodies.Emergency, body: bodies.RequestBody, labels: Labels) -> Iterator[Section]:
    """The risk, why it is imminent, who judged so and by what, and how the request stands with its judge."""
    validation = said.validation
    hours = validation.within_hours
    rows = [
        ("emergency_judged_by", f"{said.judged_by.name}, {said.judged_by.post}"),
        ("emergency_contact", said.contact),
        ("validation", labels("validation", validation.state)),
        ("validated_by", validation.by),
        ("validation_decision", validation.decision),
        ("validation_hours", str(hours) if hours else None),
    ]
    fields = Fields([(labels.word(word), value) for word, value in rows if value])
    yield section(labels, "emergency", fields)
    for name, words in (("risk", said.risk), ("imminence", said.imminence), ("judged_on", said.judged_on)):
        field = f"emergency_{name}"
        yield section(labels, field, worded(field, words, body, labels))


def validated(body: Shape, labels: Labels) -> Iterator[Section]:
    """By whom, by which decision and when it was validated; nothing for another kind."""
    if isinstance(body, bodies.EmergencyValidatedBody):
        rows = [
            (labels.word("validated_by"), body.validated_by),
            (labels.word("validation_decision"), body.decision),
            (labels.word("decided"), labels.instant(body.decided_at)),
        ]
        yield section(labels, "validation", Fields(rows))
