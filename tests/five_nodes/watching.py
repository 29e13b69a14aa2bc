"""What one node has seen of the logs of all: heads that contradict each other accuse whoever signed them."""

from __future__ import annotations

from bisect import bisect_left, insort

from comity.proofs import forks
from comity.proofs.checkpoints import Checkpoint
from tests.five_nodes.network import Head


class Watch:
    """Heads by issuer and size, and the proofs found in them."""

    def __init__(self) -> None:
        self.heads: dict[str, dict[int, Head]] = {}
        self.sizes: dict[str, list[int]] = {}
        self.accused: dict[str, tuple[Head, Head]] = {}

    def see(self, head: Head) -> None:
        """Compare a head with those of the same log that were seen before."""
        seen, sizes = self.heads.setdefault(head.issuer, {}), self.sizes.setdefault(head.issuer, [])
        place = bisect_left(sizes, head.size)
        for size in sizes[max(0, place - 1) : place + 2]:
            smaller, larger = sorted((seen[size], head), key=lambda each: each.size)
            if forks.contradiction(_checkpoint(smaller), _checkpoint(larger)):
                self.accused.setdefault(head.issuer, (smaller, larger))
        if head.size not in seen:
            seen[head.size] = head
            insort(sizes, head.size)


def _checkpoint(head: Head) -> Checkpoint:
    return Checkpoint(head.issuer, head.size, head.root, head.after)
