"""Ask for work inside the transaction that needs it; register who does it."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from comity.node.jobs.models import Job, JobState

Handler = Callable[[dict[str, Any], datetime], None]
"""Does one piece of work: ``(payload, now)``. It may run twice, so its effect must be the same as of once."""

_handlers: dict[str, Handler] = {}
RESTS = "lane_rests"
at_work: ContextVar[Job | None] = ContextVar("at_work", default=None)
"""The job that this thread runs."""


def ask(
    kind: str,
    key: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    priority: int = 100,
    run_after: datetime | None = None,
    lane: str = "",
) -> None:
    """Note that ``kind`` must be done; the row commits with the caller's transaction.

    Asking again with the same ``key`` (unique among all jobs, ``seal:<letter id>``) changes nothing.
    A ``lane`` is named for work that hangs on somebody outside who may be slow.
    """
    if Job.objects.filter(key=key).exists():  # a read first: what is asked every second takes no lock
        return
    job = Job(
        kind=kind,
        key=key,
        lane=lane,
        payload=payload,
        priority=priority,
        run_after=run_after or now,
        asked_at=now,
    )
    Job.objects.bulk_create([job], ignore_conflicts=True)  # somebody else may have asked meanwhile


def hasten(key: str, now: datetime) -> None:
    """Let a waiting job run at once, because what it waits for has happened; a claimed one, once more."""
    Job.objects.filter(key=key, run_after__gt=now).update(run_after=now)
    _wake(key)


def resume(key: str, now: datetime) -> None:
    """The same of a job that is waiting or done: what happened gives it something to do again."""
    hasten(key, now)
    _wait_anew(key, now)


def reopen(key: str, now: datetime) -> None:
    """Let a job that is done wait again, since what happened gives it something to do."""
    _wake(key)
    _wait_anew(key, now)


def _wait_anew(key: str, now: datetime) -> None:
    Job.objects.filter(key=key, state=JobState.DONE).update(
        state=JobState.WAITING, run_after=now, attempts=0, done_at=None
    )


def rest(lane: str, until: datetime) -> None:
    """Let what waits for somebody who keeps one waiting wait too; whoever found it out tries alone."""
    waiting = Job.objects.filter(lane=lane, state=JobState.WAITING, leased_until=None, run_after__lt=until)
    waiting.update(run_after=until, last_code=RESTS)


def end_rest(lane: str, now: datetime) -> None:
    """The lane goes on at once: whom it waited for has answered."""
    resting = Job.objects.filter(lane=lane, state=JobState.WAITING, last_code=RESTS, run_after__gt=now)
    resting.update(run_after=now, last_code="")


def _wake(key: str) -> None:
    """One that is claimed runs once more; whoever is that job sees for itself what has happened."""
    own = at_work.get()
    if own is None or own.key != key:
        Job.objects.filter(key=key, leased_until__isnull=False).update(woken=True)


def handler(kind: str, function: Handler | None = None) -> Callable[[Handler], Handler]:
    """Register the function that does ``kind``; also usable as a decorator."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    if function is not None:
        register(function)
    return register


def handler_of(kind: str) -> Handler | None:
    """The registered function, if any."""
    return _handlers.get(kind)
