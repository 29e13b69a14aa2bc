"""The readable form of what the two sides say to each other about a request."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters import bodies
from comity.letters.document import Paragraphs, Section, Table
from comity.letters.labels import Labels
from comity.letters.rendering.attendance import safe_conducts
from comity.letters.rendering.custody import custody_update
from comity.letters.rendering.directory import directory_update
from comity.letters.rendering.emergency import validated
from comity.letters.rendering.meetings import meeting
from comity.letters.rendering.parts import conditions, day, section, table
from comity.letters.rendering.preservation import preservation
from comity.letters.rendering.translation import beneath, worded
from comity.letters.rendering.uses import use


def dialogue(
    body: bodies.Said | bodies.StatusBody | bodies.PostponementBody, labels: Labels
) -> list[Section]:
    """The items, what is said in words, and what the kind of letter has besides."""
    return [
        *(
            [section(labels, "items", _items(body, labels), *beneath(body, labels, "item"))]
            if body.items
            else []
        ),
        section(labels, "said", worded("text", body.text, body, labels)),
        *_besides(body, labels),
        *use(body, labels),
        *preservation(body, labels),
        *meeting(body, labels),
        *safe_conducts(body, labels),
        *custody_update(body, labels),
        *validated(body, labels),
        *directory_update(body, labels),
    ]


def _items(body: bodies.Said | bodies.StatusBody | bodies.PostponementBody, labels: Labels) -> Table:
    match body:
        case bodies.StatusBody():
            told = [[str(item.number), labels("status", item.actual), item.note] for item in body.items]
            return table(labels, "number actual note", (1, 4, 5), told)
        case bodies.PostponementBody():
            grounds = [[str(item.number), labels.citation(item.ground.cite)] for item in body.items]
            return table(labels, "number ground", (1, 9), grounds)
    return Table([labels.word("number")], (1,), [[str(item.number)] for item in body.items], [])


def _besides(
    body: bodies.Said | bodies.StatusBody | bodies.PostponementBody, labels: Labels
) -> Iterator[Section]:
    match body:
        case bodies.SupplementAskedBody(deficiencies=[_, *_]):
            rows = [[labels("field", gap.field), labels.citation(gap.cite)] for gap in body.deficiencies]
            yield section(labels, "deficiencies", table(labels, "field provision", (6, 4), rows))
        case bodies.SupplementBody():
            for name, text in body.contents.items():
                yield Section(labels("field", name), [worded(name, text, body, labels)])
        case bodies.ConsultationBody():
            yield from _consultation(body, labels)
        case bodies.PostponementBody():
            yield from _postponement(body, labels)
        case bodies.ConditionsOfferedBody() | bodies.ConditionsAcceptedBody():
            said = beneath(body, labels, "condition")
            yield section(labels, "conditions", conditions(body.conditions, labels), *said)
        case bodies.ObstacleBody(expected=str(expected)):
            yield day(labels, "expected", expected)
        case bodies.ForwardedBody():
            yield section(labels, "competent", worded("competent", body.competent, body, labels))
        case bodies.CostsBody():
            yield section(labels, "amount", worded("amount", body.amount, body, labels))


def _consultation(body: bodies.ConsultationBody, labels: Labels) -> Iterator[Section]:
    yield section(labels, "consultation", Paragraphs(labels("about", body.about)))
    if body.reply_by:
        yield day(labels, "reply_by", body.reply_by)


def _postponement(body: bodies.PostponementBody, labels: Labels) -> Iterator[Section]:
    consulted = "postponement_consulted_yes" if body.consulted else "postponement_consulted_no"
    yield section(labels, "consultation", consultation(labels, consulted, body.no_answer_by))
    if body.until:
        yield day(labels, "reviewed_on", body.until)


def consultation(labels: Labels, consulted: str, no_answer_by: str | None) -> Paragraphs:
    """Whether the sides consulted; where one was asked and did not answer, until when it was asked to."""
    if no_answer_by:
        return Paragraphs(f"{labels.word('no_answer_by')} {labels.instant(no_answer_by)}.")
    return Paragraphs(labels.word(consulted))
