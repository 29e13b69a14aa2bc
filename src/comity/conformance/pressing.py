"""Which of the node's letters comes first: small ones are put off until an urgent one waits among them.

A round ends for all of them at about the same time; each is twice as long as the one before it, as a sender's
own pauses are (WIRE-17), and longer. What comes first afterwards is kept waiting until every pause is over:
whatever comes next was chosen by the node from all that waits (WIRE-24).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from comity.conformance.calls import Said, busy

ROUND, LONGEST = 5.0, 40.0
"""Seconds of the first round, and of every later one at most."""
APART, LAST = 1.0, 0.2
"""Seconds from the end of the first letter's pause to that of the others, so that it is on its way alone; and
from there to that of an urgent one, which may come last of all."""
HOLD = 1.0
"""Seconds, after the last pause is over, for which whatever comes is kept waiting."""
SHARE = 0.5
"""Of the time for which letters are waited for: so long an urgent one is waited for."""
ORDINARY = 2
"""Letters that wait with it: one that is on its way, and one that would be next."""


@dataclass(slots=True)
class Pressing:
    """Puts letters off for ``patience`` seconds at most; what is told of them afterwards.

    ``due``: when the pause of each letter that was put off is over, by a steady clock; ``urgent``: which of
    them are; ``came``: when each came first after the last round; ``ends``: when that round does; ``opens``:
    until when what comes then is kept waiting.
    """

    patience: float = 0.0
    began: float = field(default_factory=time.monotonic)
    due: dict[str, float] = field(default_factory=dict)
    urgent: set[str] = field(default_factory=set)
    came: dict[str, float] = field(default_factory=dict)
    ends: float | None = None
    opens: float = 0.0
    _round: float = field(default_factory=lambda: ROUND)
    _over: bool = False

    def goes_on(self, letter: str, now: float) -> bool:
        """Whether a letter that comes is put off; else it is noted that it came."""
        if not self._over and not self._is_over(now):
            return True
        self.came.setdefault(letter, now)
        return False

    def put_off(self, letter: str, is_urgent: bool, now: float) -> tuple[float, Said]:
        """When a letter is answered, and what it is told: its pause ends when that of the others does."""
        ends = self.ends or now
        if is_urgent:
            self.urgent.add(letter)
            ends += APART + LAST
        elif next((each for each in self.due if each not in self.urgent), letter) != letter:
            ends += APART
        wait = max(1, int(ends - now))
        answered = max(now, ends - wait)
        self.due[letter] = answered + wait
        return answered, busy(wait)

    def is_seen(self) -> bool:
        """Whether an urgent letter waited among others, and came afterwards."""
        return self._waits() and any(letter in self.came for letter in self.urgent)

    def overtaken(self) -> int:
        """How many letters that are not urgent came before the first that is, though it might have come."""
        first = min(self.came[letter] for letter in self.urgent if letter in self.came)
        others = [self.came[each] for each in self.due if each not in self.urgent and each in self.came]
        return sum(self.opens < at < first for at in others)

    def _waits(self) -> bool:
        return bool(self.urgent) and len(self.due) - len(self.urgent) >= ORDINARY

    def _is_over(self, now: float) -> bool:
        """Whether no letter is put off any more; a round that ends in vain is followed by a longer one."""
        if self.ends is None:
            self.ends, self._over = now + self._round, now - self.began >= self.patience
        elif now >= self.ends:
            self._round = min(2 * self._round, LONGEST)
            self._over = self._waits() or now + self._round - self.began > self.patience
            if not self._over:
                self.ends = now + self._round
            elif self._waits():
                self.opens = max([now, *self.due.values()]) + HOLD
        return self._over
