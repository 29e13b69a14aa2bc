"""The node's health and figures for monitoring: counts and ages, never a name or a word of content.

Reads rows and the worker's heartbeat; changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from django.db import DatabaseError, close_old_connections
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from comity import __version__
from comity.directory.updates import ends_at
from comity.node import backed_up, config, durable, heartbeat
from comity.node.alerts import figures as alerts
from comity.node.clocks.models import Clock, ClockState
from comity.node.config import NodeConfig
from comity.node.directory import known, successors
from comity.node.exchange.models import Letter
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import holding, sequencer, wall_clock
from comity.node.ledger.models import Entry
from comity.node.witnesses import figures as witnesses

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


def figures(node: NodeConfig, now: datetime) -> bytes:
    """The figures as Prometheus reads them (text format 0.0.4)."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(node, now))
    return generate_latest(registry)


class _Figures:
    def __init__(self, node: NodeConfig, now: datetime) -> None:
        self.node, self.now = node, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        node, now = self.node, self.now
        yield _one("comity_version", "The software's version", 1, version=__version__)
        yield _one("comity_restored", "1 while a restored node waits to be resumed", node.restored.exists())
        last = heartbeat.last_round(node)
        yield _one(
            "comity_worker_silent",
            "1 when the worker has said nothing for too long",
            heartbeat.is_silent(node, now),
        )
        yield _one("comity_worker_round_age_seconds", "Age of the worker's last round", _age(last, now))
        stepped = wall_clock.step()
        text = "How far the clock is off what it should show, in seconds; 0 while it can be believed"
        yield _one("comity_clock_step_seconds", text, stepped.seconds if stepped else 0)
        waiting = Job.objects.filter(state=JobState.WAITING)
        yield _grouped("comity_jobs", "Jobs by state", "state", _counted(Job, "state"))
        oldest = waiting.filter(run_after__lte=now).aggregate(at=Min("run_after"))["at"]
        yield _one("comity_job_oldest_seconds", "How long the oldest due job has waited", _age(oldest, now))
        yield _grouped("comity_letters", "Letters by stage", "stage", _counted(Letter, "stage"))
        yield _grouped("comity_clocks", "Clocks of the law by state", "state", _counted(Clock, "state"))
        soon = Clock.objects.filter(state=ClockState.RUNNING, due_at__lte=now + timedelta(days=1)).count()
        yield _one("comity_clocks_due_in_a_day", "Running clocks that end within a day", soon)
        head = sequencer.latest()
        yield _one("comity_ledger_entries", "Entries under the last checkpoint", head.size if head else 0)
        unnumbered = Entry.objects.filter(index=None).count()
        yield _one("comity_ledger_unnumbered", "Entries that wait for their number", unnumbered)
        yield _one("comity_checkpoint_age_seconds", "Age of it", _age(head.made_at if head else None, now))
        yield from _witnesses(now)
        yield from _alerts(now)
        yield _one(
            "comity_disk_free_bytes", "Free room on the node's disk", shutil.disk_usage(node.folder).free
        )
        last_backup = backed_up.last(node)
        age = _age(last_backup.made_at if last_backup else None, now)
        yield _one("comity_backup_age_seconds", "Age of the last backup", age)
        overdue = backed_up.is_overdue(node, now)
        yield _one("comity_backup_overdue", "1 when the last backup is too old, or none was made", overdue)
        ends = {path.stem: _days_left(path.read_bytes(), now) for path in sorted(node.keys.glob("*.crt"))}
        yield _grouped("comity_certificate_days_left", "Days until a certificate ends", "certificate", ends)
        yield from _peers(now)


def _peers(now: datetime) -> Iterator[GaugeMetricFamily]:
    """How soon the first peer is admitted by no certificate any more, and what waits here."""
    admitted = [known.admitted(peer, now) for peer in known.peers()]
    left = min(((max(map(ends_at, pems)) - now).days if pems else 0 for pems in admitted), default=None)
    text = "Days until the first peer's last certificate ends"
    yield _one("comity_peer_certificate_days_left", text, left)
    text = "Updates of authorities that wait for an administrator"
    yield _one("comity_directory_updates_waiting", text, successors.waiting().count())


