"""Reading an exhibit's original: a custody record is written before the first byte is given."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.exhibits import custody
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import open_exhibit
from comity.proofs.custody import CustodyAct


def give_out(official: Official, exhibit: Exhibit, *, purpose: str, now: datetime) -> BinaryIO:
    """The original for a stated purpose, as a stream; the custody record ``opened`` names both.

    Raises NotAuthorisedError, and ExhibitDestroyedError before anything is recorded.
    """
    authorise(official, "open_exhibit")
    stream = open_exhibit(exhibit)
    with transaction.atomic():
        custody.record(exhibit, CustodyAct.OPENED, official=official, note=purpose, now=now)
    return stream
