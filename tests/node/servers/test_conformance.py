"""A running node, seen from outside by nothing but the published formats."""

from __future__ import annotations

import json

import pytest
from tests.node.servers.conftest import PATIENCE, comity, free_port, run

pytestmark = pytest.mark.story


def test_this_node_keeps_every_rule_of_the_specification(node, tmp_path):
    tester = tmp_path / "tester"
    url = f"https://127.0.0.1:{free_port()}"
    made = json.loads(comity("conformance", "init", tester, "--url", url, "--json").stdout)
    comity("node", "directory", "card", node.folder, "-o", tester / "node.card")
    comity(
        *("node", "directory", "add", node.folder, tester / "tester.card"),
        *("--fingerprint", made["fingerprint"], "--confirmed-by", "test"),
    )
    run("write_to_tester", node.folder, made["card"]["id"])
    node.start()
    letters = ("--letters", PATIENCE)
    ran = comity("conformance", f"https://{node.peer_listen}", tester, "--json", *letters, check=False)
    found = json.loads(ran.stdout)
    assert [step for step in found["steps"] if step["verdict"] != "passed"] == []
    assert (ran.returncode, found["node"]) == (0, node.id)
    checked = json.loads(comity("node", "check", node.folder, "--json").stdout)
    assert [each for each in checked if each["code"]] == [], "no head of the tester's contradicts another"
