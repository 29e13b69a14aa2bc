"""Ask for work inside the transaction that needs it; register who does it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection

from comity.node.databases import rows
from comity.node.jobs.models import Job, JobState

Handler = Callable[[dict[str, Any], datetime], None]
"""Does one piece of work: ``(payload, now)``. It may run twice, so its effect must be the same as of once."""

Several = Callable[[Sequence[dict[str, Any]], datetime], Sequence[Exception | None]]
"""Does several pieces of one kind at once: ``(payloads, now)``. What the handler of one would have raised for
each, Alone for what is left to it; behind the last result nothing was begun, and it is given back."""

_handlers: dict[str, Handler] = {}
_several: dict[str, Several] = {}
_excused: dict[str, frozenset[str]] = {}
_IS_THERE = 'SELECT EXISTS (SELECT 1 FROM "jobs_job" WHERE "key" = %(key)s)'
RESTS = "lane_rests"
at_work: ContextVar[tuple[Job, ...]] = ContextVar("at_work", default=())
"""The jobs that this thread runs: one, or several at once."""


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
    if not connection.in_atomic_block and rows.value(_IS_THERE, {"key": key}):
        return  # a read first: what is asked every few seconds takes no lock
    job = Job(
        kind=kind,
        key=key,
        lane=lane,
        payload=payload,
        priority=priority,
        run_after=run_after or now,
        asked_at=now,
    )
    rows.insert(job, unless_there=True)


def hasten(key: str, now: datetime) -> None:
    """Let a waiting job run at once, because what it waits for has happened; a claimed one, once more."""
    _stir(key, now, sooner=True)


def resume(key: str, now: datetime) -> None:
    """The same of a job that is waiting or done: what happened gives it something to do again."""
    _stir(key, now, sooner=True, anew=True)


def reopen(key: str, now: datetime) -> None:
    """Let a job that is done wait again, since what happened gives it something to do."""
    _stir(key, now, anew=True)


_STIR = """
UPDATE "jobs_job" SET
    "woken" = CASE WHEN "leased_until" IS NOT NULL AND %(by_another)s THEN TRUE ELSE "woken" END,
    "run_after" = CASE WHEN "run_after" > %(now)s AND %(sooner)s OR "state" = %(done)s AND %(anew)s
        THEN %(now)s ELSE "run_after" END,
    "attempts" = CASE WHEN "state" = %(done)s AND %(anew)s THEN 0 ELSE "attempts" END,
    "done_at" = CASE WHEN "state" = %(done)s AND %(anew)s THEN NULL ELSE "done_at" END,
    "state" = CASE WHEN "state" = %(done)s AND %(anew)s THEN %(waiting)s ELSE "state" END
WHERE "key" = %(key)s
"""


def _stir(key: str, now: datetime, *, sooner: bool = False, anew: bool = False) -> None:
    """One that is claimed runs once more; whoever is that job sees for itself what has happened."""
    by_another = all(job.key != key for job in at_work.get())
    told = {"key": key, "now": now, "by_another": by_another, "sooner": sooner, "anew": anew}
    rows.execute(_STIR, told | {"done": JobState.DONE.value, "waiting": JobState.WAITING.value})


def another_waits(lane: str, now: datetime) -> bool:
    """Whether a job of the lane that is as urgent as this thread's, or more, is due."""
    due = Job.objects.filter(lane=lane, state=JobState.WAITING, run_after__lte=now)
    for own in at_work.get():
        due = due.filter(priority__lte=own.priority).exclude(id=own.id)
    return due.exists()


def rest(lane: str, until: datetime) -> None:
    """Let what waits for somebody who keeps one waiting wait too; whoever found it out tries alone.

    What failed before keeps its code, and comes again by itself.
    """
    waiting = Job.objects.filter(lane=lane, state=JobState.WAITING, leased_until=None, run_after__lt=until)
    waiting.filter(attempts__gt=0).update(run_after=until)
    waiting.filter(attempts=0).update(run_after=until, last_code=RESTS)


_END_REST = """
UPDATE "jobs_job" SET "run_after" = %(now)s, "last_code" = ''
WHERE "lane" = %(lane)s AND "state" = 'waiting' AND "run_after" > %(now)s AND "last_code" = 'lane_rests'
"""


def end_rest(lane: str, now: datetime) -> None:
    """The lane goes on at once: whom it waited for has answered."""
    rows.execute(_END_REST, {"lane": lane, "now": now})


def handler(kind: str, function: Handler | None = None) -> Callable[[Handler], Handler]:
    """Register the function that does ``kind``; also usable as a decorator."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    if function is not None:
        register(function)
    return register


def handler_of_several(kind: str, function: Several, *, excused: Collection[str] = ()) -> None:
    """Register the function that does several of ``kind`` at once, beside the one that does one.

    A job that failed goes alone from then on, so that it takes no other down with it; not so after a failure
    whose code is ``excused``: it said nothing of the job itself.
    """
    _several[kind], _excused[kind] = function, frozenset(excused)


def may_go_with_others(job: Job) -> bool:
    """Whether a job has not failed yet, or last for a reason that would have kept any other back."""
    return not job.attempts or job.last_code in _excused.get(job.kind, ())


def several_of(kind: str) -> Several | None:
    """The registered function that does several at once, if any."""
    return _several.get(kind)


def handler_of(kind: str) -> Handler | None:
    """The registered function, if any."""
    return _handlers.get(kind)
