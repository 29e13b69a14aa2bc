"""One play of a seed, and what must be true of it. ``python -m tests.five_nodes.playing`` plays many."""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations

from comity.delivery.standing import standing
from comity.proofs.receipts import ReceiptName
from tests.five_nodes.dishonest import Dishonest
from tests.five_nodes.disk import Rules
from tests.five_nodes.honest import ACCEPTANCE, Honest, is_undelivered, letters_of
from tests.five_nodes.network import DISHONEST, HONEST, NODES, START, Faults, Network, holds

LETTERS = 14
"""Letters of each honest node to each other node."""
HOURS = 60.0


@dataclass(frozen=True)
class Told:
    """What a play came to: messages delivered, the hash of all that happened, what was broken."""

    seed: int
    delivered: int
    trace: str
    broken: list[str] = field(default_factory=list)


class Play:
    """Five nodes and their letters, from a seed."""

    def __init__(
        self,
        seed: int,
        rules: Rules | None = None,
        faults: Faults | None = None,
        *,
        letters: int = LETTERS,
    ) -> None:
        self.seed, self.letters = seed, letters
        self.net = Network(seed, faults or Faults())
        self.honest = {node: Honest(node, self.net, rules or Rules()) for node in HONEST}
        self.dishonest = Dishonest(self.net)
        self.net.nodes = {**self.honest, DISHONEST: self.dishonest}
        for number, (source, target) in enumerate(permutations(NODES, 2)):
            if source != DISHONEST:
                self._plan(number, source, target)

    def run(self) -> Told:
        """Play it to its end and look."""
        self.net.play(HOURS)
        return Told(self.seed, self.net.delivered, self.net.trace.hexdigest(), sorted(set(self.broken())))

    def broken(self) -> Iterator[str]:
        """Every promise that was not kept."""
        for node in self.honest.values():
            yield from self._of_disk(node)
            yield from self._of_letters(node)
            yield from self._of_receipts(node)
        yield from self._of_ledgers()

    def _plan(self, number: int, source: str, target: str) -> None:
        """Letters are written at any time; by a node that is down, once it is up."""
        for _ in range(self.letters):
            when = START + timedelta(hours=self.net.chance.uniform(0, self.net.faults.hours))
            self.net.happens(when, source, lambda: self.honest[source].write(target, number))

    def _of_disk(self, node: Honest) -> Iterator[str]:
        times = Counter(letter for _, letter, _ in node.disk.effects)
        if any(count > 1 for count in times.values()):
            yield "an effect was doubled"
        latest: dict[str, int] = {}
        for source, letter, generation in node.disk.effects:
            if generation <= latest.get(source, 0):
                yield "an effect came out of order"
            latest[source] = generation
            writer = self.honest.get(source)
            written = self.dishonest.own if writer is None else writer.disk.envelopes
            if node.disk.known[letter].peer != source or (letter not in written and source != DISHONEST):
                yield "a letter was accepted as another's"
        for letter, envelope in node.disk.arrived.items():
            if envelope.target != node.id:
                yield "a letter for another was accepted"
            if node.disk.known[letter].peer != envelope.source:
                yield "a letter was accepted as another's"

    def _of_letters(self, node: Honest) -> Iterator[str]:
        for letter, envelope, row in letters_of(node):
            reached, peer = standing(row.receipts, row.silences), self.honest.get(envelope.target)
            if is_undelivered(row):
                yield "silence was not signed"
            if peer is None:
                continue
            effects = [each for _, each, _ in peer.disk.effects if each == letter]
            if (letter, ACCEPTANCE) in node.disk.kept and letter not in peer.disk.arrived:
                yield "an acknowledged letter is gone"
            if {node.id, envelope.target} == set(self.net.cut_off):
                if effects and reached is not ReceiptName.RETRIEVAL:
                    yield "a late receipt did not overrule the signed silence"
                continue
            if not effects:
                yield "a letter had no effect though the line came back"
            if reached is not ReceiptName.RETRIEVAL:
                yield "a letter did not come to its end though the line came back"

    def _of_receipts(self, node: Honest) -> Iterator[str]:
        for (issuer, *_), notes in self.net.notes.items():
            if issuer == node.id and len(notes) > 1:
                yield "two receipts of one hop differ"
        hops = {(note.letter, note.name) for note in node.disk.signed.values() if note.to in HONEST}
        for letter, name in hops:
            if name is ReceiptName.DELIVERY and (letter, ReceiptName.NON_DELIVERY) in hops:
                yield "delivery and its failure were both signed"
        for (letter, _), note in node.disk.kept.items():
            by = (node.id, node.disk.envelopes[letter].target)
            if not holds(note) or note.issuer not in by or note.letter != letter:
                yield "a forged receipt was kept"

    def _of_ledgers(self) -> Iterator[str]:
        accused = {issuer for node in self.honest.values() for issuer in node.watch.accused}
        if DISHONEST not in accused:
            yield "nobody found the two ledgers of the dishonest node"
        if accused - {DISHONEST}:
            yield "an honest node contradicted itself"


def play(seed: int, letters: int = LETTERS) -> Told:
    """One seed, twice: the second play must be the first again."""
    first, again = (Play(seed, letters=letters).run() for _ in range(2))
    if first.trace != again.trace:
        first.broken.append("the same seed played another game")
    return first


def main() -> int:
    """Play many seeds on every core; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    asked, began = parser.parse_args(), time.monotonic()
    # who stops it waits for the seeds that are being played
    with ProcessPoolExecutor(initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)) as pool:
        told = []
        try:
            for each in pool.map(play, range(asked.first, asked.first + asked.seeds)):
                told.append(each)
                sys.stderr.write(f"{len(told)} of {asked.seeds} seeds, {time.monotonic() - began:.0f} s\n")
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
    for each in told:
        for promise in each.broken:
            sys.stdout.write(f"seed {each.seed}: {promise}\n")
    delivered, broken = sum(each.delivered for each in told), sum(bool(each.broken) for each in told)
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{delivered} deliveries over {len(told)} of {asked.seeds} seeds, each played twice, the same trace; "
        f"{broken} broken; {seconds:.0f} s, {platform.python_version()}, {platform.machine()}\n"
    )
    return 1 if broken or len(told) < asked.seeds else 0


if __name__ == "__main__":
    sys.exit(main())
