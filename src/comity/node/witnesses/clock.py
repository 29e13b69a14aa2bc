"""Whether this node's clock is ahead of its witnesses', by the times that they signed.

A head is cosigned after it was made, so a cosignature with an earlier time shows that the two clocks differ,
however long the way was. Reads rows; tells, and stops nothing: whose clock is wrong a person finds out.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import OuterRef, Subquery

from comity.node.ledger import wall_clock
from comity.node.witnesses import own
from comity.node.witnesses.models import Cosignature

AGREEING = 2
"""Witnesses that must say so: one whose own clock is behind would say it of everybody."""


def ahead() -> timedelta | None:
    """How far at least two witnesses say, each by its newest cosignature; None below five minutes.

    It says so until they have cosigned a head that was made with the clock set right.
    """
    newest = Cosignature.objects.filter(witness=OuterRef("witness")).order_by("-checkpoint").values("pk")[:1]
    given = Cosignature.objects.filter(witness__in=own.witnesses(), pk=Subquery(newest))
    leads = [each.checkpoint.made_at - each.at for each in given.select_related("checkpoint")]
    agreed = sorted(leads, reverse=True)[AGREEING - 1 : AGREEING]
    return agreed[0] if agreed and agreed[0] > wall_clock.MOST else None
