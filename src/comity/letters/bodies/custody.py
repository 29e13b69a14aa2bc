"""The body of the letter by which whoever received an exhibit tells what it did with it since."""

from __future__ import annotations

from pydantic import Field

from comity.letters.bodies.dialogue import Said
from comity.proofs.custody import CustodyRecord


class CustodyUpdateBody(Said):
    """The receiving side's own custody records of exhibits that it was given, each chain whole.

    The first record of each chain names the last one that the letter with the exhibit told.
    """

    custody: list[CustodyRecord] = Field(min_length=1, max_length=100_000)
