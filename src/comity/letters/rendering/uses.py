"""The readable form of what is said about the use of what was received."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from comity.letters import bodies
from comity.letters.document import Paragraphs, Section
from comity.letters.labels import Labels
from comity.letters.rendering.parts import conditions, day, section
from comity.letters.rendering.translation import beneath, worded


def use(body: object, labels: Labels) -> Iterator[Section]:
    """What a letter about another use has besides; nothing for a letter about anything else."""
    match body:
        case bodies.OtherUse():
            yield from _other_use(body, labels)
        case bodies.ExculpatoryNoticeBody():
            yield from _notice(body, labels)


def _other_use(body: bodies.OtherUse, labels: Labels) -> Iterator[Section]:
    match body:
        case bodies.UsePermissionAskedBody() | bodies.OnwardPermissionAskedBody():
            yield section(labels, "other_purpose", Paragraphs(labels("purpose", body.purpose)))
    if isinstance(body, bodies.OnwardPermissionAskedBody):
        yield section(labels, "passed_on_to", Paragraphs(body.recipient))
    if isinstance(body, bodies.UsePermissionAskedBody) and body.proceedings:
        yield section(labels, "named_proceedings", Paragraphs("\n".join(body.proceedings)))
    yield section(labels, "use_intended", worded("use", body.use, body, labels))
    yield from _material(body.exhibits, body.provisions, labels)
    match body:
        case bodies.UsePermissionGrantedBody() | bodies.OnwardPermissionGrantedBody():
            if body.conditions:
                said = beneath(body, labels, "condition")
                yield section(labels, "conditions", conditions(body.conditions, labels), *said)
            if body.until:
                yield day(labels, "permitted_until", body.until)


def _notice(body: bodies.ExculpatoryNoticeBody, labels: Labels) -> Iterator[Section]:
    when = "disclosure_after" if body.disclosed_at else "disclosure_before"
    yield section(labels, "disclosure", Paragraphs(labels.word(when)))
    if body.disclosed_at:
        yield day(labels, "disclosed_at", body.disclosed_at)
        yield section(labels, "no_prior_notice", worded("reason", body.reason, body, labels))
    yield from _material(body.exhibits, body.provisions, labels)


def _material(exhibits: Iterable[str], provisions: Iterable[str], labels: Labels) -> Iterator[Section]:
    if exhibits:
        yield section(labels, "exhibits", Paragraphs("\n".join(exhibits)))
    if provisions:
        cited = "\n".join(labels.citation(cite) for cite in provisions)
        yield section(labels, "provisions", Paragraphs(cited))
