"""Whether this node's clock is ahead of its witnesses', by the times that they signed.

A head is cosigned after it was made, so a cosignature with an earlier time shows that the two clocks differ,
however long the way was. Reads rows; tells, and stops nothing: whose clock is wrong a person finds out.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_

from django.db.models import Max, Q

from comity.node.ledger import wall_clock
from comity.node.witnesses import own
from comity.node.witnesses.models import Cosignature

AGREEING = 2
"""Witnesses that must say so: one whose own clock is behind would say it of everybody."""


def ahead() -> timedelta | None:
    """How far at least two witnesses say, each by its newest cosignature; None below five minutes.

    It says so until they have cosigned a head that was made with the clock set right.
    """
    asked = Cosignature.objects.filter(witness__in=own.witnesses()).values("witness")
    newest = asked.annotate(head=Max("checkpoint")).values_list("witness", "head")
    given = reduce(or_, (Q(witness=witness, checkpoint=head) for witness, head in newest), Q(pk=None))
    leads = [
        each.checkpoint.made_at - each.at
        for each in Cosignature.objects.filter(given).select_related("checkpoint")
    ]
    agreed = sorted(leads, reverse=True)[AGREEING - 1 : AGREEING]
    return agreed[0] if agreed and agreed[0] > wall_clock.MOST else None
