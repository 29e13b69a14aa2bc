"""Hearings and presence as the letters of a case arrange them: what stands, what is only proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from comity import canonical
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case, Side
from comity.node.directory import known
from comity.node.exchange.models import Letter

_SAID_APART = frozenset({"items", "text", "by", "language", "translations"})
"""What each side says in its own words; all else of a hearing is agreed as it was proposed."""
_KINDS = ("hearing_proposed", "hearing_agreed", "presence_granted")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A hearing or a presence: its letter, its particulars, and the same moments by both sides' clocks."""

    letter: Letter
    items: list[int]
    body: dict[str, Any]
    agreed: bool
    zone_here: str
    zone_there: str

    @property
    def begins(self) -> datetime:
        """When it begins."""
        return canonical.read_instant(self.body["begins_at"])

    @property
    def ends(self) -> datetime:
        """When it ends."""
        return canonical.read_instant(self.body["ends_at"])

    @property
    def test(self) -> datetime | None:
        """When the technical means are tried out, if a time was named."""
        at = self.body.get("test_at")
        return canonical.read_instant(at) if at else None

    @property
    def is_hearing(self) -> bool:
        """Whether somebody is heard by video."""
        return "means" in self.body

    @property
    def moments(self) -> list[tuple[str, datetime, datetime]]:
        """Each moment by its word, as this side's and as the other side's clocks show it."""
        here, there = ZoneInfo(self.zone_here), ZoneInfo(self.zone_there)
        named = [("begins", self.begins), ("ends", self.ends), ("test", self.test)]
        return [(word, at.astimezone(here), at.astimezone(there)) for word, at in named if at]


def particulars(body: Mapping[str, Any]) -> dict[str, Any]:
    """What of a hearing both sides must say alike."""
    return {name: value for name, value in body.items() if name not in _SAID_APART}


def of_case(case: Case) -> list[Meeting]:
    """What stands: for each item the newest agreement, and proposals that came after it, the next first.

    A proposal that was answered, by agreeing or by another proposal, stands no longer.
    """
    letters = [letter for letter in answers.of_case(case) if letter.kind in _KINDS]
    standing: dict[tuple[str, tuple[int, ...]], Letter] = {}
    for letter in letters:
        standing[letter.kind, tuple(item_numbers(letter))] = letter
    meetings = [_meeting(case, letter) for letter in standing.values() if not _is_over(letter, letters)]
    return sorted(meetings, key=lambda meeting: (not meeting.agreed, meeting.begins))


def agreed(case: Case, letter: str) -> Meeting | None:
    """The agreed hearing or presence of a letter, if it stands."""
    return next((one for one in of_case(case) if one.agreed and str(one.letter.pk) == letter), None)


def zones(case: Case) -> tuple[str, str]:
    """The time zones of the requesting and the requested side, as the directory has them."""
    own, peer = known.own().time_zone, case.peer.time_zone
    return (own, peer) if case.side == Side.REQUESTING else (peer, own)


def _meeting(case: Case, letter: Letter) -> Meeting:
    body = read_body(letter)
    requesting, requested = zones(case)
    requesting = body.get("zone_requesting", requesting)
    requested = body.get("zone_requested", requested)
    ours = case.side == Side.REQUESTING
    return Meeting(
        letter=letter,
        items=item_numbers(letter),
        body=body,
        agreed=letter.kind != "hearing_proposed",
        zone_here=requesting if ours else requested,
        zone_there=requested if ours else requesting,
    )


def _is_over(letter: Letter, letters: list[Letter]) -> bool:
    """Whether a proposal of a hearing was agreed to, or gave way to a later one on the same items."""
    if letter.kind != "hearing_proposed":
        return False
    numbers = set(item_numbers(letter))
    later = letters[letters.index(letter) + 1 :]
    return any(
        other.kind in ("hearing_proposed", "hearing_agreed") and numbers <= set(item_numbers(other))
        for other in later
    )
