"""The manual's chapters “Follow a keeper” and “Be a keeper” as a shell runs them, from an entry to a node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.node.servers.conftest import Node, comity

pytestmark = pytest.mark.story


def code(*arguments: object) -> str:
    """The code with which a command is refused in one sentence."""
    ran = comity(*arguments, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    return ran.stderr.partition("[")[2].partition("]")[0]


def test_a_directory_goes_from_an_entry_to_a_node_by_disk(node: Node, tmp_path: Path) -> None:
    own, kept, sent, out = (tmp_path / name for name in ("own.json", "kept", "sent", "out"))
    key = tmp_path / "state.pem"
    of_node = ("node", "directory")
    assert code(*of_node, "entry", node.folder, "--instrument", "none", "-o", own) == "instrument_unknown"
    comity(*of_node, "entry", node.folder, "--instrument", "uncc", "-o", own)
    assert code(*of_node, "entry", node.folder, "--instrument", "uncc", "-o", own) == "file_exists_already"
    edited = json.loads(own.read_text())
    edited["contacts"][0]["telephone"] = "+00 000 0003"
    own.write_text(json.dumps(edited, indent=1))
    comity("directory", "state", "new-key", key)
    comity("directory", "state", "sign", sent, "--state", node.state, "--key", key, "--entry", own)
    keeper = ("directory", "keeper")
    comity(*keeper, "init", kept, "--name", "Depositary", "--keys", 1, "--threshold", 1)
    comity(*keeper, "add-state", kept, "--state", node.state, "--key", f"{key}.pub")
    comity(*keeper, "take", kept, sent, "--state", node.state)
    comity(*keeper, "sign", kept)
    comity(*keeper, "publish", kept, "-o", out)
    checked = comity(*keeper, "check", kept)
    fingerprint = checked.stdout.partition("fingerprint ")[2].partition("\n")[0]
    root = ("--name", "Depositary", "--root", out / "1.root.json", "--fingerprint", fingerprint)
    assert code(*of_node, "follow", node.folder, "--id", "The Depositary", *root) == "keeper_name"
    assert (
        code(*of_node, "follow", node.folder, "--id", "dep", *root[:-1], "00") == "root_fingerprint_differs"
    )
    comity(*of_node, "follow", node.folder, "--id", "dep", *root)
    assert "nothing of it was entered yet" in comity("node", "check", node.folder, check=False).stdout
    assert code(*of_node, "update", node.folder, "--keeper", "dep") == "keeper_by_disk"
    nothing = comity(*of_node, "update", node.folder, "--keeper", "dep", "--from", kept, check=False)
    assert (nothing.returncode, "[directory_unreachable]" in nothing.stdout) == (1, True)
    assert (
        "Verified, version 1"
        in comity(*of_node, "update", node.folder, "--keeper", "dep", "--from", out).stdout
    )
    [(contacts,)] = node.rows("SELECT contacts FROM directory_authority WHERE own")
    assert json.loads(contacts)[0]["telephone"] == "+00 000 0003"
    edited["card"]["peer_url"] = "https://elsewhere.example"
    own.write_text(json.dumps(edited))
    comity("directory", "state", "sign", sent, "--state", node.state, "--key", key, "--entry", own)
    comity(*keeper, "take", kept, sent, "--state", node.state)
    comity(*keeper, "publish", kept, "-o", out)
    said = comity(*of_node, "update", node.folder, "--keeper", "dep", "--from", out).stdout
    assert f"waits for an official on the pages: {node.id}" in said
    comity(*of_node, "leave", node.folder, "--keeper", "dep")
    assert code(*of_node, "leave", node.folder, "--keeper", "dep") == "keeper_unknown"
