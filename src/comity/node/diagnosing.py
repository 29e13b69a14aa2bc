"""What ``comity node doctor`` looks at: machine and settings, and what runs out or stands still.

Receives a prepared node; returns findings; changes nothing.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import connection

from comity.directory.updates import ends_at
from comity.node import backed_up, durable, folders, heartbeat, store
from comity.node.alerts import figures as alerts
from comity.node.backups import making
from comity.node.config import NodeConfig
from comity.node.databases import troubles
from comity.node.directory import known, successors
from comity.node.exchange import announcing, ending, transport
from comity.node.exhibits import destroyed, previews
from comity.node.exhibits.models import LetterProof
from comity.node.findings import Finding, Look, taken
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import clock_steps, sequencer
from comity.node.witnesses import clock
from comity.sealing.keys import read_certificate
from comity.terms import ComityError

SOON = timedelta(days=60)
LITTLE_ROOM = 1024**3
_PRIVATE = ("*.key", "*.identity", "*.pkcs11")


def diagnose(node: NodeConfig, now: datetime) -> Iterator[Finding]:
    """Whether the machine is a fit place for the node."""
    return taken(
        [
            Look("disk space", partial(_room, node), asks_database=False),
            Look("permissions", partial(_permissions, node), asks_database=False),
            Look("object store", partial(_bucket, node), asks_database=False),
            Look("database", _settings),
            Look("people's address", partial(_address, node), asks_database=False),
            Look("proxies", partial(_proxies, node), asks_database=False),
            Look("clock", clock_steps.findings),
            Look("clock", partial(_clock, now)),
            Look("worker", partial(_worker, node, now), asks_database=False),
            Look("alerts", partial(_gateways, node), asks_database=False),
            Look("alerts", partial(_messages, node, now)),
            Look("backups", partial(_backups, node, now), asks_database=False),
            Look("backups", partial(making.findings, node), asks_database=False),
            Look("certificates", partial(_certificates, node, now), asks_database=False),
            Look("certificates of peers", partial(_certificates_of_peers, now)),
            Look("transport key", partial(_transport_keys, now)),
            Look("proofs", partial(_proofs, now)),
            Look("list of destroyed exhibits", partial(_destroyed, node), asks_database=False),
            Look("previews", partial(_previews, node), asks_database=False),
            Look("disk encryption", _encryption, asks_database=False),
        ]
    )


def _room(node: NodeConfig) -> Finding:
    free = shutil.disk_usage(node.folder).free
    text = f"{free // 1024**2} MiB are free"
    return Finding("disk space", text, "disk_nearly_full" if free < LITTLE_ROOM + durable.RESERVE else None)


def _permissions(node: NodeConfig) -> Iterator[Finding]:
    private = [node.folder, node.keys, *_secrets(node)]
    private += [path for pattern in _PRIVATE for path in sorted(node.keys.glob(pattern))]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in private}
    wide = [path for path in private if modes[path] & 0o077]
    for path in wide:
        text = f"{path} can be used by others (mode {modes[path]:o})"
        yield Finding("permissions", text, "permissions_wide")
    if not wide:
        yield Finding("permissions", "folder, secrets and keys are this user's alone")


def _secrets(node: NodeConfig) -> list[Path]:
    """The files of secrets that node.toml names, and the node's own; those that are there."""
    named = ["secret"]
    named += [each.secret_file for each in (node.openid, node.objects, node.mail, node.sms) if each]
    return [path for path in (node.folder / name for name in named) if path.is_file()]


def _bucket(node: NodeConfig) -> Iterator[Finding]:
    """The object store answers, where there is one."""
    if node.objects is not None:
        store.exists("doctor")
        yield Finding("object store", f"the bucket {node.objects.bucket} answers")


def _settings() -> Iterator[Finding]:
    troubles.demand_there()
    yield Finding("database", "answers")
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            cursor.execute(f"PRAGMA {pragma}")
            found = cursor.fetchone()[0]
            code = None if found == wanted else "database_settings"
            yield Finding(f"SQLite {pragma}", str(found), code)


def _address(node: NodeConfig) -> Finding:
    if node.public_url or node.demonstration:
        return Finding("people's address", node.public_url or f"http://{node.listen}")
    text = "node.toml has no public_url, so that browsers elsewhere are refused"
    return Finding("people's address", text, "public_url_missing")


