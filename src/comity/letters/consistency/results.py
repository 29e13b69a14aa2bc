"""Results and what is told of persons: outcomes, certificates, safe conduct, exhibits with their custody."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters.bodies import (
    Actual,
    RequestBody,
    ResultBody,
    SafeConductBody,
)
from comity.letters.consistency import LetterProblem, repeated
from comity.letters.schema import Letter
from comity.proofs.custody import CustodyRecord, check_chain
from comity.terms import gettext_noop

_OUTCOMES = frozenset({Actual.EXECUTED, Actual.PARTLY_EXECUTED, Actual.IMPOSSIBLE})
"""What a result may say of an item; a refusal, a postponement and the rest have their own letters."""


def check_outcomes(letter: Letter) -> Iterator[LetterProblem]:
    """A result says of an item what a result can say."""
    if not isinstance(letter.body, ResultBody):
        return
    for place, item in enumerate(letter.body.items):
        if item.actual not in _OUTCOMES:
            text = gettext_noop("A result says of an item what only another letter can say.")
            yield LetterProblem("outcome_wrong", f"body.items.{place}.actual", text)
    if letter.body.whole and any(item.actual == Actual.PARTLY_EXECUTED for item in letter.body.items):
        text = gettext_noop("The result completes the request and leaves an item executed in part.")
        yield LetterProblem("whole_in_part", "body.whole", text)


def check_attendance(letter: Letter) -> Iterator[LetterProblem]:
    """What is asked and told of a document to be served or of a person who is to come."""
    if isinstance(letter.body, RequestBody):
        for place, item in enumerate(letter.body.items):
            service, appearance = item.service, item.appearance
            if service and service.by and service.hearing_at and service.by > service.hearing_at:
                text = gettext_noop("The document is to be served after the hearing for which it calls.")
                yield LetterProblem("service_after_hearing", f"body.items.{place}.service.by", text)
            if appearance and appearance.ends_at and appearance.ends_at < appearance.begins_at:
                text = gettext_noop("The appearance ends before it begins.")
                yield LetterProblem("appearance_backwards", f"body.items.{place}.appearance", text)
    if isinstance(letter.body, ResultBody):
        for place, told in enumerate(letter.body.items):
            if told.service and told.service.served != (told.actual == Actual.EXECUTED):
                text = gettext_noop("The certificate of service says something else than the outcome.")
                yield LetterProblem("certificate_differs", f"body.items.{place}.service", text)
            if told.service and any(each.at > letter.written_at for each in told.service.attempts):
                text = gettext_noop("An attempt to serve lies after the letter was written.")
                yield LetterProblem("attempt_after_writing", f"body.items.{place}.service", text)
            if told.appearance and not (
                told.appearance.informed_at <= told.appearance.answered_at <= letter.written_at
            ):
                text = gettext_noop("The person answered before being told, or after the letter was written.")
                yield LetterProblem("answer_out_of_time", f"body.items.{place}.appearance", text)


def check_safe_conduct(letter: Letter) -> Iterator[LetterProblem]:
    """What is told of a person is of an item of the letter and happened in this order."""
    body = letter.body
    if not isinstance(body, SafeConductBody):
        return
    if [person.number for person in body.persons] != [item.number for item in body.items]:
        text = gettext_noop("The letter names other items than those of whose persons it tells.")
        yield LetterProblem("persons_differ", "body.persons", text)
    for place, person in enumerate(body.persons):
        past = [person.arrived_at, person.released_at, letter.written_at]
        gone = [person.arrived_at, person.left_at, person.returned_at, letter.written_at]
        whole = bool(person.released_at) == bool(person.until) and (person.left_at or not person.returned_at)
        if not whole or any(sorted(filter(None, each)) != list(filter(None, each)) for each in (past, gone)):
            text = gettext_noop("What is told of a person did not happen in this order.")
            yield LetterProblem("course_disordered", f"body.persons.{place}", text)


def check_evidence(letter: Letter) -> Iterator[LetterProblem]:
    """The exhibits named, attached and told of in custody are the same."""
    if not isinstance(letter.body, ResultBody):
        return
    attached = {file.exhibit: (file.sha256, file.bytes) for file in letter.attachments if file.exhibit}
    named = [exhibit for item in letter.body.items for exhibit in item.exhibits]
    if repeated(named) or set(named) != set(attached):
        text = gettext_noop("The exhibits of the items are not the exhibits that are attached.")
        yield LetterProblem("exhibits_differ", "body.items", text)
    chains: dict[str, list[CustodyRecord]] = {}
    for record in letter.body.custody:
        chains.setdefault(record.exhibit, []).append(record)
    if set(chains) != set(attached):
        text = gettext_noop("Not every exhibit has its custody, or custody is of what is not attached.")
        yield LetterProblem("custody_differs", "body.custody", text)
    for exhibit, chain in chains.items():
        findings = check_chain(chain)
        if findings:
            yield LetterProblem(findings[0].code, f"body.custody of {exhibit}", findings[0].text)
        elif attached.get(exhibit, (chain[-1].sha256, chain[-1].bytes)) != (
            chain[-1].sha256,
            chain[-1].bytes,
        ):
            text = gettext_noop("An attached exhibit is not the one whose custody is told.")
            yield LetterProblem("custody_content_differs", f"body.custody of {exhibit}", text)
