"""Hand out the sealed container of a letter: with evidence inside, custody is written first."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import letter_case, may_read_letter
from comity.node.casework.letters import evidence
from comity.node.exchange.models import Letter
from comity.node.exhibits import access, renewals


def hand_out_letter(official: Official, letter: Letter, *, purpose: str, now: datetime) -> IO[bytes]:
    """The container, inside the newer ones it was sealed into, for an official who may see the case.

    One that holds exhibits is evidence itself: it takes the right to open exhibits, and each of them gets
    a custody record ``exported`` with the purpose. Raises NotAuthorisedError or NothingThereError
    before anything is read.
    """
    if not may_read_letter(official, letter_case(official, letter)):
        raise NothingThereError(name=str(letter.pk))
    held = evidence(letter)
    if not held:
        return renewals.newest(letter)
    return access.let_out(
        official, held, lambda: renewals.newest(letter), note=f"in letter {letter.id}: {purpose}", now=now
    )