def _proxies(node: NodeConfig) -> Iterator[Finding]:
    """Outside a demonstration a proxy speaks TLS for the pages: its address says nothing of who asks."""
    if node.trusted_proxies:
        yield Finding("proxies", f"{', '.join(node.trusted_proxies)} say by X-Forwarded-For who asks")
    elif not node.demonstration:
        text = (
            "node.toml names no trusted_proxies, so that all who come through the proxy count as one address,"
            " and a few wrong passwords of anybody shut the sign-in to everybody"
        )
        yield Finding("proxies", text, "trusted_proxies_missing")


def _clock(now: datetime) -> Iterator[Finding]:
    last = sequencer.latest()
    if last is not None and last.made_at > now:
        yield Finding("clock", f"it shows a time before the last checkpoint ({last.made_at})", "clock_behind")
    else:
        yield Finding("clock", f"{now:%Y-%m-%dT%H:%M:%SZ}, after the last checkpoint")
    lead = clock.ahead()
    if lead is not None:
        text = f"at least two witnesses signed times {lead} before those of the heads that they cosigned"
        yield Finding("clock", text, "clock_ahead")


def _worker(node: NodeConfig, now: datetime) -> Finding:
    """A worker that hangs is found by its silence; one that does not run at all is no fault."""
    if not heartbeat.is_running(node):
        return Finding("worker", "the node does not run", note=True)
    last = heartbeat.last_round(node)
    said = f"last round {last:%Y-%m-%dT%H:%M:%SZ}" if last else "no round yet"
    return Finding("worker", said, "worker_silent" if heartbeat.is_silent(node, now) else None)


def _gateways(node: NodeConfig) -> Iterator[Finding]:
    """Whether officials can be told away from their screens."""
    for way, gateway in (("mail", node.mail), ("sms", node.sms)):
        if gateway is None:
            yield Finding(f"alerts by {way}", f"no gateway: [{way}] in node.toml sets it up", note=True)
    needed = []
    if node.mail is not None:
        needed += [("mail", node.mail.secret_file)] if node.mail.user else []
        needed += [("mail", node.mail.ca_file)] if node.mail.ca_file else []
    if node.sms is not None and node.sms.secret_header:
        needed.append(("sms", node.sms.secret_file))
    for way, name in needed:
        if not (node.folder / name).is_file():
            text = f"{name} is missing in the folder"
            yield Finding(f"alerts by {way}", text, "gateway_secret_missing")


def _messages(node: NodeConfig, now: datetime) -> Iterator[Finding]:
    """Whether what officials are told leaves."""
    found = alerts.figures(now - timedelta(days=1))
    for way, gateway in (("mail", node.mail), ("sms", node.sms)):
        if gateway is not None:
            failed, waiting = found.failed[way], found.waiting[way]
            text = f"{waiting} messages wait, {failed} failed within a day"
            yield Finding(f"alerts by {way}", text, "messages_failed" if failed else None)


def _backups(node: NodeConfig, now: datetime) -> Iterator[Finding]:
    """Whether a backup can be made, and how old the last one is."""
    if not (node.keys / folders.RECOVERY_RECIPIENT).is_file():
        text = "no backup can be made without: comity node recovery-key DIR"
        yield Finding("backups", text, "recovery_key_missing")
        return
    found = backed_up.last(node)
    if found is None:
        text = "none was ever made: comity node backup DIR PLACE"
        needed = node.backup_hours != 0 and not node.demonstration
        code = "backup_overdue" if backed_up.is_overdue(node, now) else "backup_missing" if needed else None
        yield Finding("backups", text, code, note=code is None)
        return
    text = f"the last is of {found.made_at:%Y-%m-%dT%H:%M:%SZ}: {found.path}; try to restore one once a year"
    yield Finding("backups", text, "backup_overdue" if backed_up.is_overdue(node, now) else None)


def _certificates(node: NodeConfig, now: datetime) -> Iterator[Finding]:
    for path in sorted(node.keys.glob("*.crt")):
        try:
            end = read_certificate(path).not_valid_after_utc
        except ComityError as error:
            yield Finding(f"certificate {path.stem}", str(error), error.code)
            continue
        code = "certificate_expired" if end <= now else "certificate_ends_soon" if end <= now + SOON else None
        yield Finding(f"certificate {path.stem}", f"valid until {end:%Y-%m-%d}", code)


