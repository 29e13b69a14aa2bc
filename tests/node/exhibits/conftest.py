"""A case with a result of State XB that came with one exhibit."""

from __future__ import annotations

import hashlib
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest

from comity import canonical
from comity.node import config, folders, store
from comity.node.casework.models import Case, Side
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter, Stage
from comity.sealing import encryption
from comity.sealing import keys as sealing_keys
from comity.sealing.container import in_memory, write_container
from comity.sealing.flow import PlainFlow
from comity.sealing.manifest import Kind

LOG = b"2027-06-12T01:00:00Z sign-in account=night.heron@post.example\n"


@pytest.fixture
def case(keys: Any, clock: Any) -> Case:
    return Case.objects.create(
        reference="XA-2027-000001",
        peer_reference="XB-2027-000001",
        side=Side.REQUESTING,
        peer=known.find("xb-247"),
        heading="A matter",
        opened_at=clock.now,
        changed_at=clock.now,
    )


@pytest.fixture
def result(keys: Any, case: Case, clock: Any) -> Letter:
    """A result of State XB with one exhibit, as it lies in the archive after verification."""
    return _archived(keys, case, clock, _result(clock), LOG)


@pytest.fixture
def sealed_by_peer(keys: Any, case: Case, clock: Any) -> Any:
    """Make a letter of State XB that carries no file, as it lies in the archive after verification."""

    def make(kind: str, body: dict[str, Any]) -> Letter:
        person, at = {"name": "B. Officer", "post": "Head"}, canonical.instant_text(clock.now)
        blank: dict[str, Any] = {"name": "-", "exhibit": None}
        document = _letter(clock, at, {**person, "at": at}, blank, [])
        document |= {"kind": kind, "body": body, "attachments": [], "limits": []}
        return _archived(keys, case, clock, document)

    return make


def _archived(keys: Any, case: Case, clock: Any, document: dict[str, Any], *contents: bytes) -> Letter:
    sealed, stored = io.BytesIO(), io.BytesIO()
    carried = zip(document["attachments"], contents, strict=True)
    files = [
        in_memory("letter.json", "application/json", canonical.write(document)),
        *(in_memory(f"letter.{each}.pdf", "application/pdf", b"%PDF-1.7") for each in ("en", "kk", "ru")),
        *(in_memory(each["name"], "text/plain", content) for each, content in carried),
    ]
    peer = sealing_keys.load(keys.peer)
    with PlainFlow(sealed) as flow:
        write_container(flow, files, kind=Kind.LETTER, about={}, signer=peer, now=clock.now)
    sealed.seek(0)
    encryption.encrypt(sealed, stored, [folders.storage_recipient(config.current())])
    stored.seek(0)
    key = f"letters/{document['id']}.age"
    store.put(key, stored)
    return Letter.objects.create(
        id=document["id"],
        kind=document["kind"],
        direction=Direction.IN,
        peer=known.find("xb-247"),
        case_reference=case.reference,
        generation=3,
        stage=Stage.DELIVERED,
        canonical=canonical.write(document),
        container=key,
        sealed_sha256=hashlib.sha256(sealed.getvalue()).hexdigest(),
        stage_at=clock.now,
        expires_at=clock.now + timedelta(days=1),
    )


def _result(clock: Any) -> dict[str, Any]:

    from comity.proofs.custody import CustodyRecord as Record

    exhibit, at = str(uuid.uuid4()), canonical.instant_text(clock.now - timedelta(hours=1))
    digest = hashlib.sha256(LOG).hexdigest()
    records: list[dict[str, Any]] = []
    for n, act in enumerate(("received", "hashed", "sent"), start=1):
        previous = Record.model_validate(records[-1]).digest if records else None
        records.append(
            {
                "schema": "comity-custody/1",
                "exhibit": exhibit,
                "n": n,
                "act": act,
                "at": at,
                "by": {"name": "B. Officer", "post": "Custodian", "authority": "xb-247"},
                "sha256": digest,
                "bytes": len(LOG),
                "note": "",
                "previous": previous,
            }
        )
    person = {"name": "B. Officer", "post": "Head", "at": at}
    attachment = {
        "name": "exhibits/XB-2027-000001-E1/access.log",
        "media_type": "text/plain",
        "bytes": len(LOG),
        "sha256": digest,
        "exhibit": exhibit,
    }
    return _letter(clock, at, person, attachment, records)


def _letter(
    clock: Any, at: str, person: dict[str, str], attachment: dict[str, Any], records: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schema": "comity-letter/1",
        "kind": "result",
        "id": str(uuid.uuid4()),
        "case": {"requesting": "XA-2027-000001", "requested": "XB-2027-000001"},
        "generation": 3,
        "from": "xb-247",
        "to": "xa-247",
        "written_at": at,
        "expires_at": canonical.instant_text(clock.now + timedelta(days=1)),
        "answers": [],
        "people": [{"part": "drafter", **person}, {"part": "signatory", **person, "name": "C. Head"}],
        "limits": [{"id": "stated_purpose_only", "cite": "uncc:art_40__para_19", "text": None}],
        "attachments": [attachment],
        "body": {
            "reference": "XB-2027-000001",
            "whole": True,
            "items": [{"number": 1, "actual": "executed", "note": "", "exhibits": [attachment["exhibit"]]}],
            "custody": records,
            "authenticity": "Exact copies.",
        },
    }
