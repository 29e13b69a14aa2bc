"""Whether the node still has, once, all that the outside was told; whether what it keeps is whole."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connection
from tests.faults.deeds import ACTED
from tests.faults.founding import PLACE
from tests.faults.world import World

from comity.node import config, store
from comity.node.directory import known
from comity.node.exchange import incoming
from comity.node.exchange.models import Letter, Receipt, Stage, TransportKey
from comity.node.exhibits import content
from comity.node.exhibits.models import Exhibit, Segment
from comity.node.jobs.models import Job
from comity.node.ledger import export, keys
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.witnesses.models import Head
from comity.proofs import exports
from comity.sealing import encryption
from comity.sealing import keys as sealing_keys
from comity.terms import ComityError

_HASH = re.compile(r"([0-9a-f]{64})(\.age)?")


def faults(base: Path, world: World, *, whole: bool) -> Iterator[str]:
    """Everything lost, doubled or torn after a recovery; ``whole``: with the ledger from its first entry."""
    yield from _database()
    yield from _sent(world)
    yield from _received(world)
    yield from _ledger(world)
    yield from _evidence(world)
    yield from _objects()
    yield from _keys(world)
    for name, digest in world.of("backup").items():
        path = base / PLACE / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"backup {name} is not what was finished"
    if whole:
        yield from _verified()


def _database() -> Iterator[str]:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            answer = cursor.fetchone()[0]
        if answer != "ok":
            yield f"database: {answer}"
    for job in Job.objects.filter(state="given_up"):
        yield f"job {job.kind} was given up: {job.last_code}"


def failures() -> list[str]:
    """With which codes jobs were put off."""
    codes = Job.objects.exclude(last_code="").exclude(state="done").values_list("last_code", flat=True)
    return list(codes)


def _sent(world: World) -> Iterator[str]:
    rows = {str(row.id): row for row in Letter.objects.filter(direction="out")}
    for name, digest in world.of("frozen").items():
        row = rows.get(name)
        if row is None or hashlib.sha256(bytes(row.canonical or b"")).hexdigest() != digest:
            yield f"letter {name} was frozen and is lost"
        elif row.stage not in (Stage.RELAYED, Stage.DELIVERED):
            yield f"letter {name} stands at {row.stage}"
        elif world.of("handed").get(name) != row.sha256:
            yield f"letter {name} is not the one that the peer has"
    notes = {f"{row.letter_id}:{row.kind}": row.note for row in Receipt.objects.filter(issued_by="xb-247")}
    for name in world.of("kept"):
        if notes.get(name) != world.of("given")[name]:
            yield f"receipt {name} was acknowledged and is lost"


def _received(world: World) -> Iterator[str]:
    own = known.own().id
    notes = {f"{row.letter_id}:{row.kind}": row.note for row in Receipt.objects.filter(issued_by=own)}
    told = {f"{name}:RELAY_REMMD_ACCEPTANCE": note for name, note in world.of("answer").items()}
    for name, note in {**told, **world.of("taken")}.items():
        if notes.get(name) != note:
            yield f"receipt {name} was given and is not the one that is kept"
    rows = {str(row.id): row for row in Letter.objects.filter(direction="in")}
    for name in world.of("answer"):
        row = rows.get(name)
        if row is None:
            yield f"letter {name} was acknowledged and is lost"
            continue
        if row.stage != Stage.DELIVERED:
            yield f"letter {name} stands at {row.stage} ({row.refusal_code})"
        elif not store.exists(row.container):
            yield f"the container of {name} is lost"
        acted = Entry.objects.filter(kind=ACTED, subject=name).count()
        if acted != 1:
            yield f"letter {name} had its effect {acted} times"


def _ledger(world: World) -> Iterator[str]:
    notes = {row.size: row.note.partition("\n\n")[0] for row in Checkpoint.objects.all()}
    for size, text in world.of("head").items():
        if notes.get(int(size)) != text:
            yield f"the head of {size} entries was shown and is lost or another"
    indexes = list(Entry.objects.exclude(index=None).order_by("index").values_list("index", flat=True))
    if indexes != list(range(len(indexes))):
        yield "the ledger has gaps"
    commitments = {bytes(row.commitment).hex() for row in Entry.objects.filter(kind="tested")}
    for name, commitment in world.of("entry").items():
        if commitment not in commitments:
            yield f"entry {name} is lost"
    heads = {row.size: bytes(row.root).hex() for row in Head.objects.exclude(cosigned_at=None)}
    for size, root in world.of("cosigned").items():
        if heads.get(int(size)) != root:
            yield f"the peer's head of {size} entries was cosigned and is forgotten"


def _evidence(world: World) -> Iterator[str]:
    for name, digest in world.of("exhibit").items():
        row = Exhibit.objects.filter(pk=name).first()
        if row is None:
            yield f"exhibit {name} was taken in and is lost"
            continue
        segments = Segment.objects.filter(exhibit=row).order_by("position")
        names = list(segments.values_list("ciphertext_sha256", flat=True))
        try:
            with content.read(bytes(row.wrapped_key or b""), names) as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except ComityError as error:
            found = error.code
        if found != digest:
            yield f"exhibit {name} is not whole: {found}"


def _keys(world: World) -> Iterator[str]:
    for number in world.of("rotated"):
        row = TransportKey.objects.filter(number=number).first()
        path = config.current().keys / f"transport-{number}.identity"
        if row is None or not path.is_file():
            yield f"transport key {number} was made and is lost"
        elif encryption.recipient_of(sealing_keys.read_identity(path)) != row.recipient:
            yield f"transport key {number} is not the one that is told"


def _objects() -> Iterator[str]:
    """What bears its hash as its name is that, however it came there."""
    node = config.current()
    for key in store.every_key():
        named = _HASH.fullmatch(key.rpartition("/")[2])
        with store.open(key) as stored:
            if named and hashlib.file_digest(stored, "sha256").hexdigest() != named[1]:
                yield f"object {key} is torn"
    for row in Letter.objects.filter(direction="in", stage=Stage.ACCEPTED):
        waiting = incoming.quarantined(str(row.id), row.sha256)
        if not waiting.is_file() or hashlib.sha256(waiting.read_bytes()).hexdigest() != row.sha256:
            yield f"the container of {row.id} waits no more, or torn"
    assert node.store.is_dir()


def _verified() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            export.write(Path(folder) / "export")
            exports.verify_export(Path(folder) / "export", keys.signer().verifier)
        except ComityError as error:
            yield f"the ledger does not verify: {error.code}"
