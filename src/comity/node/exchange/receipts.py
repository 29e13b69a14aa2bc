"""Receipts of this node: attest what happened to a letter, sign it once the ledger proves it.

``attest`` commits the statement inside the act's transaction; ``issue`` signs it afterwards, when the
sequencer has given it a place in the log. Whatever is asked again gets the same stored note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.node import config
from comity.node.databases import rows
from comity.node.directory.models import Authority
from comity.node.exchange import arrivals
from comity.node.exchange.models import Letter, Receipt, Rejection, Stage
from comity.node.ledger import entries, keys, proofs, sequencer, wall_clock
from comity.node.ledger.models import Checkpoint as Head
from comity.node.ledger.models import Entry
from comity.proofs import receipts
from comity.proofs.entries import EntryProof
from comity.proofs.receipts import ContainerDigest, Reason, ReceiptName, Statement

ENTRY = "receipt"
DELIVER = "exchange.deliver"
"""The job that follows an outgoing letter to its last receipt."""
TIMED_OUT = "timed_out"
"""The reason of what this node attests itself: the peer said nothing in time."""
_NUMBERS = 'SELECT "id", "index" FROM "ledger_entry" WHERE "id" IN '


def attest(letter: Letter, name: ReceiptName, *, now: datetime, reason: Reason | None = None) -> Entry:
    """Commit, in the caller's transaction, what this node attests of a letter. ``issue`` signs it later."""
    digest = ContainerDigest(sha256=letter.sha256, bytes=letter.bytes or 0)
    return _commit(str(letter.id), letter.peer_id, name, digest, now=now, reason=reason)


def issue(letter: Letter, name: ReceiptName, *, now: datetime) -> Receipt:
    """The signed receipt that ``attest`` committed; the stored one if it was signed before."""
    return issue_several([(letter, name)], now=now)[0]


def issue_several(
    wanted: Sequence[tuple[Letter, ReceiptName]], *, now: datetime, attested: Sequence[Entry] = ()
) -> list[Receipt]:
    """The same of several letters, in their order: one head proves all that were not signed before.

    ``attested`` is what was committed just now of each, if the caller has it.
    """
    found = [] if attested else rows.among(Receipt, "letter_id", [letter.id for letter, _ in wanted])
    own = config.current().id
    signed = {(str(each.letter_id), each.kind): each for each in found if each.issued_by == own}
    left = [(letter, name) for letter, name in wanted if (str(letter.pk), name.value) not in signed]
    committed = {} if attested else _first_committed(left)
    entries = list(attested) or [committed[str(letter.pk), name] for letter, name in left]
    with transaction.atomic():  # the head that proves them and the notes: one commit
        notes = _signed(entries, now) if entries else []
        for (letter, name), entry, note in zip(left, entries, notes, strict=True):
            receipt = Receipt(letter=letter, kind=name.value, issued_by=own, note=note, at=entry.written_at)
            if not rows.insert(receipt, unless_there=True):  # somebody else was first
                receipt = Receipt.objects.get(letter=letter, kind=name, issued_by=own)
            signed[str(letter.pk), name.value] = receipt
    return [signed[str(letter.pk), name.value] for letter, name in wanted]


def reject(envelope: Envelope, peer: Authority, reason: Reason, *, now: datetime) -> Rejection:
    """The signed rejection of an offered letter; the stored one if it was rejected before."""
    same = {"letter": envelope.letter, "peer": peer, "sha256": envelope.sha256}
    stored = Rejection.objects.filter(**same).first()
    if stored is not None:
        return stored
    name = ReceiptName.RELAY_REMMD_REJECTION
    same_bytes = (
        each
        for _, attested, each in _committed({envelope.letter: peer.id})
        if attested is name and (each.content or {})["container"]["sha256"] == envelope.sha256
    )
    entry = next(same_bytes, None)
    if entry is None:
        digest = ContainerDigest(sha256=envelope.sha256, bytes=envelope.bytes)
        entry = _commit(envelope.letter, peer.id, name, digest, now=now, reason=reason)
    values = {"code": reason.code, "note": _signed([entry], now)[0], "at": entry.written_at}
    rejection, _ = Rejection.objects.get_or_create(**same, defaults=values)
    return rejection


