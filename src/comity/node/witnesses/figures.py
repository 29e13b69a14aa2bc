"""The figures of the witnesses for monitoring: counts and ages, and no authority's name.

Reads rows; changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from comity.node import config
from comity.node.ledger import holding, sequencer
from comity.node.witnesses import clock, own
from comity.node.witnesses.models import Contact, ForkProof, Head


@dataclass(frozen=True, slots=True)
class Figures:
    """How the ledger stands with its witnesses, and the ledgers of peers with this node.

    ``cosignatures`` are those under the head that is published; ``cosigned_at`` is when the latest head with
    a quorum was made (None: there is none). ``due``: witnesses that do not know the latest head yet;
    ``refused``: by code what those said that did not cosign last. ``forks`` are proved, ``doubts`` are not.
    ``ahead``: how far this node's clock is ahead of witnesses'.
    """

    held: bool
    witnesses: int
    quorum: int
    cosignatures: int
    cosigned_at: datetime | None
    due: int
    refused: dict[str, int]
    given: int
    forks: int
    doubts: int
    ahead: timedelta | None


def figures() -> Figures:
    """The figures as the rows tell them."""
    asked, policy = own.witnesses(), own.policy()
    published, latest = own.published(), sequencer.latest()
    count = published.cosignatures.count() if published else 0
    contacts = Contact.objects.filter(witness__in=asked)
    size = latest.size if latest else 0
    against = Counter(bool(kind) for kind in _open().values_list("kind", flat=True))
    return Figures(
        held=holding.held(config.current().folder) is not None,
        witnesses=policy.witnesses,
        quorum=policy.quorum,
        cosignatures=count,
        cosigned_at=published.made_at if published and count >= max(1, policy.quorum) else None,
        due=policy.witnesses - contacts.filter(known_size__gte=size).count() if size else 0,
        refused=dict(sorted(Counter(contacts.exclude(code="").values_list("code", flat=True)).items())),
        given=Head.objects.exclude(cosigned_at=None).values("authority").distinct().count(),
        forks=against[True],
        doubts=against[False],
        ahead=clock.ahead(),
    )


def forked() -> list[str]:
    """The authorities whose ledgers are proved to contradict themselves, by id."""
    found = _open().exclude(kind="").order_by("authority").values_list("authority", flat=True)
    return list(found.distinct())


def _open() -> QuerySet[ForkProof]:
    return ForkProof.objects.filter(closed_at=None)
