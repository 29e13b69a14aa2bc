"""``comity directory keeper`` and ``state``: from an empty folder to one that a node would follow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.directory.registers import entry

from comity.cli import main


def run(*words: object) -> int:
    return main(["directory", *map(str, words)])


def test_a_directory_is_made_signed_and_published(tmp_path: Path, capsys: Any) -> None:
    kept, state, key, out = tmp_path / "kept", tmp_path / "state", tmp_path / "xb.pem", tmp_path / "out"
    (tmp_path / "xb.json").write_bytes(entry())
    (tmp_path / "xc.json").write_bytes(entry("xc-mla", "XC"))
    (tmp_path / "secret").write_text("open sesame\n")
    assert run("keeper", "init", kept, "--name", "Depositary", "--keys", 2, "--threshold", 2) == 0
    assert run("state", "new-key", key, "--passphrase-file", tmp_path / "secret") == 0
    assert run("keeper", "add-state", kept, "--state", "XB", "--key", f"{key}.pub") == 0
    signing = ("state", "sign", state, "--state", "XB", "--key", key, "--entry")
    assert run(*signing, tmp_path / "xb.json") == 2  # the key is wrapped
    assert run(*signing, tmp_path / "xb.json", "--passphrase-file", tmp_path / "secret") == 0
    assert run("keeper", "take", kept, state, "--state", "XB") == 0
    assert run("keeper", "enter", kept, tmp_path / "xc.json") == 0
    assert run("keeper", "publish", kept, "-o", out) == 2  # the list waits for signatures
    elsewhere = tmp_path / "targets-2.pem"
    (kept / "keys" / "targets-2.pem").rename(elsewhere)
    assert run("keeper", "sign", kept) == 0
    assert run("keeper", "publish", kept, "-o", out) == 2
    assert run("keeper", "sign", kept, "--key", elsewhere) == 0
    capsys.readouterr()
    assert run("keeper", "publish", kept, "-o", out) == 0
    assert "2 entries of 2 States" in capsys.readouterr().out
    old, new = kept / "keys" / "timestamp-1.pem.pub", kept / "keys" / "timestamp-2.pem"
    assert run("keeper", "rotate-key", kept, "--role", "timestamp", "--old", old, "--new", new) == 0
    assert run("keeper", "sign", kept, "--key", elsewhere, "--renew") == 0
    assert run("keeper", "publish", kept, "-o", out) == 0
    assert (out / "2.root.json").is_file()
    assert run("keeper", "revoke", kept, "--state", "XB") == 0
    assert run("keeper", "sign", kept, "--key", elsewhere) == 0
    capsys.readouterr()
    assert run("keeper", "publish", kept, "-o", out) == 0
    assert "1 entries of 1 States" in capsys.readouterr().out
