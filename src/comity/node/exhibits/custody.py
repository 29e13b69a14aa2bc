"""Custody: who did what to an exhibit and when, each record naming the one before it by hash.

Only this module writes custody. Every record of this node is committed in its ledger in the same
transaction; records that another State's letter told are kept beside it, marked as foreign.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.directory import known
from comity.node.exhibits.models import CustodyRecord, Exhibit
from comity.node.ledger import entries
from comity.proofs import custody
from comity.proofs.entries import commit
from comity.terms import ComityError, gettext_noop


class CustodyBrokenError(ComityError):
    """The custody that came with a letter is no whole chain."""

    code = "custody_broken"
    message = gettext_noop("The custody of exhibit {exhibit} is not whole: {finding}")
    next_step = gettext_noop("Ask the sending authority to explain and to send the result again.")


def keeper(official: Official) -> dict[str, str]:
    """Who acts, as a custody record names it."""
    return {"name": official.full_name, "post": official.post, "authority": known.own().id}


def record(
    exhibit: Exhibit, act: custody.CustodyAct, *, official: Official, note: str = "", now: datetime
) -> CustodyRecord:
    """Add what an official did; inside the act's transaction."""
    return record_by(exhibit, act, by=keeper(official), note=note, now=now)


def record_by(
    exhibit: Exhibit, act: custody.CustodyAct, *, by: dict[str, str], note: str = "", now: datetime
) -> CustodyRecord:
    """Add what someone did; ``by`` is name, post and authority as the record states them."""
    Exhibit.objects.select_for_update().get(pk=exhibit.pk)
    last = exhibit.custody.order_by("-n").first()
    content = custody.CustodyRecord(
        schema="comity-custody/1",
        exhibit=str(exhibit.id),
        n=last.n + 1 if last else 1,
        act=act,
        at=canonical.instant_text(now),
        by=custody.Keeper(**by),
        sha256=exhibit.sha256,
        bytes=exhibit.bytes,
        note=note,
        previous=digest(last.record) if last else None,
    ).as_json()
    entry = entries.append("custody", str(exhibit.id), content, now=now)
    return CustodyRecord.objects.create(
        exhibit=exhibit, n=content["n"], act=act, at=now, record=content, entry=entry
    )


def keep_foreign(exhibit: Exhibit, records: Sequence[dict[str, Any]]) -> None:
    """Keep the chain that the sending State's letter told; raise CustodyBrokenError unless it is whole."""
    told = custody.read_records(list(records))
    findings = custody.check_chain(told)
    if not findings and (told[-1].sha256, told[-1].bytes) != (exhibit.sha256, exhibit.bytes):
        findings = [custody.CustodyFinding("custody_content_differs", told[-1].n, _OTHER_CONTENT)]
    if findings:
        raise CustodyBrokenError(exhibit=exhibit.number, finding=findings[0].text)
    CustodyRecord.objects.bulk_create(
        CustodyRecord(
            exhibit=exhibit,
            n=each.n,
            act=each.act,
            at=canonical.read_instant(each.at),
            record=each.as_json(),
            foreign=True,
        )
        for each in told
    )


def chain(exhibit: Exhibit) -> list[dict[str, Any]]:
    """All records of an exhibit in order, of both States."""
    return list(exhibit.custody.values_list("record", flat=True))


def findings(exhibit: Exhibit) -> list[custody.CustodyFinding]:
    """The gaps and contradictions of an exhibit's chain over both States, its ledger included."""
    try:
        found = custody.check_chain(custody.read_records(chain(exhibit)))
    except custody.CustodyRecordMalformedError as error:
        return [custody.CustodyFinding(error.code, 0, str(error))]
    for each in exhibit.custody.select_related("entry").exclude(entry=None):
        entry = each.entry
        assert entry is not None  # the filter has said so
        if entry.salt is not None and bytes(entry.commitment) != commit(bytes(entry.salt), each.record):
            found.append(custody.CustodyFinding("custody_not_in_ledger", each.n, _NOT_IN_LEDGER))
    return found


def digest(content: dict[str, Any]) -> str:
    """What the next record calls ``previous``."""
    return custody.CustodyRecord.model_validate(content).digest


_NOT_IN_LEDGER = gettext_noop("The ledger holds another record than this one.")
_OTHER_CONTENT = gettext_noop("The custody records are of another content than the one that arrived.")
