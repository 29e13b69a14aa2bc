"""Receipts: attest what happened to a letter, sign it once the ledger proves it, keep what peers attest.

``attest`` commits the statement inside the act's transaction; ``issue`` signs it afterwards, when the
sequencer has given it a place in the log. Whatever is asked again gets the same stored note.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.delivery.standing import standing
from comity.node import config
from comity.node.directory import anchors
from comity.node.directory.models import Authority
from comity.node.exchange import arrivals
from comity.node.exchange.models import Direction, Letter, Receipt, Rejection, Stage
from comity.node.jobs import outbox
from comity.node.ledger import entries, keys, proofs, sequencer, wall_clock
from comity.node.ledger.models import Entry
from comity.node.witnesses import heads
from comity.proofs import receipts
from comity.proofs.receipts import ContainerDigest, Reason, ReceiptName, Statement
from comity.terms import ComityError, gettext_noop

ENTRY = "receipt"
DELIVER = "exchange.deliver"
"""The job that follows an outgoing letter to its last receipt."""
_STAGE = {
    ReceiptName.RELAY_REMMD_ACCEPTANCE: Stage.RELAYED,
    ReceiptName.RELAY_REMMD_REJECTION: Stage.FAILED,
    ReceiptName.DELIVERY: Stage.DELIVERED,
    ReceiptName.NON_DELIVERY: Stage.FAILED,
    ReceiptName.RETRIEVAL: Stage.RETRIEVED,
}
"""What a receiving node attests, and where each leaves the letter."""


class ReceiptForeignError(ComityError):
    """A receipt is not about the letter, or not from the peer, that it was sent for."""

    code = "receipt_foreign"
    message = gettext_noop("The receipt is not about a letter that this node sent to its signer.")
    next_step = gettext_noop("Compare the letter's id and container with the sender.")


class ReceiptConflictError(ComityError):
    """The peer attested the same hop before, in other bytes."""

    code = "receipt_conflict"
    message = gettext_noop("A different receipt {name} of this letter is kept already.")
    next_step = gettext_noop("Send the receipt that was stored first; both are kept as evidence.")


def attest(letter: Letter, name: ReceiptName, *, now: datetime, reason: Reason | None = None) -> Entry:
    """Commit, in the caller's transaction, what this node attests of a letter. ``issue`` signs it later."""
    digest = ContainerDigest(sha256=letter.sha256, bytes=letter.bytes or 0)
    return _commit(str(letter.id), letter.peer_id, name, digest, now=now, reason=reason)


def issue(letter: Letter, name: ReceiptName, *, now: datetime, attested: Entry | None = None) -> Receipt:
    """The signed receipt that ``attest`` committed; the stored one if it was signed before.

    ``attested`` is what was committed just now, if the caller has it.
    """
    own = config.current().id
    if attested is None:
        stored = Receipt.objects.filter(letter=letter, kind=name, issued_by=own).first()
        if stored is not None:
            return stored
    entry = attested or _committed(str(letter.id), name, letter.peer_id)[0]
    with transaction.atomic():  # the head that proves it and the note: one commit
        note = _signed(entry, now)
        receipt, _ = Receipt.objects.get_or_create(
            letter=letter, kind=name, issued_by=own, defaults={"note": note, "at": entry.written_at}
        )
    return receipt


def reject(envelope: Envelope, peer: Authority, reason: Reason, *, now: datetime) -> Rejection:
    """The signed rejection of an offered letter; the stored one if it was rejected before."""
    same = {"letter": envelope.letter, "peer": peer, "sha256": envelope.sha256}
    stored = Rejection.objects.filter(**same).first()
    if stored is not None:
        return stored
    name = ReceiptName.RELAY_REMMD_REJECTION
    committed = _committed(envelope.letter, name, peer.id)
    entry = committed.filter(content__container__sha256=envelope.sha256).first()
    if entry is None:
        digest = ContainerDigest(sha256=envelope.sha256, bytes=envelope.bytes)
        entry = _commit(envelope.letter, peer.id, name, digest, now=now, reason=reason)
    values = {"code": reason.code, "note": _signed(entry, now), "at": entry.written_at}
    rejection, _ = Rejection.objects.get_or_create(**same, defaults=values)
    return rejection


def keep(note: bytes, peer: Authority, now: datetime) -> Receipt:
    """Keep a receipt that a peer sends about a letter of ours, after verifying it with the peer's key.

    The same bytes again are welcome; other bytes about the same hop are a ReceiptConflictError, which the
    ledger remembers, and the first receipt stays. Raises the error of the proof that does not hold.
    Clause WIRE-18.
    """
    receipt, _ = receipts.verify_receipt(note, anchors.verifier(peer))
    heads.see(receipt.checkpoint, peer, now)  # remembered whatever becomes of the receipt
    with transaction.atomic():
        kept = _kept(receipt.statement, note, peer, now)
    if isinstance(kept, ComityError):
        raise kept
    return kept