def _witnesses(now: datetime) -> Iterator[GaugeMetricFamily]:
    found = witnesses.figures()
    yield _one("comity_ledger_held", "1 while the ledger may sign nothing", found.held)
    yield _one("comity_witnesses", "Witnesses that are asked to cosign", found.witnesses)
    yield _one("comity_witness_quorum", "Cosignatures that make a quorum", found.quorum)
    yield _one("comity_cosignatures", "Cosignatures under the published head", found.cosignatures)
    age = _age(found.cosigned_at, now)
    yield _one("comity_cosigned_checkpoint_age_seconds", "Age of the latest head with a quorum", age)
    yield _one("comity_witnesses_due", "Witnesses that do not know the latest head yet", found.due)
    text = "Witnesses that did not cosign last, by what they said"
    yield _grouped("comity_witness_refusals", text, "code", found.refused)
    yield _one("comity_ledgers_cosigned", "Peers whose ledgers this node has cosigned", found.given)
    text = "How far witnesses say that the clock is ahead, in seconds; 0 below five minutes"
    yield _one("comity_clock_ahead_seconds", text, found.ahead.total_seconds() if found.ahead else 0)
    yield _one("comity_forks", "Proofs that a peer's ledger contradicts itself", found.forks)
    yield _one("comity_forks_unproved", "Heads of peers whose proof of consistency failed", found.doubts)


def _alerts(now: datetime) -> Iterator[GaugeMetricFamily]:
    found = alerts.figures(now - timedelta(days=1))
    yield _grouped("comity_alerts_open", "Alerts that nobody reacted to yet", "urgency", found.open)
    yield _grouped("comity_alert_messages_waiting", "Messages that wait", "way", found.waiting)
    yield _grouped("comity_alert_messages_failed", "Messages that failed within a day", "way", found.failed)
    age = _age(found.oldest, now)
    yield _one("comity_alert_message_oldest_seconds", "How long the oldest due message has waited", age)


def application(
    environ: dict[str, Any], answer: Callable[[str, list[tuple[str, str]]], Any]
) -> Iterable[bytes]:
    """``/health`` (200 or 503, one word) and ``/metrics``; on an address of this machine alone."""
    close_old_connections()
    node, now = config.current(), timezone.now()
    try:
        status, body = _answer(environ["PATH_INFO"], node, now)
    except DatabaseError:
        status, body = "503 Service Unavailable", b"database\n"
    finally:
        close_old_connections()
    answer(
        status, [("Content-Type", _TEXT), ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]
    )
    return [body]


def _answer(path: str, node: NodeConfig, now: datetime) -> tuple[str, bytes]:
    if path == "/metrics":
        return "200 OK", figures(node, now)
    if path != "/health":
        return "404 Not Found", b"\n"
    Job.objects.exists()  # the database answers
    if heartbeat.is_silent(node, now):
        return "503 Service Unavailable", b"worker_silent\n"
    if wall_clock.step() is not None:
        return "503 Service Unavailable", b"clock_stepped\n"
    if node.restored.exists():
        return "503 Service Unavailable", b"node_restored\n"
    if holding.held(node.folder) is not None:
        return "503 Service Unavailable", b"ledger_held\n"
    if not durable.has_room(node.folder):
        return "503 Service Unavailable", b"disk_full\n"
    return "200 OK", b"ok\n"


def _one(name: str, text: str, value: float | None, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=list(labels))
    if value is not None:
        family.add_metric(list(labels.values()), float(value))
    return family


def _grouped(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family


def _counted(model: Any, field: str) -> dict[str, int]:
    return dict(model.objects.order_by(field).values_list(field).annotate(count=Count("pk")))


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else (now - at).total_seconds()


def _days_left(pem: bytes, now: datetime) -> int:
    return (x509.load_pem_x509_certificate(pem).not_valid_after_utc - now).days
