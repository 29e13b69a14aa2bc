"""The steps of verifying an archive of evidence: what is there is what the ledger commits to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from typing import IO, Any, TypeVar

from comity import canonical
from comity.proofs import custody, exports, receipts
from comity.proofs.exports import CheckpointRow, EntryRow
from comity.proofs.notes import Verifier
from comity.sealing import remains
from comity.sealing.archive import files
from comity.sealing.archive.refusals import (
    EvidenceChangedError,
    EvidenceDisorderedError,
    EvidenceMissingError,
    EvidenceUncommittedError,
)
from comity.sealing.reading import PIECE, Package
from comity.sealing.refusals import RemainsOfAnotherError
from comity.sealing.report import Report, Sentence
from comity.sealing.steps.letter import LETTER, LIMIT
from comity.terms import gettext_noop

_Committed = TypeVar("_Committed")


@dataclass(slots=True)
class Archive:
    """What is verified, and what the steps before have found in it."""

    source: files.Source
    key: Verifier
    by: str
    report: Report
    names: list[str] = field(default_factory=list)
    entries: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)
    """What the ledger commits to, by ``what`` (a custody record has none: ``custody``)."""
    destroyed: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    """Digests of the custody records in the letters' containers."""

    def of(self, what: str) -> list[tuple[int, dict[str, Any]]]:
        """What the ledger commits to of this kind, each with the number of its entry."""
        return self.entries.get(what, [])


# 1 ledger
def _check_ledger(archive: Archive) -> Sentence:
    """Every entry stands under every checkpoint; an erased one is named by a later entry."""
    archive.names = archive.source.names()
    for name in files.TABLES:
        if name not in archive.names:
            raise EvidenceMissingError(what=name)
    with archive.source.open(exports.KEY) as file:
        if file.read(files.LINE) != archive.key.text.encode() + b"\n":
            raise EvidenceChangedError(name=exports.KEY)
    erased: set[int] = set()

    def seen() -> Iterator[EntryRow]:
        for row in files.rows(archive.source, exports.ENTRIES, EntryRow):
            if row.salt is None:
                erased.add(row.index)
            elif isinstance(row.content, dict):
                what = "custody" if "schema" in row.content else str(row.content.get("what"))
                archive.entries.setdefault(what, []).append((row.index, row.content))
            yield row

    notes = (row.note for row in files.rows(archive.source, exports.CHECKPOINTS, CheckpointRow))
    found = exports.verify_rows(notes, seen(), archive.key)
    for index in sorted(erased - {content.get("index") for _, content in archive.of("entry_erased")}):
        raise EvidenceMissingError(what=f"entry {index}")
    text = gettext_noop("{entries} entries hold under {checkpoints} checkpoints signed by {signer}.")
    return Sentence(text, entries=found.entries, checkpoints=found.checkpoints, signer=found.signer)


# 2 containers
def _check_containers(archive: Archive) -> Sentence:
    """Each letter's container is there, byte for byte, unless the ledger says that it was erased."""
    gone = {str(content.get("letter")) for _, content in archive.of("container_erased")}
    committed = {
        str(content.get("letter")): str(content.get("sha256"))
        for what in ("letter_sealed", "letter_received")
        for _, content in archive.of(what)
    }
    there = [name for name in archive.names if name.startswith(files.CONTAINER_FOLDER)]
    wanted = {f"{files.CONTAINER_FOLDER}{letter}.asice": digest for letter, digest in committed.items()}
    newer = {
        f"{files.CONTAINER_FOLDER}{content.get('letter')}.{content.get('n')}.asice": str(
            content.get("sha256")
        )
        for _, content in archive.of("container_renewed")
    }
    of_gone = [name for name in (*wanted, *newer) if name.removeprefix(files.CONTAINER_FOLDER)[:36] in gone]
    _same(there, wanted | newer, optional=set(of_gone))
    _check_remains(archive)
    for name in sorted(newer.keys() & set(there)):
        with archive.source.open(name) as container:
            if _digest(container) != newer[name]:
                raise EvidenceChangedError(name=name)
    for name in there:
        if name in newer:
            continue
        with archive.source.open(name) as container:
            if _digest(container) != wanted[name]:
                raise EvidenceChangedError(name=name)
            letter = canonical.read(Package(container).read(LETTER, LIMIT), max_bytes=LIMIT)
        body = letter.get("body") if isinstance(letter, dict) else None
        told = body.get("custody") if isinstance(body, dict) else None
        archive.told.update(map(_of_value, told if isinstance(told, list) else ()))
    return Sentence(gettext_noop("{count} containers are those of the ledger."), count=len(there))