def is_attested(letter: Letter, name: ReceiptName) -> bool:
    """Whether this node has attested that of a letter."""
    return _committed(str(letter.id), name, letter.peer_id).exists()


def heard_at(letter: Letter, name: ReceiptName | None) -> datetime | None:
    """When this node kept the peer's receipt of that name: by our own clock, whatever the peer says."""
    kept = Entry.objects.filter(kind="receipt_kept", subject=str(letter.id), content__receipt=name)
    return kept.values_list("written_at", flat=True).first() if name else None


def attest_silence(letter: Letter, name: ReceiptName, now: datetime) -> None:
    """Attest ourselves, once, that no receipt came in time, unless one has come since ``letter`` was read."""
    with transaction.atomic():
        row = Letter.objects.select_for_update().get(id=letter.id)
        if row.stage != letter.stage:
            return
        if _committed(str(row.id), name, row.peer_id).first() is None:
            reason = Reason(code="timed_out", text="no receipt came in time")
            attest(row, name, now=now, reason=reason)
            if name is not ReceiptName.NON_RETRIEVAL:  # a letter that nobody opened is delivered all the same
                _move(row, Stage.FAILED, reason.code, now)
            arrivals.tell(row, name, now)
    issue(letter, name, now=now)


def _committed(letter: str, name: ReceiptName, peer: str) -> QuerySet[Entry]:
    """What this node has committed to attest, oldest first."""
    found = Entry.objects.filter(kind=ENTRY, subject=letter, content__receipt=name, content__to=peer)
    return found.order_by("id")


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


def _signed(entry: Entry, now: datetime) -> str:
    if entry.index is None:  # else it was numbered with others under one head
        sequencer.sequence(now)
        entry.refresh_from_db()
    wall_clock.demand_steady()  # a receipt gets no time while the clock has stepped
    proof, checkpoint = proofs.entry_proof(entry)
    content = {key: value for key, value in (entry.content or {}).items() if key != "what"}
    statement = Statement.model_validate(content)
    return receipts.sign_receipt(statement, proof, checkpoint, keys.signer()).decode()


def _kept(statement: Statement, note: bytes, peer: Authority, now: datetime) -> Receipt | ComityError:
    """The receipt that is kept; what is wrong with this one, which the ledger may have to remember."""
    letter = _own_letter(statement, peer)
    if letter is None:
        return ReceiptForeignError(letter=statement.letter)
    first = Receipt.objects.filter(letter=letter, kind=statement.receipt, issued_by=peer.id).first()
    if first is None:
        return _keep(letter, statement, note.decode(), peer.id, now)
    if first.note.encode() == note:
        return first
    content = {"what": "receipt_conflict", "letter": str(letter.id), "sha256": sha256(note).hexdigest()}
    entries.append("receipt_conflict", str(letter.id), content, now=now)
    return ReceiptConflictError(name=statement.receipt)


def _own_letter(statement: Statement, peer: Authority) -> Letter | None:
    """The letter of ours that the statement is about; None where it is about none that the peer was sent."""
    letter = Letter.objects.select_for_update().filter(id=statement.letter, direction=Direction.OUT).first()
    if letter is None or letter.peer_id != peer.id or statement.receipt not in _STAGE:
        return None
    ours = (peer.id, config.current().id, letter.sha256, letter.bytes)
    container = statement.container
    said = (statement.source, statement.target, container.sha256, container.bytes)
    return letter if said == ours else None


def _keep(letter: Letter, statement: Statement, note: str, issuer: str, now: datetime) -> Receipt:
    at = canonical.read_instant(statement.at)
    kept = Receipt.objects.create(letter=letter, kind=statement.receipt, issued_by=issuer, note=note, at=at)
    content = {
        "what": "receipt_kept",
        "letter": str(letter.id),
        "receipt": statement.receipt.value,
        "sha256": sha256(note.encode()).hexdigest(),
    }
    entries.append("receipt_kept", str(letter.id), content, now=now)
    _stand(letter, issuer, statement)
    arrivals.tell(letter, statement.receipt, now)
    if statement.receipt is ReceiptName.DELIVERY:  # there is only more time to wait
        outbox.reopen(f"{DELIVER}:{letter.id}", now)
    else:
        outbox.resume(f"{DELIVER}:{letter.id}", now)
    return kept


def _stand(letter: Letter, peer: str, new: Statement) -> None:
    """Once the peer has spoken, its receipts say where the letter stands, and not our attested silence."""
    names = letter.receipts.filter(issued_by=peer).values_list("kind", flat=True)
    if standing([ReceiptName(name) for name in names]) is new.receipt:
        code = new.reason.code if new.reason else ""
        _move(letter, _STAGE[new.receipt], code, canonical.read_instant(new.at))


def _move(letter: Letter, stage: Stage, code: str, at: datetime) -> None:
    letter.stage, letter.stage_at, letter.refusal_code = stage, at, code
    letter.save(update_fields=["stage", "stage_at", "refusal_code"])
