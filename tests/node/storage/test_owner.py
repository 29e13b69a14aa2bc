"""A node's folder is its user's: a command of another user, root before all, would lock the node out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.node.servers.conftest import comity

from comity import cli
from comity.node import config

COMMANDS = (
    "node backup DIR PLACE", "node check DIR", "node doctor DIR", "node recovery-key DIR",
    "node resume DIR --nobody-holds-one X", "node run DIR", "node storage move DIR",
    "node upgrade DIR --backup PLACE", "key list DIR", "key renew DIR --key seal", "key rotate DIR",
    "key token DIR pkcs11:token=X", "key wrap DIR --plain", "ledger release DIR --reason X --username x",
)  # fmt: skip


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole node's folder, seen from a process of another user."""
    folder = tmp_path / "kz"
    comity("node", "init", folder, "--state", "KZ", "--name", "X")
    another = folder.stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    return folder


@pytest.mark.parametrize(
    "command", ["node restore X --to DIR --key KEY", "node init DIR --state KZ --name X"]
)
def test_no_node_is_made_in_the_empty_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """As the manual has it: ``install -d -o comity``, then the command, which root is tempted to run."""
    folder, key = tmp_path / "kz", tmp_path / "recovery.txt"
    folder.mkdir(mode=0o700)
    key.write_text("AGE-SECRET-KEY-1\n")
    another = folder.stat().st_uid + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    words = [{"DIR": str(folder), "KEY": str(key)}.get(word, word) for word in command.split()]
    assert cli.main(words) == cli.UNUSABLE
    assert "[node_of_another_user]" in capsys.readouterr().err
    assert not list(folder.iterdir())


@pytest.mark.elsewhere
def test_a_command_of_another_user_is_refused_and_changes_nothing(
    of_another: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(of_another)
    for command in COMMANDS:
        words = [
            {"DIR": str(of_another), "PLACE": str(tmp_path / "place")}.get(word, word)
            for word in command.split()
        ]
        assert cli.main(words) == cli.UNUSABLE, command
        assert "[node_of_another_user]" in capsys.readouterr().err, command
    assert everything(of_another) == before
    assert not (tmp_path / "place").exists()


def test_its_own_user_reads_it_and_a_folder_that_is_none_is_told_as_such(tmp_path: Path) -> None:
    config.demand_owner(tmp_path)
    config.demand_owner(tmp_path / "nowhere")
    with pytest.raises(config.NodeFolderUnusableError):
        config.read(tmp_path / "nowhere")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another user")
def test_root_is_told_whose_the_folder_is(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(config.NodeOfAnotherUserError) as told:
        config.read(tmp_path)
    assert "belongs to the user #12345; this command runs as root" in str(told.value)
    assert "sudo -u #12345" in told.value.advice
