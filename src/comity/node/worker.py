"""The node's worker: jobs, the ledger's sequencer, clocks that run out. One worker a folder.

Jobs with a lane (calls of a peer's node, notices to programs outside) run aside in threads of their own: who
answers slowly holds up nobody else. The watch over alerts has one too: it goes on while a job takes long;
and so have the messages of alerts: they leave though every other thread waits for a slow peer.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from comity.node import heartbeat
from comity.node.config import NodeConfig
from comity.node.lifeline import Flag
from comity.node.stack import with_room

if TYPE_CHECKING:
    from comity.node.ledger.clock_steps import Watch

PAUSE = 0.2
"""Seconds between two looks at an empty outbox."""
PAUSE_AFTER_FAILURE = 2.0
PAUSE_STEPPED = 1.0
"""Seconds between two looks at a clock that cannot be believed."""
JOBS_A_ROUND, TOGETHER = 20, 8
"""Jobs before the worker looks at what else is due, and those of them that are claimed at once."""
BETWEEN_LOOKS, BETWEEN_DUES = 1.0, 5.0
"""Seconds between two looks at the ledger and the clocks, and at what is due by the hour or the day."""
ASIDE = 4
"""Threads for the jobs that have a lane."""
PAUSE_ASIDE = 0.3
PAUSE_WATCH = 3.0
"""Seconds between two looks at alerts that nobody reacted to and at the node's troubles."""
_log = logging.getLogger(__name__)


def work(stop: Flag, owner: str) -> None:
    """Work until told to stop, then number what is in the ledger, though it was told before it began."""
    from comity.node.ledger.clock_steps import Watch

    watch = Watch()
    if _begins(stop, watch):
        with_room(_serve, stop, watch, owner)
    try:
        _number()
    except Exception:
        _log.exception("the last entries stay unnumbered until the node runs again")


def _serve(stop: Flag, watch: Watch, owner: str) -> None:
    """Take up what the worker before left, then work in rounds. Nothing in one round ends the worker."""
    from django.utils import timezone

    from comity.node.alerts.messages import JOB
    from comity.node.exchange import transport, workspace
    from comity.node.exhibits import destroyed
    from comity.node.jobs import running

    workspace.sweep()
    transport.settle()
    again = destroyed.apply(timezone.now())
    if again:
        _log.warning("destroyed %s exhibits again whose keys a restored backup had", again)
    freed = running.take_back(owner)
    if freed:
        _log.info("took back %s leases of the worker before", freed)
    _begin("alerts", watch_alerts, stop)
    for n in range(ASIDE):  # what they hold when the worker ends is taken back when it starts anew
        _begin(f"aside-{n}", work_aside, stop, owner)
    _begin("messages", work_aside, stop, owner, JOB)
    looks = Looks()
    while not stop.raised:
        try:
            _round(watch, owner, looks)
        except Exception:
            _log.exception("a round of the worker failed")
            time.sleep(PAUSE_AFTER_FAILURE)


def _begin(name: str, work: Callable[..., None], *given: Any) -> None:
    threading.Thread(target=with_room, args=(work, *given), name=name, daemon=True).start()


def _begins(stop: Flag, watch: Watch) -> bool:
    """Wait until the clock can be believed; false when told to stop before."""
    while not stop.raised:
        if not _is_stepped(watch):
            return True
        time.sleep(PAUSE_STEPPED)
    return False


def _is_stepped(watch: Watch) -> bool:
    """Say that the worker works, and whether the clock lets it."""
    heartbeat.beat()
    return watch.is_stepped()


def work_aside(stop: Flag, owner: str, only: str = "") -> None:
    """Run jobs that have a lane until told to stop; ``only`` those of lanes whose names begin so."""
    from django.db import close_old_connections, connections

    from comity.node.jobs.running import run_some
    from comity.node.ledger import wall_clock

    while not stop.raised:
        try:
            if not run_some(wall_clock.now, owner, most=TOGETHER, aside=True, only=only):
                time.sleep(PAUSE_ASIDE)
        except wall_clock.ClockSteppedError:
            time.sleep(PAUSE_STEPPED)
        except Exception:
            _log.exception("a job aside failed")
            time.sleep(PAUSE_AFTER_FAILURE)
        finally:
            close_old_connections()
    connections.close_all()


