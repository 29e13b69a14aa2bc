"""Two real nodes on this machine: letters over mutual TLS, kills at any moment, nothing lost or doubled."""

from __future__ import annotations

import json
import random
import time

import pytest
from tests.node.servers.conftest import comity, eventually, send

pytestmark = pytest.mark.story

RECEIPTS = [("DELIVERY",), ("RELAY_REMMD_ACCEPTANCE",)]


def all_delivered(node, count):
    rows = node.rows("SELECT stage, refusal_code FROM exchange_letter WHERE direction = 'out'")
    assert "failed" not in dict(rows), rows
    return rows == [("delivered", "")] * count


def assert_whole(kz, tm, letters):
    """Every letter is there once on both sides, with one receipt of a kind; everything verifies."""
    ids = sorted(letter.replace("-", "") for letter in letters)
    for node, direction in ((kz, "out"), (tm, "in")):
        rows = node.rows("SELECT id, direction, stage FROM exchange_letter ORDER BY id")
        assert rows == [(letter, direction, "delivered") for letter in ids]
        for letter in ids:
            kinds = node.rows(f"SELECT kind FROM exchange_receipt WHERE letter_id = '{letter}' ORDER BY kind")
            assert kinds == RECEIPTS
        assert json.loads(comity("ledger", "verify", node.folder, "--json").stdout)["verdict"] == "passed"
        found = json.loads(comity("node", "check", node.folder, "--json").stdout)
        assert [each for each in found if each["code"]] == []
        assert list((node.folder / "arriving").iterdir()) == []
        stored = [path for path in (node.folder / "store").rglob("*") if path.is_file()]
        assert len(stored) == len(ids) * (2 if direction == "out" else 1), "no stray object"
    cases = tm.rows("SELECT peer_reference FROM casework_case")
    assert len(cases) == len(set(cases)) == len(ids), "each request opened one case"
    kept = {note for (note,) in kz.rows("SELECT note FROM exchange_receipt")}
    assert kept == {note for (note,) in tm.rows("SELECT note FROM exchange_receipt")}, (
        "the very same receipts"
    )


def test_letters_travel_and_their_receipts_come_back(pair):
    kz, tm = pair
    kz.start()
    tm.start()
    letters = send(kz, tm, 2)
    eventually(lambda: all_delivered(kz, 2), "the letters were not delivered")
    for node in pair:
        cosigned = "SELECT count(*) FROM witnesses_cosignature"
        eventually(lambda node=node, asked=cosigned: node.rows(asked) > [(0,)], "no head was cosigned")
    assert kz.stop() == 0
    assert tm.stop() == 0
    assert_whole(kz, tm, letters)
    for node in pair:
        assert "intruder@mail.example" not in node.log(), "logs hold no content"


@pytest.mark.parametrize("seed", [1, 2])
def test_nodes_killed_at_any_moment_lose_and_double_nothing(pair, seed):
    kz, tm = pair
    chance = random.Random(seed)
    kz.start()
    tm.start()
    letters = send(kz, tm, 5)
    for _ in range(3):
        time.sleep(chance.uniform(0, 2.5))
        victim = chance.choice(pair)
        victim.kill()
        victim.start()
    eventually(lambda: all_delivered(kz, 5), "the letters were not delivered")
    # a receipt of acceptance that a kill took from the sender is asked for again
    eventually(lambda: kz.rows("SELECT count(*) FROM exchange_receipt") == [(10,)], "a receipt is missing")
    kz.stop()
    tm.stop()
    assert_whole(kz, tm, letters)