def _check_remains(archive: Archive) -> None:
    """What was kept of an erased container is there as the ledger has it, and so are its renewals (18)."""
    documents = {
        f"{files.REMAINS_FOLDER}{content.get('letter')}.json": str(content["remains"])
        for _, content in archive.of("container_erased")
        if content.get("remains")
    }
    renewed = {
        f"{files.REMAINS_FOLDER}{content.get('letter')}.{content.get('n')}.asice": str(content.get("sha256"))
        for _, content in archive.of("remains_renewed")
    }
    wanted = documents | renewed
    _same([name for name in archive.names if name.startswith(files.REMAINS_FOLDER)], wanted, optional=set())
    for name, digest in wanted.items():
        with archive.source.open(name) as kept:
            if _digest(kept) != digest:
                raise EvidenceChangedError(name=name)
            if name in renewed:
                letter = name.removeprefix(files.REMAINS_FOLDER)[:36]
                _demand_about(name, letter, kept, documents.get(f"{files.REMAINS_FOLDER}{letter}.json"))


def _demand_about(name: str, letter: str, renewal: IO[bytes], kept: str | None) -> None:
    """A renewal holds what remains of this letter: the kept document, once its container was erased."""
    document = remains.document_in(renewal)
    told = canonical.read(remains.letter_of(document), max_bytes=LIMIT)
    is_about = isinstance(told, dict) and told.get("id") == letter
    if not is_about or kept not in (None, sha256(document).hexdigest()):
        raise RemainsOfAnotherError(name=name)


# 3 custody
def _check_custody(archive: Archive) -> Sentence:
    """Each chain is whole and stands in the ledger, from its first record to its last."""
    committed = {index: _of_value(content) for index, content in archive.of("custody")}
    rows = list(files.rows(archive.source, files.CUSTODY, files.CustodyRow))
    files.demand_order(files.CUSTODY, [(row.exhibit, row.n) for row in rows])
    for row in rows:
        if row.entry is not None and committed.pop(row.entry, None) != _of_value(row.record):
            raise EvidenceUncommittedError(what=f"record {row.n} of exhibit {row.exhibit}")
    for index in sorted(committed):
        raise EvidenceMissingError(what=f"the custody record of entry {index}")
    for exhibit, chain in groupby(rows, key=lambda row: row.exhibit):
        _check_chain(archive, exhibit, list(chain))
    return Sentence(gettext_noop("{count} custody records are whole and in the ledger."), count=len(rows))


def _check_chain(archive: Archive, exhibit: str, chain: list[files.CustodyRow]) -> None:
    """Another State's record is confirmed by the next one of this node, which names it, or by its letter."""
    records = custody.read_records([row.record for row in chain])
    for row, record in zip(chain, records, strict=True):
        own = record.by.authority == archive.by
        if (row.exhibit, row.n, row.entry is not None) != (record.exhibit, record.n, own):
            raise EvidenceUncommittedError(what=f"record {row.n} of exhibit {exhibit}")
        if record.act is custody.CustodyAct.DESTROYED:
            archive.destroyed.add(exhibit)
    for finding in custody.check_chain(records):
        raise EvidenceUncommittedError(what=f"record {finding.n} of exhibit {exhibit}")
    last = chain[-1]
    if last.entry is None and _of_value(last.record) not in archive.told:
        raise EvidenceUncommittedError(what=f"record {last.n} of exhibit {exhibit}")


