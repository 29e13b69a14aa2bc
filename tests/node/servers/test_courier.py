"""A courier between two nodes that run, by the product's own commands: the line between them is cut.

The receipts come home the same way, and in a second play by the network once the line is whole.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.node.servers.conftest import Node, eventually
from tests.node.servers.console import Console, Ran
from tests.node.servers.lines import Lines

from comity import canonical

pytestmark = pytest.mark.story
OFFICIAL = "registrar"
NOTES = "SELECT letter_id, kind, note FROM exchange_receipt ORDER BY letter_id, kind"
STANDS = "SELECT stage FROM exchange_letter ORDER BY stage"
SEALED = "SELECT count(*) FROM exchange_letter WHERE stage = 'sealed' AND tried_code <> ''"
UNTOLD = "SELECT count(*) FROM jobs_job WHERE kind = 'exchange.send_receipt' AND state = 'waiting'"
SHIPMENTS = "SELECT direction, count(*) FROM exchange_shipment GROUP BY direction ORDER BY direction"


class Courier:
    """Carries disks between the machines of two nodes, and says so to both."""

    def __init__(self, nodes: list[Node], folder: Path) -> None:
        self.folder = folder
        self.consoles = {node.id: Console(node) for node in nodes}
        for node in nodes:
            named = ("--full-name", "Official", "--post", "Registrar", "--roles", "registrar")
            self.at(node).comity("node", "person", "add", node.folder, "--username", OFFICIAL, *named)

    def at(self, node: Node) -> Console:
        return self.consoles[node.id]

    def takes(self, source: Node, target: Node, name: str, *more: str) -> Path:
        """A disk with all that waits for the target, beside what was on it."""
        disk = self.folder / name
        disk.mkdir(exist_ok=True)
        self._run("pack", source, disk, "--to", target.id, *more)
        return disk

    def brings(self, target: Node, disk: Path) -> Ran:
        """The target takes in what is on the disk."""
        return self._run("take", target, disk, check=False)

    def close(self) -> None:
        for console in self.consoles.values():
            console.close()

    def _run(self, verb: str, node: Node, *more: object, check: bool = True) -> Ran:
        return self.at(node).comity(
            *("courier", verb, node.folder, *more, "--username", OFFICIAL),
            *("--carrier", "A courier of the ministry", "--bag-number", "DB-17"),
            *("--handed-at", canonical.instant_text(datetime.now(UTC)), "--handed-to", "Registry"),
            check=check,
        )


@pytest.fixture
def lines(pair: tuple[Node, Node]) -> Iterator[Lines]:
    made = Lines(list(pair), seed=1)
    yield made
    made.close()


@pytest.fixture
def courier(lines: Lines, tmp_path: Path) -> Iterator[Courier]:
    made = Courier(lines.nodes, tmp_path)
    yield made
    made.close()


def test_letters_go_by_courier_and_receipts_come_back_the_same_way_or_by_network(
    lines: Lines, courier: Courier, tmp_path: Path
) -> None:
    kz, tm = lines.nodes
    for line in lines.lines.values():
        line.break_it("cut")
    for node in lines.nodes:
        node.start()

    # the whole way by courier
    lines.sent[kz.id, tm.id] = courier.at(kz).send(tm, 1)
    eventually(lambda: kz.rows(SEALED) == [(1,)], "the letter is sealed, and no line carries it")
    first = courier.takes(kz, tm, "first")
    wrong = courier.brings(kz, first)
    assert (wrong.returncode, "not_for_this_identity" in wrong.stderr) == (2, True)
    _harm(first, tmp_path / "harmed")
    harmed = courier.brings(tm, tmp_path / "harmed")
    assert (harmed.returncode, tm.rows("SELECT id FROM exchange_letter")) == (2, []), "nothing was taken"
    assert "accepted" in courier.brings(tm, first).stdout
    eventually(lambda: tm.rows(UNTOLD) == [(2,)], "both receipts wait")
    home = courier.takes(tm, kz, "home")
    assert kz.rows(NOTES) == []
    assert courier.brings(kz, home).stdout.count("kept") == 2
    assert kz.rows(NOTES) == tm.rows(NOTES), "the very same receipts"
    assert kz.rows(STANDS) == [("delivered",)]

    # the receipts of a second letter by network; both disks once more, beside the new one
    lines.sent[kz.id, tm.id] += courier.at(kz).send(tm, 1)
    eventually(lambda: kz.rows(SEALED) == [(1,)], "the second letter is sealed")
    courier.takes(kz, tm, "first")
    said = courier.brings(tm, first)
    assert (said.returncode, said.stdout.count("accepted")) == (0, 2), said
    assert courier.brings(kz, home).stdout.count("kept") == 2
    assert kz.rows(STANDS) == [("delivered",), ("sealed",)], "the line is still cut"
    lines.heal()
    lines.arrive_soon()
    lines.assert_once()
    assert len(kz.rows(NOTES)) == 4
    assert kz.rows(NOTES) == tm.rows(NOTES)
    assert kz.rows(SHIPMENTS) == [("in", 1), ("out", 2)]
    assert tm.rows(SHIPMENTS) == [("in", 2), ("out", 1)]


def _harm(disk: Path, harmed: Path) -> None:
    """The same disk with one bit of its package changed."""
    (package,) = disk.iterdir()
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    harmed.mkdir()
    (harmed / package.name).write_bytes(content)


@pytest.mark.long
def test_a_node_that_lost_a_day_gets_back_what_its_peer_has_and_learns_what_it_lost(
    lines: Lines, courier: Courier, tmp_path: Path
) -> None:
    kz, tm = lines.nodes
    old = kz.copy(tmp_path / "before")
    began = canonical.instant_text(datetime.now(UTC))
    for node in lines.nodes:
        node.start()
    (ours,) = lines.sent[kz.id, tm.id] = courier.at(kz).send(tm, 1)
    (theirs,) = lines.sent[tm.id, kz.id] = courier.at(tm).send(kz, 1)
    lines.arrive_soon()
    kz.stop()
    courier.at(kz).close()
    shutil.rmtree(kz.folder)
    old.folder.rename(kz.folder)
    courier.consoles[kz.id] = Console(kz)
    (kz.folder / "ask-witnesses").touch()
    keeper = ("--username", "keeper")
    named = ("--full-name", "Keeper", "--post", "Administrator", "--roles", "administrator")
    courier.at(kz).comity("node", "person", "add", kz.folder, *keeper, *named)
    reason = ("--reason", "the disk failed; the backup is old")
    courier.at(kz).comity("ledger", "release", kz.folder, *keeper, *reason)
    kz.start()
    disk = courier.takes(tm, kz, "again", "--again-since", began)
    said = courier.brings(kz, disk)
    assert re.findall(r"(\w+) +([0-9a-f-]+)  (\w+)\n", said.stdout) == [
        ("letter", theirs, "accepted"),
        ("receipt", ours, "receipt_foreign"),
        ("receipt", ours, "receipt_foreign"),
    ], said
    eventually(lambda: kz.rows("SELECT stage FROM exchange_letter") == [("delivered",)], "it is here again")
    eventually(lambda: kz.rows(UNTOLD) == [(0,)], "its sender has answered the new receipts")
    conflicts = "SELECT count(*) FROM ledger_entry WHERE kind = 'receipt_conflict'"
    eventually(lambda: tm.rows(conflicts) == [(2,)], "the sender keeps them as conflicts")
    assert tm.rows(STANDS) == [("delivered",), ("delivered",)]
