"""What becomes of a step of the clock: told while it stands, noted when it ends, or taken for right."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.findings import Finding
from comity.node.ledger import entries, wall_clock
from comity.node.ledger.wall_clock import Step
from comity.terms import ComityError, gettext_noop

ACCEPTED, ENDED = "clock_step_accepted", "clock_step_ended"
LONGEST_REASON = 400
_log = logging.getLogger(__name__)


class ClockSteadyError(ComityError):
    """There is no step to accept."""

    code = "clock_steady"
    message = gettext_noop("The node's clock has not stepped; there is nothing to accept.")
    next_step = gettext_noop("The node does its work.")


class Watch:
    """What the worker has seen of the clock: a step is told once in the log, and noted once it is over."""

    def __init__(self) -> None:
        self._standing: Step | None = None

    def is_stepped(self) -> bool:
        """Whether the worker must do nothing now."""
        found, before = wall_clock.step(), self._standing
        if found is not None:
            self._standing = found
            if before is None:
                _log.error("%s [%s]", found.error(), found.error().code)
            return True
        if before is not None:
            now = wall_clock.now()
            entries.append(ENDED, config.current().id, {"what": ENDED, **_told(before)}, now=now)
            self._standing = None
        return False


def accept(by: Official, reason: str, now: datetime) -> Step:
    """Take the clock for right as it stands; the ledger keeps which administrator did, and for what reason.

    The entry comes first: a crash before the clock is believed leaves a step that is accepted again.
    """
    authorise(by, "accept_clock")
    reading, found = wall_clock.look(), wall_clock.step()
    if found is None:
        raise ClockSteadyError
    content = {"what": ACCEPTED, "by": by.pk, "reason": reason, **_told(found)}
    with transaction.atomic():
        entries.append_though_stepped(ACCEPTED, config.current().id, content, now=now)
    wall_clock.believe(reading)
    return found


def findings() -> Iterator[Finding]:
    """A clock that was set by more than five minutes stops everything that would get a time from it."""
    found = wall_clock.step()
    if found is not None:
        error = found.error()
        text = f"it shows {found.shown:%Y-%m-%dT%H:%M:%SZ}, {found.expected:%Y-%m-%dT%H:%M:%SZ} was expected"
        yield Finding("clock", f"{text}; {error.advice}", error.code)


def _told(found: Step) -> dict[str, str]:
    """A step in the words of an entry."""
    return {
        "shown": canonical.instant_text(found.shown),
        "expected": canonical.instant_text(found.expected),
    }
