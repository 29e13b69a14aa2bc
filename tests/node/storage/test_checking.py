"""``node check`` and ``node doctor``: well on a whole node, and each damage found by its code."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.node.conftest import START

from comity.node import backed_up, checking, config, diagnosing, durable, folders, store
from comity.node.exhibits import destroyed, previews
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import entries, sequencer
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.sealing import wrapping

pytestmark = pytest.mark.usefixtures("keys")
DATA = b"sealed bytes"
KEY = f"letters/x/{hashlib.sha256(DATA).hexdigest()}.age"


@pytest.fixture
def whole(clock):
    """A node that keeps an entry, a checkpoint and an object."""
    config.current().folder.chmod(0o700)
    (config.current().folder / "secret").chmod(0o600)
    (config.current().folder / destroyed.FILE).unlink(missing_ok=True)  # of tests before
    folders.make_recovery_key(config.current())
    entries.append("tested", "x", {"what": "tested"}, now=clock.now)
    sequencer.sequence(clock.now)
    store.put(KEY, io.BytesIO(DATA))


def codes(findings):
    return {each.code for each in findings if each.code}


def test_a_whole_node_has_no_findings(whole, clock):
    assert codes(checking.check(config.current(), START)) == set()
    assert codes(diagnosing.diagnose(config.current(), clock.now)) == set()


def test_a_changed_object_is_found(whole):
    path = config.current().store / KEY
    path.chmod(0o600)
    path.write_bytes(b"Sealed bytes")
    assert codes(checking.check(config.current(), START)) == {"object_changed"}


def test_a_changed_entry_is_found(whole):
    Entry.objects.update(content={"what": "something else"})
    assert codes(checking.check(config.current(), START)) == {"ledger_disproved"}


def test_a_job_that_was_given_up_is_named(whole, clock):
    Job.objects.create(
        kind="x.y", key="x", state=JobState.GIVEN_UP, run_after=clock.now, asked_at=clock.now, last_code="odd"
    )
    found = [each for each in checking.check(config.current(), START) if each.code]
    assert [(each.code, "x.y (odd)" in each.text) for each in found] == [("job_given_up", True)]


def test_open_permissions_are_found(whole, clock):
    secret = config.current().folder / "secret"
    secret.chmod(0o644)
    assert codes(diagnosing.diagnose(config.current(), clock.now)) == {"permissions_wide"}
    secret.chmod(0o600)


def test_every_secret_that_others_can_read_is_named(whole, clock):
    folder = config.current().folder
    openid = config.MinistrySignIn(issuer="https://login.example", client_id="comity", name="Ministry")
    secrets = [folder / "secret", folder / openid.secret_file]
    try:
        secrets[1].write_text("secret")
        for path in secrets:
            path.chmod(0o644)
        found = findings("permissions", clock.now, openid=openid)
        assert [(each.code, str(path) in each.text) for each, path in zip(found, secrets, strict=True)] == [
            ("permissions_wide", True)
        ] * 2
        assert {each.code for each in findings("permissions", clock.now)} == {"permissions_wide"}
        for path in secrets:
            path.chmod(0o600)
        assert [each.code for each in findings("permissions", clock.now, openid=openid)] == [None]
    finally:
        secrets[0].chmod(0o600)
        secrets[1].unlink()


def test_a_ledger_is_checked_with_the_public_key_alone(whole, monkeypatch):
    def refused(_):
        raise AssertionError

    monkeypatch.setattr(wrapping, "read", refused)
    ledger_keys._read.cache_clear()
    with pytest.raises(AssertionError):
        ledger_keys.signer()
    assert codes(checking.check(config.current(), START)) == set()


def test_a_clock_that_was_set_back_is_found(whole, clock):
    before = clock.now - timedelta(seconds=1)
    assert codes(diagnosing.diagnose(config.current(), before)) == {"clock_behind"}


def test_certificates_that_end_are_found(whole, clock):
    soon = clock.now + timedelta(days=1096 - 30)
    assert codes(diagnosing.diagnose(config.current(), soon)) == {
        "certificate_ends_soon",
        "peer_certificate_ends_soon",
    }
    after = clock.now + timedelta(days=1097)
    assert codes(diagnosing.diagnose(config.current(), after)) == {
        "certificate_expired",
        "peer_certificate_expired",
    }


def test_little_room_is_found(whole, clock, monkeypatch):
    monkeypatch.setattr(durable, "RESERVE", 1 << 60)
    assert codes(diagnosing.diagnose(config.current(), clock.now)) == {"disk_nearly_full"}


def findings(subject, now, **changes):
    found = diagnosing.diagnose(replace(config.current(), **changes), now)
    return [each for each in found if each.subject == subject]


def test_a_list_of_destroyed_exhibits_that_a_backup_would_undo_is_named(whole, clock, tmp_path):
    subject, mine = "list of destroyed exhibits", config.current().folder / destroyed.FILE
    assert findings(subject, clock.now)[0].note  # nothing was destroyed yet
    for place in ("/proc/destroyed", "/proc/version", str(tmp_path / "away" / "second")):
        found = findings(subject, clock.now, destroyed_copy=place)[0]
        assert found.code == "destroyed_copy_unreachable"
        assert f"{place} cannot be written" in found.text
    mine.write_text(f"\n{uuid.uuid4()}\n")
    try:
        inside = str(config.current().folder / "second")
        for place in ("", inside):
            assert findings(subject, clock.now, destroyed_copy=place)[0].code == "destroyed_list_alone"
        apart = str(tmp_path / "second")
        assert findings(subject, clock.now, destroyed_copy=apart)[0].code == "destroyed_copy_unreachable"
        assert list(tmp_path.iterdir()) == []  # it was tried, and nothing stays
        (tmp_path / "second").write_bytes(mine.read_bytes())
        found = findings(subject, clock.now, destroyed_copy=apart)[0]
        assert (found.code, "on one disk" in found.text, found.note) == (None, True, True)
    finally:
        mine.unlink()


def test_a_proxy_that_is_not_named_is_found(whole, clock):
    """Outside a demonstration there is one: all who come through it would count as one address."""
    real = {"demonstration": False, "listen": "127.0.0.1:8000"}
    assert findings("proxies", clock.now, **real)[0].code == "trusted_proxies_missing"
    assert findings("proxies", clock.now, **real, trusted_proxies=["127.0.0.1"])[0].code is None
    assert findings("proxies", clock.now) == []


def test_the_doctor_says_whether_previews_can_be_drawn_and_how(whole, clock, monkeypatch):
    monkeypatch.setattr(previews, "_drawn", lambda *_: [])
    assert "can draw them" in findings("previews", clock.now)[0].text

    def barred(*_):
        raise previews.SandboxMissingError

    monkeypatch.setattr(previews, "_drawn", barred)
    monkeypatch.setattr(previews, "_reads", lambda path: "0" if path.endswith("max_user_namespaces") else "")
    off, on = (findings("previews", clock.now, preview_listen=place)[0] for place in ("", "127.0.0.1:1"))
    assert (off.note, off.code, on.code) == (True, None, "sandbox_missing")
    assert "sysctl user.max_user_namespaces" in on.text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("node", "check", "nowhere"), "node_folder_unusable"),
        (("node", "run", "nowhere"), "node_folder_unusable"),
        (("node", "init", ".", "--state", "XA", "--name", "N"), "folder_taken"),
        (("ledger", "verify", "nowhere"), "ledger_export_unreadable"),
    ],
)
def test_wrong_use_is_a_sentence_with_a_code(tmp_path, arguments, code):
    (tmp_path / "something").write_text("here")
    command = [sys.executable, "-m", "comity.cli", *arguments]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, f"[{code}]" in ran.stderr) == (2, True), ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_node_that_cannot_be_backed_up_is_told_so(whole, clock):
    (config.current().keys / folders.RECOVERY_RECIPIENT).unlink()
    assert codes(diagnosing.diagnose(config.current(), clock.now)) == {"recovery_key_missing"}


@pytest.mark.parametrize(
    ("changes", "age", "code"),
    [
        ({"demonstration": False}, None, "backup_missing"),
        ({"demonstration": False, "backup_hours": 0}, None, None),
        ({"backup_hours": 6}, None, "backup_overdue"),
        ({}, 25, "backup_overdue"),
        ({}, 23, None),
        ({"backup_hours": 6}, 7, "backup_overdue"),
    ],
)
def test_the_doctor_says_how_old_the_last_backup_is(whole, clock, tmp_path, changes, age, code):
    folder = config.current().folder
    try:
        if age is not None:
            backed_up.keep(folder, tmp_path / "last.backup.age", clock.now - timedelta(hours=age))
        (found,) = findings("backups", clock.now, **changes)
    finally:
        (folder / backed_up.FILE).unlink(missing_ok=True)
    assert found.code == code
    assert found.note == (age is None and code is None), "what was never made is not well"
    assert age is None or "last.backup.age" in found.text


def test_a_file_that_a_gateway_needs_is_missed(whole, clock):
    mail = config.MailGateway(host="mail.example", sender="x@mail.example", ca_file="mail-ca.pem")
    found = findings("alerts by mail", clock.now, mail=mail)
    assert [each.code for each in found] == ["gateway_secret_missing", None]
    assert "mail-ca.pem" in found[0].text


def test_a_restored_node_is_found(whole):
    config.current().restored.write_bytes(b"{}")
    try:
        assert codes(checking.check(config.current(), START)) == {"node_restored"}
    finally:
        config.current().restored.unlink()
