"""``comity directory keeper`` and ``state``: from an empty folder to one that a node would follow."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.directory.registers import entry

from comity import canonical
from comity.cli import main
from comity.directory import signing
from comity.directory.cards import grouped, tls_fingerprint
from comity.directory.entries import read_entry

VECTORS = Path(__file__).parents[3] / "docs" / "spec" / "vectors"


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


def test_a_list_that_another_put_into_the_folder_is_not_confirmed(tmp_path: Path, capsys: Any) -> None:
    """The folder goes about on disks: what the State's key did not sign, it does not make its own."""
    state, key, other, one, two = (tmp_path / name for name in ("state", "xb.pem", "other.pem", "1", "2"))
    one.write_bytes(entry())
    two.write_bytes(entry().replace(b"+00 000 0001", b"+00 000 0009"))
    for made in (key, other):
        assert run("state", "new-key", made) == 0
    sign = ("state", "sign", state, "--state", "XB", "--key")
    assert run(*sign, key, "--entry", one) == 0
    sound = (state / "XB.json").read_bytes()
    assert run(*sign, other, "--entry", two) == 0
    put = (state / "XB.json").read_bytes()
    assert refused(capsys, *sign, key, "--confirm") == "list_unreadable"
    changed = put.replace(json.loads(put)["signatures"][0]["keyid"].encode(), _keyid(sound))
    (state / "XB.json").write_bytes(changed)  # under the name of the State's key
    assert refused(capsys, *sign, key, "--confirm") == "list_unreadable"
    assert (state / "XB.json").read_bytes() == changed
    (state / "XB.json").write_bytes(sound)
    assert run(*sign, key, "--confirm") == 0


def _keyid(listed: bytes) -> bytes:
    return str(json.loads(listed)["signatures"][0]["keyid"]).encode()


@pytest.mark.parametrize("how", ["--entry", "--confirm", "--cosign"])
def test_what_is_signed_is_shown_before(
    tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The address, the keys and the people of each authority: what a forger would change."""
    state, key, one = tmp_path / "state", tmp_path / "xa.pem", tmp_path / "xa.json"
    one.write_bytes(base64.b64decode(json.loads((VECTORS / "entry.json").read_text())["whole"]))
    value = read_entry(one.read_bytes())
    assert value.card is not None
    assert run("state", "new-key", key) == 0
    sign = ("state", "sign", state, "--state", value.state, "--key", key)
    assert run(*sign, "--entry", one) == 0
    capsys.readouterr()
    monkeypatch.setattr(signing, "write_metadata", _died)
    with pytest.raises(KeyboardInterrupt):
        run(*sign, how, *([one] if how == "--entry" else []))
    said = capsys.readouterr().out
    assert (
        f"{value.id}: {value.card.peer_url}, TLS {grouped(tls_fingerprint(value.card.certificates.tls))}"
        in said
    )
    assert f"ledger key {value.card.log_key}" in said
    assert f"transport key {value.card.recipient_number}, {value.card.recipient}" in said
    assert all(each.telephone in said for each in value.contacts)


def _died(*_: object) -> None:
    raise KeyboardInterrupt


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