def watch_alerts(stop: Flag) -> None:
    """Look after alerts until told to stop, whatever the rounds are busy with."""
    from django.db import close_old_connections, connections

    from comity.node.alerts import watching
    from comity.node.ledger import wall_clock

    while not stop.raised:
        try:
            watching.look(wall_clock.now())
        except wall_clock.ClockSteppedError:
            pass  # nothing gets a time from a clock that cannot be believed
        except Exception:
            _log.exception("a look at the alerts failed")
        finally:
            close_old_connections()
        time.sleep(PAUSE_WATCH)
    connections.close_all()


class Looks:
    """What else than jobs is looked at from time to time; the first time, everything."""

    def __init__(self) -> None:
        """Nothing was looked at yet."""
        self._looked = self._asked = -BETWEEN_DUES

    def take(self, moment: float) -> None:
        """Look at what is to be looked at by then; ``moment``: seconds of the monotonic clock."""
        if moment - self._looked < BETWEEN_LOOKS:
            return
        self._looked = moment
        try:
            _look()
        finally:  # what is due does not wait for a ledger that cannot be numbered
            if moment - self._asked >= BETWEEN_DUES:
                self._asked = moment
                _look_at_dues()


def _round(watch: Watch, owner: str, looks: Looks) -> None:
    """Some jobs, and a look at what else is due where the last was long ago."""
    if _is_stepped(watch):
        time.sleep(PAUSE_STEPPED)
        return
    ran = _run_jobs(owner)
    looks.take(time.monotonic())
    if not ran:
        time.sleep(PAUSE)


def _run_jobs(owner: str) -> bool:
    """Some jobs; whether there was one. A step of the clock ends it."""
    from comity.node.jobs.running import run_some
    from comity.node.ledger import wall_clock

    ran = 0
    while ran < JOBS_A_ROUND and (some := run_some(wall_clock.now, owner, most=TOGETHER, aside=False)):
        ran += some
        heartbeat.beat()
    return ran > 0


def _look() -> None:
    """The clocks and the ledger."""
    from django.db import close_old_connections

    from comity.node.clocks.running import run_out
    from comity.node.ledger import wall_clock

    run_out(wall_clock.now())
    _number()
    close_old_connections()


def _look_at_dues() -> None:
    """What is due by the minute, the hour or the day."""
    from comity.node.clocks import reminders
    from comity.node.directory import updating
    from comity.node.exchange import drilling, renewing, transport, unfinished, witnessing
    from comity.node.exhibits import integrity, openings, renewals, uploads
    from comity.node.ledger import wall_clock
    from comity.node.reports import erasing

    reminders.note(wall_clock.now())
    transport.ask_due(wall_clock.now())
    renewing.ask_due(wall_clock.now())
    updating.ask_due(wall_clock.now())
    unfinished.ask_due(wall_clock.now())
    integrity.ask_due(wall_clock.now())
    uploads.expire(wall_clock.now())
    openings.expire(wall_clock.now())
    erasing.expire(wall_clock.now())
    renewals.ask_due(wall_clock.now())
    witnessing.ask_due(wall_clock.now())
    drilling.ask_due(wall_clock.now())


def _number() -> None:
    """Number what is in the ledger; at last, what the servers wrote while they ended."""
    from comity.node.ledger import wall_clock
    from comity.node.ledger.sequencer import sequence_if_free

    sequence_if_free(wall_clock.now())


def run(node: NodeConfig) -> None:
    """Work for a prepared node until SIGTERM."""
    stop = Flag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop.raise_it)
    work(stop, f"{socket.gethostname()}:{node.folder}"[-80:])
