"""The screens of the guided draft: what is asked for on each, how much of it is there, where to go on.

Which fields are asked for is the opinion's; how they are grouped is the law folder's guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from comity.node.casework import opinions
from comity.node.casework.contents import ITEMS, OTHER, WHOLE, Field, Progress
from comity.node.pages import law
from comity.treaties.drafting import guide

ALL = "all"
"""Everything on one page."""


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen: its fields, and how many of those required are there."""

    id: str
    name: str
    fields: tuple[Field, ...]
    there: int
    required: int

    @property
    def complete(self) -> bool:
        """Whether nothing required is missing on it."""
        return self.there == self.required


def screens(progress: Progress) -> list[Screen]:
    """The screens in order; a group of which nothing is asked for has none."""
    grouped = guide(opinions.library()).groups
    found = [_screen(group.id, law.in_language(group.name), progress, group.fields) for group in grouped]
    known = {field for group in grouped for field in group.fields}
    others = tuple(field.id for field in progress.fields if field.id not in known)
    found.append(_screen(OTHER, gettext("Other contents"), progress, others))
    lacking = sum(point.is_error for point in progress.problems if point.screen == ITEMS)
    items = Screen(ITEMS, gettext("Items and conditions"), (), int(not lacking), 1)
    return [*(screen for screen in found if screen.fields), items]


def _screen(id: str, name: str, progress: Progress, fields: tuple[str, ...]) -> Screen:
    by_id: Mapping[str, Field] = {field.id: field for field in progress.fields}
    asked = tuple(by_id[field] for field in fields if field in by_id)
    required = [field for field in asked if field.need == "required"]
    return Screen(id, name, asked, sum(not field.missing for field in required), len(required))


def first_open(found: list[Screen]) -> str:
    """The first screen on which something required is missing; the whole when there is none."""
    return next((screen.id for screen in found if not screen.complete), WHOLE)


def following(found: list[Screen], id: str) -> str:
    """The screen after this one."""
    ids = [screen.id for screen in found] + [WHOLE]
    return ids[ids.index(id) + 1] if id in ids[:-1] else WHOLE