def _certificates_of_peers(now: datetime) -> Iterator[Finding]:
    """A peer whose last admitted certificate ends soon, and what waits for an administrator."""
    for peer in known.peers().order_by("id"):
        end = max((ends_at(pem) for pem in known.admitted(peer, now)), default=None)
        if end is None:
            yield Finding(f"certificate of {peer.id}", "none is admitted", "peer_certificate_expired")
        elif end <= now + SOON:
            text = f"the last one admitted ends on {end:%Y-%m-%d}; ask the authority"
            yield Finding(f"certificate of {peer.id}", text, "peer_certificate_ends_soon")
    count = successors.waiting().count()
    if count:
        yield Finding("directory", f"{count} updates of authorities wait for an administrator", note=True)


def _transport_keys(now: datetime) -> Iterator[Finding]:
    """The own transport key is replaced in time, and those of the peers can be encrypted to."""
    own = transport.current()
    if own is not None:
        late = own.valid_from + transport.ROTATE_AFTER + timedelta(days=1) <= now
        code = (
            "transport_key_expired" if own.valid_until <= now else "transport_key_ends_soon" if late else None
        )
        yield Finding("transport key", f"key {own.number} until {own.valid_until:%Y-%m-%d}", code)
    for peer in known.peers().order_by("id"):
        try:
            announcing.usable_recipient(peer, now)
        except ComityError as error:
            yield Finding(f"transport key of {peer.id}", str(error), error.code)
    untold = Job.objects.filter(kind=transport.ANNOUNCE, state=JobState.WAITING).count()
    if untold:
        text = f"{untold} peers have not taken the present key yet; the node goes on telling them"
        yield Finding("transport key", text, note=True)


def _proofs(now: datetime) -> Finding:
    """Containers are sealed again in the year before their proof ends (docs/sealing.md, clause 13)."""
    renewed = LetterProof.objects.filter(letter__renewals__isnull=False)
    erased = LetterProof.objects.filter(letter__container="")
    remains = [each.ends for each in erased if each.ends]
    found = ending.endings(now, {each.letter_id: each.ends for each in renewed if each.ends}, remains)
    if found.over:
        return Finding("proofs", f"{found.over} of {found.kept} containers ended", "proof_ended")
    if found.first is None:
        return Finding("proofs", "no container is kept yet")
    text = f"the first of {found.kept} containers proves itself until {found.first:%Y-%m-%d}"
    if found.due:
        text = f"{found.due} of {found.kept} containers must be sealed again by {found.first:%Y-%m-%d}"
        return Finding("proofs", text, "proof_ending")
    return Finding("proofs", text)


def _destroyed(node: NodeConfig) -> Finding:
    """The list of destroyed exhibits protects only where a restored backup brings no older one back."""
    subject = "list of destroyed exhibits"
    count = len(destroyed.listed())
    if not destroyed.is_kept_apart(node):
        text = (
            f"{count} stand on it, and it lies in the node's folder alone: a restored backup brings an"
            " older list back; name a file on another disk as destroyed_copy in node.toml"
        )
        return Finding(subject, text, "destroyed_list_alone" if count else None, note=not count)
    second = Path(node.destroyed_copy)
    hindrance = destroyed.hindrance(second)
    behind = 0 if hindrance else count - min(len(destroyed.read(path)) for path in destroyed.places(node))
    if hindrance or behind:
        text = f"{second} cannot be written: {hindrance}" if hindrance else f"{second} is behind by {behind}"
        return Finding(subject, text, destroyed.DestroyedCopyUnreachableError.code)
    if second.parent.stat().st_dev == node.folder.stat().st_dev:
        return Finding(subject, f"{count} stand on it, in two places, but on one disk", note=True)
    return Finding(subject, f"{count} stand on it, in two places")


def _previews(node: NodeConfig) -> Finding:
    """Whether previews can be drawn in a sandbox here, and whether they are on."""
    switch = "on" if node.preview_listen else "off (preview_listen in node.toml turns them on)"
    hindrances = previews.hindrances()
    if not hindrances:
        return Finding("previews", f"this machine can draw them in a sandbox; they are {switch}")
    text = (
        f"this machine cannot bound the drawing, so nothing is drawn; they are {switch}. Allow the node user"
    )
    text = f"{text} namespaces: {'; '.join(hindrances)}"
    code = previews.SandboxMissingError.code if node.preview_listen else None
    return Finding("previews", text, code, note=code is None)


def _encryption() -> Finding:
    text = (
        "the disk under the node should be encrypted (LUKS or the like): ledger and cases lie in the database"
    )
    return Finding("disk encryption", text, note=True)
