"""This node's own ledger as its witnesses see it: whom it asks, what they cosigned, what it shows peers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.ledger import entries, holding, keys, sequencer
from comity.node.ledger.models import Checkpoint, Entry, Subtree
from comity.node.witnesses.models import Contact, Cosignature
from comity.proofs import checkpoints, cosignatures, merkle
from comity.proofs.witnessing import tolerated, usual_quorum
from comity.terms import ComityError, gettext_noop

TILE_WIDTH, TILE_HEIGHT = 256, 8
HEADS_TOGETHER = 200
_TILE = re.compile(r"/tile/([0-9]|[1-5][0-9])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class LedgerNotHeldError(ComityError):
    """The ledger signs, so that there is no break to declare."""

    code = "ledger_not_held"
    message = gettext_noop("Nothing keeps the ledger from signing, so there is nothing to release.")
    next_step = gettext_noop("See how it stands: comity node check DIR")


@dataclass(frozen=True, slots=True)
class Policy:
    """How many witnesses there are, how many must have cosigned, and how many dishonest ones that stands."""

    witnesses: int
    quorum: int

    @property
    def tolerated(self) -> int:
        """Below one, a fork is detectable, not prevented."""
        return tolerated(self.witnesses, self.quorum)


def witnesses() -> QuerySet[Authority]:
    """The confirmed peers that are asked to cosign."""
    named = config.current().witnesses
    return known.peers().filter(id__in=named) if named else known.peers()


def policy() -> Policy:
    """The quorum of node.toml, or the usual one for this number of witnesses."""
    count = witnesses().count()
    return Policy(count, config.current().quorum or usual_quorum(count))


def cosigned_note(checkpoint: Checkpoint) -> str:
    """The signed head with the lines of those who cosigned it."""
    return next(cosigned_notes([checkpoint]))


def cosigned_notes(heads: Iterable[Checkpoint]) -> Iterator[str]:
    """The same of many heads, in their order, some hundred at a time."""
    left = iter(heads)
    while together := list(islice(left, HEADS_TOGETHER)):
        lines: dict[int, str] = {}
        for given in Cosignature.objects.filter(checkpoint__in=together).order_by("witness"):
            lines[given.checkpoint_id] = lines.get(given.checkpoint_id, "") + given.line
        for checkpoint in together:
            yield checkpoint.note + lines.get(checkpoint.pk, "")


def published() -> Checkpoint | None:
    """The latest head that has its quorum; the latest of all where none has, or no quorum can be."""
    counted = Checkpoint.objects.annotate(given=Count("cosignatures"))
    found = counted.filter(given__gte=max(1, policy().quorum)).order_by("-size").first()
    return found or sequencer.latest()


def keep(checkpoint: Checkpoint, answer: bytes, witness: Authority) -> None:
    """Keep the witness's line, checked against its key; lines of other keys are ignored."""
    name = anchors.verifier(witness).name
    note = checkpoint.note.encode() + answer
    found = cosignatures.read(note, [anchors.verifier(witness)])
    if not found:
        raise cosignatures.CosignatureMissingError(name=name)
    Cosignature.objects.get_or_create(
        checkpoint=checkpoint, witness=witness, defaults={"line": found[0].line, "at": found[0].at}
    )


def tile(path: str) -> bytes | None:
    """A hash tile of C2SP tlog-tiles under its path; None where the log has not grown so far.

    Peers get hashes only: no path of entries is served, for a letter's entries travel with its receipts.
    Clause WITNESS-3.
    """
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    level, number = int(found[1]), int("".join(re.findall(r"[0-9]{3}", found[2])))
    width = int(found[3]) if found[3] else TILE_WIDTH
    if width > TILE_WIDTH or (found[3] and width == TILE_WIDTH):
        return None
    begin = number * TILE_WIDTH
    rows = Subtree.objects.filter(level=level * TILE_HEIGHT, number__gte=begin, number__lt=begin + width)
    hashes = [bytes(each) for each in rows.order_by("number").values_list("hash", flat=True)]
    return b"".join(hashes) if len(hashes) == width else None


def is_ours(note: str) -> checkpoints.Checkpoint:
    """The head in a note that this node itself signed; raises where it did not."""
    return checkpoints.open_checkpoint(
        note.encode(), keys.verifier(), checkpoints.origin(config.current().id)
    )