# 4 segments
def _check_segments(archive: Archive) -> Sentence:
    """Each exhibit has the segments that were committed when it was stored; none was touched since."""
    rows = list(files.rows(archive.source, files.SEGMENTS, files.SegmentRow))
    files.demand_order(files.SEGMENTS, [(row.exhibit, row.position) for row in rows])
    stored = {
        str(content.get("exhibit")): content.get("segments") for _, content in archive.of("exhibit_stored")
    }
    listed: dict[str, list[dict[str, Any]]] = {exhibit: [] for exhibit in stored}
    for row in rows:
        parts = listed.setdefault(row.exhibit, [])
        if row.position != len(parts):
            raise EvidenceDisorderedError(name=files.SEGMENTS, row=len(parts))
        parts.append({"bytes": row.bytes, "sha256": row.sha256})
    for exhibit, parts in listed.items():
        if stored.get(exhibit) != parts:
            raise EvidenceUncommittedError(what=f"the segments of exhibit {exhibit}")
    there = [name for name in archive.names if name.startswith(files.SEGMENT_FOLDER)]
    wanted = {f"{files.SEGMENT_FOLDER}{row.sha256}": row.sha256 for row in rows}
    gone = {f"{files.SEGMENT_FOLDER}{row.sha256}" for row in rows if row.exhibit in archive.destroyed}
    _same(there, wanted, optional=gone)
    for name in there:
        with archive.source.open(name) as segment:
            if _digest(segment) != wanted[name]:
                raise EvidenceChangedError(name=name)
    return Sentence(gettext_noop("{count} segments of exhibits are as they were stored."), count=len(rows))


# 5 receipts
def _check_receipts(archive: Archive) -> Sentence:
    """A receipt of this node is signed by it and in its ledger; one of the other side is as it came."""
    rows = list(files.rows(archive.source, files.RECEIPTS, files.ReceiptRow))
    files.demand_order(files.RECEIPTS, [(row.letter, row.receipt, row.by, row.note) for row in rows])
    given = [_of_value(content) for _, content in archive.of("receipt")]
    kept = [
        (content.get("letter"), content.get("receipt"), content.get("sha256"))
        for _, content in archive.of("receipt_kept")
    ]
    for row in rows:
        place = f"receipt {row.receipt} of letter {row.letter}"
        if row.by == archive.by:
            _take(given, _own_statement(archive, row), place)
        else:
            _take(kept, (row.letter, row.receipt, sha256(row.note.encode()).hexdigest()), place)
    if given or kept:
        raise EvidenceMissingError(what=f"{len(given) + len(kept)} receipts")
    return Sentence(gettext_noop("{count} receipts are those of the ledger."), count=len(rows))


def _own_statement(archive: Archive, row: files.ReceiptRow) -> str:
    receipt, _ = receipts.verify_receipt(row.note.encode(), archive.key)
    if (receipt.letter, receipt.receipt, receipt.source) != (row.letter, row.receipt, row.by):
        raise EvidenceUncommittedError(what=f"receipt {row.receipt} of letter {row.letter}")
    if sum(line.startswith("\u2014 ") for line in row.note.splitlines()) != 1:
        raise EvidenceUncommittedError(what=f"a second signature on receipt {row.receipt}")
    return _of_value(receipt.statement.content())


# 6 nothing else
def _check_nothing_else(archive: Archive) -> Sentence:
    """No file lies beside those that the other steps read."""
    for name in archive.names:
        if name not in files.TABLES and not name.startswith(files.FOLDERS):
            raise EvidenceUncommittedError(what=name)
    return Sentence(gettext_noop("Nothing else is there."))


STEPS: tuple[tuple[str, Callable[[Archive], Sentence]], ...] = (
    ("ledger", _check_ledger),
    ("containers", _check_containers),
    ("custody", _check_custody),
    ("segments", _check_segments),
    ("receipts", _check_receipts),
    ("complete", _check_nothing_else),
)
"""Name and check of each, in their order."""


def _same(there: list[str], wanted: dict[str, str], *, optional: set[str]) -> None:
    for name in there:
        if name not in wanted:
            raise EvidenceUncommittedError(what=name)
    for name in sorted(wanted.keys() - set(there) - optional):
        raise EvidenceMissingError(what=name)


def _take(committed: list[_Committed], one: _Committed, what: str) -> None:
    if one not in committed:
        raise EvidenceUncommittedError(what=what)
    committed.remove(one)


def _digest(stream: IO[bytes]) -> str:
    digest = sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()


def _of_value(value: Any) -> str:
    return sha256(canonical.write(value)).hexdigest()
