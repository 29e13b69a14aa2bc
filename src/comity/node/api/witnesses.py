"""Witnesses over the API: who cosigned our ledger, and what contradicts itself in those of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from comity.node.accounts.authority import authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure
from comity.node.directory import known
from comity.node.witnesses import heads, own, views

router = Router()


class WitnessOut(Schema):
    """A witness: up to which size it has cosigned, and the code of what went wrong last."""

    authority: str
    cosigned_size: int | None
    cosigned_at: datetime | None
    code: str


class LogOut(Schema):
    """An authority's ledger: the largest head seen, and the one that this node cosigned."""

    authority: str
    seen_size: int | None
    cosigned_size: int | None


class ForkOut(Schema):
    """Two heads that contradict each other; ``kind`` is empty where only the consistency proof is missing."""

    authority: str
    kind: str
    found_at: datetime
    closed_at: datetime | None
    document: str


class WitnessesOut(Schema):
    """``checkpoint`` is the published head with its cosignatures; ``held`` why the ledger signs nothing.

    ``clock_ahead_seconds``: by how much, more than five minutes, this node's clock is ahead of those of at
    least two witnesses; null where it is not.
    """

    quorum: int
    tolerated: int
    checkpoint: str | None
    held: str | None
    clock_ahead_seconds: int | None
    witnesses: list[WitnessOut]
    ledgers: list[LogOut]
    forks: list[ForkOut]


@router.get("/ledger/witnesses", response={200: WitnessesOut, FAILURES: Failure})
def witnesses(request: HttpRequest) -> dict[str, Any]:
    """What the page of witnesses shows."""
    authorise(official_of(request), "view_ledger")
    found = views.standing()
    published, held = found["published"], found["held"]
    return {
        "quorum": found["policy"].quorum,
        "tolerated": found["policy"].tolerated,
        "checkpoint": own.cosigned_note(published) if published else None,
        "held": held.reason if held else None,
        "clock_ahead_seconds": int(found["ahead"].total_seconds()) if found["ahead"] else None,
        "witnesses": [_witness(each) for each in found["witnesses"]],
        "ledgers": [
            {
                "authority": each["authority"].id,
                "seen_size": each["seen"].size if each["seen"] else None,
                "cosigned_size": each["cosigned"].size if each["cosigned"] else None,
            }
            for each in found["logs"]
        ],
        "forks": [
            {
                "authority": each.authority_id,
                "kind": each.kind,
                "found_at": each.found_at,
                "closed_at": each.closed_at,
                "document": each.document,
            }
            for each in found["forks"]
        ],
    }


@router.get("/ledger/witnesses/{authority}/checkpoint", response={FAILURES: Failure})
def peer_checkpoint(request: HttpRequest, authority: str) -> HttpResponse:
    """The last head of the authority's ledger that was seen here, as its signed note.

    Several notes, one after the other, where its ledger broke and that is not accepted here. Its own node,
    restored from a backup, compares them: ``comity node resume --checkpoint FILE``.
    """
    authorise(official_of(request), "view_ledger")
    return HttpResponse(heads.handed_out(known.find(authority)), content_type=views.NOTE)


def _witness(found: dict[str, Any]) -> dict[str, Any]:
    cosignature, contact = found["cosignature"], found["contact"]
    return {
        "authority": found["authority"].id,
        "cosigned_size": cosignature.checkpoint_id if cosignature else None,
        "cosigned_at": cosignature.at if cosignature else None,
        "code": contact.code if contact else "",
    }
