"""A node that runs the release before beside one that runs this, both with all their processes and TLS.

The release before is an earlier commit of this repository, the one whose sayings tests/node/exchange/earlier
keeps; where the history is not at hand (an archive, a shallow clone) nothing is played. It runs with the
dependencies of today.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from tests.node.servers.conftest import ROOT, Node, eventually, introduce, run, send

pytestmark = [pytest.mark.story, pytest.mark.long]
NAMED = ROOT / "tests" / "node" / "exchange" / "earlier" / "README.md"
OFFICIAL = "registrar"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source of the release before."""
    found = re.search(r"code of commit `([0-9a-f]{8,40})`", NAMED.read_text())
    assert found, "the release before has its commit"
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("no history of this repository is at hand")
    packed = subprocess.run([git, "-C", ROOT, "archive", found[1]], capture_output=True, check=False)
    if packed.returncode:
        pytest.skip(f"commit {found[1]} is not in the history that is at hand")
    folder = tmp_path_factory.mktemp("release")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def earlier_and_ours(
    founded: tuple[Node, Node], release: Path, tmp_path: Path
) -> Iterator[tuple[Node, Node]]:
    """A node of the release before and one of this, which know each other and run."""
    ours, earlier = founded[0].copy(tmp_path), Node(tmp_path / "uz", "UZ", release)
    earlier.make()
    introduce(earlier, ours)
    for node in (earlier, ours):
        node.start()
    yield earlier, ours
    for node in (earlier, ours):
        node.kill()


def attested(node: Node, letters: list[str]) -> dict[str, set[str]]:
    """The receipts of each letter on a node."""
    return {
        letter: {
            kind
            for (kind,) in node.rows(
                f"SELECT kind FROM exchange_receipt WHERE letter_id = '{letter.replace('-', '')}'"
            )
        }
        for letter in letters
    }


def notes(node: Node) -> set[tuple[str]]:
    return set(node.rows("SELECT note FROM exchange_receipt"))


def test_letters_and_receipts_cross_between_two_releases_in_both_directions(
    earlier_and_ours: tuple[Node, Node],
) -> None:
    earlier, ours = earlier_and_ours
    both = {"RELAY_REMMD_ACCEPTANCE", "DELIVERY"}
    for source, target in ((earlier, ours), (ours, earlier)):
        letters = send(source, target, 2)
        eventually(lambda: attested(source, letters) == dict.fromkeys(letters, both), "letters did not cross")  # noqa: B023
        arrived = {
            letter for (letter,) in target.rows("SELECT id FROM exchange_letter WHERE direction = 'in'")
        }
        assert arrived == {letter.replace("-", "") for letter in letters}
    assert notes(earlier) == notes(ours), "the very same receipts"
    for node in (earlier, ours):
        assert node.stop() == 0
        assert '"failed"' not in node.comity("ledger", "verify", node.folder, "--json").stdout


def test_what_the_release_before_refuses_it_reads_once_it_is_upgraded(
    earlier_and_ours: tuple[Node, Node], tmp_path: Path
) -> None:
    earlier, ours = earlier_and_ours
    (letter,) = run("tell_change", ours.folder, earlier.id).split()
    refused = {letter: {"RELAY_REMMD_ACCEPTANCE", "NON_DELIVERY"}}
    eventually(lambda: attested(ours, [letter]) == refused, "a kind that is new was not refused")
    refusals = "SELECT refusal_code FROM exchange_letter WHERE stage = 'failed'"
    assert ours.rows(refusals) == [("not_understood",)]
    before = send(earlier, ours, 1)
    eventually(lambda: "DELIVERY" in attested(earlier, before)[before[0]], "a letter did not arrive")
    assert earlier.stop() == 0

    earlier.source = ROOT
    earlier.comity("node", "recovery-key", earlier.folder)  # the release before knew no backups
    earlier.comity("node", "upgrade", earlier.folder, "--backup", tmp_path / "place")
    earlier.comity("node", "check", earlier.folder)
    named = ("--full-name", "Official", "--post", "Registrar", "--roles", "registrar")
    earlier.comity("node", "person", "add", earlier.folder, "--username", OFFICIAL, *named)
    earlier.start()
    said = earlier.comity("node", "read-again", earlier.folder, "--username", OFFICIAL).stdout
    assert said.split() == [letter, ours.id]
    eventually(lambda: "DELIVERY" in attested(ours, [letter])[letter], "it was not read again")
    for source, target in ((earlier, ours), (ours, earlier)):
        letters = send(source, target, 1)
        eventually(lambda: "DELIVERY" in attested(source, letters)[letters[0]], "letters do not cross")  # noqa: B023
    for node in (earlier, ours):
        assert node.stop() == 0
        assert '"failed"' not in node.comity("ledger", "verify", node.folder, "--json").stdout
