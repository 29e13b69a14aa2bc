"""What a request says of a document to be served or a person who is to come, and what a result says of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from comity.letters.bodies.translation import LanguageCode
from comity.shapes import CitationText, Instant, Line, Prose, Remark, Shape

ServiceWay = Literal["personal", "post", "electronic", "other"]
AttemptOutcome = Literal["handed", "handed_to_other", "refused", "not_found", "other"]
AppearanceRole = Literal["witness", "expert", "victim", "other"]


class ServiceAsked(Shape):
    """One document for one addressee (the item's person): where, how and by when to serve it.

    ``language`` is that of the translation handed over with it; ``hearing_at`` the day for which it calls.
    """

    document: Line
    address: Line
    way: ServiceWay
    procedure: Remark
    language: LanguageCode | None
    by: Instant | None
    hearing_at: Instant | None


class ServiceAttempt(Shape):
    """One attempt: when, where, by whom (post), how, and what came of it."""

    at: Instant
    place: Line
    by: Line
    way: ServiceWay
    outcome: AttemptOutcome
    handed_to: Remark
    note: Remark


class CertificateOfService(Shape):
    """The certificate of service or, where ``served`` is false, of non-service, with every attempt.

    Whether a document counts as served is for the law of the State that serves it; an official of it says so.
    """

    served: bool
    attempts: list[ServiceAttempt] = Field(min_length=1, max_length=100)


class AppearanceAsked(Shape):
    """That the item's person come of their own will: as what, before whom, where, when, at whose expense.

    ``safe_conduct`` is the provision under which safe conduct is stated, where one gives it.
    """

    role: AppearanceRole
    before: Line
    place: Line
    begins_at: Instant
    ends_at: Instant | None
    expenses: Prose
    safe_conduct: CitationText | None


class AppearanceAnswer(Shape):
    """What the person answered, once told of the wish and that nobody may make them come."""

    informed_at: Instant
    by: Line
    answer: Literal["consents", "declines"]
    answered_at: Instant
    note: Remark
