"""The readable form of a document to be served, a certificate of service, a person who is to come."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters import bodies
from comity.letters.document import Fields, Section, Table
from comity.letters.labels import Labels
from comity.letters.rendering.parts import table


def asked_of_persons(body: bodies.RequestBody, labels: Labels) -> Iterator[Section]:
    """For each item what it asks besides: a document to be served, or that a person come."""
    for item in body.items:
        if item.service:
            yield _section(labels, "service_asked", item.number, _service(item.service, labels))
        if item.appearance:
            yield _section(labels, "appearance_asked", item.number, _appearance(item.appearance, labels))


def told_of_persons(body: bodies.ResultBody, labels: Labels) -> Iterator[Section]:
    """For each item the certificate of service or non-service, or what the person answered."""
    for item in body.items:
        if item.service:
            word = "certificate_of_service" if item.service.served else "certificate_of_non_service"
            yield Section(f"{labels.word(word)} ({item.number})", [_attempts(item.service, labels)])
        if item.appearance:
            yield _section(labels, "appearance_answer", item.number, _answer(item.appearance, labels))


def safe_conducts(body: object, labels: Labels) -> Iterator[Section]:
    """For each person how safe conduct stands; nothing for a letter about anything else."""
    for person in body.persons if isinstance(body, bodies.SafeConductBody) else ():
        moments = [
            ("arrived_at", person.arrived_at),
            ("released_at", person.released_at),
            ("leave_until", person.until),
            ("left_at", person.left_at),
            ("returned_at", person.returned_at),
        ]
        told = [(word, labels.instant(at) if at else "") for word, at in moments]
        yield _section(labels, "safe_conduct_here", person.number, told)


def _section(labels: Labels, word: str, number: int, fields: list[tuple[str, str]]) -> Section:
    named = [(labels.word(name), value) for name, value in fields if value]
    return Section(f"{labels.word(word)} ({number})", [Fields(named)])


def _service(asked: bodies.ServiceAsked, labels: Labels) -> list[tuple[str, str]]:
    way = "\n".join(filter(None, (labels("service_way", asked.way), asked.procedure)))
    return [
        ("document", asked.document),
        ("address", asked.address),
        ("way_of_service", way),
        ("language_of_document", labels.language_name(asked.language) if asked.language else ""),
        ("serve_by", labels.instant(asked.by) if asked.by else ""),
        ("called_for", labels.instant(asked.hearing_at) if asked.hearing_at else ""),
    ]


def _appearance(asked: bodies.AppearanceAsked, labels: Labels) -> list[tuple[str, str]]:
    return [
        ("appears_as", labels("appearance_role", asked.role)),
        ("appears_before", asked.before),
        ("place", asked.place),
        ("begins_at", labels.instant(asked.begins_at)),
        ("ends_at", labels.instant(asked.ends_at) if asked.ends_at else ""),
        ("expenses", asked.expenses),
        ("safe_conduct_under", labels.citation(asked.safe_conduct) if asked.safe_conduct else ""),
    ]


def _answer(told: bodies.AppearanceAnswer, labels: Labels) -> list[tuple[str, str]]:
    return [
        ("informed_at", labels.instant(told.informed_at)),
        ("informed_by", told.by),
        ("answer", labels("appearance_answer", told.answer)),
        ("answered_at", labels.instant(told.answered_at)),
        ("note", told.note),
    ]


def _attempts(certificate: bodies.CertificateOfService, labels: Labels) -> Table:
    rows = [
        [
            labels.instant(one.at),
            f"{one.place}\n{one.by}",
            labels("service_way", one.way),
            "\n".join(filter(None, (labels("attempt", one.outcome), one.handed_to, one.note))),
        ]
        for one in certificate.attempts
    ]
    return table(labels, "time place_and_server way_of_service what_came", (4, 5, 3, 6), rows)
