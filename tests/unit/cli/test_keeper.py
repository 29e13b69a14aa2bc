"""``comity directory keeper`` and ``state``: from an empty folder to one that a node would follow."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.directory.registers import entry

from comity import canonical
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


def refused(capsys: Any, *words: object) -> str:
    """The code with which a command is refused, with nothing but its sentence."""
    capsys.readouterr()
    assert run(*words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said.partition("[")[2].partition("]")[0]


def test_an_entry_is_edited_with_a_text_editor_and_signed(tmp_path: Path, capsys: Any) -> None:
    """As operating.md says: what is signed is the canonical form of what was edited."""
    state, key, edited = tmp_path / "state", tmp_path / "xb.pem", tmp_path / "xb.json"
    assert run("state", "new-key", key) == 0
    value = canonical.read(entry())
    value["contacts"][0]["telephone"] = "+00 000 0002"
    edited.write_text(json.dumps(value, indent=4) + "\n")
    sign = ("state", "sign", state, "--state", "XB", "--key", key)
    assert run(*sign, "--entry", edited) == 0
    assert "xb-mla: uncc: central_authority, from 2026-01-01" in capsys.readouterr().out
    [stored] = (state / "targets" / "XB").iterdir()
    assert stored.read_bytes() == canonical.write(value)
    assert run(*sign, "--confirm") == 0
    assert len(list((state / "targets" / "XB").iterdir())) == 2
    edited.write_text(edited.read_text().replace("central_authority", "central_autority"))
    assert run(*sign, "--entry", edited) == 0
    assert "“central_autority” is no treaty or role that is known here" in capsys.readouterr().out


def test_a_list_that_names_nobody_is_not_signed_by_mistake(tmp_path: Path, capsys: Any) -> None:
    """All authorities of a State would be withdrawn everywhere."""
    state, key, one, two = (
        tmp_path / "state",
        tmp_path / "xb.pem",
        tmp_path / "one.json",
        tmp_path / "two.json",
    )
    one.write_bytes(entry())
    two.write_bytes(entry("xb-fiu"))
    assert run("state", "new-key", key) == 0
    sign = ("state", "sign", state, "--state", "XB", "--key", key)
    with pytest.raises(SystemExit) as wrong_use:
        run(*sign)
    assert wrong_use.value.code == 2
    assert refused(capsys, *sign, "--confirm") == "list_unreadable"
    assert run(*sign, "--entry", one, "--entry", two) == 0
    assert refused(capsys, *sign, "--entry", one, "--entry", one) == "entries_missing"
    assert (
        refused(capsys, "state", "sign", state, "--state", "XC", "--key", key, "--entry", one)
        == "entries_missing"
    )
    assert run(*sign, "--entry", one) == 0
    assert "xb-fiu is not named any more and will be withdrawn" in capsys.readouterr().out


def test_commands_refuse_what_does_not_fit_and_change_nothing(tmp_path: Path, capsys: Any) -> None:
    kept, key, one = tmp_path / "kept", tmp_path / "xb.pem", tmp_path / "xc.json"
    one.write_bytes(entry("xc-mla", "XC"))
    wrong = ("keeper", "init", kept, "--name", "D", "--keys", 2, "--threshold", 3)
    assert refused(capsys, *wrong) == "threshold_impossible"
    assert run("keeper", "init", kept, "--name", "D", "--keys", 1, "--threshold", 1) == 0
    assert refused(capsys, "keeper", "init", kept, "--name", "D") == "already_there"
    assert run("state", "new-key", key) == 0
    assert refused(capsys, "state", "new-key", key) == "already_there"
    key.rename(tmp_path / "elsewhere.pem")
    assert refused(capsys, "state", "new-key", key) == "already_there"  # its public key is the keeper's
    assert (
        refused(capsys, "keeper", "add-state", kept, "--state", "xb", "--key", f"{key}.pub")
        == "register_refuses"
    )
    assert refused(capsys, "keeper", "sign", kept, "--key", tmp_path / "elsewhere.pem") == "key_of_another"
    assert run("keeper", "enter", kept, one) == 0
    assert refused(capsys, "keeper", "remove", kept, "--state", "XC", "--id", "xc-fiu") == "register_refuses"
    assert run("keeper", "remove", kept, "--state", "XC", "--id", "xc-mla") == 0
    assert run("keeper", "sign", kept) == 0
    old, elsewhere = kept / "keys" / "snapshot-1.pem.pub", tmp_path / "snapshot-2.pem"
    rotate = ("keeper", "rotate-key", kept, "--role", "snapshot", "--old", old, "--new")
    assert refused(capsys, *rotate, elsewhere) == "key_elsewhere"
    other = kept / "keys" / "timestamp-1.pem.pub"
    made = kept / "keys" / "snapshot-2.pem"
    rotate_other = ("keeper", "rotate-key", kept, "--role", "snapshot", "--old", other, "--new", made)
    assert refused(capsys, *rotate_other) == "register_refuses"
    assert not made.exists()
    assert run(*rotate, made) == 0
    assert run("keeper", "sign", kept) == 0
    assert refused(capsys, "keeper", "publish", kept, "-o", one) == "already_there"
    (kept / "metadata" / "targets.json").write_text("{")
    assert refused(capsys, "keeper", "check", kept) == "register_unusable"


def test_keys_of_publications_lie_open_beside_wrapped_ones(tmp_path: Path) -> None:
    kept, secret = tmp_path / "kept", tmp_path / "secret"
    secret.write_text("open sesame\n")
    words = ("--name", "D", "--keys", 1, "--threshold", 1, "--passphrase-file", secret)
    assert run("keeper", "init", kept, *words) == 0
    assert run("keeper", "publish", kept, "-o", tmp_path / "out") == 2  # wrapped
    for role in ("snapshot", "timestamp"):
        old, new = kept / "keys" / f"{role}-1.pem.pub", kept / "keys" / f"{role}-open.pem"
        assert run("keeper", "rotate-key", kept, "--role", role, "--old", old, "--new", new) == 0
    assert run("keeper", "sign", kept, "--passphrase-file", secret) == 0
    assert run("keeper", "publish", kept, "-o", tmp_path / "out") == 0


def test_what_a_register_holds_is_shown_for_people_and_programs(tmp_path: Path, capsys: Any) -> None:
    kept, one = tmp_path / "kept", tmp_path / "xc.json"
    fresh = canonical.instant_text(datetime.now(UTC).replace(microsecond=0))
    one.write_bytes(entry("xc-mla", "XC", confirmed_at=fresh))
    assert run("keeper", "init", kept, "--name", "Depositary", "--keys", 1, "--threshold", 1) == 0
    fingerprint = capsys.readouterr().out.splitlines()[1]
    assert run("keeper", "enter", kept, one) == 0
    assert run("keeper", "check", kept) == 1
    shown = capsys.readouterr().out
    assert f"1.root.json: fingerprint {fingerprint}" in shown
    assert "[signatures_missing]" in shown
    assert run("keeper", "sign", kept) == 0
    assert run("keeper", "publish", kept, "-o", tmp_path / "out") == 0
    capsys.readouterr()
    assert run("keeper", "check", kept, "--json") == 0
    held = json.loads(capsys.readouterr().out)["held"]
    assert {one["what"] for one in held} >= {"root", "targets", "snapshot", "timestamp", "XC", "xc-mla"}
    assert not any(one["due"] for one in held)
