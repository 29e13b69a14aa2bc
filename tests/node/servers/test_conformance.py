"""A running node, seen from outside by nothing but the published formats."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from tests.node.servers.conftest import PATIENCE, comity, free_port, run

from comity.conformance import sending, suite, waiting
from comity.conformance.tester import CARD, NODE_CARD, read_card_at
from comity.conformance.trial import Stated

pytestmark = pytest.mark.story
BOUNDS = {"letters_an_hour": 300, "bytes_a_day": 64 * 1024**2, "bytes_unopened": 16 * 1024**2}
"""The least that the suite can reach: a whole run fits into it."""
HOURS = {"relay_hours": 0.01, "delivery_hours": 0.011, "retrieval_hours": 0.012}


@pytest.fixture
def tester(node, tmp_path):
    """The folder of a tester that the node knows as two peers."""
    folder, at = tmp_path / "tester", [f"https://127.0.0.1:{free_port()}" for _ in range(2)]
    urls = ("--url", at[0], "--second-url", at[1])
    made = json.loads(comity("conformance", "init", folder, *urls, "--json").stdout)
    comity("node", "directory", "card", node.folder, "-o", folder / NODE_CARD)
    for each in (made, made["second"]):
        confirmed = ("--fingerprint", each["fingerprint"], "--confirmed-by", "test")
        comity("node", "directory", "add", node.folder, each["path"], *confirmed)
    return folder


def written(node, tester, small):
    """Officials write so many small letters, a large one and an urgent one, and ask for a drill."""
    run("write_to_tester", node.folder, json.loads((tester / CARD).read_bytes())["id"], small)


def begun(node, **settings):
    """Run the node with these settings of its exchange."""
    path = node.folder / "node.toml"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    path.write_text("\n".join([path.read_text(), "[exchange]", *lines, ""]))
    node.start()


def test_this_node_keeps_every_rule_of_the_specification(node, tester):
    written(node, tester, 3)
    begun(node, **BOUNDS)
    stated = [part for name, value in BOUNDS.items() for part in (f"--{name.replace('_', '-')}", value)]
    options = ("--json", "--letters", PATIENCE, *stated)
    ran = comity("conformance", f"https://{node.peer_listen}", tester, *options, check=False)
    found = json.loads(ran.stdout)
    hours = {step.id for step in waiting.GROUP.steps}
    others = {step["id"]: step for step in found["steps"] if step["id"] not in hours}
    noted = others.pop("silence_ended")
    assert [step for step in others.values() if step["verdict"] != "passed"] == []
    assert (noted["verdict"], noted["found"][:19]) == ("noted", "hung up on after 10")
    assert {step["code"] for step in found["steps"] if step["id"] in hours} == {"not_stated"}
    assert (ran.returncode, found["node"]) == (0, node.id)
    checked = json.loads(comity("node", "check", node.folder, "--json").stdout)
    assert [each for each in checked if each["code"]] == [], "no head of the tester's contradicts another"


def test_this_node_attests_silence_after_the_hours_that_its_operator_set(node, tester):
    written(node, tester, 4)
    begun(node, **HOURS)
    stated = Stated(**HOURS)
    options = {"now": datetime.now(UTC), "patience": PATIENCE, "letters": PATIENCE, "stated": stated}
    chosen = [sending.GROUP.steps[0], *waiting.GROUP.steps]
    with suite.trial(
        f"https://{node.peer_listen}", tester, read_card_at(tester / NODE_CARD), **options
    ) as trial:
        found = suite.examine(trial, lambda _: None, chosen)
    assert [each.as_dict() for each in found if each.verdict != "passed"] == []
