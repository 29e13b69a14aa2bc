"""A letter of a case as pages read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from comity.letters.bodies import texts_of
from comity.node.exchange.models import Direction, Letter, Stage

_UNREAD = frozenset({Stage.ACCEPTED, Stage.DELIVERED, Stage.REFUSED})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a letter says, in the parts a page shows."""

    answers: list[str]
    people: list[dict[str, Any]]
    limits: list[dict[str, Any]]
    attachments: list[dict[str, Any]]
    written_at: str
    expires_at: str
    body: dict[str, Any]


def read(letter: Letter) -> Reading | None:
    """The letter's content, if its bytes are here (they were checked when it was frozen or arrived)."""
    if letter.canonical is None:
        return None
    content = json.loads(bytes(letter.canonical))
    return Reading(**{part: content[part] for part in Reading.__slots__})


def is_unread(letter: Letter) -> bool:
    """Whether it arrived and no official has opened it yet."""
    return letter.direction == Direction.IN and letter.stage in _UNREAD


def read_body(letter: Letter | None) -> dict[str, Any]:
    """The body of a letter, empty where there is none."""
    content = read(letter) if letter else None
    return content.body if content else {}


def texts_in(letter: Letter) -> dict[str, str]:
    """What a letter says in words, by field, item, condition and limit; empty where it is not here."""
    content = read(letter)
    return texts_of(content.body, content.limits) if content else {}


def item_numbers(letter: Letter) -> list[int]:
    """The numbers of the items that a letter names."""
    return [item["number"] for item in read_body(letter).get("items", [])]


def evidence(letter: Letter) -> list[str]:
    """The ids of the exhibits that lie in a letter's container."""
    content = read(letter)
    return [each["exhibit"] for each in content.attachments if each["exhibit"]] if content else []
