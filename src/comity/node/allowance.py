"""So much in a period: an allowance begins full and fills up steadily, whoever draws on it.

Receives the time, in seconds of whatever clock its owner reads; knows neither who draws nor what for. It
lives in memory and is gone with its process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

HOUR, DAY = 3600.0, 86_400.0


@dataclass(slots=True)
class Allowance:
    """``most`` at once, and as much again in ``period`` seconds; ``at`` is when it was looked at last.

    What is left may be less than nothing: who brought more than all of it waits for longer.
    """

    most: float
    period: float
    at: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.most

    def wait(self, wanted: float, now: float) -> int:
        """Seconds until so much is there, 0 when it is. More than all of it is there when it is full.

        Of an allowance of nothing there is never any: a period.
        """
        if self.most <= 0:
            return math.ceil(self.period)
        missing = min(wanted, self.most) - self._filled(now)
        return max(1, math.ceil(missing * self.period / self.most)) if missing > 0 else 0

    def charge(self, amount: float, now: float) -> None:
        """Take so much off."""
        self.left = self._filled(now) - amount

    def take(self, now: float) -> bool:
        """Take one off; False, and nothing is taken, where there is none."""
        if self.wait(1, now):
            return False
        self.left -= 1
        return True

    def _filled(self, now: float) -> float:
        passed = max(0.0, now - self.at)
        self.left, self.at = min(self.most, self.left + passed * self.most / self.period), now
        return self.left
