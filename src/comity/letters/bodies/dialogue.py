"""The bodies of what the two sides say to each other about a request while it is under way."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from comity.letters.bodies.shared import Deficiency, Ground, Identifier, ItemMention, NotedItem, is_absent
from comity.letters.bodies.translation import Translatable
from comity.shapes import CitationText, Instant, Line, Prose, Shape


class Said(Translatable):
    """What every letter of the dialogue has: the items it is about, and words for the other side."""

    items: list[ItemMention] = Field(min_length=1, max_length=1000)
    text: Prose


class SaidOfInformationToo(Said):
    """What may also be said of information without request, which has no items: then none are named."""

    items: list[ItemMention] = Field(max_length=1000)


class SupplementAskedBody(Said):
    """The requested side needs more: these fields, each with the provision that asks for it."""

    deficiencies: list[Deficiency] = Field(max_length=100)


class SupplementBody(Said):
    """The requesting side gives more: a text by field of the law."""

    contents: dict[Identifier, Prose] = Field(max_length=100)


class StatusAskedBody(Said):
    """The requesting side asks how its request stands."""


class StatusBody(Translatable):
    """How each item stands with the requested side."""

    items: list[NotedItem] = Field(min_length=1, max_length=1000)
    text: Prose


class WithdrawalBody(Said):
    """The requesting side no longer needs the help."""


class ConsultationBody(SaidOfInformationToo):
    """One side consults the other before it decides; ``by`` says which side writes.

    ``reply_by`` is the day by which an answer is asked for, where one is.
    """

    by: Literal["requesting", "requested"]
    about: Literal[
        "refusal",
        "postponement",
        "costs",
        "exculpatory_disclosure",
        "safe_conduct",
        "parallel_proceedings",
        "other",
    ]
    reply_by: Instant | None = Field(default=None, exclude_if=is_absent)


class ConsultationReplyBody(SaidOfInformationToo):
    """What the other side says in a consultation, on costs, or to go on without confidentiality."""

    by: Literal["requesting", "requested"]


class PostponedItem(ItemMention):
    """One postponed item and its ground."""

    ground: Ground


class PostponementBody(Translatable):
    """Execution waits, on a ground the treaty permits; ``until`` is the day it is looked at again.

    ``no_answer_by`` as in a refusal.
    """

    items: list[PostponedItem] = Field(min_length=1, max_length=1000)
    text: Prose
    until: Instant | None
    consulted: bool
    no_answer_by: Instant | None = Field(default=None, exclude_if=is_absent)


class Condition(Shape):
    """A condition of help: the kind of limit it sets, the provision that lets it bind, its words."""

    id: Identifier
    cite: CitationText
    text: Prose


class ConditionsOfferedBody(Said):
    """The requested side would help on these conditions."""

    conditions: list[Condition] = Field(min_length=1, max_length=50)


class ConditionsAcceptedBody(Said):
    """The requesting side accepts exactly the conditions that were offered: they bind from now on."""

    conditions: list[Condition] = Field(min_length=1, max_length=50)


class ConditionsDeclinedBody(Said):
    """The requesting side does not accept the conditions."""


class ObstacleBody(Said):
    """Something hinders execution or delays it considerably."""

    expected: Instant | None


class ForwardedBody(Said):
    """The request is with the body that is competent for it."""

    competent: Line


class ConfidentialityImpossibleBody(Said):
    """The request cannot be executed without disclosing it: the requesting side decides what follows."""


class PersonHere(ItemMention):
    """How safe conduct stands for the person of an item: what happened by now, the rest is null.

    ``released_at`` is when the person was officially told that they are no longer needed, ``until`` the end
    of the time to leave that began with it.
    """

    arrived_at: Instant
    released_at: Instant | None
    until: Instant | None
    left_at: Instant | None
    returned_at: Instant | None


class SafeConductBody(Said):
    """The side to which persons came tells how safe conduct stands for each of them."""

    persons: list[PersonHere] = Field(min_length=1, max_length=1000)


class CostsBody(Said):
    """Execution would cost more than what is ordinary."""

    amount: Line
