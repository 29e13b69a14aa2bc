"""What speaks for a forged emergency, each from facts on record: warnings that an official has to answer.

Receives an emergency and the time; returns findings; decides nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from comity import canonical
from comity.node import config
from comity.node.casework import call_backs
from comity.node.casework.averting import Emergency
from comity.node.casework.models import Side
from comity.node.casework.noted import CallBack
from comity.node.directory import standing, successors
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.pages import times
from comity.terms import gettext_noop

_REMEMBERED = timedelta(days=365)
"""For how long a call that was denied speaks against later emergencies of the same authority."""
_DAY, _HISTORY = timedelta(days=1), 90
_TIMES_THE_USUAL = 3
_HOURS = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–—]\s*(\d{1,2})[:.](\d{2})")


SENTENCES: dict[str, str] = {
    "first_letter": gettext_noop("No letter of this authority ever came here before this one."),
    "first_emergency": gettext_noop("No earlier emergency of this authority was confirmed by a call back."),
    "changed_lately": gettext_noop("A directory changed its contacts or keys lately: {at}."),
    "unusual_hour": gettext_noop(
        "By its own clocks and the hours that the directory states, nobody works there at that time: {at}."
    ),
    "unusual_volume": gettext_noop("Emergencies of this authority within a day: {count}, more than usual."),
    "nobody_to_call": gettext_noop("The directory names no number at which this authority confirms."),
    "contact_differs": gettext_noop("The request names another number than the directory: {contact}."),
    "denied_before": gettext_noop(
        "Called back, this authority said of something that it was not from it: {at}."
    ),
    "risk_unsaid": gettext_noop("The request does not describe the risk, nor say who validates it."),
    "validation_long": gettext_noop("The validation may take {hours} hours, longer than is usual here."),
}
"""Why each warning stands."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning: its word, and what it rests on (which its sentence names and its mark distinguishes)."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Why it stands, in the reader's language."""
        words = dict(self.params)
        if "at" in words:
            words["at"] = times.moment(canonical.read_instant(words["at"]))
        return gettext(SENTENCES[self.code]).format(**words)

    @property
    def mark(self) -> str:
        """What an answer is about: the same warning that rests on something else asks for another."""
        return ":".join((self.code, *(str(each) for each in self.params.values())))[:120]


def warnings(row: Emergency, now: datetime) -> list[Warned]:
    """Everything on record that speaks for a forgery, on the side that was asked; nothing on the other."""
    if row.case.side != Side.REQUESTED:
        return []
    peer = row.case.peer
    found = [
        _unknown_sender(row, peer),
        _changed(peer, now),
        _unusual_hour(row, peer),
        _unusual_volume(row, peer),
        *_of_contacts(row, peer),
        _denied(row, peer, now),
        *_of_particulars(row),
    ]
    return [each for each in found if each is not None]


def unanswered(row: Emergency, now: datetime) -> list[Warned]:
    """The warnings that no official has answered yet, of the request as it is now."""
    said = set(row.answers.filter(request=row.request).values_list("mark", flat=True))
    return [each for each in warnings(row, now) if each.mark not in said]


def _unknown_sender(row: Emergency, peer: Authority) -> Warned | None:
    """A first letter of an authority, or its first emergency that anybody there stood by when called."""
    letters = Letter.objects.filter(peer=peer, direction=Direction.IN, received_at__lt=row.asked_at)
    others = letters.exclude(stage__in=(Stage.REFUSED, Stage.FAILED)).exclude(pk__in=[row.request])
    if not others.exists():
        return Warned("first_letter")
    earlier = Emergency.objects.filter(case__peer=peer, case__side=Side.REQUESTED, asked_at__lt=row.asked_at)
    real = earlier.exclude(pk=row.pk).filter(case__call_backs__result=call_backs.CONFIRMED)
    return None if real.exists() else Warned("first_emergency")


def _changed(peer: Authority, now: datetime) -> Warned | None:
    """Contacts or keys that a directory changed lately, or the authority itself by a letter taken over."""
    since = now - timedelta(days=config.current().emergency.changed_days)
    both = (standing.changed_at(peer, since), successors.taken_at(peer, since))
    at = max((each for each in both if each is not None), default=None)
    return Warned("changed_lately", {"at": canonical.instant_text(at)}) if at else None


def _unusual_hour(row: Emergency, peer: Authority) -> Warned | None:
    """A time at which, by its own clocks and the hours that it states, the authority does not work."""
    stated = [(each["hours"], each["time_zone"] or peer.time_zone) for each in peer.contacts]
    read = [
        (start, end, ZoneInfo(zone))
        for hours, zone in stated
        for start, end in [_working(hours)]
        if start != end
    ]
    if not read or len(read) != len(stated):  # somebody is there around the clock, or hours nobody can read
        return None
    if any(_is_within(row.asked_at.astimezone(zone), start, end) for start, end, zone in read):
        return None
    return Warned("unusual_hour", {"at": canonical.instant_text(row.asked_at)})


def _working(hours: str) -> tuple[int, int]:
    """Minutes of the day from and until which somebody works; the same twice where that cannot be read."""
    found = _HOURS.search(hours)
    if found is None:
        return 0, 0
    start_hour, start_minute, end_hour, end_minute = (int(each) for each in found.groups())
    return start_hour * 60 + start_minute, end_hour * 60 + end_minute


def _is_within(local: datetime, start: int, end: int) -> bool:
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start < end else minute >= start or minute < end


def _unusual_volume(row: Emergency, peer: Authority) -> Warned | None:
    """More emergencies within a day than the authority usually has."""
    of_peer = Emergency.objects.filter(case__peer=peer, case__side=Side.REQUESTED)
    until, day_before = row.asked_at, row.asked_at - _DAY
    count = of_peer.filter(asked_at__gt=day_before, asked_at__lte=until).count()
    before = of_peer.filter(asked_at__gt=day_before - _HISTORY * _DAY, asked_at__lte=day_before).count()
    usual = max(config.current().emergency.many_a_day, _TIMES_THE_USUAL * before / _HISTORY)
    return Warned("unusual_volume", {"count": count}) if count > usual else None


def _of_contacts(row: Emergency, peer: Authority) -> list[Warned]:
    """Whom one would call: nobody is known, or the request names another number than the directory."""
    numbers = call_backs.known_numbers(peer)
    named = str(row.particulars.get("contact", ""))
    if not numbers:
        return [Warned("nobody_to_call")]
    digits = call_backs.digits(named)
    if digits and not any(number in digits or digits in number for number in numbers):
        return [Warned("contact_differs", {"contact": named})]
    return []


def _denied(row: Emergency, peer: Authority, now: datetime) -> Warned | None:
    """The authority, called back, said of something that it was not from it."""
    calls = CallBack.objects.filter(case__peer=peer, result=call_backs.DENIED)
    last = calls.filter(called_at__gt=now - _REMEMBERED).order_by("called_at", "id").last()
    return Warned("denied_before", {"at": canonical.instant_text(last.called_at)}) if last else None


def _of_particulars(row: Emergency) -> list[Warned]:
    """What the request says of the emergency itself."""
    if row.request is not None and not row.particulars:
        return [Warned("risk_unsaid")]
    hours = row.particulars.get("validation", {}).get("within_hours")
    if hours and hours > config.current().emergency.validation_hours:
        return [Warned("validation_long", {"hours": hours})]
    return []
