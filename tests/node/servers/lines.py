"""Nodes that run, and a line of its own from each to each other one, which a test breaks and heals."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from itertools import permutations

from tests.node.servers.conftest import PATIENCE, Node, comity, eventually, send
from tests.node.servers.fault_proxy import FAULTS, Line


class Lines:
    """Nodes, and a line of its own from each to each other one."""

    def __init__(self, nodes: list[Node], seed: int) -> None:
        self.nodes, self.chance = nodes, random.Random(seed)
        self.sent: dict[tuple[str, str], list[str]] = {}
        self.lines: dict[tuple[str, str], Line] = {}
        for one, other in permutations(nodes, 2):
            line = self.lines[one.id, other.id] = Line(other.peer_listen)
            with sqlite3.connect(one.folder / "node.sqlite3") as directory:
                directory.execute(
                    "UPDATE directory_authority SET peer_url = ? WHERE id = ?",
                    (f"https://127.0.0.1:{line.port}", other.id),
                )

    def send(self, one: Node, other: Node, count: int) -> None:
        self.sent.setdefault((one.id, other.id), []).extend(send(one, other, count))

    def break_some(self) -> list[str]:
        """Break at least one line, each in a way of its own; both ways of a pair or one."""
        broken = self.chance.sample(sorted(self.lines), self.chance.randint(1, len(self.lines)))
        faults = [self.chance.choice(FAULTS) for _ in broken]
        for way, fault in zip(broken, faults, strict=True):
            self.lines[way].break_it(fault)
        return faults

    def heal(self) -> None:
        for line in self.lines.values():
            if line.fault:
                line.heal()

    def close(self) -> None:
        for line in self.lines.values():
            line.close()

    def all_arrived(self) -> bool:
        return all(
            node.rows(
                "SELECT count(*) FROM exchange_letter l WHERE direction = 'out' AND stage = 'delivered' AND "
                "(SELECT count(*) FROM exchange_receipt WHERE letter_id = l.id) = 2"
            )
            == [(sum(len(ids) for (source, _), ids in self.sent.items() if source == node.id),)]
            for node in self.nodes
        )

    def arrive_soon(self, within: float = PATIENCE) -> float:
        """Wait until every letter is there with both receipts; how long it took."""
        began = time.monotonic()
        eventually(self.all_arrived, "letters did not arrive", within)
        return time.monotonic() - began

    def assert_once(self) -> None:
        """Each letter is there once, on its recipient's node alone, with one case and the same receipts."""
        for node in self.nodes:
            node.stop()
        assert list(self.wrong()) == []
        for node in self.nodes:
            assert '"failed"' not in comity("ledger", "verify", node.folder, "--json").stdout

    def wrong(self) -> Iterator[str]:
        """What is lost, doubled or attested in two ways, once all letters arrived."""
        for node in self.nodes:
            wanted = sorted(
                letter.replace("-", "")
                for (_, target), letters in self.sent.items()
                if target == node.id
                for letter in letters
            )
            there = "SELECT id FROM exchange_letter WHERE direction = 'in' AND stage = 'delivered'"
            if (found := sorted(letter for (letter,) in node.rows(there))) != wanted:
                yield f"{node.id} has {len(found)} letters of {len(wanted)}, or others"
            cases = node.rows("SELECT peer_reference FROM casework_case WHERE side = 'requested'")
            if not len(cases) == len(set(cases)) == len(wanted):
                yield f"{node.id} has {len(cases)} cases of {len(wanted)} letters"
        issued = {
            node.id: set(node.rows(f"SELECT note FROM exchange_receipt WHERE issued_by = '{node.id}'"))
            for node in self.nodes
        }
        for node in self.nodes:
            for source, kind, note in node.rows(
                f"SELECT issued_by, kind, note FROM exchange_receipt WHERE issued_by <> '{node.id}'"
            ):
                if (note,) not in issued[source]:
                    yield f"{node.id} keeps a {kind} that is not the one of {source}"
