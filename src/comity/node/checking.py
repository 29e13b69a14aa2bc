"""What ``comity node check`` looks at: is what the node keeps whole, and does it agree?

Receives a prepared node; returns findings; changes nothing.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import connection

from comity.node import start, store
from comity.node.backups import making, resuming
from comity.node.config import NodeConfig
from comity.node.databases import troubles
from comity.node.directory import entering, notices, standing
from comity.node.directory.models import Keeper
from comity.node.exchange.models import Letter, Stage
from comity.node.exchange.workspace import digest
from comity.node.exhibits.models import Renewal
from comity.node.findings import Finding, Look, taken
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import clock_steps, export, holding, keys
from comity.node.witnesses import own
from comity.node.witnesses.models import ForkProof
from comity.proofs import exports

_NAMED_BY_HASH = re.compile(r"([0-9a-f]{64})(\.age)?")


def check(node: NodeConfig, now: datetime) -> Iterator[Finding]:
    """Whether database, ledger and store are whole and agree, and the directory is fresh."""
    return taken(
        [
            Look("database", _database),
            Look("database form", _migrations),
            Look("ledger", _ledger),
            Look("clock", clock_steps.findings),
            Look("witnesses", partial(_held, node), asks_database=False),
            Look("witnesses", _witnesses),
            Look("letters", partial(_letters, node)),
            Look("store", _objects, asks_database=False),
            Look("jobs", _jobs),
            Look("directory", partial(_directory, now)),
            Look("ledger", partial(_restored, node), asks_database=False),
            Look("backups", partial(making.findings, node), asks_database=False),
        ]
    )


def _database() -> Finding:
    troubles.demand_there()
    if connection.vendor != "sqlite":
        return Finding("database", "answers")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check")
        answer = cursor.fetchone()[0]
    return Finding("database", f"SQLite says: {answer}", None if answer == "ok" else "database_broken")


def _migrations() -> Finding:
    troubles.demand_kept()
    start.demand_known_form()
    missing = start.missing_changes()
    text = f"{len(missing)} changes of form are missing; comity node upgrade makes them"
    return (
        Finding("database form", text, "database_outdated")
        if missing
        else Finding("database form", "current")
    )


def _ledger() -> Finding:
    """With the public key alone: whoever checks need not be able to sign."""
    with tempfile.TemporaryDirectory() as folder:
        export.write(Path(folder) / "export")
        found = exports.verify_export(Path(folder) / "export", keys.verifier())
    return Finding("ledger", f"{found.entries} entries under {found.checkpoints} checkpoints hold")


def _held(node: NodeConfig) -> Iterator[Finding]:
    """Whether the ledger may sign."""
    held = holding.held(node.folder)
    if held is not None:
        text = f"the ledger is held since {held.since:%Y-%m-%d}: {held.reason}"
        yield Finding("witnesses", text, holding.LedgerHeldError.code)


def _witnesses() -> Iterator[Finding]:
    """How many cosigned the ledger, and which peer's ledger contradicts itself."""
    policy, published = own.policy(), own.published()
    count = published.cosignatures.count() if published else 0
    promise = (
        f"stands {policy.tolerated} dishonest" if policy.tolerated else "forks detectable, not prevented"
    )
    text = f"{count} of {policy.witnesses} cosigned the published head; quorum {policy.quorum}, {promise}"
    yield Finding("witnesses", text, note=True)
    for fork in ForkProof.objects.filter(closed_at=None):
        code = "peer_ledger_forked" if fork.kind else "consistency_unproven"
        text = f"heads of {fork.smaller} and {fork.larger} entries contradict each other"
        yield Finding(f"ledger of {fork.authority_id}", text, code)


def _letters(node: NodeConfig) -> Iterator[Finding]:
    missing = 0
    for row in Letter.objects.only("stage", "container", "travelling").iterator():
        if row.stage in (Stage.ACCEPTED, Stage.REFUSED):
            missing += not (node.arriving / row.travelling).is_file()
        elif row.container:
            missing += not store.exists(row.container)
    for each in Renewal.objects.exclude(letter__container="", of_remains=False).iterator():
        missing += not store.exists(each.key)
    text = f"{missing} containers are missing" if missing else "every container is there"
    yield Finding("letters", text, "object_missing" if missing else None)


def _objects() -> Finding:
    """Every object that is named by its hash still has that hash."""
    changed = count = 0
    for key in store.every_key():
        named = _NAMED_BY_HASH.fullmatch(key.rpartition("/")[2])
        if named:
            count += 1
            changed += not _is_whole(key, named[1])
    text = f"{changed} of {count} objects were changed" if changed else f"{count} objects are unchanged"
    return Finding("store", text, "object_changed" if changed else None)


def _is_whole(key: str, digest_named: str) -> bool:
    try:
        with store.open(key) as stored:
            return digest(stored)[0] == digest_named
    except OSError:  # a bad sector, of which this is the look
        return False


def _jobs() -> Finding:
    given_up = Job.objects.filter(state=JobState.GIVEN_UP).order_by("id")
    if not given_up:
        return Finding("jobs", f"{Job.objects.filter(state=JobState.WAITING).count()} waiting, none given up")
    named = ", ".join(f"{job.kind} ({job.last_code})" for job in given_up[:5])
    return Finding("jobs", f"{given_up.count()} were given up: {named}", "job_given_up")


def _directory(now: datetime) -> Iterator[Finding]:
    """Directories that are followed hold; what was verified last stays usable when they do not."""
    for doubt in standing.warnings(now):
        whose = f"{doubt.keeper.name}, State {doubt.state}" if doubt.state else doubt.keeper.name
        text = "what was verified last stays in use, no new key is accepted, emergencies need a call-back"
        yield Finding(f"directory of {whose}", text, doubt.code)
    for keeper in Keeper.objects.filter(ended_at=None, expires_at__gt=now).order_by("id"):
        yield Finding(f"directory of {keeper.name}", f"verified, until {keeper.expires_at:%Y-%m-%d}")
    for authority, until in notices.due(now):
        text = f"its State confirms the entry by {until:%Y-%m-%d}"
        yield Finding(
            f"entry of {authority.id}", text, "entry_unconfirmed" if until <= now else None, note=True
        )
    for role, until in notices.circulation_due(now):
        text = f"the list of {role} is circulated by {until:%Y-%m-%d}"
        yield Finding("directory", text, "list_due" if until <= now else None, note=True)
    for keeper in Keeper.objects.filter(ended_at=None, expires_at=None, problem="").order_by("id"):
        text = "followed, and nothing of it was entered yet: comity node directory update DIR --keeper ID"
        yield Finding(f"directory of {keeper.name}", text, note=True)
    waiting = entering.conflicts().count()
    if waiting:
        yield Finding("directory", f"{waiting} entries wait for an official's choice", "directory_conflict")


def _restored(node: NodeConfig) -> Iterator[Finding]:
    restored = resuming.standing(node)
    if restored is not None:
        yield Finding("ledger", f"{restored} {restored.advice}", restored.code)
