"""What the outside knows of the node: what it was told, sent, and will send again. It never fails.

Every line is said before anything depends on it, over a pipe that outlives the process which said it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class World:
    """By the outside's own names; all values are JSON."""

    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    leaves: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    met: list[dict[str, str]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    moments: dict[str, int] = field(default_factory=dict)
    minutes: int = 0

    def of(self, kind: str) -> dict[str, Any]:
        """All facts of a kind, by name: ``frozen``, ``answer``, …"""
        return self.facts.setdefault(kind, {})

    def learn(self, said: dict[str, Any]) -> None:
        """Take in one line. A fact that contradicts the one of the same name is a fault of the node."""
        if "fact" in said:
            known = self.of(said["fact"]).setdefault(said["name"], said["value"])
            if known != said["value"]:
                self.faults.append(f"{said['fact']} {said['name']} was told in two ways")
        elif "leaf" in said:
            self.leaves.append(said["leaf"])
        elif "fault" in said:
            self.met.append(said)
        elif "wrong" in said:
            self.faults.append(said["wrong"])
        elif "refused" in said:
            self.refused[said["refused"]] += 1
        elif "minutes" in said:
            self.minutes += said["minutes"]
        elif "moments" in said:
            for deed, count in said["moments"].items():
                self.moments[deed] = max(count, self.moments.get(deed, 0))