def is_attested(letter: Letter, name: ReceiptName) -> bool:
    """Whether this node has attested that of a letter."""
    return (str(letter.pk), name) in _first_committed([(letter, name)])


def heard_at(letter: Letter, name: ReceiptName | None) -> datetime | None:
    """When this node kept the peer's receipt of that name: by our own clock, whatever the peer says."""
    if name is None:
        return None
    kept = Entry.objects.filter(kind="receipt_kept", subject=str(letter.id), content__receipt=name)
    return kept.values_list("written_at", flat=True).first()


def attest_silence(letter: Letter, name: ReceiptName, now: datetime) -> None:
    """Attest ourselves, once, that no receipt came in time, unless one has come since ``letter`` was read."""
    with transaction.atomic():
        row = Letter.objects.select_for_update().get(id=letter.id)
        if row.stage != letter.stage:
            return
        if not is_attested(row, name):
            reason = Reason(code=TIMED_OUT, text="no receipt came in time")
            attest(row, name, now=now, reason=reason)
            if name is not ReceiptName.NON_RETRIEVAL:  # a letter that nobody opened is delivered all the same
                rows.update(row, move(row, Stage.FAILED, reason.code, now))
            arrivals.tell(row, name, now)
    issue(letter, name, now=now)


def _committed(sides: Mapping[str, str]) -> Iterator[tuple[str, ReceiptName, Entry]]:
    """What this node has committed to attest of letters (by id) to their peers, oldest first."""
    for each in rows.among(Entry, "subject", list(sides)):
        said = each.content or {}
        if each.kind == ENTRY and said.get("to") == sides[each.subject]:
            yield each.subject, ReceiptName(said["receipt"]), each


def _first_committed(wanted: Sequence[tuple[Letter, ReceiptName]]) -> dict[tuple[str, ReceiptName], Entry]:
    """What this node first committed to attest of each."""
    first: dict[tuple[str, ReceiptName], Entry] = {}
    for letter, name, entry in _committed({str(letter.pk): letter.peer_id for letter, _ in wanted}):
        first.setdefault((letter, name), entry)
    return first


def _commit(
    letter: str,
    peer: str,
    name: ReceiptName,
    digest: ContainerDigest,
    *,
    now: datetime,
    reason: Reason | None,
) -> Entry:
    statement = Statement.model_validate(
        {
            "receipt": name,
            "letter": letter,
            "container": digest,
            "from": config.current().id,
            "to": peer,
            "at": canonical.instant_text(now),
            "reason": reason,
        }
    )
    return entries.append(ENTRY, letter, statement.content(), now=now)


def _signed(entries: Sequence[Entry], now: datetime) -> list[str]:
    """The receipts of these entries as notes, each with its proof under one head."""
    head = None
    if any(entry.index is None for entry in entries):  # else they were numbered with others under one head
        head = sequencer.sequence(now)
        _number(entries)
    wall_clock.demand_steady()  # a receipt gets no time while the clock has stepped
    head = head or sequencer.latest()
    if head is None:
        raise proofs.EntryUnnumberedError
    return [
        _note(entry, proof, head)
        for entry, proof in zip(entries, proofs.entry_proofs(entries, head), strict=True)
    ]


def _note(entry: Entry, proof: EntryProof, head: Head) -> str:
    content = {key: value for key, value in (entry.content or {}).items() if key != "what"}
    statement = Statement.model_validate(content)
    return receipts.sign_receipt(statement, proof, head.note.encode(), keys.signer()).decode()


def _number(entries: Sequence[Entry]) -> None:
    """Tell entries the numbers that they were given meanwhile."""
    asked = _NUMBERS + "(" + ", ".join(["%s"] * len(entries)) + ")"
    given = dict(rows.tuples(asked, [entry.pk for entry in entries]))
    for entry in entries:
        entry.index = given[entry.pk]


def move(letter: Letter, stage: Stage, code: str, at: datetime) -> list[str]:
    """Set where a letter stands; the columns to save."""
    letter.may_have_failed = letter.stage == Stage.FAILED
    letter.stage, letter.stage_at, letter.refusal_code = stage.value, at, code
    return ["stage", "stage_at", "refusal_code"]