def is_lost(head: checkpoints.Checkpoint) -> bool:
    """Whether what is stored here lacks, or contradicts, a head that this node signed."""
    latest = sequencer.latest()
    if latest is None or head.size > latest.size:
        return head.size > 0
    return sequencer.over_stored(partial(merkle.root, head.size)) != head.root


def is_declared(note: str) -> bool:
    """Whether an administrator declared this head lost: our own ledger says so, and goes on without it.

    The head counts, not the note: another witness may keep it with other signatures under it.
    """
    named = Entry.objects.filter(kind="ledger_released").values_list("content", flat=True)
    head, digest = is_ours(note), sha256(note.encode()).hexdigest()
    return any(
        digest == each["note_sha256"] or (head.size, head.root.hex()) == (each["size"], each.get("root"))
        for content in named
        for each in (content or {}).get("known", ())
    )


def is_ended(note: str) -> bool:
    """Whether the head was lost, and declared so: its branch ended. One that is named alone may live on."""
    return is_lost(is_ours(note)) and is_declared(note)


def settle(answers: Mapping[Authority, str], now: datetime) -> bool:
    """After a restore: sign again if every witness has answered, and none holds a head that was lost.

    ``answers`` are the notes of our largest head that each witness knows, empty where it knows none. Returns
    whether the ledger is free. A witness's word counts only with our own signature under it, and a head of a
    branch that ended is no answer: what the witness saw of the one that went on is smaller, and not shown.
    Nor is it one that a witness knows none which once knew some: it accepted a break, and shows nothing of
    what it saw before, neither of the branch that ended nor of the one that went on.
    """
    folder = config.current().folder
    if holding.held(folder) is None:
        return True
    answers = {witness: note for witness, note in answers.items() if not (note and is_ended(note))}
    forgot = [witness for witness, note in answers.items() if not note and _has_known(witness)]
    for witness in forgot:
        del answers[witness]
        Contact.objects.update_or_create(
            witness=witness, defaults={"asked_at": now, "code": "witness_forgot"}
        )
    for witness, note in answers.items():
        if note and is_lost(is_ours(note)):
            holding.hold(folder, holding.BEHIND, now)
            Contact.objects.update_or_create(
                witness=witness, defaults={"known_size": is_ours(note).size, "asked_at": now, "code": "ahead"}
            )
            return False
    if set(witnesses()) - set(answers):
        return False
    with transaction.atomic(durable=True):
        _enter({"reason": "every witness answered", "by": None, "known": _told(answers)}, now)
    holding.release(folder)
    return True


def _has_known(witness: Authority) -> bool:
    """Whether the witness has cosigned a head of ours, or shown one."""
    cosigned = Cosignature.objects.filter(witness=witness)
    return cosigned.exists() or Contact.objects.filter(witness=witness, known_size__gt=0).exists()


def declare_break(
    by: Official, reason: str, answers: Mapping[Authority, str], now: datetime, *, given: Sequence[str] = ()
) -> None:
    """Enter that heads were lost, or witnesses are silent: an administrator's open declaration.

    ``given`` are notes of our heads that were brought by hand, beside the ``answers`` of witnesses. The entry
    names every one of them, and is the first that the next head covers: the caller lets the ledger sign once
    it is committed. Raises LedgerNotHeldError where nothing keeps the ledger from signing: a break that
    nobody needs would be a lie in the ledger.
    """
    authorise(by, "release_ledger")
    node = config.current()
    if holding.held(node.folder) is None and not node.restored.exists():
        raise LedgerNotHeldError
    by_hand = [{"witness": None, **_head(note)} for note in given]
    _enter({"reason": reason, "by": by.pk, "known": [*_told(answers), *by_hand]}, now)


def _enter(content: dict[str, Any], now: datetime) -> None:
    content = {"what": "ledger_released", **content}
    entries.append("ledger_released", config.current().id, content, now=now)


def _told(answers: Mapping[Authority, str]) -> list[dict[str, Any]]:
    found = sorted(answers.items(), key=lambda each: each[0].id)
    return [{"witness": witness.id, **_head(note)} for witness, note in found]


def _head(note: str) -> dict[str, Any]:
    """What an entry says of a head that others hold; an empty ``note``: none."""
    head = is_ours(note) if note else None
    return {
        "size": head.size if head else 0,
        "root": head.root.hex() if head else None,
        "note_sha256": sha256(note.encode()).hexdigest(),
    }
